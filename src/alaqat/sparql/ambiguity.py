"""Refusal of texts that an engine could read in another way than our tokens.

Oxigraph parses letters, not tokens: it takes GRAPHa:b for a keyword and a name, and
after a name that is no valid IRI it tries again with less of the text. What a text does
is decided on its tokens, so whatever could be read twice is refused, with the place.
What the grammar of SPARQL allows and people write is never of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
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
_WRITE_IRI = (
    "An IRI ends with > and has no spaces, quotes or braces in it; comparisons stand "
    "in brackets: FILTER (?a < ?b)."
)
_NO_STRING = "this quote begins no string."
_Fault = tuple[str, str] | None  # message and remedy


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
        if token.kind in _FAULTS and (fault := _FAULTS[token.kind](text, token)):
            message, remedy = fault
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


def _fault_of_stray(_text: str, _token: Token) -> _Fault:
    return "this < neither begins an IRI nor compares.", _WRITE_IRI


def _fault_of_quote(text: str, token: Token) -> _Fault:
    """Refuse a quote that begins no string.

    Two of three quotes are an empty string if no long string begins with them.
    """
    quote = token.text[0]
    is_open = len(token.text) == 2 and text.startswith(quote, token.start + 2)
    if quote in "\"'" and (token.kind == "sign" or is_open):
        return _NO_STRING, "Close the string, and write \\\\ for a backslash in it."
    return None


def _fault_of_iri(_text: str, token: Token) -> _Fault:
    """Refuse an escape with a sign, which Oxigraph takes."""
    if _ODD_ESCAPE.search(token.text):
        message = f"{token.text} has an escape that is none."
        return message, "Write \\u and four hexadecimal digits."
    return None


def _fault_of_word(_text: str, token: Token) -> _Fault:
    """Refuse keywords without space between them."""
    if token.text not in KEYWORDS and _is_chain(token.text):
        message = f"{token.text:.40} is not a keyword."
        return message, "Put a space between two keywords, and before a number."
    return None


def _fault_of_number(text: str, token: Token) -> _Fault:
    """Refuse a number that ends elsewhere if its full stop ends a triple.

    So is .5.5 a full stop and 5.5, or .5 twice.
    """
    rest = NUMBER.match(text, token.start + 1)
    ends_alike = rest is not None and rest.end() == token.start + len(token.text)
    if token.text.startswith(".") and not ends_alike:
        message = f"the full stop in {token.text} can be read in two ways."
        return message, "Put a space after a full stop that ends a triple."
    return None


def _fault_of_name(text: str, token: Token) -> _Fault:
    """Refuse a local name with more than one full stop, of which Oxigraph reads one."""
    if MORE_OF_LOCAL.match(text, token.start + len(token.text)):
        message = f"not all engines read on after {token.text}."
        return message, "Write the full IRI, or \\. for a full stop in a name."
    return None


_FAULTS: Mapping[str, Callable[[str, Token], _Fault]] = {
    "stray": _fault_of_stray,
    "sign": _fault_of_quote,
    "string": _fault_of_quote,
    "iri": _fault_of_iri,
    "word": _fault_of_word,
    "number": _fault_of_number,
    "name": _fault_of_name,
}


def _is_unicode(text: str) -> bool:
    """Return whether a text has no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
