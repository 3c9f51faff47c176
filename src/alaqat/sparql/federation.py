"""SERVICE blocks: what each sends to its endpoint, and VALUES in its place.

An engine never evaluates SERVICE (SPARQL 1.1 Federated Query). The pattern of a block
is sent to its endpoint, and the block is replaced by the solutions as VALUES. By the
bottom-up semantics of SPARQL both mean the same, wherever a block may stand, with the
exceptions that ``find_service_blocks`` refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from alaqat.errors import InvalidQuery
from alaqat.sparql.analysis import QueryAnalysis, parse_prologue, resolve_token
from alaqat.sparql.lexer import (
    Token,
    invalid_query_at,
    tokenize,
    unescape_codepoints,
)
from alaqat.terms import BASE

#: Characters of a query with SERVICE, and calls that it may make.
MAX_SERVICE_QUERY, MAX_SERVICE_CALLS = 20_000, 8

_PARTNERS = {"}": "{", ")": "(", "]": "["}
# Groups that are evaluated once for each solution outside, whose values they see.
_CORRELATED = frozenset(("EXISTS", "LATERAL"))
_NO_ROWS = "VALUES(){}"  # as short as a SERVICE clause


@dataclass(frozen=True)
class ServiceBlock:
    """One SERVICE clause with its group.

    Attributes:
        endpoint: the IRI of the endpoint.
        is_silent: whether a failure of the endpoint counts as one empty solution.
        start: its offset in the query.
        group_start: the offset of the opening bracket of its group.
        end: the offset after the closing bracket.
        query: what is sent to the endpoint.
        variables: the names of the variables that the pattern may bind.
    """

    endpoint: str
    is_silent: bool
    start: int
    group_start: int
    end: int
    query: str
    variables: tuple[str, ...]


def find_service_blocks(analysis: QueryAnalysis) -> tuple[ServiceBlock, ...]:
    """Return the SERVICE blocks of a query, in order.

    Raises:
        InvalidQuery: a block cannot be replaced by VALUES: it is inside another block
            or GRAPH, it is in EXISTS and needs a value from outside, or it shares a
            blank node with the rest; there are too many; one is written with escapes;
            or the brackets do not match.
    """
    if not analysis.service_endpoints:
        return ()
    spans = list(_find_spans(analysis))
    _refuse_escapes(analysis.text, len(spans))
    if len(spans) > MAX_SERVICE_CALLS:
        raise invalid_query_at(
            *(analysis.text, analysis.tokens[spans[MAX_SERVICE_CALLS].first].start),
            f"the query has more than {MAX_SERVICE_CALLS} SERVICE clauses.",
            remedy="Split the query into several smaller ones.",
        )
    return tuple(_to_block(analysis, span) for span in spans)


def replace_service_blocks(
    analysis: QueryAnalysis, blocks: Sequence[ServiceBlock], values: Sequence[str]
) -> QueryAnalysis:
    """Return a query with its SERVICE blocks replaced.

    Args:
        analysis: of the query.
        blocks: those of the query.
        values: the VALUES clause for each.
    """
    pieces, end = [], 0
    for block, clause in zip(blocks, values, strict=True):
        pieces += [analysis.text[end : block.start], clause]
        end = block.end
    offsets = _OffsetMap(blocks, values)
    return replace(
        analysis,
        text="".join((*pieces, analysis.text[end:])),
        tokens=tuple(
            token._replace(start=offsets.shift(token.start))
            for token in analysis.tokens
            if not any(block.start <= token.start < block.end for block in blocks)
        ),
        group_starts=tuple(map(offsets.shift, analysis.group_starts)),
        service_endpoints=frozenset(),
    )


def without_calls(
    analysis: QueryAnalysis, blocks: Sequence[ServiceBlock]
) -> QueryAnalysis:
    """Return a query that has the syntax errors of another, and calls nobody.

    What precedes the group of each block is replaced by a VALUES clause without rows,
    so an engine has nothing to do. Lines and columns remain as they are.
    """
    clauses = [replace(block, end=block.group_start) for block in blocks]
    texts = (analysis.text[block.start : block.end] for block in clauses)
    return replace_service_blocks(analysis, clauses, [*map(_overwrite, texts)])


def _overwrite(clause: str) -> str:
    """Return a clause without rows in the place of another, on the same lines."""
    letters = iter(_NO_ROWS)
    written = [each if each in "\r\n" else next(letters, " ") for each in clause]
    return "".join((*written, *letters))


def values_clause(
    variables: Sequence[str], rows: Iterable[Mapping[str, str]]
) -> Iterator[str]:
    """Yield the parts of a VALUES clause (SPARQL 1.1 Query §10.2).

    Args:
        variables: the names of its variables.
        rows: the terms as SPARQL writes them, without unbound ones.
    """
    yield f"VALUES ({' '.join(f'?{name}' for name in variables)}) {{"
    for row in rows:
        yield f" ({' '.join(row.get(name, 'UNDEF') for name in variables)})"
    yield " }"


def refuse_service(analysis: QueryAnalysis) -> None:
    """Refuse a query that still has SERVICE where it should be evaluated.

    Raises:
        InvalidQuery: it has.
    """
    if analysis.service_endpoints:
        raise InvalidQuery(
            "SERVICE is not allowed in a query of more than "
            f"{MAX_SERVICE_QUERY:,} characters.",
            remedy="Shorten the query.",
        )


class _OffsetMap:
    """Maps offsets outside the blocks of a text to its rewritten form."""

    def __init__(self, blocks: Sequence[ServiceBlock], values: Sequence[str]) -> None:
        self._growth = [
            (block.end, len(clause) - (block.end - block.start))
            for block, clause in zip(blocks, values, strict=True)
        ]

    def shift(self, offset: int) -> int:
        """Return the new offset."""
        return offset + sum(size for end, size in self._growth if end <= offset)


@dataclass(frozen=True)
class _Span:
    """The indices of the tokens of a SERVICE block, and whether EXISTS has it."""

    first: int
    opening: int
    closing: int
    is_correlated: bool


def _find_spans(analysis: QueryAnalysis) -> Iterator[_Span]:
    """Yield the SERVICE blocks, whose place is checked."""
    text, tokens = analysis.text, analysis.tokens
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind == "sign" and token.text in _PARTNERS.values():
            opened.append(index)
        elif token.kind == "sign" and token.text in _PARTNERS:
            if not opened or tokens[opened.pop()].text != _PARTNERS[token.text]:
                raise _refusal(text, token, "the brackets do not match.", "Pair them.")
        elif _is_service(token):
            keywords = {_introduction(tokens, bracket) for bracket in opened}
            yield _span(text, tokens, index, keywords)
    if opened:
        message = "this bracket is not closed."
        raise _refusal(text, tokens[opened[-1]], message, "Close it.")


def _is_service(token: Token) -> bool:
    return token.kind == "word" and token.text == "SERVICE"


def _refuse_escapes(text: str, blocks: int) -> None:
    """Refuse a text with other blocks for engines that resolve its escapes first."""
    unescaped = unescape_codepoints(text)
    if unescaped != text and sum(map(_is_service, tokenize(unescaped))) != blocks:
        raise InvalidQuery(
            "SERVICE must be written without escapes.",
            remedy="Write the letters themselves.",
        )


def _span(text: str, tokens: Sequence[Token], index: int, keywords: set[str]) -> _Span:
    """Return the SERVICE block that begins with a token, if it may stand there."""
    first = tokens[index]
    if "SERVICE" in keywords:
        message = "SERVICE is not allowed inside SERVICE."
        remedy = "Join the two patterns here, side by side."
        raise _refusal(text, first, message, remedy)
    if "GRAPH" in keywords:
        message = "SERVICE is not allowed inside GRAPH."
        remedy = "Write it beside GRAPH: the graph makes no difference to it."
        raise _refusal(text, first, message, remedy)
    is_silent = tokens[index + 1].text == "SILENT"
    opening = index + 2 + is_silent
    if [token.text for token in tokens[opening : opening + 1]] != ["{"]:
        message = "SERVICE has no group."
        raise _refusal(text, first, message, "Write SERVICE <IRI> { … }.")
    closing = _closing(tokens, opening)
    if [token.text for token in tokens[closing + 1 : closing + 2]] == ["UNION"]:
        message = "UNION is not allowed after SERVICE."
        remedy = "Write { SERVICE <IRI> { … } } UNION { … }."
        raise _refusal(text, tokens[closing + 1], message, remedy)
    is_correlated = not _CORRELATED.isdisjoint(keywords)
    return _Span(index, opening, closing, is_correlated)


def _introduction(tokens: Sequence[Token], bracket: int) -> str:
    """Return the keyword that a bracket belongs to; empty for none of interest."""
    before = [token.text for token in tokens[max(0, bracket - 3) : bracket]]
    if before[-1:] in (["EXISTS"], ["LATERAL"]):
        return before[-1]
    if before[-2:-1] in (["GRAPH"], ["SERVICE"]):
        return before[-2]
    return "SERVICE" if before[:2] == ["SERVICE", "SILENT"] else ""


def _to_block(analysis: QueryAnalysis, span: _Span) -> ServiceBlock:
    """Return the block of some tokens, which must not depend on the others."""
    text, tokens = analysis.text, analysis.tokens
    pattern = tokens[span.opening + 1 : span.closing]
    others = (*tokens[: span.first], *tokens[span.closing + 1 :])
    _check_independence(text, pattern, others, is_correlated=span.is_correlated)
    prefixes, base, body = parse_prologue(tokens)
    opening, closing = tokens[span.opening], tokens[span.closing]
    inner = text[opening.start + 1 : closing.start]
    prologue = text[: body[0].start]
    return ServiceBlock(
        endpoint=resolve_token(tokens[span.opening - 1], prefixes, base),
        is_silent=span.opening - span.first == 3,
        start=tokens[span.first].start,
        group_start=opening.start,
        end=closing.start + 1,
        # Relative IRIs mean here what they mean in the whole query.
        query=f"BASE <{BASE}>\n{prologue}SELECT * WHERE {{{inner}\n}}",
        variables=tuple(_visible_variables(pattern)),
    )


def _check_independence(
    text: str, pattern: Sequence[Token], others: Sequence[Token], *, is_correlated: bool
) -> None:
    """Refuse a pattern whose meaning depends on the rest of the query."""
    labels = {token.text for token in others if token.kind == "blank"}
    names = {token.text[1:] for token in others if token.kind == "variable"}
    hidden = names.difference(_visible_variables(pattern)) if is_correlated else set()
    for token in pattern:
        if token.kind == "blank" and token.text in labels:
            message = f"{token.text} is used inside and outside of SERVICE."
            remedy = "Write a variable instead."
            raise _refusal(text, token, message, remedy)
        if token.kind == "variable" and token.text[1:] in hidden:
            message = f"SERVICE in EXISTS needs {token.text} from outside."
            remedy = "Move the condition on it out of the SERVICE clause."
            raise _refusal(text, token, message, remedy)


def _visible_variables(tokens: Sequence[Token]) -> dict[str, None]:
    """Return the variables that are in scope after a group (SPARQL 1.1 Query §18.2.1).

    Args:
        tokens: those between the brackets of the group.
    """
    names: dict[str, None] = {}
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.kind == "variable":
            names[token.text[1:]] = None
        elif token.text in ("FILTER", "MINUS", "BIND") and token.kind == "word":
            index = _closing(tokens, _opening(tokens, index))
            bound = tokens[index - 1]
            if token.text == "BIND" and bound.kind == "variable":
                names[bound.text[1:]] = None
        elif token.text == "SELECT" and token.kind == "word":
            return names | _projected_variables(tokens[index + 1 :])
        elif token.text == "{":
            end = _closing(tokens, index)
            names |= _visible_variables(tokens[index + 1 : end])
            index = end
        index += 1
    return names


def _projected_variables(tokens: Sequence[Token]) -> dict[str, None]:
    """Return the variables of a subquery, given its tokens after SELECT."""
    names: dict[str, None] = {}
    index = 0
    while index < len(tokens) and tokens[index].text not in ("WHERE", "{"):
        token = tokens[index]
        if token.text == "*":
            start = _opening(tokens, index, "{")
            end = _closing(tokens, start)
            after = [each.text for each in tokens[end + 1 :]]
            values = after.index("VALUES") if "VALUES" in after else len(after)
            names |= _visible_variables(tokens[start + 1 : end])
            return names | _visible_variables(tokens[end + 1 + values :])
        if token.text == "(":
            index = _closing(tokens, index)
            token = tokens[index - 1]
        if token.kind == "variable":
            names[token.text[1:]] = None
        index += 1
    return names


def _opening(tokens: Sequence[Token], index: int, brackets: str = "({") -> int:
    """Return the index of the next opening bracket, or of the last token."""
    for number in range(index, len(tokens)):
        if tokens[number].text in tuple(brackets):
            return number
    return len(tokens) - 1


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """Return the index of the partner of a bracket, or of the last token."""
    depth = tokens[opening].depth
    for number in range(opening + 1, len(tokens)):
        if tokens[number].depth <= depth:
            return number
    return len(tokens) - 1


def _refusal(text: str, token: Token, message: str, remedy: str) -> InvalidQuery:
    return invalid_query_at(text, token.start, message, remedy=remedy)
