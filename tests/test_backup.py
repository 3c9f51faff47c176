"""Backup, restore and load of a writable store, and bearer tokens of HTTP writes."""

from __future__ import annotations

import base64
import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from rdflib import OWL, PROV, SKOS, Literal, URIRef

from alaqat.cli.main import run
from alaqat.curation.backup import create_writable_store
from alaqat.curation.commit import Committer
from alaqat.curation.model import CommitRequest
from alaqat.errors import Unauthenticated
from alaqat.locations import knowledge_root
from alaqat.queries.library import read_library
from alaqat.store.interface import Add
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import OxigraphWriter
from alaqat.store.releases import current_release, open_store
from alaqat.terms import (
    AL,
    BASE,
    ENTITIES_GRAPH,
    HISTORY_GRAPH,
    ONTOLOGY_GRAPH,
    STORE_DEFAULT_GRAPH,
)
from alaqat.web.app import create_app
from alaqat.web.middleware.auth import TokenTable, bearer_author
from conftest import Built

G = "urn:x-test:g"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "0123456789abcdef0123"  # noqa: S105 # of these tests alone

Capture = pytest.CaptureFixture[str]


def triples(folder: Path, graph: str = G) -> int:
    """Return the number of triples in a graph of a writable store."""
    return len(open_store(current_release(folder).store).read(graph))


def version_of(folder: Path) -> URIRef:
    """Return the IRI of the current version in the changelog."""
    return URIRef(f"{BASE}id/version/{current_release(folder).version}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a writable store with one triple."""
    folder = tmp_path / "working"
    create_writable_store(folder, None, NOW)
    committer = Committer(folder, None, "test")
    change = Add(G, b"<urn:x-test:a> <urn:x-test:p> _:b .\n")
    committer.commit(CommitRequest(change, "ada", NOW))
    committer.close()
    return folder


@pytest.mark.parametrize("name", ["backup.tar.gz", "backup"])
def test_a_backup_is_restored(folder: Path, tmp_path: Path, name: str) -> None:
    """An archive or a folder restores every graph, and the changelog."""
    target, other = tmp_path / name, tmp_path / "other"
    assert run(["backup", str(target), "--working", str(folder)]) == 0
    assert run(["restore", str(target), "--working", str(other)]) == 0
    assert triples(other) == 1
    after = open_store(current_release(other).store).read(str(HISTORY_GRAPH))
    before = open_store(current_release(folder).store).read(str(HISTORY_GRAPH))
    restored = after.value(None, SKOS.notation, Literal("restore"))
    assert set(before) < set(after)
    assert after.value(restored, PROV.generated) == version_of(other)
    assert current_release(other).manifest["triples"][G] == 1
    assert current_release(other).version != current_release(folder).version


def test_a_build_replaces_a_writable_store(
    built: Built, folder: Path, tmp_path: Path
) -> None:
    """The backup of a build replaces the content of a store only with --replace."""
    target = tmp_path / "built.tar.gz"
    before = current_release(folder)
    assert run(["backup", str(target), "--working", str(built.output)]) == 0
    assert run(["restore", str(target), "--working", str(folder)]) == 3
    assert current_release(folder) == before
    assert run(["restore", str(target), "--working", str(folder), "--replace"]) == 0
    assert current_release(folder).manifest["previous"] == before.version
    sizes = current_release(folder).manifest["triples"]
    restored = {n: s for n, s in sizes.items() if n not in ("", str(HISTORY_GRAPH))}
    assert restored == dict(built.summary.triples)


def test_a_backup_overwrites_nothing(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    """An existing file is an error and is not changed."""
    target = tmp_path / "there.tar.gz"
    target.write_text("mine")
    assert run(["backup", str(target), "--working", str(folder)]) == 3
    assert "exists already" in capsys.readouterr().err
    assert target.read_text() == "mine"


def test_a_damaged_backup_is_rejected(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    """One changed letter in the quads prevents the restore."""
    target = tmp_path / "backup"
    run(["backup", str(target), "--working", str(folder)])
    quads = target / "dataset.nq"
    quads.write_bytes(quads.read_bytes().replace(b"x-test:a", b"x-test:z"))
    before = current_release(folder)
    restored = ["restore", str(target), "--working", str(folder), "--replace"]
    assert run(restored) == 1
    assert "hash" in capsys.readouterr().err
    assert current_release(folder) == before


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08"])
def test_other_files_are_rejected(tmp_path: Path, content: bytes) -> None:
    """A file that is not a backup is an error and creates no store."""
    source, working = tmp_path / "x.tar.gz", tmp_path / "working"
    source.write_bytes(content)
    assert run(["restore", str(source), "--working", str(working)]) == 1
    assert not (working / "current").exists()


def test_an_archive_without_quads_is_rejected(tmp_path: Path) -> None:
    """An archive must contain both files of a backup."""
    source, manifest = tmp_path / "x.tar.gz", tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"sha256": "0"}))
    with tarfile.open(source, "w:gz") as archive:
        archive.add(manifest, "manifest.json")
    assert run(["restore", str(source), "--working", str(tmp_path / "w")]) == 1


def test_files_are_loaded_in_one_transaction(folder: Path, tmp_path: Path) -> None:
    """Several files are one change; if one is not valid, none is loaded."""
    good, bad = tmp_path / "a.ttl", tmp_path / "b.ttl"
    good.write_text("<urn:x-test:c> <urn:x-test:p> 1 .")
    bad.write_text("<urn:x-test:d> <urn:x-test:p")
    where = ["--graph", G, "--working", str(folder), "--author", "bob"]
    assert run(["load", str(good), str(bad), *where]) == 1
    assert triples(folder) == 1
    assert run(["load", str(good), *where]) == 0
    assert triples(folder) == 2
    history = open_store(current_release(folder).store).read(str(HISTORY_GRAPH))
    assert "bob" in {str(value) for value in history.objects()}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("info", 0),
        ("info --json", 0),
        ("export --format nquads", 0),
        ("export --format turtle --graph urn:x-test:g", 0),
        ("why urn:x-test:none urn:x-test:p urn:x-test:c", 2),
    ],
)
def test_commands_read_a_writable_store(folder: Path, command: str, code: int) -> None:
    """Commands that read a build read a writable store as well."""
    assert run([*command.split(), "--output", str(folder)]) == code


def test_reason_reads_a_writable_store(folder: Path, tmp_path: Path) -> None:
    """Reasoning reads the default graphs of the store, and no others."""
    axiom = f"<{AL.borders}> a <{OWL.SymmetricProperty}> ."
    for graph, text in (
        (ONTOLOGY_GRAPH, axiom),
        (ENTITIES_GRAPH, f"<urn:x-test:a> <{AL.borders}> <urn:x-test:b> ."),
        (G, f"<urn:x-test:c> <{AL.borders}> <urn:x-test:d> ."),
    ):
        file = tmp_path / "a.ttl"
        file.write_text(text)
        where = ["--graph", str(graph), "--working", str(folder), "--no-validate"]
        assert run(["load", str(file), *where]) == 0
    output = tmp_path / "inferred.nt"
    assert run(["reason", "--output", str(folder), "--to", str(output)]) == 0
    assert output.read_text() == f"<urn:x-test:b> <{AL.borders}> <urn:x-test:a> .\n"


def test_load_requires_a_writable_store(tmp_path: Path) -> None:
    """Loading does not create a store."""
    file = tmp_path / "a.ttl"
    file.write_text("<urn:x-test:c> <urn:x-test:p> 1 .")
    working = tmp_path / "none"
    assert run(["load", str(file), "--graph", G, "--working", str(working)]) == 3
    assert not (working / "current").exists()


@pytest.mark.parametrize(
    ("name", "graph"),
    [
        ("entities", str(ENTITIES_GRAPH)),
        ("graph:entities", str(ENTITIES_GRAPH)),
        (str(ENTITIES_GRAPH), str(ENTITIES_GRAPH)),
        ("graph:facts/new", f"{BASE}graph/facts/new"),
        ("urn:x-test:new", "urn:x-test:new"),
        ("default", str(STORE_DEFAULT_GRAPH)),
    ],
)
def test_load_accepts_the_graph_names_of_export(
    folder: Path, tmp_path: Path, name: str, graph: str
) -> None:
    """The end of an existing graph's IRI, a prefixed name, or the whole IRI."""
    file = tmp_path / "a.ttl"
    where = ["--working", str(folder), "--no-validate", "--graph"]
    file.write_text("<urn:x-test:c> <urn:x-test:p> 1 .")
    assert run(["load", str(file), *where, str(ENTITIES_GRAPH)]) == 0
    file.write_text("<urn:x-test:d> <urn:x-test:p> 2 .")
    assert run(["load", str(file), *where, name]) == 0
    read = open_store(current_release(folder).store).read(graph)
    assert URIRef("urn:x-test:d") in set(read.subjects())


@pytest.mark.parametrize("name", ["inferences", "a b", ""])
def test_an_unknown_graph_name_is_an_error(
    folder: Path, tmp_path: Path, name: str, capsys: Capture
) -> None:
    """A name that is neither an existing graph nor an IRI changes nothing."""
    file, before = tmp_path / "a.ttl", current_release(folder)
    file.write_text("<urn:x-test:c> <urn:x-test:p> 1 .")
    assert run(["load", str(file), "--working", str(folder), "--graph", name]) == 2
    assert f"No graph is named {name}." in capsys.readouterr().err
    assert current_release(folder) == before


def test_backup_requires_a_store(tmp_path: Path, capsys: Capture) -> None:
    """The error says how to start a store, and how to back up a build."""
    target, place = tmp_path / "b.tar.gz", tmp_path / "none"
    assert run(["backup", str(target), "--working", str(place)]) == 3
    error = capsys.readouterr().err
    assert "no writable store" in error
    assert "serve --writable" in error
    assert "--working build/dataset" in error
    assert not target.exists()


def test_tokens_have_names(tmp_path: Path) -> None:
    """Each line names the holder of a token; the tokens themselves are not stored."""
    file = tmp_path / "tokens"
    file.write_text(f"# who may write\nada:{SECRET}\nbob:{SECRET[::-1]}\n")
    file.chmod(0o600)
    tokens = TokenTable.read(file)
    assert tokens.name_of(SECRET) == "ada"
    assert tokens.name_of(SECRET[::-1]) == "bob"
    assert tokens.name_of(SECRET[:-1]) is None
    assert SECRET not in repr(tokens)
    assert TokenTable.parse(SECRET).name_of(SECRET) == "writer"


@pytest.mark.parametrize(
    "text",
    ["", "# none", "ada:short", f"ada:{SECRET}\nada:{SECRET[::-1]}", "ada:é" * 9],
)
def test_invalid_tokens_are_rejected(text: str) -> None:
    """No token, a short one, or two of one name: the server does not start."""
    with pytest.raises(Unauthenticated) as raised:
        TokenTable.parse(text)
    assert SECRET not in str(raised.value)


def test_readable_token_files_are_rejected(tmp_path: Path) -> None:
    """A file of tokens must not be readable by its group or by others."""
    file = tmp_path / "tokens"
    file.write_text(f"ada:{SECRET}")
    file.chmod(0o640)
    with pytest.raises(Unauthenticated, match="chmod 600"):
        TokenTable.read(file)


@pytest.mark.parametrize("content", [None, b"ada:\xff"])
def test_token_files_that_cannot_be_read_are_rejected(
    tmp_path: Path, content: bytes | None
) -> None:
    """One that is missing, and one that is no UTF-8; the error has its path."""
    file = tmp_path / "tokens"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Unauthenticated, match="cannot be read") as caught:
        TokenTable.read(file)
    assert caught.value.path == file


def test_a_backup_where_nothing_can_be_written_is_an_error(
    folder: Path, capsys: Capture
) -> None:
    """Not even the superuser can write to /proc."""
    assert run(["backup", "/proc/backup.tar.gz", "--working", str(folder)]) == 3
    assert "The backup cannot be written" in capsys.readouterr().err


def test_a_missing_file_is_not_loaded(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    """Nothing changes, and the error names it."""
    before = current_release(folder)
    arguments = ["--working", str(folder), "--graph", G]
    code = run(["load", str(tmp_path), *arguments])
    assert code != 0
    assert str(tmp_path) in capsys.readouterr().err
    assert current_release(folder) == before


def test_a_damaged_writable_store_is_reported(folder: Path, capsys: Capture) -> None:
    """With how to repair it."""
    (folder / "current" / "manifest.json").write_text("{")
    assert run(["backup", str(folder / "b"), "--working", str(folder)]) == 3
    assert "damaged" in capsys.readouterr().err


def app(*, writable: bool) -> Flask:
    """Return the application over an empty store."""
    store = OxigraphStore()
    tokens = TokenTable.parse(f"ada:{SECRET}")
    return create_app(
        store,
        read_library(knowledge_root() / "queries"),
        writer=OxigraphWriter(store) if writable else None,
        author=bearer_author(tokens),
    )


BASIC = base64.b64encode(f"ada:{SECRET}".encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "writable", "status"),
    [
        (None, True, 401),
        ("", True, 401),
        ("Bearer", True, 401),
        ("Bearer ", True, 401),
        (f"Bearer {SECRET}x", True, 401),
        (f"Bearer {SECRET[:-1]}", True, 401),
        (f"Basic {BASIC}", True, 401),
        (SECRET, True, 401),
        (f"Bearer {SECRET}", True, 204),
        (f"bearer {SECRET}", True, 204),
        (f"Bearer {SECRET}", False, 403),
        (None, False, 403),
    ],
)
def test_updates_require_a_token(
    authorization: str | None, writable: bool, status: int
) -> None:
    """Only a valid bearer token permits writes, and only to a writable store."""
    headers = {} if authorization is None else {"Authorization": authorization}
    client = app(writable=writable).test_client()
    reply = client.post(
        "/sparql",
        data="INSERT DATA { <urn:x-test:a> <urn:x-test:p> 1 }",
        content_type="application/sparql-update",
        headers=headers,
    )
    assert reply.status_code == status
    challenge = reply.headers.get("WWW-Authenticate", "")
    assert challenge.startswith("Bearer") == (status == 401)
    put = client.put(
        f"/data?graph={G}", data="", content_type="text/turtle", headers=headers
    )
    assert put.status_code == (201 if status == 204 else status)
    challenge = put.headers.get("WWW-Authenticate", "")
    assert challenge.startswith("Bearer") == (status == 401)
