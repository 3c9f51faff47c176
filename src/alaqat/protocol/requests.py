"""Reading the query that a request asks for (SPARQL 1.1 Protocol §2.1)."""

from __future__ import annotations

from urllib.parse import parse_qsl

from alaqat.errors import InvalidQuery, ReadOnly, UnsupportedFormat
from alaqat.formats import parse_content_type
from alaqat.protocol.values import (
    FORM,
    QUERY,
    UPDATE,
    MethodNotAllowed,
    Query,
    Request,
)

MOST_PARAMETERS = 1000
_ASKING = {"query", "default-graph-uri", "named-graph-uri"}

_Parameters = dict[str, list[str]]


def read(request: Request) -> Query | None:
    """The query that a request asks for; None if it asks for the description.

    Raises:
        InvalidQuery: a parameter is missing, given twice or not UTF-8.
        ReadOnly: it asks for an update.
        UnsupportedFormat: a body is of no type that the protocol knows.
        MethodNotAllowed: the method is not GET, HEAD or POST.
    """
    if request.method in ("GET", "HEAD"):
        return _read_get(_parameters(request.query_string))
    if request.method == "POST":
        return _read_post(request)
    raise MethodNotAllowed(
        f"{request.method} is not for queries.", remedy="Take GET or POST."
    )


def format_name(request: Request) -> str:
    """The name of the format that the query string asks for; empty if none."""
    return _parameters(request.query_string).get("format", [""])[-1]


def _read_get(parameters: _Parameters) -> Query | None:
    """The query of a GET (§2.1.1)."""
    if "update" in parameters:
        raise InvalidQuery("GET changes nothing.", remedy="Send updates by POST.")
    return _query(parameters) if _ASKING.intersection(parameters) else None


def _read_post(request: Request) -> Query:
    """The query of a POST, in a form (§2.1.2) or as the body (§2.1.3)."""
    media_type, options = parse_content_type(request.content_type)
    if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedFormat("The body is not UTF-8.", remedy="Send UTF-8.")
    parameters = _parameters(request.query_string)
    if media_type == FORM:
        for name, values in _parameters(request.body).items():
            parameters.setdefault(name, []).extend(values)
    elif media_type in (QUERY, UPDATE):
        name = "query" if media_type == QUERY else "update"
        parameters.setdefault(name, []).append(_decoded(request.body))
    else:
        raise UnsupportedFormat(
            f"A body of type {media_type or 'none'} is not read here.",
            remedy=f"Send {FORM} or {QUERY}.",
        )
    return _query(parameters)


def _query(parameters: _Parameters) -> Query:
    """The query that parameters ask for (§2.1.4)."""
    queries, updates = parameters.get("query", []), parameters.get("update", [])
    if len(queries) + len(updates) != 1:
        raise InvalidQuery(
            f"There are {len(queries)} queries and {len(updates)} updates.",
            remedy="Send one query at a time, in the parameter query.",
        )
    if updates:
        raise ReadOnly("This endpoint is only read.", remedy="Send queries.")
    return Query(
        queries[0],
        default_graphs=parameters.get("default-graph-uri", []),
        named_graphs=parameters.get("named-graph-uri", []),
        format=parameters.get("format", [""])[-1],
    )


def _parameters(encoded: bytes) -> _Parameters:
    """Parameters by their names, each decoded once."""
    try:
        pairs = parse_qsl(
            _decoded(encoded),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise InvalidQuery(
            "The parameters are too many, or not UTF-8.",
            remedy="Encode them as application/x-www-form-urlencoded in UTF-8.",
        ) from None
    parameters: _Parameters = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    return parameters


def _decoded(content: bytes) -> str:
    """The text of UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InvalidQuery(
            f"Byte {error.start} is not UTF-8.", remedy="Send UTF-8."
        ) from None
