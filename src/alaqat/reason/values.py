"""Literals as OWL 2 RL sees them: does the datatype allow the text, do two differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from owlrl.DatatypeHandling import AltXSDToPYTHON
from owlrl.XsdDatatypes import OWL_RL_Datatypes
from rdflib import XSD, Literal

if TYPE_CHECKING:
    from rdflib.term import Node

# owlrl holds 0 and INF to be no floating point numbers, so Python judges those.
_CONVERSIONS = {**AltXSDToPYTHON, XSD.double: float, XSD.float: float}
_DATATYPES = frozenset(OWL_RL_Datatypes)


def is_ill_typed(node: Node) -> bool:
    """Whether a node is a literal whose text its datatype does not allow."""
    if not isinstance(node, Literal) or node.datatype not in _DATATYPES:
        return False
    try:
        _CONVERSIONS.get(node.datatype, str)(str(node))
    except (ValueError, ArithmeticError, IndexError):
        # owlrl lets the decimal "x" and the empty date escape as the latter two
        return True
    return False


def differ(one: Node, other: Node) -> bool:
    """Whether two nodes are literals of certainly different values (RULE dt-diff)."""
    if not (isinstance(one, Literal) and isinstance(other, Literal)):
        return False
    if {one.datatype, other.datatype} - _DATATYPES - {None}:
        return False
    if (str(one), one.language) == (str(other), other.language):
        return False  # xsd:token and xsd:string share values, for one
    try:
        return not one.eq(other)
    except TypeError:  # rdflib cannot tell
        return False
