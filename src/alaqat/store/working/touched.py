"""Which graphs an update may touch, seen in its text, so that only they are compared.

What is told here is never too little: every IRI that the text names may be a graph.
Where that cannot be seen in the text, it is said so, and all graphs are compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from alaqat.store.outline import Outline
from alaqat.store.tokens import Token
from alaqat.store.working.contents import DEFAULT

_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:(?!.*/\.)")


class _UnseenError(Exception):
    """The text does not show which graphs it touches."""


def graphs_named(update: Outline) -> frozenset[str] | None:
    """The IRIs in an update, with the default graph; None if it may touch any graph."""
    if "\\u" in update.text or "\\U" in update.text:
        return None  # escapes may stand for anything, even for parts of names
    tokens = update.tokens
    try:
        _check_names_are_told(tokens)
        return frozenset((DEFAULT, *_iris(tokens)))
    except _UnseenError:
        return None


def _check_names_are_told(tokens: Sequence[Token]) -> None:
    """No graph is named by a variable, by a keyword, or from a base."""
    for before, token in pairwise([Token("sign", "", 0, 0), *tokens]):
        is_variable = token.kind == "variable" and before.may_say("GRAPH")
        if is_variable or any(map(token.may_say, ("ALL", "NAMED", "BASE"))):
            raise _UnseenError


def _iris(tokens: Sequence[Token]) -> Iterator[str]:
    """Every IRI that the tokens can stand for."""
    spaces: defaultdict[str, set[str]] = defaultdict(set)
    for before, token in pairwise(tokens):
        if before.kind == "name" and token.kind == "iri":
            spaces[before.prefix].add(token.text[1:-1])
    for token in tokens:
        if token.kind == "iri":
            if not _ABSOLUTE.match(token.text):
                raise _UnseenError
            yield token.text[1:-1]
        elif token.kind == "name":
            local = token.text.partition(":")[2].replace("\\", "")
            if local.startswith((".", "/")) or "/." in local:
                raise _UnseenError
            yield from (space + local for space in spaces[token.prefix])
