"""All graphs of a store as N-Quads, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, cast

from alaqat.formats import N_TRIPLES
from alaqat.protocol.served import Served
from alaqat.protocol.spool import Spool
from alaqat.terms import OWN_GRAPH

_END = b" .\n"


def quads(served: Served) -> Iterator[bytes]:
    """The quads: first the triples of the store's own default graph, then the rest."""
    yield from _triples(served, OWN_GRAPH)
    for name in served.store.graphs():
        graph = f" <{name}>".encode()
        for line in _triples(served, name):
            yield line.removesuffix(_END) + graph + _END


def _triples(served: Served, graph: str) -> Iterator[bytes]:
    """The triples of one graph as lines."""
    text = served.library.get("everything").text
    spool = Spool()
    answer = served.store.query(text, default_graphs=[graph])
    answer.write(cast("IO[bytes]", spool), N_TRIPLES)
    return spool.lines()
