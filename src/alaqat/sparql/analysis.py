"""What a SPARQL text asks for, seen by its tokens before any engine reads it.

Engines differ in how they read, and each has its own faults: one crashes on deep
nesting, all fetch what SERVICE and LOAD name. A word in a string, an IRI or a comment
is no keyword here, and whatever the outline shows holds for every engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from urllib.parse import urljoin

from alaqat.errors import InvalidQuery
from alaqat.sparql.lexer import (
    BY_PURPOSE,
    Token,
    fault,
    tokenize,
    unescaped,
)
from alaqat.terms import BASE, PREFIXES

#: Deeper nesting, or more parts, and a parser may use up its stack.
DEEPEST, MOST_PARTS = 100, 500

_FORMS = BY_PURPOSE["forms"]
_PARTS = frozenset((*BY_PURPOSE["patterns"], "&&", "||", *"./;|^!+-*"))
_FLAT = ("VALUES", "DATA")  # long lists, which no engine reads by recursion
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FICKLE = BY_PURPOSE["nondeterministic"]
_LESS = "Ask for less at once, in several queries."


@dataclass(frozen=True)
class QueryAnalysis:
    """A query or update that was tokenized once, and what it asks for.

    Attributes:
        text: as it is written.
        tokens: of the text.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE; something else in an update.
        default: the graphs that FROM names, in their order.
        named: the graphs that FROM NAMED names.
        selects_all: whether it begins with SELECT *, DISTINCT or not.
        groups: the offsets behind the braces that open the outermost groups.
        is_steady: whether it answers the same as long as the data are the same.
        calls: the endpoints that it calls by SERVICE.
        prefixes: as declared, which is how the asker likes IRIs to be shortened; the
            project's if none are.
    """

    text: str
    tokens: tuple[Token, ...]
    form: str
    default: tuple[str, ...]
    named: tuple[str, ...]
    selects_all: bool
    groups: tuple[int, ...]
    is_steady: bool
    calls: frozenset[str]
    prefixes: Mapping[str, str]


def analyse_query(text: str, services: Collection[str] = ()) -> QueryAnalysis:
    """The outline of a query.

    Args:
        text: in SPARQL.
        services: the endpoints that SERVICE may call.

    Raises:
        InvalidQuery: it asks for what no query may here, or is no query.
    """
    outline = _analyse(text, services)
    if outline.form not in _FORMS:
        raise InvalidQuery(
            "This is no query.",
            remedy=f"Behind its prefixes, a query begins with {', '.join(_FORMS)}.",
        )
    return outline


def analysed(query: str | QueryAnalysis, services: Collection[str]) -> QueryAnalysis:
    """Return the outline of a query that may call these endpoints only.

    Raises:
        InvalidQuery: it asks for what no query may here, or is no query.
    """
    if isinstance(query, str):
        return analyse_query(query, services)
    if query.calls.issubset(services):
        return query
    return analyse_query(query.text, services)  # refuses the call, with its place


def analyse_update(text: str) -> QueryAnalysis:
    """The outline of an update.

    Raises:
        InvalidQuery: it asks for what no update may here, or is a query.
    """
    outline = _analyse(text, is_update=True)
    if outline.form in _FORMS:
        raise InvalidQuery("This is a query, no update.", remedy="Send it as a query.")
    return outline


def _analyse(
    text: str, services: Collection[str] = (), *, is_update: bool = False
) -> QueryAnalysis:
    """The outline of a text that asks for nothing forbidden."""
    tokens = tuple(tokenize(text))
    is_steady = True
    calls: set[str] = set()
    for seen in _readings(text, tokens):
        calls.update(_services(text, seen, services))
        is_steady = is_steady and not any(map(_is_fickle, seen))
        if is_update:
            _refuse_loads(text, seen)
    _check_size(text, tokens)
    prefixes, base, body = _prologue(tokens)
    _check_prefixes(text, body, prefixes)
    graphs = list(_dataset(body, prefixes, base))
    return QueryAnalysis(
        text,
        tokens,
        form=body[0].text if body else "",
        default=tuple(graph for keyword, graph in graphs if keyword == "FROM"),
        named=tuple(graph for keyword, graph in graphs if keyword == "NAMED"),
        selects_all="*" in [token.text for token in body[1:3]],
        groups=tuple(t.start + 1 for t in body if t.text == "{" and not t.depth),
        is_steady=is_steady and not calls,
        calls=frozenset(calls),
        prefixes=prefixes or PREFIXES,
    )


def _readings(text: str, tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens as written, and as an engine sees them that resolves escapes first."""
    yield tokens
    resolved = unescaped(text)
    if resolved != text:
        yield tokenize(resolved)


def _is_fickle(token: Token) -> bool:
    """Whether an engine could find a function that never answers the same twice."""
    return any(map(token.may_say, _FICKLE))


def _services(
    text: str, tokens: Sequence[Token], services: Collection[str]
) -> Iterator[str]:
    """Yield the endpoints that SERVICE calls; it must call none but these."""
    prologue = cache(lambda: _prologue(tokens)[:2])  # read once, and seldom
    for index, token in enumerate(tokens):
        if not token.may_say("SERVICE"):
            continue
        after = tokens[index + 1 : index + 3]
        opens = bool(after) and after[0].text == "{"
        if token.kind == "word" or opens:
            called = _called(token, after, prologue) if services else None
            if called is None or called not in services:
                raise _refused(text, token, "SERVICE", "Ask the other endpoint itself.")
            yield called


def _called(
    token: Token,
    after: Sequence[Token],
    prologue: Callable[[], tuple[dict[str, str], str]],
) -> str | None:
    """Return the IRI that stands behind SERVICE (§2 of Federation), if one does."""
    if after and after[0].text == "SILENT":
        after = after[1:]
    if token.text != "SERVICE" or not after or after[0].kind not in ("iri", "name"):
        return None
    prefixes, base = prologue()
    if after[0].kind == "name" and after[0].prefix not in prefixes:
        return None
    return _iri(after[0], prefixes, base)


def _refuse_loads(text: str, tokens: Sequence[Token]) -> None:
    """Refuse LOAD, which can only begin an operation of an update."""
    for before, token in zip([None, *tokens], tokens, strict=False):
        declares = before is not None and before.text == "PREFIX"
        if token.may_say("LOAD") and token.depth == 0 and not declares:
            raise _refused(text, token, "LOAD", "Insert the triples themselves.")


def _refused(text: str, token: Token, keyword: str, remedy: str) -> InvalidQuery:
    """The error for a keyword that is not allowed here."""
    message = f"{keyword} is not allowed: no other server is called from here."
    return fault(text, token.start, message, remedy=remedy)


def _check_size(text: str, tokens: Sequence[Token]) -> None:
    """Refuse what is nested so deep or joined so often that an engine would crash."""
    parts, flat = 0, -1
    opened = [""]
    for token in tokens:
        opened[token.depth + 1 :] = [token.text]
        if token.depth > DEEPEST:
            message = f"the query is nested more than {DEEPEST} deep."
            raise fault(text, token.start, message, remedy=_LESS)
        if flat < 0 and token.text in _FLAT:
            flat = token.depth
        elif token.text == "}" and token.depth == flat:
            flat = -1
        is_list = token.text == "," and opened[token.depth] != "("
        parts += flat < 0 and (token.text in _PARTS or is_list)
        if parts > MOST_PARTS:
            message = f"the query has more than {MOST_PARTS} parts."
            raise fault(text, token.start, message, remedy=_LESS)


def _prologue(
    tokens: Sequence[Token],
) -> tuple[dict[str, str], str, Sequence[Token]]:
    """The prefixes and the base that a text declares, and the tokens behind them."""
    prefixes: dict[str, str] = {}
    base, index = BASE, 0
    while index < len(tokens):
        word, following = tokens[index].text, tokens[index + 1 : index + 3]
        kinds = [token.kind for token in following]
        if word == "BASE" and kinds[:1] == ["iri"]:
            base, index = _resolved(base, following[0]), index + 2
        elif word == "PREFIX" and kinds == ["name", "iri"]:
            prefixes[following[0].prefix] = _resolved(base, following[1])
            index += 3
        elif word == "VERSION" and kinds[:1] == ["string"]:  # of SPARQL 1.2
            index += 2
        else:
            break
    return prefixes, base, tokens[index:]


def _check_prefixes(text: str, body: Sequence[Token], prefixes: dict[str, str]) -> None:
    """Name the prefix that is not declared, which engines tell in riddles."""
    later = {b.prefix for a, b in pairwise(body) if a.text == "PREFIX"}
    declared = {*prefixes, *later}
    for token in body:
        if token.kind == "name" and token.prefix not in declared:
            prefix, known = token.prefix, PREFIXES.get(token.prefix, "…")
            message = f"the prefix {prefix}: is not declared."
            remedy = f"Begin with: PREFIX {prefix}: <{known}>"
            raise fault(text, token.start, message, remedy=remedy)


def _dataset(
    body: Sequence[Token], prefixes: dict[str, str], base: str
) -> Iterator[tuple[str, str]]:
    """The graphs of FROM and FROM NAMED (SPARQL 1.1 Query §13.2)."""
    for before, token in pairwise(body):
        is_graph = token.kind in ("iri", "name") and before.depth == 0
        if is_graph and before.text in ("FROM", "NAMED"):
            yield before.text, _iri(token, prefixes, base)


def _iri(token: Token, prefixes: dict[str, str], base: str) -> str:
    """The IRI that a token stands for."""
    if token.kind == "iri":
        return _resolved(base, token)
    return prefixes[token.prefix] + token.text.partition(":")[2].replace("\\", "")


def _resolved(base: str, token: Token) -> str:
    """The absolute IRI of an IRI in brackets (RFC 3986 §5.2).

    An absolute one stays letter for letter: urljoin would drop an empty fragment, and
    with it the # at the end of many a namespace.
    """
    iri = unescaped(token.text[1:-1])
    if _ABSOLUTE.match(iri):
        return iri
    end = "#" if iri.endswith("#") else ""
    try:
        return urljoin(base, iri).removesuffix("#") + end
    except ValueError:  # a host in square brackets that is none
        raise InvalidQuery(f"{base} is no base.", remedy="Correct the IRI.") from None
