"""Verification: hashes of files, and the hash chain of the history."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import PROV, RDF, RDFS, BNode, Literal, URIRef

from alaqat.cli.main import run
from alaqat.curation.backup import create_writable_store
from alaqat.curation.commit import Committer
from alaqat.curation.graph_cache import count_triples
from alaqat.curation.history_chain import CHECKSUM, HistoryHead
from alaqat.curation.model import CommitRequest
from alaqat.curation.snapshots import Snapshots
from alaqat.store.interface import Add, Drop, Update
from alaqat.store.oxigraph_writer import amend
from alaqat.store.releases import MANIFEST, current_release, open_store
from alaqat.terms import BASE, HISTORY_GRAPH
from conftest import Built
from test_writable_store import G, clock, line

Capture = pytest.CaptureFixture[str]
AUTHORS = ("ada", "bob", "علي")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a store with three changes."""
    folder = tmp_path / "working"
    create_writable_store(folder, None, clock())
    committer = Committer(folder, None, "test")
    for number, author in enumerate(AUTHORS):
        change = Add(G, line(f"a{number}"))
        committer.commit(CommitRequest(change, author, clock()))
    committer.close()
    return folder


def entries(folder: Path) -> list[URIRef]:
    """Return the chained entries, the oldest first."""
    history = open_store(current_release(folder).store).read(str(HISTORY_GRAPH))
    found = [URIRef(HistoryHead.of(current_release(folder).manifest).change)]
    while before := history.value(found[-1], PROV.wasInformedBy):
        found.append(URIRef(str(before)))
    return found[::-1]


def tamper(folder: Path, change: Callable[[list[URIRef]], tuple[list, list]]) -> None:
    """Publish the store with a changed history, as someone with the files could."""
    added, removed = change(entries(folder))
    snapshots, release = Snapshots(folder), current_release(folder)
    with snapshots.locked(1), snapshots.private_copy(release.store, "bad") as store:
        history = store.read(str(HISTORY_GRAPH))
        gone = [t for pattern in removed for t in history.triples(pattern)]
        amend(store, str(HISTORY_GRAPH), added, gone)
        manifest = {**release.manifest, "triples": count_triples(store)}
        snapshots.publish(store, manifest)


def test_a_store_is_verified(folder: Path, capsys: Capture) -> None:
    """The files, the length of the chain and its head are told."""
    assert run(["verify", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "chained entries of the history: 3" in told
    assert current_release(folder).manifest["history"]["sha256"] in told
    assert current_release(folder).version in told


@pytest.mark.parametrize(
    ("change", "author"),
    [
        (lambda e: ([], [(e[1], None, None)]), "علي"),
        (lambda e: ([], [(e[0], None, None)]), "bob"),
        (lambda e: ([], [(e[1], PROV.endedAtTime, None)]), "bob"),
        (lambda e: ([(e[1], RDFS.comment, Literal("more"))], []), "bob"),
        (lambda e: ([], [(URIRef(f"{e[2]}/1/added"), PROV.value, None)]), "علي"),
        (lambda e: ([(e[0], CHECKSUM, Literal("0" * 64))], []), "ada"),
        (lambda e: ([], [(e[2], CHECKSUM, None)]), "ada"),
        (
            lambda e: (
                [(e[1], PROV.wasAssociatedWith, URIRef(f"{BASE}id/agent/eve"))],
                [(e[1], PROV.wasAssociatedWith, None)],
            ),
            "eve",
        ),
        (lambda _: ([(URIRef("urn:x"), RDF.type, PROV.Activity)], []), "ada"),
        (lambda _: ([(BNode("x"), RDF.type, PROV.Activity)], []), "ada"),
    ],
    ids=[
        *("middle entry removed", "first entry removed", "time removed"),
        *("triple added", "difference removed", "second hash", "hash removed"),
        *("author replaced", "foreign triple", "blank node"),
    ],
)
def test_a_changed_history_is_detected(
    folder: Path,
    capsys: Capture,
    change: Callable[[list[URIRef]], tuple[list, list]],
    author: str,
) -> None:
    """The exit code is 1, and the message names the first broken entry."""
    tamper(folder, change)
    assert run(["verify", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "The history is broken" in told
    assert f"by {author}," in told


def test_a_shortened_history_is_detected(folder: Path, capsys: Capture) -> None:
    """The manifest states the last entry, which must be there."""
    tamper(
        folder,
        lambda e: ([], [(e[2], None, None), (URIRef(f"{e[2]}/1/added"), None, None)]),
    )
    assert run(["verify", str(folder)]) == 1
    assert "by bob," in capsys.readouterr().err


@pytest.mark.parametrize("predicate", [RDFS.label, RDFS.comment])
def test_a_renamed_author_is_detected(
    folder: Path, capsys: Capture, predicate: URIRef
) -> None:
    """The name of an author is that in the IRI of the agent, and nothing else."""
    agent = URIRef(f"{BASE}id/agent/ada")
    tamper(folder, lambda _: ([(agent, predicate, Literal("eve"))], []))
    assert run(["verify", str(folder)]) == 1
    assert str(agent) in capsys.readouterr().err


def test_the_chain_begins_in_a_store_without_one(folder: Path, capsys: Capture) -> None:
    """Older entries are counted, then sealed by the first chained entry."""
    tamper(folder, lambda _: ([], [(None, CHECKSUM, None)]))
    manifest = current_release(folder).folder / MANIFEST
    stated = json.loads(manifest.read_bytes())
    del stated["history"]
    manifest.write_text(json.dumps(stated))
    assert run(["verify", str(folder)]) == 0
    assert "the chain begins with the next change" in capsys.readouterr().out
    committer = Committer(folder, None, "later")
    committer.commit(CommitRequest(Drop(G), "ada", clock()))
    committer.close()
    assert run(["verify", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "chained entries of the history: 1" in told
    assert "changes recorded before the chain: 3" in told
    old = URIRef(f"{BASE}id/agent/eve")
    tamper(folder, lambda _: ([(URIRef("urn:x"), PROV.used, old)], []))
    assert run(["verify", str(folder)]) == 1


@pytest.mark.parametrize("name", ["backup.tar.gz", "backup"])
def test_the_chain_goes_on_after_a_restore(
    folder: Path, tmp_path: Path, capsys: Capture, name: str
) -> None:
    """A backup is verified like a store; the restore is one more entry."""
    target, other = tmp_path / name, tmp_path / "other"
    assert run(["backup", str(target), "--working", str(folder)]) == 0
    assert run(["verify", str(target)]) == 0
    assert run(["restore", str(target), "--working", str(other)]) == 0
    assert run(["verify", str(other)]) == 0
    assert "chained entries of the history: 4" in capsys.readouterr().out
    committer = Committer(other, None, "test")
    change = Update(f"INSERT DATA {{ GRAPH <{G}> {{ <urn:x> <urn:y> 1 }} }}")
    committer.commit(CommitRequest(change, "ada", clock()))
    committer.close()
    assert run(["verify", str(other)]) == 0
    assert "chained entries of the history: 5" in capsys.readouterr().out


def test_a_backup_with_a_broken_history_is_not_restored(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    """It is refused before anything is published."""
    tamper(folder, lambda e: ([], [(e[1], PROV.endedAtTime, None)]))
    target, other = tmp_path / "backup", tmp_path / "other"
    assert run(["backup", str(target), "--working", str(folder)]) == 0
    assert run(["verify", str(target)]) == 1
    assert run(["restore", str(target), "--working", str(other)]) == 1
    assert "The history is broken" in capsys.readouterr().err
    assert not (other / "current").exists()


def test_a_backup_may_not_hide_the_default_graph(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    """A graph with the name that stands for the default graph is refused."""
    release = current_release(folder)
    snapshots = Snapshots(folder)
    with snapshots.locked(1), snapshots.private_copy(release.store, "bad") as store:
        hidden = (URIRef("urn:x"), PROV.value, Literal(1))
        amend(store, f"{BASE}graph/default", [hidden])
        snapshots.publish(store, release.manifest)
    target, other = tmp_path / "backup", tmp_path / "other"
    assert run(["backup", str(target), "--working", str(folder)]) == 0
    assert run(["restore", str(target), "--working", str(other)]) == 1
    assert "graph/default" in capsys.readouterr().err
    assert not (other / "current").exists()


def test_the_tables_of_a_build_are_verified(
    built: Built, tmp_path: Path, capsys: Capture
) -> None:
    """One changed byte of a table is detected, as in a writable store."""
    output = tmp_path / "dataset"
    shutil.copytree(built.output, output, symlinks=True)
    assert run(["verify", str(output)]) == 0
    assert "tables that match their hashes: " in capsys.readouterr().out
    table = max(
        current_release(output).store.glob("*.sst"), key=lambda p: p.stat().st_size
    )
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    assert run(["verify", str(output)]) == 3
    assert "damaged" in capsys.readouterr().err


def test_a_missing_table_is_detected(built: Built, tmp_path: Path) -> None:
    """A file that the manifest lists must be there."""
    output = tmp_path / "dataset"
    shutil.copytree(built.output, output, symlinks=True)
    next(current_release(output).store.glob("*.sst")).unlink()
    assert run(["verify", str(output)]) == 3


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A path without a dataset is not verified in silence."""
    assert run(["verify", str(tmp_path / "none.tar.gz")]) == 1
    assert run(["verify", "--output", str(tmp_path / "no")]) != 0
