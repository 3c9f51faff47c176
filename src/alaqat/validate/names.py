"""What to call nodes and terms when telling people of them."""

from __future__ import annotations

from rdflib import RDFS, Graph, Literal
from rdflib.term import Node

from alaqat.i18n import LANGUAGES, by_language, localized
from alaqat.terms import short


def names(data: Graph, node: Node) -> dict[str, str]:
    """What to call a node in each language: its label, or itself."""
    itself = str(node) if isinstance(node, Literal) else short(str(node))
    labels = by_language(data.objects(node, RDFS.label))
    return {language: localized(labels, language) or itself for language in LANGUAGES}
