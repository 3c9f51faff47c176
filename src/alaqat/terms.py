"""Vocabulary: namespaces, the prefix table, and the IRIs of the named graphs.

Every process imports this module, so that here rdflib is kept from interpreting
literals that may take long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import Any

import rdflib.term
from rdflib import Namespace, URIRef
from rdflib.namespace import DCTERMS, OWL, PROV, RDF, RDFS, SKOS, VOID, XSD

BASE = "https://w3id.org/alaqat/"

AL = Namespace(BASE + "ontology#")
KIND = Namespace(BASE + "id/kind/")
DOC = Namespace(BASE + "id/document/")
OA = Namespace("http://www.w3.org/ns/oa#")
QUDT = Namespace("http://qudt.org/schema/qudt/")
CITO = Namespace("http://purl.org/spar/cito/")
EDTF = Namespace("http://id.loc.gov/datatypes/edtf/")
SCHEMA = Namespace("http://schema.org/")
GEO = Namespace("http://www.w3.org/2003/01/geo/wgs84_pos#")

PREFIXES: dict[str, str] = {
    "al": str(AL),
    "kind": str(KIND),
    "topic": BASE + "id/topic/",
    "state": BASE + "id/state/",
    "entity": BASE + "id/entity/",
    "org": BASE + "id/org/",
    "institution": BASE + "id/institution/",
    "person": BASE + "id/person/",
    "office": BASE + "id/office/",
    "place": BASE + "id/place/",
    "scheme": BASE + "id/scheme/",
    "source": BASE + "id/source/",
    "doc": str(DOC),
    "graph": BASE + "graph/",
    "cito": str(CITO),
    "dcterms": str(DCTERMS),
    "edtf": str(EDTF),
    "geo": str(GEO),
    "oa": str(OA),
    "owl": str(OWL),
    "prov": str(PROV),
    "qudt": str(QUDT),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "schema": str(SCHEMA),
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": str(SKOS),
    "unit": "http://qudt.org/vocab/unit/",
    "vann": "http://purl.org/vocab/vann/",
    "void": str(VOID),
    "wd": "http://www.wikidata.org/entity/",
    "xsd": str(XSD),
}

ONTOLOGY_GRAPH = URIRef(BASE + "graph/ontology")
ENTITIES_GRAPH = URIRef(BASE + "graph/entities")
INFERRED_GRAPH = URIRef(BASE + "graph/inferred")
PROOFS_GRAPH = URIRef(BASE + "graph/proofs")
META_GRAPH = URIRef(BASE + "graph/meta")
HISTORY_GRAPH = URIRef(BASE + "graph/history")

#: Stands for a store's unnamed graph where graphs go by IRI; no named graph has it.
STORE_DEFAULT_GRAPH = URIRef(BASE + "graph/default")


def document_graph(slug: str) -> URIRef:
    """Return the graph of a document's text, sections, sentences and references."""
    return URIRef(f"{BASE}graph/document/{slug}")


def facts_graph(slug: str) -> URIRef:
    """Return the graph of a document's facts and their claims."""
    return URIRef(f"{BASE}graph/facts/{slug}")


def notes_graph(slug: str) -> URIRef:
    """Return the graph of the curator's notes on a document."""
    return URIRef(f"{BASE}graph/notes/{slug}")


def document_slugs(graphs: Iterable[str]) -> tuple[str, ...]:
    """Return the slugs of the documents that have a graph, sorted."""
    start = document_graph("")
    return tuple(
        sorted(name.removeprefix(start) for name in graphs if name.startswith(start))
    )


def is_default_graph(name: str) -> bool:
    """Return whether the default graph of queries merges a graph.

    It merges ontology, entities, facts, inferences and the store's unnamed graph.
    """
    always = (ONTOLOGY_GRAPH, ENTITIES_GRAPH, INFERRED_GRAPH, STORE_DEFAULT_GRAPH)
    return URIRef(name) in always or name.startswith(facts_graph(""))


def document_prefixes(slug: str) -> dict[str, str]:
    """Return the prefixes that each document has of its own: fact, note and claim."""
    return {kind: f"{BASE}id/{kind}/{slug}/" for kind in ("fact", "note", "claim")}


def short(iri: str) -> str:
    """Return an IRI as a prefixed name if a prefix fits; for display, not parsing."""
    found = [prefix for prefix, base in PREFIXES.items() if iri.startswith(base)]
    if not found:
        return iri
    prefix = max(found, key=lambda name: len(PREFIXES[name]))
    return f"{prefix}:{iri.removeprefix(PREFIXES[prefix])}"


def local(iri: str) -> str:
    """Return the local name of an IRI: what follows its last slash or hash."""
    return iri.replace("#", "/").rpartition("/")[2]


MAX_INTERPRETED = 1000
"""The characters of the longest number or date that has a value."""

MAX_BINARY = 10_000_000
"""The characters of the longest octets that have a value, which takes linear time."""

_MARKUP = (RDF.HTML, RDF.XMLLiteral)
_BINARY = (XSD.hexBinary, XSD.base64Binary)
_DECIMAL = frozenset("0123456789+-. \t\r\n")


def _limit_interpretation() -> None:
    """Have rdflib parse no markup and no long text when it creates a literal.

    It would do so for each literal that is read, and log what it cannot parse. The
    value of markup is its text.
    """
    # owlrl restores the second table into the first.
    for table in (rdflib.term._toPythonMapping, rdflib.term.XSDToPython):
        for datatype, convert in list(table.items()):
            limit = MAX_BINARY if datatype in _BINARY else MAX_INTERPRETED
            if datatype in _MARKUP:
                table[datatype] = None
            elif datatype == XSD.decimal:
                table[datatype] = partial(_interpret, _parse_decimal, limit)
            elif convert is not None:
                table[datatype] = partial(_interpret, convert, limit)


def _interpret(convert: Callable[[str], Any], limit: int, text: str) -> Any:
    """Return the value of a literal; None if it is ill-typed, or beyond a limit."""
    if len(text) > limit:
        return None
    try:
        return convert(text)
    except Exception:  # noqa: BLE001 # rdflib would log it, with the text
        return None


def _parse_decimal(text: str) -> Decimal | None:
    """Return a decimal, which has no exponent: Python would write it out in digits."""
    return Decimal(text) if _DECIMAL.issuperset(text) else None


_limit_interpretation()
