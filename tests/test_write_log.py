"""The engine's write-ahead log tells which graphs a transaction wrote."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from alaqat.store.differences import DEFAULT_GRAPH_KEY
from alaqat.store.write_log import LogPosition, WriteLog

G, H, MISSING = "urn:x-test:g", "urn:x-test:h", "urn:x-test:missing"
NAMES = (G, H)


ATTEMPTS = 20  # while the engine works on its files, all graphs count as written


def create(folder: Path) -> ox.Store:
    """Create a store with one triple in each of three graphs."""
    folder.parent.mkdir()
    store = ox.Store(str(folder))
    term = ox.NamedNode("urn:x-test:a")
    for name in (ox.NamedNode(G), ox.NamedNode(H), ox.DefaultGraph()):
        store.add(ox.Quad(term, term, ox.Literal("1"), name))
    return store


def written_by(place: Path, *texts: str) -> frozenset[str] | None:
    """Return the graphs that the last of some updates wrote."""
    for attempt in range(ATTEMPTS):
        log = WriteLog()  # what it learns from a trial may be interrupted, too
        folder = place / f"copy-{attempt}" / "store"
        store = create(folder)
        for text in texts:
            before = LogPosition.of(folder)
            store.update(text)
            found = log.written_graphs(before, NAMES)
        if found is not None:
            return found
    return None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("INSERT DATA { GRAPH <%s> { <urn:a> <urn:b> 1 } }", {G}),
        ("INSERT DATA { <urn:a> <urn:b> 1 }", {DEFAULT_GRAPH_KEY}),
        ("INSERT DATA { <urn:a> <urn:b> <%s> }", {DEFAULT_GRAPH_KEY}),
        ("DELETE WHERE { GRAPH <%s> { ?s ?p ?o } }", {G}),
        ("DELETE WHERE { ?s ?p ?o }", {DEFAULT_GRAPH_KEY}),
        ("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", {G, H}),
        ("CLEAR GRAPH <%s>", {G}),
        ("CLEAR DEFAULT", {DEFAULT_GRAPH_KEY}),
        ("ADD <%s> TO <urn:x-test:h>", {H}),
        ("MOVE <%s> TO DEFAULT", {G, DEFAULT_GRAPH_KEY}),
        ("INSERT { GRAPH ?g { ?s ?p 'x' } } WHERE { GRAPH <%s> { ?s ?p ?o } "
         "BIND(IRI(CONCAT('urn:x-test', ':h')) AS ?g) }", {H}),
        ("INSERT { GRAPH ?g { ?s ?p ?g } } WHERE { GRAPH <%s> { ?s ?p ?o } "
         "BIND(IRI(CONCAT('urn:x-test', ':h')) AS ?g) }", {H}),
        ("CREATE SILENT GRAPH <%s>", set()),
        ("DELETE WHERE { GRAPH <%s> { ?s ?p 'other' } }", set()),
    ],
)  # fmt: skip
def test_the_graphs_that_an_update_wrote(
    tmp_path: Path, text: str, written: set[str]
) -> None:
    """They are found, and no others."""
    assert written_by(tmp_path, text.replace("%s", G)) == written


def rows(size: int, number: int = 0) -> str:
    """Return an update that inserts triples of different lengths."""
    triples = " ".join(
        f"<urn:s{n}> <urn:p{number}> '{'v' * (n + number)}' ." for n in range(size)
    )
    return f"INSERT DATA {{ GRAPH <{H}> {{ {triples} }} }}"


@pytest.mark.parametrize("size", [1, 100, 200, 500])
def test_a_transaction_may_span_blocks_of_the_log(tmp_path: Path, size: int) -> None:
    """Its fragments are joined, whatever the position and the length."""
    assert written_by(tmp_path, *(rows(size, n) for n in range(3))) == {H}


@pytest.mark.parametrize(
    "text",
    [
        "CLEAR ALL",
        f"INSERT DATA {{ GRAPH <{MISSING}> {{ <urn:a> <urn:b> 1 }} }}",
        f"INSERT DATA {{ GRAPH <{G}> {{ "
        + " ".join(f"<urn:s> <urn:p> {n} ." for n in range(12_000))
        + " } }",
    ],
    ids=["range of keys", "unknown graph", "many keys"],
)
def test_any_graph_may_be_written_by_what_is_not_attributed(
    tmp_path: Path, text: str
) -> None:
    """What the log does not attribute to a graph means all of them."""
    store = create(tmp_path / "copy" / "store")
    before = LogPosition.of(tmp_path / "copy" / "store")
    store.update(text)
    assert WriteLog().written_graphs(before, NAMES) is None


def test_a_damaged_log_means_all_graphs(tmp_path: Path) -> None:
    """Whatever is new in a log must be a record of it."""
    folder = tmp_path / "copy" / "store"
    store = create(folder)
    before = LogPosition.of(folder)
    store.update(f"INSERT DATA {{ GRAPH <{G}> {{ <urn:a> <urn:b> 1 }} }}")
    content, end = before.newest.read_bytes(), len(before.content)
    old, new = content[:end], content[end:]
    for damaged in (
        content[:-1],
        content + b"\0" * 40,
        content + new[: len(new) // 2],
        old + new[:4] + b"\xff\xff" + new[6:],
        old + new[:6] + b"\x01" + new[7:],
        old + new[:7] + b"\x63" + new[8:],
    ):
        before.newest.write_bytes(damaged)
        assert WriteLog().written_graphs(before, NAMES) is None
