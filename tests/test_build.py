"""Build: complete, reproducible, atomic, with errors that have file and line."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import RDF, URIRef
from rdflib.compare import isomorphic

from alaqat.build import build, is_current
from alaqat.errors import (
    AlaqatError,
    CannotWrite,
    Inconsistent,
    InvalidData,
    Nonconforming,
    QuoteAmbiguous,
    QuoteNotFound,
    StoreUnavailable,
)
from alaqat.store.releases import current_release, open_store
from alaqat.terms import (
    AL,
    INFERRED_GRAPH,
    PREFIXES,
    document_graph,
    facts_graph,
    is_default_graph,
    notes_graph,
)
from conftest import Built, published_graphs
from prepared import built_small

FRANCE, JAPAN = (URIRef(PREFIXES["state"] + code) for code in ("FRA", "JPN"))


def edit(folder: Path, name: str, old: str, new: str) -> Path:
    """Replace text, which must occur, in a source of the small dataset."""
    path = folder / "data" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


FACTS = "atlantis/facts/embassies.ttl"


def test_a_build_publishes_all_graphs(small: Path, tmp_path: Path) -> None:
    """Text, facts with claims, notes and inferences are in their graphs."""
    summary = build(small, tmp_path / "out")
    graphs = published_graphs(summary.folder)
    claims = set(graphs[facts_graph("atlantis")].subjects(RDF.type, AL.Claim))
    assert len(claims) == summary.claims == 2
    assert (FRANCE, AL.hasEmbassyIn, JAPAN) in graphs[INFERRED_GRAPH]
    assert len(graphs[notes_graph("atlantis")]) > 0
    assert len(graphs[document_graph("atlantis")]) > 0
    assert (summary.facts, summary.notes) == (2, 1)
    assert (summary.covered, summary.sentences) == (3, 3)
    assert summary.inferred == len(graphs[INFERRED_GRAPH])


def test_default_graphs_share_no_triple(small: Path, tmp_path: Path) -> None:
    """Their union counts each triple once."""
    summary = build(small, tmp_path / "out")
    published = published_graphs(summary.folder)
    graphs = [set(graph) for name, graph in published.items() if is_default_graph(name)]
    assert len(graphs) == 4
    assert sum(map(len, graphs)) == len(set().union(*graphs))


def test_the_manifest_has_the_hash_of_the_sorted_quads(
    small: Path, tmp_path: Path
) -> None:
    """The file is sorted, and its hash is that of manifest and summary."""
    summary = build(small, tmp_path / "out")
    content = (summary.folder / "dataset.nq").read_bytes()
    manifest = json.loads((summary.folder / "manifest.json").read_bytes())
    assert hashlib.sha256(content).hexdigest() == manifest["sha256"] == summary.sha256
    lines = content.splitlines()
    assert lines == sorted(lines)


def test_builds_are_equal_whatever_the_hash_seed(small: Path, tmp_path: Path) -> None:
    """Two processes that order their sets differently write the same bytes."""
    code = (
        "import sys; from pathlib import Path; from alaqat.build import build; "
        "print(build(Path(sys.argv[1]), Path(sys.argv[2])).sha256)"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code, small, tmp_path / seed],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1


def test_a_build_is_current_until_a_source_changes(small: Path, tmp_path: Path) -> None:
    """A new comment is enough to make it outdated."""
    output = tmp_path / "out"
    build(small, output)
    assert is_current(small, output)
    edit(small, FACTS, "@prefix al:", "# A comment\n@prefix al:")
    assert not is_current(small, output)


def test_every_step_is_reported_and_timed(small: Path, tmp_path: Path) -> None:
    """In the order of the pipeline."""
    steps: list[str] = []
    summary = build(small, tmp_path / "out", progress=steps.append)
    assert steps == ["read", "anchor", "reason", "validate", "prove", "publish"]
    assert list(summary.seconds) == steps
    assert all(seconds > 0 for seconds in summary.seconds.values())


def overwritten(name: str, content: bytes) -> Callable[[Path], None]:
    """Return a change that overwrites a source."""
    return lambda folder: (folder / "data" / name).write_bytes(content) and None


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Return a change that replaces text in a source."""
    return lambda folder: edit(folder, name, old, new) and None


MISTAKES: dict[str, tuple[Callable[[Path], None], type[AlaqatError], str]] = {
    "broken Turtle": (
        replaced(FACTS, "al:seat place:tokyo ;", "al:seat place:tokyo"),
        InvalidData,
        "embassies.ttl:",
    ),
    "wrong encoding": (
        overwritten(FACTS, "“Tokyo”".encode("utf-16")),
        InvalidData,
        "UTF-8",
    ),
    "text in a wrong encoding": (
        overwritten("atlantis/document.txt", "Tōkyō".encode("utf-16")),
        InvalidData,
        "UTF-8",
    ),
    "unknown property": (
        replaced(FACTS, "al:seat place", "al:seta place"),
        InvalidData,
        "Did you mean al:seat?",
    ),
    "unknown entity": (
        replaced(FACTS, "al:with state:JPN", "al:with state:JPX"),
        InvalidData,
        "state:JPX is not declared",
    ),
    "a holder nobody describes": (
        replaced(FACTS, "state:FRA al:hasEmbassy", "state:FRX al:hasEmbassy"),
        InvalidData,
        "embassies.ttl:9: state:FRX is not declared",
    ),
    "a text for a name": (
        replaced(FACTS, "al:seat place:tokyo", 'al:seat "tokyo"'),
        InvalidData,
        "al:seat takes an IRI, not the text “tokyo”",
    ),
    "a state for a seat": (
        replaced(FACTS, "al:seat place:tokyo", "al:seat state:FRA"),
        Inconsistent,
        "embassies.ttl:",
    ),
    "missing quote": (
        replaced(FACTS, "France has had an embassy", "France had an embassy"),
        QuoteNotFound,
        "embassies.ttl:16: ",
    ),
    "ambiguous quote": (
        replaced(FACTS, '"Japan was a founding member of the Pacific Club"', '"in"'),
        QuoteAmbiguous,
        "embassies.ttl:",
    ),
    "a month thirteen": (
        replaced(FACTS, '"1859/"', '"1992-13-01"'),
        InvalidData,
        "embassies.ttl:14: The calendar has no day 1992-13-01",
    ),
    "an empty file of facts": (
        overwritten(FACTS, b""),
        InvalidData,
        "",
    ),
    "an empty text": (
        overwritten("atlantis/document.txt", b""),
        InvalidData,
        "document.txt",
    ),
    "a text of ten megabytes": (
        overwritten("atlantis/document.txt", b"France " * 1_500_000),
        InvalidData,
        "document.txt",
    ),
    "facts of sixty megabytes": (
        overwritten(FACTS, b"# comment\n" * 6_000_000),
        InvalidData,
        "embassies.ttl",
    ),
    "another text than described": (
        replaced("atlantis/document.txt", "since 1859", "since 1860"),
        InvalidData,
        "SHA-256",
    ),
    "a contradiction": (
        replaced("entities/world.ttl", "a al:Place", "a al:Place , al:State"),
        Inconsistent,
        "world.ttl:",
    ),
    "a violation": (
        replaced(
            FACTS,
            "al:seat place:tokyo ;",
            "al:seat place:tokyo ;\n  al:with state:FRA ;",
        ),
        Nonconforming,
        "alaqat validate",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_fails_the_build_and_leaves_the_last_release(
    mistake: str, root: Path, small: Path, tmp_path: Path
) -> None:
    """The error has file, line and remedy; the current release stays current."""
    output = tmp_path / "out"
    before = built_small(root, output)
    change, error, message = MISTAKES[mistake]
    change(small)
    with pytest.raises(error) as caught:
        build(small, output)
    assert message in str(caught.value)
    assert "\n  " in str(caught.value)
    assert current_release(output).sha256 == before.sha256
    assert sorted(path.name for path in output.iterdir() if path.is_dir()) == sorted(
        {before.folder.name, "current"}
    )


def test_a_file_in_place_of_the_output_folder_is_an_error(
    small: Path, tmp_path: Path
) -> None:
    """The error names the path and has a remedy."""
    (tmp_path / "file").write_text("here", encoding="utf-8")
    with pytest.raises(CannotWrite) as caught:
        build(small, tmp_path / "file" / "out")
    assert "file" in str(caught.value)
    assert caught.value.remedy


def test_a_read_only_output_folder_is_an_error(small: Path) -> None:
    """Not even the superuser can write to /proc."""
    with pytest.raises(CannotWrite) as caught:
        build(small, Path("/proc/alaqat"))
    assert "/proc" in str(caught.value)
    assert caught.value.remedy


def test_a_full_disk_leaves_the_last_release(
    root: Path, small: Path, tmp_path: Path
) -> None:
    """A limit on the size of files simulates the full disk."""
    output = tmp_path / "out"
    before = built_small(root, output)
    edit(small, FACTS, "@prefix al:", "# A comment\n@prefix al:")
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from alaqat.build import build; from alaqat.errors import CannotWrite\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try: build(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "except CannotWrite as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, small, output],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "cannot be written" in done.stdout
    assert current_release(output).sha256 == before.sha256


def test_a_damaged_dataset_is_not_served(small: Path, tmp_path: Path) -> None:
    """A changed byte, or the lack of a release, is an error on opening."""
    output = tmp_path / "out"
    with pytest.raises(StoreUnavailable, match="built"):
        current_release(output)
    summary = build(small, output)
    with (summary.folder / "dataset.nq").open("ab") as file:
        file.write(b"# one more line\n")
    with pytest.raises(StoreUnavailable, match="damaged"):
        current_release(output)


def test_the_store_equals_the_file(built: Built) -> None:
    """No literal is changed by the store, which stores numbers by value."""
    store = open_store(built.folder / "store")
    for name, graph in built.graphs.items():
        assert isomorphic(store.read(name), graph), name
