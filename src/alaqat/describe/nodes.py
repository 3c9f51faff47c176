"""Nodes in a fixed order, and which of them are terms of our ontology."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from rdflib import URIRef

from alaqat.terms import AL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    from alaqat.reason.rules import Triple


def ordered(nodes: Iterable[Node]) -> list[Node]:
    """Nodes by their text; IRIs and literals compare only among themselves."""
    return sorted(nodes, key=str)


def ordered_pairs(pairs: Iterable[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
    """Pairs by the text of their parts."""
    return sorted(pairs, key=lambda pair: tuple(map(str, pair)))


def ordered_triples(triples: Iterable[Triple]) -> list[Triple]:
    """Triples by the text of their parts."""
    return sorted(triples, key=lambda triple: tuple(map(str, triple)))


def is_term(node: Node) -> TypeGuard[URIRef]:
    """Whether a node is a term of our ontology."""
    return isinstance(node, URIRef) and node in AL
