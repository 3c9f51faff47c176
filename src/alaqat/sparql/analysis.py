"""Query analysis: the form, dataset, prefixes and limits of a SPARQL text.

It works on tokens, before any engine parses the text, so what it finds and what it
refuses is the same for every engine: one crashes on deep nesting, all fetch what
SERVICE and LOAD name. A word in a string, an IRI or a comment is no keyword.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from alaqat.errors import InvalidQuery
from alaqat.rdf.iris import is_iri, resolve_iri
from alaqat.sparql.ambiguity import refuse_ambiguous_names, refuse_ambiguous_tokens
from alaqat.sparql.lexer import (
    KEYWORDS_BY_PURPOSE,
    Token,
    invalid_query_at,
    tokenize,
    unescape_codepoints,
)
from alaqat.terms import BASE, PREFIXES

#: Limits of nesting and of parts that keep a recursive parser within its stack.
MAX_DEPTH, MAX_PARTS = 100, 500

_QUERY_FORMS = KEYWORDS_BY_PURPOSE["forms"]
_NONDETERMINISTIC = KEYWORDS_BY_PURPOSE["nondeterministic"]
_PARTS = frozenset((*KEYWORDS_BY_PURPOSE["patterns"], "&&", "||", *"./;|^!+-*"))
_FLAT_KEYWORDS = ("VALUES", "DATA")  # open long lists, parsed without recursion
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!.*/\.)", re.DOTALL)
_SPLIT_QUERY = "Split the query into several smaller ones."


@dataclass(frozen=True)
class QueryAnalysis:
    """A query or update, tokenized once, and what it does.

    Attributes:
        text: as written.
        tokens: of the text.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE; something else in an update.
        default_graphs: the graphs of FROM, in order.
        named_graphs: the graphs of FROM NAMED, in order.
        selects_all: whether it begins with SELECT *, with or without DISTINCT.
        group_starts: the offsets just inside the outermost groups.
        is_deterministic: whether the same data always give the same answer.
        service_endpoints: the endpoints that it calls by SERVICE.
        prefixes: those it declares, with which the answer shortens IRIs; the project's
            own if it declares none.
    """

    text: str
    tokens: tuple[Token, ...]
    form: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    selects_all: bool
    group_starts: tuple[int, ...]
    is_deterministic: bool
    service_endpoints: frozenset[str]
    prefixes: Mapping[str, str]


def analyse_query(text: str, services: Collection[str] = ()) -> QueryAnalysis:
    """Analyse a query.

    Args:
        text: in SPARQL.
        services: the endpoints that SERVICE may call.

    Raises:
        InvalidQuery: it is not a query, or it does what queries must not do here.
    """
    analysis = _analyse(text, services)
    if analysis.form not in _QUERY_FORMS:
        forms = ", ".join(_QUERY_FORMS)
        raise InvalidQuery(
            "This is not a query.",
            remedy=f"After its prefixes, a query begins with {forms}.",
        )
    return analysis


def ensure_analysed(
    query: str | QueryAnalysis, services: Collection[str]
) -> QueryAnalysis:
    """Return the analysis of a query, checking that it calls only these endpoints.

    Raises:
        InvalidQuery: it is not a query, or it does what queries must not do here.
    """
    if isinstance(query, str):
        return analyse_query(query, services)
    if query.service_endpoints.issubset(services):
        return query
    return analyse_query(query.text, services)  # raises, with the place of the call


def analyse_update(text: str) -> QueryAnalysis:
    """Analyse an update.

    Raises:
        InvalidQuery: it is a query, or it does what updates must not do here.
    """
    analysis = _analyse(text, is_update=True)
    if analysis.form in _QUERY_FORMS:
        raise InvalidQuery(
            "This is a query, not an update.", remedy="Send it as a query."
        )
    return analysis


def _analyse(
    text: str, services: Collection[str] = (), *, is_update: bool = False
) -> QueryAnalysis:
    """Analyse a text and refuse the keywords, sizes and prefixes that may not occur."""
    tokens = tuple(tokenize(text))
    is_deterministic = True
    endpoints: set[str] = set()
    for reading in _token_readings(text, tokens):
        endpoints.update(_find_services(text, reading, services))
        is_deterministic = is_deterministic and not any(
            map(_is_nondeterministic, reading)
        )
        if is_update:
            _refuse_load(text, reading)
    _check_size(text, tokens)
    refuse_ambiguous_tokens(text, tokens)
    prefixes, base, body = parse_prologue(tokens)
    check_prefixes(text, body, prefixes)
    refuse_ambiguous_names(text, body, prefixes)
    graphs = list(_find_dataset_clauses(body, prefixes, base))
    return QueryAnalysis(
        text,
        tokens,
        form=body[0].text if body else "",
        default_graphs=tuple(iri for keyword, iri in graphs if keyword == "FROM"),
        named_graphs=tuple(iri for keyword, iri in graphs if keyword == "NAMED"),
        selects_all="*" in [token.text for token in body[1:3]],
        group_starts=tuple(t.start + 1 for t in body if t.text == "{" and not t.depth),
        is_deterministic=is_deterministic and not endpoints,
        service_endpoints=frozenset(endpoints),
        prefixes=prefixes or PREFIXES,
    )


def _token_readings(text: str, tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the tokens as written, and as engines see them that unescape first."""
    yield tokens
    unescaped = unescape_codepoints(text)
    if unescaped != text:
        yield tokenize(unescaped)


def _is_nondeterministic(token: Token) -> bool:
    """Return whether some engine could read a function such as RAND in the token."""
    return any(map(token.may_contain, _NONDETERMINISTIC))


def _find_services(
    text: str, tokens: Sequence[Token], services: Collection[str]
) -> Iterator[str]:
    """Yield the endpoints that SERVICE calls, all of which must be allowed."""
    prologue = cache(lambda: parse_prologue(tokens)[:2])  # needed seldom
    for index, token in enumerate(tokens):
        if not token.may_contain("SERVICE"):
            continue
        after = tokens[index + 1 : index + 3]
        opens_group = bool(after) and after[0].text == "{"
        if token.kind == "word" or opens_group:
            endpoint = _service_iri(token, after, prologue) if services else None
            if endpoint is None or endpoint not in services:
                raise _forbidden_service(text, token, services)
            yield endpoint


def _service_iri(
    token: Token,
    after: Sequence[Token],
    prologue: Callable[[], tuple[dict[str, str], str]],
) -> str | None:
    """Return the IRI after SERVICE (Federated Query §2); None for a variable."""
    if after and after[0].text == "SILENT":
        after = after[1:]
    if token.text != "SERVICE" or not after or after[0].kind not in ("iri", "name"):
        return None
    prefixes, base = prologue()
    if after[0].kind == "name" and after[0].prefix not in prefixes:
        return None
    return resolve_token(after[0], prefixes, base)


def _forbidden_service(
    text: str, token: Token, services: Collection[str]
) -> InvalidQuery:
    if not services:
        remedy = "Send that part of the query to the other endpoint."
        return _forbidden_keyword(text, token, "SERVICE", remedy)
    return invalid_query_at(
        *(text, token.start),
        "SERVICE is not allowed except with the IRI of a known endpoint.",
        remedy=f"Write one of: {', '.join(f'<{iri}>' for iri in sorted(services))}.",
    )


def _refuse_load(text: str, tokens: Sequence[Token]) -> None:
    """Refuse LOAD, which can only begin an operation of an update."""
    for before, token in zip([None, *tokens], tokens, strict=False):
        declares = before is not None and before.text == "PREFIX"
        if token.may_contain("LOAD") and token.depth == 0 and not declares:
            remedy = "Insert the triples themselves."
            raise _forbidden_keyword(text, token, "LOAD", remedy)


def _forbidden_keyword(
    text: str, token: Token, keyword: str, remedy: str
) -> InvalidQuery:
    message = f"{keyword} is not allowed: this server does not call others."
    return invalid_query_at(text, token.start, message, remedy=remedy)


def _check_size(text: str, tokens: Sequence[Token]) -> None:
    """Refuse nesting and chains so long that a recursive parser would crash."""
    parts, flat_depth = 0, -1
    opened = [""]
    for token in tokens:
        opened[token.depth + 1 :] = [token.text]
        if token.depth > MAX_DEPTH:
            message = f"the query is nested more than {MAX_DEPTH} levels deep."
            raise invalid_query_at(text, token.start, message, remedy=_SPLIT_QUERY)
        if flat_depth < 0 and token.text in _FLAT_KEYWORDS:
            flat_depth = token.depth
        elif token.text == "}" and token.depth == flat_depth:
            flat_depth = -1
        is_list = token.text == "," and opened[token.depth] != "("
        parts += flat_depth < 0 and (token.text in _PARTS or is_list)
        if parts > MAX_PARTS:
            message = f"the query has more than {MAX_PARTS} parts."
            raise invalid_query_at(text, token.start, message, remedy=_SPLIT_QUERY)


def parse_prologue(
    tokens: Sequence[Token],
) -> tuple[dict[str, str], str, Sequence[Token]]:
    """Return the prefixes and base that a text declares, and the tokens after them."""
    prefixes: dict[str, str] = {}
    base, index = BASE, 0
    while index < len(tokens):
        word, following = tokens[index].text, tokens[index + 1 : index + 3]
        kinds = [token.kind for token in following]
        if word == "BASE" and kinds[:1] == ["iri"]:
            base, index = _resolve_iri(base, following[0]), index + 2
        elif word == "PREFIX" and kinds == ["name", "iri"]:
            prefixes[following[0].prefix] = _resolve_iri(base, following[1])
            index += 3
        elif word == "VERSION" and kinds[:1] == ["string"]:  # SPARQL 1.2
            index += 2
        else:
            break
    return prefixes, base, tokens[index:]


def check_prefixes(text: str, body: Sequence[Token], prefixes: dict[str, str]) -> None:
    """Refuse an undeclared prefix, for which the messages of engines are obscure."""
    later = {b.prefix for a, b in pairwise(body) if a.text == "PREFIX"}
    declared = {*prefixes, *later}
    for token in body:
        if token.kind == "name" and token.prefix not in declared:
            prefix, namespace = token.prefix, PREFIXES.get(token.prefix, "…")
            message = f"the prefix {prefix}: is not declared."
            remedy = f"Begin with: PREFIX {prefix}: <{namespace}>"
            raise invalid_query_at(text, token.start, message, remedy=remedy)


def _find_dataset_clauses(
    body: Sequence[Token], prefixes: dict[str, str], base: str
) -> Iterator[tuple[str, str]]:
    """Yield FROM or NAMED with the graph that follows (SPARQL 1.1 Query §13.2)."""
    for before, token in pairwise(body):
        is_graph = token.kind in ("iri", "name") and before.depth == 0
        if is_graph and before.text in ("FROM", "NAMED"):
            yield before.text, resolve_token(token, prefixes, base)


def resolve_token(token: Token, prefixes: dict[str, str], base: str) -> str:
    """Return the IRI of an IRI token or a prefixed name."""
    if token.kind == "iri":
        return _resolve_iri(base, token)
    return prefixes[token.prefix] + token.local_name


def _resolve_iri(base: str, token: Token) -> str:
    """Return the absolute IRI of an IRI in angle brackets (RFC 3986 §5.2).

    The engine does it; an absolute one without dots in its path needs no resolution.
    """
    iri = unescape_codepoints(token.text[1:-1])
    if _ABSOLUTE.match(iri):
        return iri
    try:
        return resolve_iri(base, iri)
    except ValueError:
        what = "IRI" if is_iri(base) else "base IRI"
        value = iri if is_iri(base) else base
        raise InvalidQuery(
            f"Not a valid {what}: {value}.", remedy="Correct the IRI."
        ) from None
