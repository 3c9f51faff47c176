"""OpenAPI 3.1 description of the saved questions."""

from __future__ import annotations

from typing import Any

from alaqat import __version__
from alaqat.http.messages import PROBLEM_TYPE
from alaqat.i18n import LANGUAGES
from alaqat.queries.library import Library, topic_of
from alaqat.queries.query import SavedQuery
from alaqat.rdf.formats import Format, formats_for

_RESULT_FORMATS = formats_for("bindings")


def openapi_document(library: Library, address: str) -> dict[str, Any]:
    """Return the OpenAPI document of all questions.

    Args:
        library: of the questions.
        address: of the site, without a trailing slash.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Alaqat: questions",
            "summary": "Saved questions about a knowledge graph, and their results.",
            "version": __version__,
            "license": {"name": "CC BY-SA 4.0", "identifier": "CC-BY-SA-4.0"},
        },
        "servers": [{"url": address}],
        "tags": [{"name": name} for name in sorted(_topics(library))],
        "paths": {
            f"/queries/{topic_of(query)}/{query.name}.{form.name}": {
                "get": _operation(query, form)
            }
            for query in library.of("questions")
            for form in _RESULT_FORMATS
        },
        "components": {"schemas": {"Problem": _PROBLEM_SCHEMA}},
    }


def _operation(query: SavedQuery, form: Format) -> dict[str, Any]:
    """Describe one question in one format."""
    first, *others = LANGUAGES
    about = [query.about(first)]
    for code in others:
        about += [texts.get(code, "") for texts in (query.summary, query.description)]
    return {
        "operationId": f"{query.name}.{form.name}",
        "summary": query.title(first),
        "description": "\n\n".join(part for part in about if part),
        "tags": list(query.tags),
        "parameters": [_parameter(name) for name in query.params],
        "responses": {
            "200": {
                "description": "The result.",
                "content": {form.media_type: {"schema": _schema(form)}},
            },
            "400": {
                "description": "A parameter or its value is unknown.",
                "content": {
                    PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            },
        },
    }


def _parameter(name: str) -> dict[str, Any]:
    """Describe a parameter, which takes any term in any of its spellings."""
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": (
            "An IRI, a prefixed name such as org:osce, a label in any language, "
            "a date or a number; all if it is left out."
        ),
        "schema": {"type": "string"},
    }


def _schema(form: Format) -> dict[str, Any]:
    """Return the schema of a result (SPARQL 1.1 Query Results JSON Format §3)."""
    if form.name != "json":
        return {"type": "string"}
    term = {"type": "object", "required": ["type", "value"]}
    row = {"type": "object", "additionalProperties": term}
    rows = {
        "type": "object",
        "properties": {"bindings": {"type": "array", "items": row}},
    }
    return {
        "type": "object",
        "properties": {"head": {"type": "object"}, "results": rows},
    }


def _topics(library: Library) -> set[str]:
    return {tag for query in library.of("questions") for tag in query.tags}


# RFC 9457 §3.1, with our extension members.
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "remedy": {"type": "string"},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
    },
}
