"""Queries rewritten by their tokens: variables bound, ORDER BY made a total order.

SPARQL 1.1 Query §15.1 orders numbers by value and leaves open how a number compares
with a date or a code. An engine that then compares by the text has no total order: 9
comes before 10, "1x" between them. Its sort may give any order, or end the process.
Here each expression is preceded by its kind, so that only values of one kind are
compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rdflib import BNode
from rdflib.term import Node

from alaqat.errors import InvalidQuery
from alaqat.rdf.terms import to_oxigraph
from alaqat.sparql.analysis import QueryAnalysis
from alaqat.sparql.lexer import Token

_DIRECTIONS = ("ASC", "DESC")
# Their values are of one kind, and engines allow them in few places.
_AGGREGATES = frozenset(
    ("COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT", "EXISTS")
)
# What is no literal has no datatype: the error makes no key, which sorts first. Triple
# terms come last (SPARQL 1.2 Query §15.1).
_LITERAL = 'IF(isNumeric({0}), "", STR(DATATYPE({0})))'
_KIND = 'IF(isTRIPLE({0}), "~", ' + _LITERAL + ")"
_BY_KIND = " {1}(" + _KIND + ") {1}({0}) "

_Edit = tuple[int, int, str]  # from, to, and the text that takes their place


def rewrite_order_by(
    outline: QueryAnalysis, bindings: Mapping[str, Node] | None = None, *, by_kind: bool
) -> str:
    """Return a query as an engine gets it; as it is written if nothing is to be done.

    Args:
        outline: of the query.
        bindings: values of variables, bound by a VALUES block in the outermost group:
            so every engine means the same, in whatever scope the variable stands.
        by_kind: whether ORDER BY compares only values of one kind. What SPARQL says of
            the order still holds: unbound, blank nodes, IRIs, literals.

    Raises:
        InvalidQuery: the query has no group to bind in, or a value cannot be bound.
    """
    edits = list(_binding(outline, bindings)) if bindings else []
    if by_kind:
        edits += _ordering(outline)
    pieces, end = [], 0
    for start, stop, written in sorted(edits):
        pieces += [outline.text[end:start], written]
        end = stop
    return "".join((*pieces, outline.text[end:]))


def _binding(outline: QueryAnalysis, bindings: Mapping[str, Node]) -> Iterator[_Edit]:
    """Yield the VALUES block; names and terms are checked, terms serialized."""
    index = 1 if outline.form == "CONSTRUCT" else 0
    blank = any(isinstance(term, BNode) for term in bindings.values())
    names = all(map(str.isidentifier, bindings))
    if blank or len(outline.groups) <= index or not names:
        raise InvalidQuery(
            "Values cannot be bound in this query.",
            remedy="Write WHERE { … } in full, and bind no blank nodes.",
        )
    variables = " ".join(f"?{name}" for name in bindings)
    terms = " ".join(str(to_oxigraph(term)) for term in bindings.values())
    place = outline.groups[index]
    yield place, place, f" VALUES ({variables}) {{ ({terms}) }} "


def _ordering(outline: QueryAnalysis) -> Iterator[_Edit]:
    """Yield each condition of an ORDER BY, preceded by the kind of its value."""
    tokens = outline.tokens
    for index in range(len(tokens) - 1):
        if (tokens[index].text, tokens[index + 1].text) == ("ORDER", "BY"):
            yield from _conditions(outline.text, tokens[index + 2 :])


def _conditions(text: str, tokens: Sequence[Token]) -> Iterator[_Edit]:
    """Where each condition stands that is written anew, and how (§15.1)."""
    index = 0
    while index < len(tokens):
        token, after = tokens[index], tokens[index + 1 : index + 2]
        is_call = bool(after) and after[0].text == "(" and token.kind != "variable"
        if token.kind == "variable":
            yield (
                token.start,
                token.start + len(token.text),
                _written(token.text, "ASC"),
            )
        elif token.text == "(" or (is_call and token.text in _DIRECTIONS):
            direction = token.text if is_call else "ASC"
            first = index + is_call
            index = _closing(tokens, first)
            inner = text[tokens[first].start + 1 : tokens[index].start]
            if not any(one.text in _AGGREGATES for one in tokens[first:index]):
                stop = tokens[index].start + 1
                yield token.start, stop, _written(f"({inner})", direction)
        elif is_call and token.kind in ("word", "name", "iri"):
            index = _closing(tokens, index + 1)
        else:
            return
        index += 1


def _written(expression: str, direction: str) -> str:
    """An expression with its kind before it."""
    return _BY_KIND.format(expression, direction)


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """The bracket that closes one; the last token if none does."""
    depth = tokens[opening].depth
    for index in range(opening + 1, len(tokens)):
        if tokens[index].depth <= depth:
            return index
    return len(tokens) - 1
