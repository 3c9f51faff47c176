"""Dataset clauses: the graphs that a query or an update reads.

The request's choice (SPARQL 1.1 Protocol §2.1.4, §2.2.3) wins over FROM and USING;
without either, the store's default dataset is read. No engine takes a dataset for an
update beside its text, so the request's graphs are inserted into it as the USING
clauses that the protocol equates them with. The text is split by its tokens, and a
token that the grammar does not allow is refused, so it cannot be read in another way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rdflib import URIRef

from alaqat.errors import InvalidData, InvalidQuery
from alaqat.rdf.terms import to_oxigraph
from alaqat.sparql.analysis import QueryAnalysis
from alaqat.sparql.lexer import KEYWORDS_BY_PURPOSE, Token, invalid_query_at
from alaqat.terms import STORE_DEFAULT_GRAPH, is_default_graph

# What may occur outside all brackets of an update (SPARQL 1.1 Query §19.8).
_PROLOGUE = KEYWORDS_BY_PURPOSE["prologue"]
_UPDATES = KEYWORDS_BY_PURPOSE["updates"]
_KEYWORDS = {*_PROLOGUE, *_UPDATES, "GRAPH", "NAMED", "SILENT", "WHERE"}
_SIGNS = frozenset("{};")
_DATASET_KEYWORDS = ("USING", "WITH")


@dataclass(frozen=True)
class DatasetSelection:
    """The dataset of one query (SPARQL 1.1 Query §13).

    Attributes:
        default: the graphs merged into the default graph, each once; None is the
            store's own default graph.
        named: the graphs that GRAPH reaches.
    """

    default: tuple[URIRef | None, ...]
    named: tuple[URIRef, ...]


def select_dataset(
    analysis: QueryAnalysis, default_graphs: Sequence[str], named_graphs: Sequence[str]
) -> DatasetSelection | None:
    """Return the dataset that the request or else the query selects; None if neither.

    Args:
        analysis: of the query.
        default_graphs: default-graph-uri of the request (SPARQL 1.1 Protocol §2.1.4).
        named_graphs: named-graph-uri of the request.
    """
    for default, named in (
        (default_graphs, named_graphs),
        (analysis.default_graphs, analysis.named_graphs),
    ):
        if default or named:
            return DatasetSelection(_default_graphs(default), _distinct_iris(named))
    return None


def default_dataset(graphs: Sequence[URIRef]) -> DatasetSelection:
    """Return the dataset of a query that selects none.

    Args:
        graphs: all graphs of the store.
    """
    default = (
        name
        for name in graphs
        if is_default_graph(name) and name != STORE_DEFAULT_GRAPH
    )
    return DatasetSelection((None, *default), tuple(graphs))


def _distinct_iris(names: Sequence[str]) -> tuple[URIRef, ...]:
    return tuple(graph_iri(name) for name in dict.fromkeys(names))


def _default_graphs(names: Sequence[str]) -> tuple[URIRef | None, ...]:
    """Return the distinct IRIs, with None for the store's own default graph."""
    return tuple(
        None if name == STORE_DEFAULT_GRAPH else name for name in _distinct_iris(names)
    )


def graph_iri(name: str) -> URIRef:
    """Return the name of a graph as an IRI.

    Raises:
        InvalidQuery: it is not an absolute IRI.
    """
    try:
        to_oxigraph(URIRef(name))
    except InvalidData:
        raise InvalidQuery(
            f"Not an absolute IRI: {name}.", remedy="Name graphs by their full IRI."
        ) from None
    return URIRef(name)


def apply_using_clauses(
    analysis: QueryAnalysis, default_graphs: Sequence[str], named_graphs: Sequence[str]
) -> str:
    """Return the text of an update whose WHERE reads the graphs of a request.

    Args:
        analysis: of the update.
        default_graphs: using-graph-uri of the request (SPARQL 1.1 Protocol §2.2.3).
        named_graphs: using-named-graph-uri of the request.

    Raises:
        InvalidQuery: the text selects graphs too, or a graph is not an absolute IRI.
    """
    text = analysis.text
    default = (f"USING <{name}> " for name in _distinct_iris(default_graphs))
    named = (f"USING NAMED <{name}> " for name in _distinct_iris(named_graphs))
    clauses = "".join((*default, *named))
    top_level = [token for token in analysis.tokens if token.depth == 0]
    for token in top_level:
        _check_token(text, token)
    pieces, end = [], 0
    for operation in _split_operations(top_level):
        for offset, template in _find_where(text, operation):
            pieces += [text[end:offset], template, clauses]
            end = offset
    return "".join((*pieces, text[end:]))


def _check_token(text: str, token: Token) -> None:
    """Refuse a dataset clause, and what the grammar does not allow at top level."""
    if token.text in _DATASET_KEYWORDS:
        message = f"the request selects the graphs, and so does {token.text}."
        remedy = "Remove one of the two."
        raise invalid_query_at(text, token.start, message, remedy=remedy)
    allowed = {"word": _KEYWORDS, "sign": _SIGNS}.get(token.kind, {token.text})
    if token.text not in allowed or token.kind not in ("word", "sign", "name", "iri"):
        message = f"{token.text} is not allowed here."
        remedy = "Correct the update there."
        raise invalid_query_at(text, token.start, message, remedy=remedy)


def _split_operations(top_level: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the top-level tokens of each operation, without its prologue."""
    operation: list[Token] = []
    for token in top_level:
        if token.text == ";":
            yield operation
            operation = []
        elif token.kind in ("word", "sign") and token.text not in _PROLOGUE:
            operation.append(token)
    yield operation


def _find_where(text: str, operation: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield the offset of WHERE, and the template to insert there if it is implied."""
    words = [token.text for token in operation]
    if words[:1] not in (["INSERT"], ["DELETE"]) or "WHERE" not in words:
        return
    where, template = words.index("WHERE"), ""
    if where == 1:  # DELETE WHERE { … } stands for DELETE { … } WHERE { … }
        block = operation[where + 1 :]
        template = text[block[0].start : block[-1].start + 1] + " " if block else ""
    yield operation[where].start, template
