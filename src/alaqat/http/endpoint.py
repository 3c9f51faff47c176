"""What is served: a store to read, its version, and what may change it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from alaqat.errors import (
    Forbidden,
    ReadOnly,
    UnknownToken,
)
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
    """The version of what may change without anybody telling."""
    return ""


@dataclass(frozen=True)
class Endpoint:
    """What requests are answered from.

    Attributes:
        store: what is read.
        library: the saved queries, of which some views are asked here.
        version: tells the version that readers of the store now see. Nothing else ever
            has it; if it is empty, replies have no tag and none is kept.
        editor: makes changes; None if the dataset is only read.
        services: the endpoints that a query may call by SERVICE.
        cache: the replies that are kept.
    """

    store: Store
    library: Library
    version: Callable[[], str] = _unversioned
    editor: Writer | None = None
    services: frozenset[str] = frozenset()
    cache: ResponseCache = field(default_factory=ResponseCache)

    def cached_reply(
        self,
        request: HttpRequest,
        asked: Sequence[str],
        make: Callable[[], Representation],
        *,
        apart: Hashable = None,
    ) -> HttpResponse:
        """Return the reply to a request that only reads; 304 if the client has it.

        Args:
            request: that reads.
            asked: all that the reply depends on besides the version.
            make: makes what is sent.
            apart: those for whom this differs do not wait for each other.
        """
        version = self.version()
        if not version:
            return to_response(replace(make(), cache_control=NO_CACHE))
        current = entity_tag(version, *asked)
        if request.method != "POST":
            known = Representation(b"", "", tag=current, cache_control=REVALIDATE)
            reply = conditional(to_response(known), request.if_none_match)
            if reply.status == HTTPStatus.NOT_MODIFIED:
                return reply

        def is_current() -> bool:
            return self.version() == version

        made = self.cache.get(current, make, apart=apart, is_current=is_current)
        if not is_current():  # it may have been made from the next version
            return to_response(replace(made, cache_control=NO_CACHE))
        return to_response(replace(made, tag=current, cache_control=REVALIDATE))

    def writer(self, author: str | None) -> tuple[Writer, str]:
        """The editor for somebody who may use it, and who that is.

        Args:
            author: who asks; None if they have shown nothing, empty if what they have
                shown is not known.

        Raises:
            ReadOnly: there is no editor.
            Forbidden: nobody has shown who they are.
            UnknownToken: what they have shown is not known.
        """
        if self.editor is None:
            raise ReadOnly(
                "This dataset is only read.",
                remedy="Send queries; changes need a server started with --writable.",
            )
        if author is None:
            raise Forbidden(
                "A change needs a token.",
                remedy="Send it in the header Authorization: Bearer TOKEN.",
            )
        if not author:
            raise UnknownToken(
                "The token is not known here.",
                remedy="Send one that the server was started with.",
            )
        return self.editor, author
