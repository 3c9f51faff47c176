"""What can be changed in a store, as values, and who changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Update:
    """A SPARQL update (SPARQL 1.1 Protocol §2.2).

    Attributes:
        text: in SPARQL.
        using_graphs: the graphs of using-graph-uri.
        using_named_graphs: the graphs of using-named-graph-uri.
    """

    text: str
    using_graphs: Sequence[str] = ()
    using_named_graphs: Sequence[str] = ()


@dataclass(frozen=True)
class Replace:
    """Let a graph hold just these triples; None is the default graph."""

    graph: str | None
    ntriples: bytes


@dataclass(frozen=True)
class Add:
    """Add triples to a graph; None is the default graph."""

    graph: str | None
    ntriples: bytes


@dataclass(frozen=True)
class Drop:
    """Remove a graph; of the default graph, all triples."""

    graph: str | None


Change = Update | Replace | Add | Drop


@dataclass(frozen=True)
class Edited:
    """What a change came to.

    Attributes:
        version: of the dataset that now is current, and holds the change.
        is_new: whether the graph was not there before.
    """

    version: str
    is_new: bool = False


class Editor(Protocol):
    """Changes a dataset; each change wholly or not at all."""

    def edit(
        self, change: Change, *, author: str, expected: str | None = None
    ) -> Edited:
        """Carry out a change; whoever reads afterwards sees it.

        Args:
            change: what to do.
            author: who asks for it, as the record of changes tells it.
            expected: the version that must be current; None if any may be.

        Raises:
            InvalidQuery: it is no SPARQL Update, or asks for what no update may.
            InvalidData: the triples cannot be read.
            UnknownGraph: the graph to drop is not there.
            Conflict: another version is current.
            Nonconforming: the shapes do not allow what would be.
            Inconsistent: what would be contradicts the ontology.
            TooBusy: too many changes wait.
        """
