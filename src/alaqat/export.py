"""Export of the dataset or one graph to files: lossless, sorted, written atomically."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rdflib import URIRef

from alaqat.errors import (
    CannotWrite,
    InvalidQuery,
    UnknownGraph,
    UnsupportedFormat,
)
from alaqat.rdf.formats import Format, formats_for
from alaqat.rdf.writing import write_dataset, write_graph
from alaqat.sparql.dataset_clauses import graph_iri
from alaqat.store.interface import Store, read_graphs
from alaqat.terms import PREFIXES, STORE_DEFAULT_GRAPH

_GRAPHS = PREFIXES["graph"]


def export(
    store: Store, out: IO[bytes], form: Format, graph: URIRef | None = None
) -> bool:
    """Write the dataset or one graph of it; equal content gives equal bytes.

    Return whether the blank nodes have canonical labels; if not, because too many look
    alike, equal content gives equal bytes only with equal labels.

    Args:
        store: the store to export.
        out: written from its current position.
        form: must support named graphs if all graphs are written.
        graph: the graph to write; all if None.

    Raises:
        UnknownGraph: the store has no such graph.
        UnsupportedFormat: the format cannot express the content.
    """
    if graph is None:
        _require_dataset_format(form)
        return write_dataset(read_graphs(store), out, form)
    if "graph" in form.kinds:
        return write_graph(store.read(graph), out, form)
    _require_dataset_format(form)
    return write_dataset({graph: store.read(graph)}, out, form)


def export_file(
    store: Store, path: Path, form: Format, graph: URIRef | None = None
) -> bool:
    """Write the dataset or one graph to a file, atomically; return what export does.

    Raises:
        UnknownGraph: the store has no such graph.
        UnsupportedFormat: the format cannot express the content.
        CannotWrite: the file cannot be written.
    """
    with atomic_file(path) as out:
        return export(store, out, form, graph)


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that appears whole, or not at all after a failure.

    Raises:
        CannotWrite: the folder cannot be written, or the disk is full.
    """
    try:
        with _replaced_at_end(path) as out:
            yield out
    except OSError as error:
        full = error.errno == errno.ENOSPC
        raise CannotWrite(
            f"The file cannot be written: {error.strerror or error}.",
            path=path,
            remedy="Free some space, or choose a file on another disk."
            if full
            else "Choose a file in a folder that exists and is writable.",
        ) from error


def find_graph(store: Store, name: str) -> URIRef:
    """Return the graph with an IRI, or with a name after ``graph/`` in it.

    Raises:
        UnknownGraph: there is none; the remedy lists all graphs.
    """
    short = {str(graph).removeprefix(_GRAPHS): graph for graph in store.graphs()}
    found = short.get(name.removeprefix("graph:").removeprefix(_GRAPHS))
    if found is None:
        raise UnknownGraph(
            f"No graph is named {name}.",
            remedy=f"Graphs are: {', '.join(sorted(short))}.",
        )
    return found


def target_graph(store: Store, name: str) -> URIRef | None:
    """Return the graph of a name as `find_graph` does, or a new one for an IRI.

    None is the store's default graph.

    Raises:
        UnknownGraph: the store has no such graph, and the name is not an absolute IRI.
    """
    iri = _GRAPHS + name[6:] if name.startswith("graph:") else name
    if STORE_DEFAULT_GRAPH in (URIRef(iri), URIRef(_GRAPHS + name)):
        return None
    try:
        return find_graph(store, name)
    except UnknownGraph as error:
        try:
            return graph_iri(iri)
        except InvalidQuery:
            error.remedy = f"{error.remedy} Name a new one by its absolute IRI."
            raise error from None


@contextmanager
def _replaced_at_end(path: Path) -> Iterator[IO[bytes]]:
    """Write to a temporary file and rename it; write to pipes and devices directly."""
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            yield out
        return
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as out:
            yield out
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _require_dataset_format(form: Format) -> None:
    if "dataset" not in form.kinds:
        names = ", ".join(row.name for row in formats_for("dataset"))
        raise UnsupportedFormat(
            f"{form.title} cannot hold several graphs.",
            remedy=f"Choose a graph with --graph, or one of the formats {names}.",
        )
