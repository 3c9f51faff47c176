"""ORDER BY over values of many kinds, made such that an engine can sort by it.

SPARQL 1.1 Query §15.1 orders numbers by value and leaves open how a number compares
with a date or a code. An engine that then compares by the text has no total order: 9
comes before 10, "1x" between them. Its sort may give any order, or end the process.
Here each expression is preceded by its kind, so that only values of one kind are
compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alaqat.sparql.lexer import Token, tokenize

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


def rewrite_order_by(text: str) -> str:
    """A query whose ORDER BY compares only values of one kind; the same if it has none.

    What SPARQL says of the order still holds: unbound, blank nodes, IRIs, literals.
    """
    if "order" not in text.lower():
        return text
    pieces, end = [], 0
    tokens = tokenize(text)
    for index in range(len(tokens) - 1):
        if (tokens[index].text, tokens[index + 1].text) == ("ORDER", "BY"):
            for start, stop, written in _conditions(text, tokens[index + 2 :]):
                pieces += [text[end:start], written]
                end = stop
    return "".join((*pieces, text[end:]))


def _conditions(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
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
