"""The graphs that a request chooses for an update (SPARQL 1.1 Protocol §2.2.3).

No engine takes them beside the text, so they are written into it, as the clauses that
the protocol says they mean. The text is cut by its tokens, and one with anything in it
that the grammar does not have is refused, so nothing can be read otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alaqat.store.changes import Update
from alaqat.store.interface import graph_iri
from alaqat.store.keywords import BY_PURPOSE
from alaqat.store.outline import outline_update
from alaqat.store.tokens import Token, fault, tokenize

# What stands outside of all brackets in an update (SPARQL 1.1 Query §19.8).
_PROLOGUE = BY_PURPOSE["prologue"]
_WORDS = {*_PROLOGUE, *BY_PURPOSE["updates"], "GRAPH", "NAMED", "SILENT", "WHERE"}
_SIGNS = frozenset("{};")
_CHOOSING = ("USING", "WITH")
_Insertion = tuple[int, str]


def choose_graphs(update: Update) -> str:
    """The text of an update with the graphs that the request chose for its WHERE.

    Raises:
        InvalidQuery: the text chooses graphs too, or what is chosen is no IRI.
    """
    text = update.text
    outline_update(text)
    if not update.using_graphs and not update.using_named_graphs:
        return text
    clauses = _clauses(update)
    outside = [token for token in tokenize(text) if token.depth == 0]
    for token in outside:
        _check(text, token)
    pieces, end = [], 0
    for operation in _operations(outside):
        for place, template in _pattern(text, operation):
            pieces += [text[end:place], template, clauses]
            end = place
    return "".join((*pieces, text[end:]))


def _clauses(update: Update) -> str:
    """The clauses for the graphs, each named once."""
    plain = (f"USING <{graph_iri(name)}> " for name in _once(update.using_graphs))
    named = _once(update.using_named_graphs)
    return "".join((*plain, *(f"USING NAMED <{graph_iri(name)}> " for name in named)))


def _once(names: Sequence[str]) -> Iterator[str]:
    """Every name once."""
    return iter(dict.fromkeys(names))


def _check(text: str, token: Token) -> None:
    """Refuse what chooses graphs, or cannot stand where it does."""
    if token.text in _CHOOSING:
        message = f"the request chooses the graphs, and {token.text} does too."
        raise fault(text, token.start, message, remedy="Leave one of the two away.")
    known = {"word": _WORDS, "sign": _SIGNS}.get(token.kind, {token.text})
    if token.text not in known or token.kind not in ("word", "sign", "name", "iri"):
        message = f"{token.text} cannot stand here."
        raise fault(text, token.start, message, remedy="Correct the update there.")


def _operations(outside: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens outside of brackets of each operation, without its prologue."""
    operation: list[Token] = []
    for token in outside:
        if token.text == ";":
            yield operation
            operation = []
        elif token.kind in ("word", "sign") and token.text not in _PROLOGUE:
            operation.append(token)
    yield operation


def _pattern(text: str, operation: Sequence[Token]) -> Iterator[_Insertion]:
    """Where the pattern of an operation begins, and the template it also is."""
    words = [token.text for token in operation]
    if words[:1] not in (["INSERT"], ["DELETE"]) or "WHERE" not in words:
        return
    where, template = words.index("WHERE"), ""
    if where == 1:  # DELETE WHERE { … } stands for DELETE { … } WHERE { … }
        block = operation[where + 1 :]
        template = text[block[0].start : block[-1].start + 1] + " " if block else ""
    yield operation[where].start, template
