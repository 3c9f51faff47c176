"""Dataset clauses: the graphs that a query or an update reads.

They are those that the request chooses (SPARQL 1.1 Protocol §2.1.4, §2.2.3), else those
of FROM or USING, else the usual ones. For an update no engine takes graphs beside the
text, so they are written into it, as the clauses that the protocol says they mean. The
text is cut by its tokens, and one with anything in it that the grammar does not have is
refused, so nothing can be read otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rdflib import URIRef

from alaqat.errors import InvalidData, InvalidQuery
from alaqat.rdf.terms import to_oxigraph
from alaqat.sparql.analysis import QueryAnalysis
from alaqat.sparql.lexer import (
    BY_PURPOSE,
    Token,
    fault,
)
from alaqat.terms import STORE_DEFAULT_GRAPH, is_default_graph

# What stands outside of all brackets in an update (SPARQL 1.1 Query §19.8).
_PROLOGUE = BY_PURPOSE["prologue"]
_WORDS = {*_PROLOGUE, *BY_PURPOSE["updates"], "GRAPH", "NAMED", "SILENT", "WHERE"}
_SIGNS = frozenset("{};")
_CHOOSING = ("USING", "WITH")
_Insertion = tuple[int, str]


@dataclass(frozen=True)
class DatasetSelection:
    """The dataset of one query (SPARQL 1.1 Query §13).

    Attributes:
        default: the graphs whose triples make up the default graph, each named once;
            None is the store's own default graph.
        named: the graphs that GRAPH reaches.
    """

    default: tuple[URIRef | None, ...]
    named: tuple[URIRef, ...]


def select_dataset(
    outline: QueryAnalysis, default_graphs: Sequence[str], named_graphs: Sequence[str]
) -> DatasetSelection | None:
    """Return the graphs that a query reads; None if neither it nor its request chooses.

    Those of the request come first (SPARQL 1.1 Protocol §2.1.4), then those the query
    names.

    Args:
        outline: of the query.
        default_graphs: named by the request for the default graph.
        named_graphs: named by the request for GRAPH.
    """
    for default, named in (
        (default_graphs, named_graphs),
        (outline.default, outline.named),
    ):
        if default or named:
            return DatasetSelection(_default(default), _distinct(named))
    return None


def default_dataset(graphs: Sequence[URIRef]) -> DatasetSelection:
    """Return the graphs of a query that names none, and was asked with none.

    Args:
        graphs: all that the store has.
    """
    default = (
        name
        for name in graphs
        if is_default_graph(name) and name != STORE_DEFAULT_GRAPH
    )
    return DatasetSelection((None, *default), tuple(graphs))


def _distinct(names: Sequence[str]) -> tuple[URIRef, ...]:
    """The names, each once, in their order."""
    return tuple(graph_iri(name) for name in dict.fromkeys(names))


def _default(names: Sequence[str]) -> tuple[URIRef | None, ...]:
    """The graphs of a default graph; the store's own has a name for this alone."""
    return tuple(
        None if name == STORE_DEFAULT_GRAPH else name for name in _distinct(names)
    )


def graph_iri(name: str) -> URIRef:
    """The name of a graph, if it is an absolute IRI."""
    try:
        to_oxigraph(URIRef(name))
    except InvalidData:
        raise InvalidQuery(
            f"{name} is no absolute IRI.", remedy="Name graphs by their whole IRI."
        ) from None
    return URIRef(name)


def apply_using_clauses(
    outline: QueryAnalysis, default_graphs: Sequence[str], named_graphs: Sequence[str]
) -> str:
    """Return the text of an update whose WHERE reads the graphs of a request.

    Args:
        outline: of the update.
        default_graphs: named by the request for the default graph.
        named_graphs: named by the request for GRAPH.

    Raises:
        InvalidQuery: the text chooses graphs too, or what is chosen is no IRI.
    """
    text = outline.text
    plain = (f"USING <{name}> " for name in _distinct(default_graphs))
    named = (f"USING NAMED <{name}> " for name in _distinct(named_graphs))
    clauses = "".join((*plain, *named))
    outside = [token for token in outline.tokens if token.depth == 0]
    for token in outside:
        _check(text, token)
    pieces, end = [], 0
    for operation in _operations(outside):
        for place, template in _pattern(text, operation):
            pieces += [text[end:place], template, clauses]
            end = place
    return "".join((*pieces, text[end:]))


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
