"""The endpoint that requests are answered from: store, version, writer and cache."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from alaqat.errors import ReadOnly, Unauthenticated, UnknownToken
from alaqat.http.caching import ResponseCache
from alaqat.http.messages import HttpRequest, HttpResponse
from alaqat.http.representation import (
    NO_CACHE,
    REVALIDATE,
    Representation,
    conditional,
    entity_tag,
    to_response,
)
from alaqat.queries.library import Library
from alaqat.store.interface import Store, Writer


def _unversioned() -> str:
    return ""


@dataclass(frozen=True)
class Endpoint:
    """The store, version and caches that requests are answered from.

    Attributes:
        store: evaluates the queries.
        library: the saved queries, some of which are views used here.
        version: returns the version that readers of the store now see; no other content
            ever has it. If it is empty, responses have no tag and are not cached.
        writer: commits changes; None if the dataset is read-only.
        services: the endpoints that a query may call by SERVICE.
        cache: the cached responses.
    """

    store: Store
    library: Library
    version: Callable[[], str] = _unversioned
    writer: Writer | None = None
    services: frozenset[str] = frozenset()
    cache: ResponseCache = field(default_factory=ResponseCache)

    def cached_response(
        self,
        request: HttpRequest,
        key: Sequence[str],
        create: Callable[[], Representation],
        *,
        coalesce_key: Hashable = None,
        timeout: float | None = None,
    ) -> HttpResponse:
        """Return the response to a request that only reads; 304 if the client has it.

        Args:
            request: the request.
            key: all that the response depends on besides the version.
            create: creates the representation.
            coalesce_key: requests share a flight only if this is equal too.
            timeout: seconds to wait for an equal request that creates it.

        Raises:
            TooBusy: too many requests are waiting.
            TimedOut: the equal request takes longer than the timeout.
        """
        version = self.version()
        if not version:
            return to_response(replace(create(), cache_control=NO_CACHE))
        tag = entity_tag(version, *key)
        if request.method != "POST":
            known = Representation(b"", "", tag=tag, cache_control=REVALIDATE)
            response = conditional(to_response(known), request.if_none_match)
            if response.status == HTTPStatus.NOT_MODIFIED:
                return response

        def is_current() -> bool:
            return self.version() == version

        representation = self.cache.get(
            *(tag, create),
            coalesce_key=coalesce_key,
            is_current=is_current,
            timeout=timeout,
        )
        if not is_current():  # it may have been read from the next version
            return to_response(replace(representation, cache_control=NO_CACHE))
        return to_response(replace(representation, tag=tag, cache_control=REVALIDATE))

    def authorized_writer(self, author: str | None) -> tuple[Writer, str]:
        """Return the writer and the author's name.

        Args:
            author: None if the request has no token, empty if its token is unknown.

        Raises:
            ReadOnly: the dataset cannot be changed.
            Unauthenticated: the request has no token.
            UnknownToken: its token is unknown.
        """
        if self.writer is None:
            raise ReadOnly(
                "This dataset is read-only.",
                remedy="Send queries; changes need a server started with --writable.",
            )
        if author is None:
            raise Unauthenticated(
                "A change needs a token.",
                remedy="Send it in the header Authorization: Bearer TOKEN.",
            )
        if not author:
            raise UnknownToken(
                "The token is unknown.",
                remedy="Send one that the server was started with.",
            )
        return self.writer, author
