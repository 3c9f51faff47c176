"""What can be set about the web face.

What a server needs to let those with a token write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from alaqat.curation.backup import create
from alaqat.curation.model import InferenceHook
from alaqat.curation.writer_process import WorkingStore
from alaqat.store.releases import Release
from alaqat.web.middleware.auth import TokenTable, bearer_author


@dataclass(frozen=True)
class Settings:
    """How the web face behaves.

    Attributes:
        first_question: the saved question that the query page begins with.
        shown_questions: those that the first page shows with the size of their answers.
        shown_rows: how many rows of an answer a page shows; files hold all.
        largest_body: how many bytes the body of a request may have.
        proxies: how many proxies stand before the server and set X-Forwarded-For,
            -Proto, -Host and -Prefix; 0 believes none of these headers.
        largest_graph: how many bytes a graph may have that is sent to /data.
        requests_per_minute: that a client may make; 0 for no bound.
        seconds_per_minute: of work that a client may ask for; 0 for no bound.
        services: the endpoints that a query may call by SERVICE.
        log_requests: whether every request is told in the log, or faults only.
        spares_loopback: whether clients on this machine have no such bounds.
        builds: the file that tells of the builds; None if there is none.
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
    """Who may write, and what follows from it.

    Attributes:
        tokens: of those who may.
        hook: infers and validates; None if nothing does.
        seconds: that a change may take.
    """

    tokens: TokenTable
    hook: InferenceHook | None
    seconds: float = 60.0

    def create(self, folder: Path, source: Release | None) -> Release:
        """The working store in a folder, made from a dataset or empty if it is new."""
        return create(folder, source, utc_now())

    def editor(self, folder: Path) -> WorkingStore:
        """The editor of a working store, which is getting ready."""
        editor = WorkingStore(folder, self.hook, clock=utc_now, limit=self.seconds)
        editor.start()
        return editor

    @property
    def author(self) -> Callable[[], str | None]:
        """Tells who makes the current request."""
        return bearer_author(self.tokens)
