"""What comes in and what goes out, as plain values.

Reading what a request asks for (SPARQL 1.1 Protocol §2.1 and §2.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl

from alaqat.errors import (
    InvalidQuery,
    MethodNotAllowed,
    ReadOnly,
    UnsupportedFormat,
)
from alaqat.rdf.formats import parse_content_type
from alaqat.store.interface import Update
from alaqat.timeout import parse_timeout

FORM_TYPE = "application/x-www-form-urlencoded"
QUERY_TYPE, UPDATE_TYPE = "application/sparql-query", "application/sparql-update"
PROBLEM_TYPE = "application/problem+json"
SPARQL_METHODS = ("GET", "HEAD", "POST", "OPTIONS")


@dataclass(frozen=True)
class HttpRequest:
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
class HttpResponse:
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
class QueryOperation:
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


MAX_PARAMETERS = 1000
_QUERY_ONLY = frozenset({"query", "default-graph-uri", "named-graph-uri"})
_UPDATE_ONLY = frozenset({"update", "using-graph-uri", "using-named-graph-uri"})

QueryParameters = dict[str, list[str]]


def parse_query(request: HttpRequest) -> QueryOperation | None:
    """The query that a request asks for; None if it asks for the description.

    Raises:
        ReadOnly: it asks for an update; and whatever read_operation raises.
    """
    operation = parse_operation(request)
    if isinstance(operation, Update):
        raise ReadOnly("Here is only read.", remedy="Send updates to /sparql.")
    return operation


def parse_operation(request: HttpRequest) -> QueryOperation | Update | None:
    """What a request asks for; None if it asks for the description.

    Raises:
        InvalidQuery: a parameter is missing, given twice, of no use or not UTF-8.
        UnsupportedFormat: a body is of no type that the protocol knows.
        MethodNotAllowed: the method is not GET, HEAD or POST.
    """
    if request.method in ("GET", "HEAD"):
        return _parse_get(parse_parameters(request.query_string))
    if request.method == "POST":
        return _parse_post(request)
    raise MethodNotAllowed(
        f"{request.method} is not for queries.",
        allowed=SPARQL_METHODS,
        remedy="Take GET or POST.",
    )


def requested_format(request: HttpRequest) -> str:
    """The name of the format that the query string asks for; empty if none."""
    return parse_parameters(request.query_string).get("format", [""])[-1]


def _parse_get(parameters: QueryParameters) -> QueryOperation | None:
    """The query of a GET (§2.1.1)."""
    if "update" in parameters:
        raise InvalidQuery("GET changes nothing.", remedy="Send updates by POST.")
    return _query(parameters) if _QUERY_ONLY.intersection(parameters) else None


def _parse_post(request: HttpRequest) -> QueryOperation | Update:
    """What a POST asks for, in a form (§2.1.2) or as the body (§2.1.3, §2.2.2)."""
    media_type, options = parse_content_type(request.content_type)
    if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedFormat("The body is not UTF-8.", remedy="Send UTF-8.")
    parameters = parse_parameters(request.query_string)
    if media_type == FORM_TYPE:
        for name, values in parse_parameters(request.body).items():
            parameters.setdefault(name, []).extend(values)
    elif media_type in (QUERY_TYPE, UPDATE_TYPE):
        name = "query" if media_type == QUERY_TYPE else "update"
        parameters.setdefault(name, []).append(_decode_utf8(request.body))
    else:
        raise UnsupportedFormat(
            f"A body of type {media_type or 'none'} is not read here.",
            remedy=f"Send {FORM_TYPE}, {QUERY_TYPE} or {UPDATE_TYPE}.",
        )
    return _update(parameters) if "update" in parameters else _query(parameters)


def _query(parameters: QueryParameters) -> QueryOperation:
    """The query that parameters ask for (§2.1.4)."""
    return QueryOperation(
        _single_value(parameters, "query", unfit=_UPDATE_ONLY),
        default_graphs=parameters.get("default-graph-uri", []),
        named_graphs=parameters.get("named-graph-uri", []),
        format=parameters.get("format", [""])[-1],
        timeout=parse_timeout(parameters.get("timeout", [])),
    )


def _update(parameters: QueryParameters) -> Update:
    """The update that parameters ask for (§2.2.3)."""
    return Update(
        _single_value(parameters, "update", unfit=_QUERY_ONLY),
        using_graphs=parameters.get("using-graph-uri", []),
        using_named_graphs=parameters.get("using-named-graph-uri", []),
    )


def _single_value(
    parameters: QueryParameters, name: str, *, unfit: frozenset[str]
) -> str:
    """The one value of a parameter beside which some others have no meaning."""
    values, wrong = parameters.get(name, []), sorted(unfit.intersection(parameters))
    if len(values) != 1:
        raise InvalidQuery(
            f"The parameter {name} is given {len(values)} times.",
            remedy=f"Send one {name} at a time.",
        )
    if wrong:
        raise InvalidQuery(
            f"{', '.join(wrong)} cannot stand beside {name}.",
            remedy="Queries take default-graph-uri and named-graph-uri, "
            "updates using-graph-uri and using-named-graph-uri.",
        )
    return values[0]


def parse_parameters(encoded: bytes) -> QueryParameters:
    """Parameters by their names, each decoded once.

    Raises:
        InvalidQuery: they are too many or not UTF-8.
    """
    try:
        pairs = parse_qsl(
            _decode_utf8(encoded),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except ValueError:
        raise InvalidQuery(
            "The parameters are too many, or not UTF-8.",
            remedy="Encode them as application/x-www-form-urlencoded in UTF-8.",
        ) from None
    parameters: QueryParameters = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    return parameters


def _decode_utf8(content: bytes) -> str:
    """The text of UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InvalidQuery(
            f"Byte {error.start} is not UTF-8.", remedy="Send UTF-8."
        ) from None
