"""What follows from the graphs of a dataset, and where they contradict themselves.

All of it is derived anew after a change. That is right whatever the change, and quick
while a dataset is small; schemas, which seldom change, are closed once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib.graph import ReadOnlyGraphAggregate

from alaqat.errors import Inconsistent
from alaqat.explain.contradictions import placed
from alaqat.explain.explainer import Explainer
from alaqat.reason import infer
from alaqat.terms import INFERRED_GRAPH, is_default_graph

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rdflib import Graph, URIRef

    from alaqat.errors import Where


def infer_from(
    graphs: Mapping[URIRef, Graph], *, strict: bool = False, where: Where | None = None
) -> Graph:
    """What follows from ontology, entities and facts, but not from the text.

    Args:
        graphs: all named graphs; what they hold of earlier inferences is not read.
        strict: whether to refuse axioms that are not read in full.
        where: tells the file and line where a node is written, if it is in a file.

    Raises:
        Inconsistent: the facts contradict the ontology; told with their words.
    """
    premises = [
        graph
        for name, graph in graphs.items()
        if is_default_graph(name) and name != INFERRED_GRAPH
    ]
    try:
        return infer(ReadOnlyGraphAggregate(premises), strict=strict)
    except Inconsistent as error:
        raise placed(error, Explainer(graphs), where or _nowhere) from None


def _nowhere(_subject: str, _words: str) -> tuple[Path, int] | None:
    """The place of what was not read from a file."""
    return None
