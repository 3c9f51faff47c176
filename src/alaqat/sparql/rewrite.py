"""Queries rewritten by their tokens: variables bound, ORDER BY made a total order.

SPARQL 1.1 Query §15.1 orders numbers by value and leaves open how a number compares
with a date or a code. An engine that then compares by the text has no total order: 9
comes before 10, "1x" between them. Its sort may give any order, or end the process.
Here each expression is preceded by its kind, so that only values of one kind are
compared.

SPARQL rewrite: the label columns of saved queries, which themselves return IRIs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rdflib import BNode
from rdflib.term import Node

from alaqat.errors import InvalidQuery
from alaqat.i18n import LANGUAGES
from alaqat.queries.query import SavedQuery
from alaqat.rdf.terms import to_oxigraph
from alaqat.sparql.analysis import QueryAnalysis
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


_CLAUSES = frozenset(("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"))
_HIDING = frozenset(("EXISTS", "MINUS"))  # groups whose variables stay in them
_PATTERN = '  OPTIONAL {{ ?{0} <{1}> ?{2} FILTER (LANG(?{2}) = "{3}") }}\n'


def with_label_columns(
    query: SavedQuery, languages: tuple[str, ...] = LANGUAGES
) -> SavedQuery:
    """Return a saved query with a column for each text of its things in each language.

    A column ``x`` of the query's ``labels`` is followed by ``x_ar``, ``x_en`` and so
    on, one of its ``texts`` is replaced by them; what has no text in a language has an
    empty cell. Rows are ordered by the text in the first of the languages wherever the
    query orders them by the thing.

    The texts are looked up in the innermost group that holds every mention of the
    thing, so that those of a named graph are found in it.
    """
    properties = query.label_properties
    if not properties or not languages:
        return query
    text = query.text
    parts = _Parts.of(tokenize(text))
    edits: list[_Edit] = []
    columns: dict[str, _Column] = {}
    for column in _columns(parts.projection):
        if iri := properties.get(column.name):
            columns[column.name] = column
            written = " ".join(f"?{one}" for one in column.texts(languages))
            if column.name in query.labels:
                edits.append((column.end, column.end, f" {written}"))
            else:
                edits.append((column.start, column.end, written))
            place = _place(parts.pattern, column.subject)
            codes = sorted(languages)
            names = zip(column.texts(codes), codes, strict=True)
            patterns = [_PATTERN.format(column.subject, iri, *one) for one in names]
            edits.append((place, place, "".join(patterns)))
    edits += _clauses(parts.clauses, columns, languages)
    return replace(query, text=_edited(text, edits), labels=(), texts={})


def text_columns(names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return where the texts of each labelled column are: by its name and language."""
    at = {name: place for place, name in enumerate(names)}
    bases = dict.fromkeys(name.rpartition("_")[0] for name in names)
    return {
        base: {code: at[f"{base}_{code}"] for code in LANGUAGES}
        for base in bases
        if base and all(f"{base}_{code}" in at for code in LANGUAGES)
    }


@dataclass(frozen=True)
class _Column:
    """A column of the projection.

    Attributes:
        name: of the column.
        subject: the variable of the pattern that it shows.
        start: the offset at which it begins.
        end: the offset behind it.
    """

    name: str
    subject: str
    start: int
    end: int

    def texts(self, languages: Sequence[str]) -> list[str]:
        """Return the names of its text columns, in the alphabet's order."""
        return [f"{self.name}_{code}" for code in sorted(languages)]


@dataclass(frozen=True)
class _Parts:
    """The tokens of a SELECT query: its projection, its pattern and what follows."""

    projection: Sequence[Token]
    pattern: Sequence[Token]
    clauses: Sequence[Token]

    @classmethod
    def of(cls, tokens: Sequence[Token]) -> _Parts:
        """Cut a query at its SELECT and at the braces of its outermost group."""
        words = [token.text if not token.depth else "" for token in tokens]
        select, opening, closing = map(words.index, ("SELECT", "{", "}"))
        return cls(
            tokens[select + 1 : opening],
            tokens[opening : closing + 1],
            tokens[closing + 1 :],
        )


def _columns(projection: Sequence[Token]) -> Iterator[_Column]:
    """Find the columns that show a variable: ``?x`` and ``(?y AS ?x)``."""
    for index, token in enumerate(projection):
        match [(one.kind, one.text) for one in projection[index : index + 5]]:
            case [("variable", name), *_] if not token.depth:
                end = token.start + len(name)
                yield _Column(name[1:], name[1:], token.start, end)
            case [
                (_, "("),
                ("variable", subject),
                (_, "AS"),
                ("variable", name),
                (_, ")"),
            ]:
                end = projection[index + 4].start + 1
                yield _Column(name[1:], subject[1:], token.start, end)


def _place(pattern: Sequence[Token], variable: str) -> int:
    """Return the offset of the end of the group where texts of a variable belong.

    It is the innermost group that holds every mention of the variable, and whose
    variables are seen outside it.
    """
    ends: dict[int, int] = {}
    mentions: list[list[int]] = []
    opened: list[int] = []
    for index, token in enumerate(pattern):
        if token.text == "{":
            opened.append(index)
        elif token.text == "}":
            ends[opened.pop()] = token.start
        elif token.kind == "variable" and token.text[1:] == variable:
            mentions.append([one for one in opened if _is_open(pattern, one)])
    shared = [
        group for group in (mentions or [[0]])[0] if all(group in m for m in mentions)
    ]
    return ends[shared[-1]]


def _is_open(pattern: Sequence[Token], brace: int) -> bool:
    """Whether a group may hold a pattern whose variables are seen outside it."""
    before = pattern[brace - 1].text if brace else ""
    return before not in _HIDING and pattern[brace + 1].text != "SELECT"


def _clauses(
    tokens: Sequence[Token], columns: Mapping[str, _Column], languages: Sequence[str]
) -> Iterator[_Edit]:
    """Group by the texts too, and order by them instead of by the things."""
    clause = ""
    for token in tokens:
        if token.text in _CLAUSES and not token.depth:
            clause = token.text
        column = columns.get(token.text[1:]) if token.kind == "variable" else None
        if column is None or token.depth:
            continue
        start, end = token.start, token.start + len(token.text)
        if clause == "GROUP":
            names = " ".join(f"?{name}" for name in column.texts(languages))
            yield end, end, f" {names}"
        elif clause == "ORDER":
            first = f"?{column.name}_{languages[0]}"
            yield start, end, f"{first} ?{column.subject}"


def _edited(text: str, edits: Sequence[_Edit]) -> str:
    """Return the text with stretches of it replaced."""
    for start, end, written in sorted(edits, key=lambda one: one[0], reverse=True):
        text = text[:start] + written + text[end:]
    return text
