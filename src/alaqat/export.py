"""Files of the whole dataset or of one graph, with nothing lost and in one order."""

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
) -> None:
    """Write the dataset, or one graph of it; the same content gives the same bytes.

    Args:
        store: holds what is written; what it has lost cannot be written.
        out: written to from where it stands.
        form: must be able to hold several graphs if all are written.
        graph: the one to write; all if None.

    Raises:
        UnknownGraph: the store has no such graph.
        UnsupportedFormat: the format cannot hold what is asked for.
    """
    if graph is None:
        _require(form, "dataset")
        write_dataset(read_graphs(store), out, form)
    elif "graph" in form.kinds:
        write_graph(store.read(graph), out, form)
    else:
        _require(form, "dataset")
        write_dataset({graph: store.read(graph)}, out, form)


def export_file(
    store: Store, path: Path, form: Format, graph: URIRef | None = None
) -> None:
    """Write a file that is there whole or, after a failure, not at all.

    Raises:
        UnknownGraph: the store has no such graph.
        UnsupportedFormat: the format cannot hold what is asked for.
        CannotWrite: the file cannot be written.
    """
    with atomic_file(path) as out:
        export(store, out, form, graph)


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that is there whole or not at all.

    Raises:
        CannotWrite: the folder cannot be written, or the disk is full.
    """
    try:
        with _whole(path) as out:
            yield out
    except OSError as error:
        full = error.errno == errno.ENOSPC
        raise CannotWrite(
            f"The file cannot be written: {error.strerror or error}.",
            path=path,
            remedy="Make room there, or give a file elsewhere."
            if full
            else "Give a file in a folder that exists and may be written.",
        ) from error


def find_graph(store: Store, name: str) -> URIRef:
    """The graph with this IRI, or with this name after ``graph/``.

    Raises:
        UnknownGraph: there is none; the message tells those that there are.
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
    """The graph that ``find_graph`` finds, or a new one; None is the default graph.

    Raises:
        UnknownGraph: the store has none of that name, and it is no whole IRI.
    """
    whole = _GRAPHS + name[6:] if name.startswith("graph:") else name
    if STORE_DEFAULT_GRAPH in (URIRef(whole), URIRef(_GRAPHS + name)):
        return None
    try:
        return find_graph(store, name)
    except UnknownGraph as error:
        try:
            return graph_iri(whole)
        except InvalidQuery:
            error.remedy = f"{error.remedy} Name a new one by its whole IRI."
            raise error from None


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when all is written; a pipe or device as it is."""
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            yield out
        return
    path = path.resolve()
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as out:
            yield out
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _require(form: Format, kind: str) -> None:
    """Refuse a format that holds only one graph for a whole dataset."""
    if kind not in form.kinds:
        names = ", ".join(row.name for row in formats_for("dataset"))
        raise UnsupportedFormat(
            f"{form.title} cannot hold several graphs.",
            remedy=f"Name one with --graph, or take one of: {names}.",
        )
