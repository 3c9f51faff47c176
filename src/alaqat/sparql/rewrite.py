"""Query rewriting: VALUES bindings, ORDER BY as a total order, label columns.

All three insert text at the offsets of tokens, so the rest stays as written.
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
# Their values are all of one kind, and engines allow aggregates in few places.
_AGGREGATES = frozenset(
    ("COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT", "EXISTS")
)
# Only literals have a datatype; for the others the error leaves the key unbound, which
# sorts first. Triple terms come last (SPARQL 1.2 Query §15.1).
_LITERAL_KIND = 'IF(isNumeric({0}), "", STR(DATATYPE({0})))'
_KIND = 'IF(isTRIPLE({0}), "~", ' + _LITERAL_KIND + ")"
_BY_KIND = " {1}(" + _KIND + ") {1}({0}) "

_Edit = tuple[int, int, str]  # start, end and replacement


def rewrite_query(
    analysis: QueryAnalysis,
    bindings: Mapping[str, Node] | None = None,
    *,
    by_kind: bool,
) -> str:
    """Return a query with its bindings, and with ORDER BY as a total order.

    SPARQL 1.1 Query §15.1 orders numbers by value and leaves open how a number
    compares with a date or a code. An engine that then compares by text has no total
    order: 9 comes before 10, "1x" between them. Its sort may return any order or abort.
    So each expression is preceded by its kind, and only values of one kind compare.

    Args:
        analysis: of the query.
        bindings: values of variables, bound by a VALUES block in the outermost group,
            so that they mean the same in every engine and every scope.
        by_kind: whether ORDER BY sorts by kind first. The order that SPARQL fixes
            remains: unbound, blank nodes, IRIs, literals.

    Raises:
        InvalidQuery: the query has no group to bind in, or a value cannot be bound.
    """
    edits = list(_bind_values(analysis, bindings)) if bindings else []
    if by_kind:
        edits += _rewrite_order_by(analysis)
    return _apply_edits(analysis.text, edits)


def _bind_values(
    analysis: QueryAnalysis, bindings: Mapping[str, Node]
) -> Iterator[_Edit]:
    """Yield the VALUES block, from checked names and serialized terms."""
    index = 1 if analysis.form == "CONSTRUCT" else 0
    has_blank = any(isinstance(term, BNode) for term in bindings.values())
    are_names = all(map(str.isidentifier, bindings))
    if has_blank or len(analysis.group_starts) <= index or not are_names:
        raise InvalidQuery(
            "Values cannot be bound in this query.",
            remedy="Write WHERE { … } in full, and bind no blank nodes.",
        )
    variables = " ".join(f"?{name}" for name in bindings)
    terms = " ".join(str(to_oxigraph(term)) for term in bindings.values())
    offset = analysis.group_starts[index]
    yield offset, offset, f" VALUES ({variables}) {{ ({terms}) }} "


def _rewrite_order_by(analysis: QueryAnalysis) -> Iterator[_Edit]:
    """Yield the edits of every ORDER BY, those of subqueries included."""
    tokens = analysis.tokens
    for index in range(len(tokens) - 1):
        if (tokens[index].text, tokens[index + 1].text) == ("ORDER", "BY"):
            yield from _order_conditions(analysis.text, tokens[index + 2 :])


def _order_conditions(text: str, tokens: Sequence[Token]) -> Iterator[_Edit]:
    """Yield the edits of the order conditions that the tokens begin with (§15.1)."""
    index = 0
    while index < len(tokens):
        token, after = tokens[index], tokens[index + 1 : index + 2]
        is_call = bool(after) and after[0].text == "(" and token.kind != "variable"
        if token.kind == "variable":
            end = token.start + len(token.text)
            yield token.start, end, _BY_KIND.format(token.text, "ASC")
        elif token.text == "(" or (is_call and token.text in _DIRECTIONS):
            direction = token.text if is_call else "ASC"
            first = index + is_call
            index = _closing_bracket(tokens, first)
            inner = text[tokens[first].start + 1 : tokens[index].start]
            if not any(one.text in _AGGREGATES for one in tokens[first:index]):
                end = tokens[index].start + 1
                yield token.start, end, _BY_KIND.format(f"({inner})", direction)
        elif is_call and token.kind in ("word", "name", "iri"):
            index = _closing_bracket(tokens, index + 1)
        else:
            return
        index += 1


def _closing_bracket(tokens: Sequence[Token], opening: int) -> int:
    """Return the index of the partner of a bracket, or the last if it has none."""
    depth = tokens[opening].depth
    for index in range(opening + 1, len(tokens)):
        if tokens[index].depth <= depth:
            return index
    return len(tokens) - 1


_CLAUSES = frozenset(("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"))
_SCOPED_KEYWORDS = frozenset(("EXISTS", "MINUS"))  # their groups export no variables
_LABEL_PATTERN = '  OPTIONAL {{ ?{0} <{1}> ?{2} FILTER (LANG(?{2}) = "{3}") }}\n'


def with_label_columns(
    query: SavedQuery, languages: tuple[str, ...] = LANGUAGES
) -> SavedQuery:
    """Return a saved query with label columns in each language.

    A column ``x`` of the query's ``labels`` is followed by ``x_ar``, ``x_en`` and so
    on; one of its ``texts`` is replaced by them. A missing text leaves its cell empty.
    Where the query orders rows by the resource, the label in the first language orders
    them before it.

    Labels are matched in the innermost group that holds every mention of the variable,
    so that those in a named graph are found there.
    """
    properties = query.label_properties
    if not properties or not languages:
        return query
    text = query.text
    parts = _SelectParts.split(tokenize(text))
    edits: list[_Edit] = []
    columns: dict[str, _Column] = {}
    for column in _find_columns(parts.projection):
        if iri := properties.get(column.name):
            columns[column.name] = column
            names = " ".join(f"?{name}" for name in column.label_names(languages))
            if column.name in query.labels:
                edits.append((column.end, column.end, f" {names}"))
            else:
                edits.append((column.start, column.end, names))
            offset = _label_position(parts.pattern, column.subject)
            edits.append((offset, offset, _label_patterns(column, iri, languages)))
    edits += _rewrite_clauses(parts.clauses, columns, languages)
    return replace(query, text=_apply_edits(text, edits), labels=(), texts={})


def _label_patterns(column: _Column, iri: str, languages: Sequence[str]) -> str:
    """Return the OPTIONAL patterns that bind the labels of a column."""
    codes = sorted(languages)
    return "".join(
        _LABEL_PATTERN.format(column.subject, iri, name, code)
        for name, code in zip(column.label_names(codes), codes, strict=True)
    )


def text_columns(names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the indices of label columns, by the name they share and the language."""
    at = {name: index for index, name in enumerate(names)}
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
        start: the offset of its first character.
        end: the offset after its last.
    """

    name: str
    subject: str
    start: int
    end: int

    def label_names(self, languages: Sequence[str]) -> list[str]:
        """Return the names of its label columns, sorted by language."""
        return [f"{self.name}_{code}" for code in sorted(languages)]


@dataclass(frozen=True)
class _SelectParts:
    """The tokens of a SELECT query: its projection, pattern and solution modifiers."""

    projection: Sequence[Token]
    pattern: Sequence[Token]
    clauses: Sequence[Token]

    @classmethod
    def split(cls, tokens: Sequence[Token]) -> _SelectParts:
        """Split a query at its SELECT and at the braces of its outermost group."""
        words = [token.text if not token.depth else "" for token in tokens]
        select, opening, closing = map(words.index, ("SELECT", "{", "}"))
        return cls(
            tokens[select + 1 : opening],
            tokens[opening : closing + 1],
            tokens[closing + 1 :],
        )


def _find_columns(projection: Sequence[Token]) -> Iterator[_Column]:
    """Yield the columns that show a variable: ``?x`` and ``(?y AS ?x)``."""
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


def _label_position(pattern: Sequence[Token], variable: str) -> int:
    """Return the offset at which labels of a variable are matched.

    It is the end of the innermost group that holds every mention of the variable and
    whose variables are visible outside it.
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
            mentions.append([one for one in opened if _exports_variables(pattern, one)])
    shared = [
        group for group in (mentions or [[0]])[0] if all(group in m for m in mentions)
    ]
    return ends[shared[-1]]


def _exports_variables(pattern: Sequence[Token], brace: int) -> bool:
    """Return whether variables bound in a group are visible outside it."""
    before = pattern[brace - 1].text if brace else ""
    return before not in _SCOPED_KEYWORDS and pattern[brace + 1].text != "SELECT"


def _rewrite_clauses(
    tokens: Sequence[Token], columns: Mapping[str, _Column], languages: Sequence[str]
) -> Iterator[_Edit]:
    """Yield the edits that group by labels too, and order by them first."""
    clause = ""
    for token in tokens:
        if token.text in _CLAUSES and not token.depth:
            clause = token.text
        column = columns.get(token.text[1:]) if token.kind == "variable" else None
        if column is None or token.depth:
            continue
        start, end = token.start, token.start + len(token.text)
        if clause == "GROUP":
            names = " ".join(f"?{name}" for name in column.label_names(languages))
            yield end, end, f" {names}"
        elif clause == "ORDER":
            label = f"?{column.name}_{languages[0]}"
            yield start, end, f"{label} ?{column.subject}"


def _apply_edits(text: str, edits: Sequence[_Edit]) -> str:
    """Return a text with its edits; those at one offset keep their order."""
    pieces, offset = [], 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[0]):
        pieces += [text[offset:start], replacement]
        offset = end
    return "".join((*pieces, text[offset:]))
