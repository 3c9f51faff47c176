"""Numbers in canonical form, which is how stores give them back.

Stores keep a number by its value; XSD 1.1 Part 2, §3.3.3 and §3.4.13, says how
to write it.
"""

from __future__ import annotations

from decimal import Decimal

from rdflib import XSD, Graph, Literal
from rdflib.term import Node


def canonicalize_numbers(graph: Graph) -> None:
    """Write each decimal and integer of a graph in its canonical form, in place."""
    for subject, predicate, value in list(graph):
        plain = _canonical(value)
        if plain is not value:
            graph.remove((subject, predicate, value))
            graph.add((subject, predicate, plain))


def _canonical(term: Node) -> Node:
    """The term itself, unless it is a number that can be written more plainly."""
    if not isinstance(term, Literal) or term.datatype not in (XSD.decimal, XSD.integer):
        return term
    if term.value is None:  # not a number after all, which the shapes will tell
        return term
    plain = _plain(Decimal(str(term)))
    if plain == str(term):
        return term
    return Literal(plain, datatype=term.datatype, normalize=False)


def _plain(number: Decimal) -> str:
    """A number without exponent and needless zeros."""
    text = format(number + 0, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
