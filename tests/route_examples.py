"""Requests for every route of the application, derived from its table of routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from flask import Flask
from rdflib import URIRef

from alaqat.http.linked_data import DESCRIPTION_FORMATS, DUMP_FORMATS, GRAPH_FORMATS
from alaqat.i18n import LANGUAGES
from alaqat.queries.library import Library, topic_of
from alaqat.rdf.formats import ANSWER_FORMATS
from alaqat.terms import BASE, document_slugs

HTML = "text/html"
_PER_KIND = 2  # resources of each kind that are described
_TRIPLE = "subject=state:A&predicate=al:hasEmbassyIn&object=state:B"
_QUERIES = (
    "SELECT * { GRAPH ?g { ?s ?p ?o } } LIMIT 300",
    "SELECT ?o (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?o LIMIT 200",
    "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 300",
    "ASK {}",
)
# Routes that need no data, and files that are there for every dataset.
_WITHOUT_DATA = {"/static/<path:filename>": ["/static/icon.svg"]}
_PARAMETERS = {
    "/why": ["", *(f"?{_TRIPLE}{more}" for more in ("", "&all=true", "&format=json"))],
    "/check": ["", f"?{_TRIPLE}", f"?{_TRIPLE}&at=2010-06-15&format=json"],
    "/search": ["", "?q=a", "?q=%3Cimg"],
    "/search.json": ["?q=a"],
    "/data": ["?default", f"?graph={quote(BASE)}graph/entities"],
    "/sparql": [
        *("", "?format=turtle", "?query=nonsense"),
        *(f"?query={quote(query)}" for query in _QUERIES),
    ],
}


def requests_of_all_routes(
    app: Flask, library: Library, names: Sequence[str], graphs: Sequence[URIRef]
) -> Iterator[tuple[str, str]]:
    """Yield the path and the Accept header of requests for every route.

    Args:
        app: the application.
        library: its questions.
        names: the IRIs below the base that the dataset has.
        graphs: the names of its graphs.
    """
    examples = {**_WITHOUT_DATA, **_of_data(library, names, graphs)}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        if "<" in rule.rule:
            assert rule.rule in examples, f"write examples of the route {rule.rule}"
        ends = _PARAMETERS.get(rule.rule, [""])
        paths = examples.get(rule.rule, [f"{rule.rule}{end}" for end in ends])
        for path in paths:
            yield from ((f"/{code}{path}", HTML) for code in LANGUAGES)
            forms = ANSWER_FORMATS if rule.rule == "/sparql" else GRAPH_FORMATS
            if rule.rule in _NEGOTIATED:
                yield from ((path, form.media_type) for form in forms)


_NEGOTIATED = {
    *("/sparql", "/data", "/ontology", "/catalog", "/void", "/shapes"),
    *("/doc/<path:name>", "/graph/<path:name>", "/ontology/<path:name>"),
}


def _of_data(
    library: Library, names: Iterable[str], graphs: Sequence[URIRef]
) -> dict[str, list[str]]:
    """Return example paths of the routes with parameters."""
    by_kind: dict[str, list[str]] = {}
    for name in sorted({name.partition("#")[0] for name in names}):
        path = quote(name.removeprefix(BASE))
        by_kind.setdefault(path.rpartition("/")[0].partition("/")[2], []).append(path)
    chosen = [one for found in by_kind.values() for one in found[:_PER_KIND]]
    things = [path.removeprefix("id/") for path in chosen if path.startswith("id/")]
    parts = [path for path in chosen if path.startswith("ontology/")]
    extensions = [form.extension for form in DESCRIPTION_FORMATS]
    questions = [(topic_of(one), one.name) for one in library.of("questions")]
    slugs = [*document_slugs(graphs), "none"]
    days = ("2010-06-15", "0001-01-01", "9999-12-31")
    return {
        "/id/<path:name>": [f"/id/{one}" for one in things],
        "/doc/<path:name>": [f"/doc/{one}" for one in things],
        "/graph/<path:name>": [f"/{quote(one.removeprefix(BASE))}" for one in graphs],
        "/ontology/<path:name>": [f"/{one}" for one in parts] or ["/ontology/none"],
        **{
            f"/{name}.<extension>": [f"/{name}.{one}" for one in extensions]
            for name in ("ontology", "shapes", "catalog", "void")
        },
        "/dump/<name>": [f"/dump/dataset.{one.extension}" for one in DUMP_FORMATS],
        "/document/<slug>": [
            f"/document/{slug}{end}" for slug in slugs for end in ("", "?char=1,9")
        ],
        "/as-of/<day>": [f"/as-of/{day}{end}" for day in days for end in _DAY_FILES],
        "/queries/<topic>": sorted({f"/queries/{topic}" for topic, _ in questions}),
        "/queries/<topic>/<name>": [f"/queries/{a}/{b}" for a, b in questions],
        "/queries/<topic>/<name>.<extension>": [
            f"/queries/{topic}/{name}.{form.extension}"
            for topic, name in questions
            for form in ANSWER_FORMATS[:1]
        ],
        "/data/<path:_>": ["/data/none"],
    }


_DAY_FILES = ("", ".json", ".ttl")
