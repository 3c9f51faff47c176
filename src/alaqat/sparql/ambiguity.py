"""Refusal of texts that an engine could read in another way than our tokens.

Oxigraph parses letters, not tokens: it takes GRAPHa:b for a keyword and a name, and
after a name that is no valid IRI it tries again with less of the text. What a text does
is decided on its tokens, so whatever could be read twice is refused, with the place.
What the grammar of SPARQL allows and people write is never of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

from alaqat.errors import InvalidQuery
from alaqat.rdf.iris import is_iri
from alaqat.sparql.lexer import KEYWORDS, Token, invalid_query_at
from alaqat.sparql.terminals import MORE_OF_LOCAL, NUMBER

# After these an IRI may follow, so that an engine can find them before a prefix. The
# others are never tried where a name could stand.
_BEFORE_NAMES = (
    *("ADD", "BY", "COPY", "DESCRIBE", "DISTINCT", "FILTER", "FROM", "GRAPH", "HAVING"),
    *("INTO", "LOAD", "MOVE", "NAMED", "SERVICE", "SILENT", "TO", "USING", "WITH"),
)
_MAX_WORD = 100  # longer than any keyword, or two of them
_FILLER = re.compile(r"[-.·0-9]+")
_ODD_ESCAPE = re.compile(r"\\[uU]\+")
_NO_IRI = "this < neither begins an IRI nor compares."
_WRITE_IRI = (
    "An IRI ends with > and has no spaces, quotes or braces in it; comparisons stand "
    "in brackets: FILTER (?a < ?b)."
)


def refuse_ambiguous_tokens(text: str, tokens: Sequence[Token]) -> None:
    """Refuse tokens that begin or end elsewhere for some engine.

    Raises:
        InvalidQuery: there is one, or a character that is none.
    """
    if not _is_unicode(text):
        raise InvalidQuery(
            "The text has half of a surrogate pair.", remedy="Send it in UTF-8."
        )
    for token in tokens:
        match token.kind:
            case "stray":
                raise invalid_query_at(text, token.start, _NO_IRI, remedy=_WRITE_IRI)
            case "iri" if _ODD_ESCAPE.search(token.text):
                message = f"{token.text} has an escape that is none."
                remedy = "Write \\u and four hexadecimal digits."
                raise invalid_query_at(text, token.start, message, remedy=remedy)
            case "word" if token.text not in KEYWORDS and _is_chain(token.text):
                message = f"{token.text:.40} is not a keyword."
                remedy = "Put a space between two keywords, and before a number."
                raise invalid_query_at(text, token.start, message, remedy=remedy)
            case "number" if _is_full_stop_read_twice(text, token):
                message = f"the full stop in {token.text} can be read in two ways."
                remedy = "Put a space after a full stop that ends a triple."
                raise invalid_query_at(text, token.start, message, remedy=remedy)
            case "name" if MORE_OF_LOCAL.match(text, token.start + len(token.text)):
                message = f"not all engines read on after {token.text}."
                remedy = "Write the full IRI, or \\. for a full stop in a name."
                raise invalid_query_at(text, token.start, message, remedy=remedy)


def refuse_ambiguous_names(
    text: str, tokens: Sequence[Token], namespaces: Mapping[str, str]
) -> None:
    """Refuse prefixed names that are not valid IRIs, or begin with a keyword.

    Args:
        text: with the tokens.
        tokens: after the prologue.
        namespaces: by the prefixes that the prologue declares.

    Raises:
        InvalidQuery: there is one.
    """
    if tokens and tokens[0].kind == "name":  # PREFIXa: declares a prefix for some
        message = f"{tokens[0].text:.40} is not allowed here."
        remedy = "Put a space after PREFIX."
        raise invalid_query_at(text, tokens[0].start, message, remedy=remedy)
    may_be_split = cache(lambda prefix: _may_be_split(prefix, namespaces))
    checked: set[str] = set()
    for before, token in pairwise([Token("sign", "", 0, 0), *tokens]):
        if token.kind != "name" or token.text in checked:
            continue
        if may_be_split(token.prefix):
            message = f"{token.text} can be read as a keyword and a name."
            remedy = "Choose another prefix, or write the full IRI."
            raise invalid_query_at(text, token.start, message, remedy=remedy)
        if token.prefix in namespaces and before.text != "PREFIX":
            _check_iri(text, token, namespaces[token.prefix])
        checked.add(token.text)


def _check_iri(text: str, token: Token, namespace: str) -> None:
    """Refuse a name whose IRI is not valid: Oxigraph then reads only its prefix."""
    iri = namespace + token.local_name
    if not is_iri(iri):
        message = f"{token.text} stands for {iri}, which is not a valid IRI."
        remedy = "Correct the name, or the IRI of its prefix."
        raise invalid_query_at(text, token.start, message, remedy=remedy)


def _may_be_split(prefix: str, namespaces: Mapping[str, str]) -> bool:
    """Return whether a prefix is keywords and the rest of it a declared prefix."""
    for rest in namespaces:
        if len(rest) < len(prefix) and prefix.endswith(rest):
            head = _FILLER.sub("", prefix[: len(prefix) - len(rest)].upper())
            if head.endswith(_BEFORE_NAMES) and _is_chain(head):
                return True
    return False


def _is_chain(word: str) -> bool:
    """Return whether a word begins with keywords up to a number or its end."""
    if len(word) > _MAX_WORD:
        return True
    starts = {0}  # offsets at which a keyword may begin
    for end in range(1, len(word) + 1):
        if any(word[start:end] in KEYWORDS for start in starts):
            if end == len(word) or word[end].isdigit():
                return True
            starts.add(end)
    return False


def _is_full_stop_read_twice(text: str, token: Token) -> bool:
    """Return whether a number ends elsewhere if the full stop before it ends a triple.

    So is .5.5 a full stop and 5.5, or .5 twice.
    """
    if not token.text.startswith("."):
        return False
    rest = NUMBER.match(text, token.start + 1)
    return rest is None or rest.end() != token.start + len(token.text)


def _is_unicode(text: str) -> bool:
    """Return whether a text has no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
