"""What to call nodes and terms when telling people of them."""

from __future__ import annotations

from rdflib import RDFS, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.i18n import LANGUAGES, localized
from alaqat.terms import short


def names(data: Graph, node: Node) -> dict[str, str]:
    """What to call a node in each language: its label, or itself."""
    itself = str(node) if isinstance(node, Literal) else short(str(node))
    labels = by_language(data, node, RDFS.label)
    return {language: localized(labels, language) or itself for language in LANGUAGES}


def by_language(graph: Graph, node: Node, predicate: URIRef) -> dict[str, str]:
    """The texts of a node, by language."""
    texts = sorted(
        text for text in graph.objects(node, predicate) if isinstance(text, Literal)
    )
    return {text.language: str(text) for text in texts if text.language}
