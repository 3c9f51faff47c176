"""Settings of the web application, and of writing to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from alaqat.curation.backup import create_writable_store
from alaqat.curation.model import InferenceHook
from alaqat.curation.writer_process import WritableStore
from alaqat.store.releases import Release
from alaqat.web.middleware.auth import TokenTable, bearer_author


@dataclass(frozen=True)
class Settings:
    """Settings of the web application.

    Attributes:
        first_question: the saved question that the query page begins with.
        shown_questions: those that the home page shows with their numbers of results.
        shown_rows: the number of rows that a page shows; files hold all.
        largest_body: the largest body of a request, in bytes.
        proxies: the number of reverse proxies in front of the server that set
            X-Forwarded-For, -Proto, -Host and -Prefix; with 0 these are ignored.
        public_url: the address at which the site is published, as links and headers
            have it; empty if it is not known.
        own_address: the address that the server listens on. It replaces the host of a
            request if there is no public address, and no proxy that sets the host.
        largest_graph: the largest graph that may be sent to /data, in bytes.
        requests_per_minute: rate limit of a client; 0 for none.
        seconds_per_minute: rate limit of a client, in seconds of work; 0 for none.
        services: the endpoints that a query may call by SERVICE.
        log_requests: whether every request is logged, or errors only.
        spares_loopback: whether clients on this machine are exempt from rate limits.
        builds: the file that lists the builds; None if there is none.
    """

    first_question: str = "embassies-by-city"
    shown_questions: tuple[str, ...] = (
        "countries-without-relations",
        "visa-free-entry",
        "founding-members",
        "timeline",
        "figures-in-doubt",
        "where-the-document-is-silent",
    )
    shown_rows: int = 500
    largest_body: int = 1_000_000
    proxies: int = 0
    public_url: str = ""
    own_address: str = "http://localhost"
    largest_graph: int = 50_000_000
    requests_per_minute: float = 0
    seconds_per_minute: float = 0
    services: frozenset[str] = frozenset()
    log_requests: bool = False
    spares_loopback: bool = True
    builds: Path | None = None


utc_now = partial(datetime.now, UTC)


@dataclass(frozen=True)
class WriteSettings:
    """Settings of a writable server: who may write, and how commits run.

    Attributes:
        tokens: of those who may write.
        hook: infers and validates; None for neither.
        seconds: the time limit of a commit.
    """

    tokens: TokenTable
    hook: InferenceHook | None
    seconds: float = 60.0

    def create(self, folder: Path, source: Release | None) -> Release:
        """Return the writable store in a folder, created if it is new.

        Args:
            folder: of the writable store.
            source: the dataset that a new one starts from; None for an empty one.
        """
        return create_writable_store(folder, source, utc_now())

    def writer(self, folder: Path) -> WritableStore:
        """Return the writer of a writable store, whose process is starting."""
        writer = WritableStore(folder, self.hook, clock=utc_now, timeout=self.seconds)
        writer.start()
        return writer

    @property
    def author(self) -> Callable[[], str | None]:
        """Returns the author of the current request, by its token."""
        return bearer_author(self.tokens)
