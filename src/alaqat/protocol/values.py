"""What comes in and what goes out, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

FORM = "application/x-www-form-urlencoded"
QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
PROBLEM = "application/problem+json"
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


@dataclass(frozen=True)
class Request:
    """What of an HTTP request the protocol looks at, as it came.

    Attributes:
        method: in capitals.
        query_string: still percent-encoded; it is decoded here, and once.
        content_type: of the body; empty if there is none.
        accept: which formats the client likes.
        body: as it came.
        url: the address that was asked, without the query string.
        if_match: the tags of which one must be current for a change.
        if_none_match: the tags of what the client has.
        chance: letters that no other request has, for names that must be new.
    """

    method: str
    query_string: bytes = b""
    content_type: str = ""
    accept: str = ""
    body: bytes = b""
    url: str = ""
    if_match: str = ""
    if_none_match: str = ""
    chance: str = ""


@dataclass(frozen=True)
class Reply:
    """What is answered.

    Attributes:
        status: of HTTP.
        headers: by their names.
        body: in pieces; can be read more than once. The reply to a HEAD has the body
            of a GET, so that the headers tell of it; whoever sends it leaves it out.
    """

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Iterable[bytes] = ()


@dataclass(frozen=True)
class Query:
    """A query that a request asks for.

    Attributes:
        text: in SPARQL.
        default_graphs: the graphs that make up the default graph.
        named_graphs: the graphs that GRAPH reaches.
        format: asked for by name, before any Accept header; empty if not.
        timeout: seconds after which it may be stopped; None for the server's own.
    """

    text: str
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    format: str = ""
    timeout: float | None = None
