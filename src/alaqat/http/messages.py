"""HTTP requests and responses as plain values, and the operation that they carry.

``parse_operation`` implements SPARQL 1.1 Protocol §2.1 and §2.2.
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
MAX_PARAMETERS = 1000
_BYTE_ORDER_MARK = "\ufeff"

# The parameters that have a meaning only for queries, or only for updates.
_QUERY_ONLY = frozenset({"query", "default-graph-uri", "named-graph-uri"})
_UPDATE_ONLY = frozenset({"update", "using-graph-uri", "using-named-graph-uri"})

QueryParameters = dict[str, list[str]]


@dataclass(frozen=True)
class HttpRequest:
    """The parts of an HTTP request that the protocols read.

    Attributes:
        method: in capitals.
        query_string: still percent-encoded, so that it is decoded exactly once.
        content_type: of the body; empty if there is none.
        accept: the Accept header.
        body: the raw body.
        url: the requested address, without the query string.
        if_match: the If-Match header.
        if_none_match: the If-None-Match header.
        nonce: unique to this request, for names that must be new.
    """

    method: str
    query_string: bytes = b""
    content_type: str = ""
    accept: str = ""
    body: bytes = b""
    url: str = ""
    if_match: str = ""
    if_none_match: str = ""
    nonce: str = ""


@dataclass(frozen=True)
class HttpResponse:
    """A response that is complete, but not sent yet.

    Attributes:
        status: the status code.
        headers: by name.
        body: in chunks; can be iterated more than once. The response to a HEAD has the
            body of a GET, so that its headers fit; whoever sends it omits the body.
    """

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Iterable[bytes] = ()


@dataclass(frozen=True)
class QueryOperation:
    """A query operation (SPARQL 1.1 Protocol §2.1).

    Attributes:
        text: the query.
        default_graphs: the graphs that make up the default graph.
        named_graphs: the graphs that GRAPH reaches.
        format: the requested format by name, which comes before any Accept header;
            empty for none.
        timeout: seconds after which the query is stopped; None for the server's own.
    """

    text: str
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    format: str = ""
    timeout: float | None = None


def parse_query(request: HttpRequest) -> QueryOperation | None:
    """Return the query of a request; None if it asks for the service description.

    Raises:
        ReadOnly: it is an update; and whatever ``parse_operation`` raises.
    """
    operation = parse_operation(request)
    if isinstance(operation, Update):
        raise ReadOnly(
            "Updates are not accepted here.", remedy="Send updates to /sparql."
        )
    return operation


def parse_operation(request: HttpRequest) -> QueryOperation | Update | None:
    """Return the operation of a request; None if it asks for the service description.

    Raises:
        InvalidQuery: a parameter is missing, repeated, out of place or not UTF-8.
        UnsupportedFormat: the body has a type that the protocol does not know.
        MethodNotAllowed: the method is not GET, HEAD or POST.
    """
    if request.method in ("GET", "HEAD"):
        return _parse_get(parse_parameters(request.query_string))
    if request.method == "POST":
        return _parse_post(request)
    raise MethodNotAllowed(
        f"{request.method} is not allowed for queries.",
        allowed=SPARQL_METHODS,
        remedy="Use GET or POST.",
    )


def requested_format(request: HttpRequest) -> str:
    """Return the name of the format in the query string; empty if there is none."""
    return parse_parameters(request.query_string).get("format", [""])[-1]


def _parse_get(parameters: QueryParameters) -> QueryOperation | None:
    """Return the query of a GET (§2.1.1)."""
    if "update" in parameters:
        raise InvalidQuery("Updates must use POST.", remedy="Send the update by POST.")
    return _query(parameters) if _QUERY_ONLY.intersection(parameters) else None


def _parse_post(request: HttpRequest) -> QueryOperation | Update:
    """Return the operation of a POST: a form (§2.1.2) or a body (§2.1.3, §2.2.2)."""
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
            f"A body of type {media_type or 'none'} is not supported.",
            remedy=f"Send {FORM_TYPE}, {QUERY_TYPE} or {UPDATE_TYPE}.",
        )
    return _update(parameters) if "update" in parameters else _query(parameters)


def _query(parameters: QueryParameters) -> QueryOperation:
    """Return the query in some parameters (§2.1.4)."""
    return QueryOperation(
        _single_value(parameters, "query", excluded=_UPDATE_ONLY),
        default_graphs=_given(parameters, "default-graph-uri"),
        named_graphs=_given(parameters, "named-graph-uri"),
        format=parameters.get("format", [""])[-1],
        timeout=parse_timeout(parameters.get("timeout", [])),
    )


def _update(parameters: QueryParameters) -> Update:
    """Return the update in some parameters (§2.2.3)."""
    return Update(
        _single_value(parameters, "update", excluded=_QUERY_ONLY),
        using_graphs=_given(parameters, "using-graph-uri"),
        using_named_graphs=_given(parameters, "using-named-graph-uri"),
    )


def _single_value(
    parameters: QueryParameters, name: str, *, excluded: frozenset[str]
) -> str:
    """Return the one value of a parameter, which excludes some others."""
    values, wrong = parameters.get(name, []), sorted(excluded.intersection(parameters))
    if len(values) != 1:
        raise InvalidQuery(
            f"The parameter {name} is given {len(values)} times.",
            remedy=f"Send one {name} at a time.",
        )
    if wrong:
        raise InvalidQuery(
            f"{', '.join(wrong)} cannot be combined with {name}.",
            remedy="Queries take default-graph-uri and named-graph-uri, "
            "updates using-graph-uri and using-named-graph-uri.",
        )
    return values[0].removeprefix(_BYTE_ORDER_MARK)


def _given(parameters: QueryParameters, name: str) -> list[str]:
    """Return the values of a parameter that are not empty, as forms may send them."""
    return [value for value in parameters.get(name, ()) if value]


def parse_parameters(encoded: bytes) -> QueryParameters:
    """Return form-encoded parameters by name, each decoded once.

    Raises:
        InvalidQuery: there are too many, or they are not UTF-8.
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
            "There are too many parameters, or they are not UTF-8.",
            remedy="Encode them as application/x-www-form-urlencoded in UTF-8.",
        ) from None
    parameters: QueryParameters = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    return parameters


def _decode_utf8(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InvalidQuery(
            f"Byte {error.start} is not UTF-8.", remedy="Send UTF-8."
        ) from None
