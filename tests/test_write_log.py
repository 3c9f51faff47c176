"""The engine's write-ahead log tells which graphs a transaction wrote."""

from __future__ import annotations

import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from alaqat.store.differences import DEFAULT_GRAPH_KEY
from alaqat.store.write_log import LogPosition, WriteLog

G, H, MISSING = "urn:x-test:g", "urn:x-test:h", "urn:x-test:missing"
NAMES = (G, H)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a store."""
    return tmp_path / "copy" / "store"


@pytest.fixture
def store(folder: Path) -> ox.Store:
    """Return a store with one triple in each of three graphs."""
    folder.parent.mkdir()
    store = ox.Store(str(folder))
    for name in (ox.NamedNode(G), ox.NamedNode(H), ox.DefaultGraph()):
        term = ox.NamedNode("urn:x-test:a")
        store.add(ox.Quad(term, term, ox.Literal("1"), name))
    settle(folder)
    return store


def settle(folder: Path) -> None:
    """Wait until the engine has done what it does in the background."""
    before = None
    while before != (before := LogPosition.of(folder)):
        time.sleep(0.4)


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
    store: ox.Store, folder: Path, text: str, written: set[str]
) -> None:
    """At least those are found, and with these updates no others."""
    before = LogPosition.of(folder)
    store.update(text.replace("%s", G))
    found = WriteLog().written_graphs(before, NAMES)
    assert found is not None
    assert found == written


@pytest.mark.parametrize("size", [1, 100, 200, 500])
def test_a_transaction_may_span_blocks_of_the_log(
    store: ox.Store, folder: Path, size: int
) -> None:
    """Its fragments are joined, whatever the position and the length."""
    log = WriteLog()
    for number in range(5):
        before = LogPosition.of(folder)
        rows = " ".join(
            f"<urn:s{n}> <urn:p{number}> '{'v' * (n + number)}' ." for n in range(size)
        )
        store.update(f"INSERT DATA {{ GRAPH <{H}> {{ {rows} }} }}")
        assert log.written_graphs(before, NAMES) == {H}


def test_any_graph_may_be_written_by_what_is_not_attributed(
    store: ox.Store, folder: Path
) -> None:
    """A range of keys, an unknown graph, and very many keys mean all graphs."""
    log = WriteLog()
    for text in (
        "CLEAR ALL",
        f"INSERT DATA {{ GRAPH <{MISSING}> {{ <urn:a> <urn:b> 1 }} }}",
        f"INSERT DATA {{ GRAPH <{G}> {{ "
        + " ".join(f"<urn:s> <urn:p> {n} ." for n in range(12_000))
        + " } }",
    ):
        before = LogPosition.of(folder)
        store.update(text)
        assert log.written_graphs(before, NAMES) is None, text[:80]


def test_a_log_that_was_replaced_or_damaged_means_all_graphs(
    store: ox.Store, folder: Path
) -> None:
    """So do new tables, which may hold what is in no log."""
    log = WriteLog()
    before = LogPosition.of(folder)
    store.update(f"INSERT DATA {{ GRAPH <{G}> {{ <urn:a> <urn:b> 1 }} }}")
    assert log.written_graphs(before, NAMES) == {G}
    newest = max(folder.glob("*.log"))
    content = newest.read_bytes()
    for damaged in (
        content[:-1],
        content + b"\0" * 40,
        content + content[: len(content) // 2],
        content[:4] + b"\xff\xff" + content[6:],
        content[:6] + b"\x01" + content[7:],
        content[:7] + b"\x63" + content[8:],
    ):
        newest.write_bytes(damaged)
        assert log.written_graphs(before, NAMES) is None
    newest.write_bytes(content)
    store.flush()
    assert log.written_graphs(before, NAMES) is None
