"""The writable store: transactions, durability, limits, the changelog and the hook."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import PROV, RDF, RDFS, VOID, BNode, Dataset, Graph, Literal, URIRef

from alaqat.build import build
from alaqat.curation.backup import create_writable_store
from alaqat.curation.commit import Committer
from alaqat.curation.inference_hook import ReasoningHook
from alaqat.curation.model import CommitRequest
from alaqat.curation.snapshots import Snapshots
from alaqat.curation.writer_process import WritableStore
from alaqat.dataset import Dataset as ReadDataset
from alaqat.errors import (
    AlaqatError,
    CannotWrite,
    Conflict,
    Inconsistent,
    InvalidData,
    InvalidQuery,
    LimitReached,
    Nonconforming,
    ReadOnly,
    StoreUnavailable,
    TimedOut,
    TooBusy,
    UnknownGraph,
)
from alaqat.export import export
from alaqat.locations import knowledge_root
from alaqat.rdf.formats import N_QUADS
from alaqat.store.interface import (
    Add,
    CommitResult,
    Drop,
    Mutation,
    Replace,
    Update,
)
from alaqat.store.releases import current_release, open_store
from alaqat.terms import (
    AL,
    BASE,
    ENTITIES_GRAPH,
    HISTORY_GRAPH,
    INFERRED_GRAPH,
    META_GRAPH,
    PROOFS_GRAPH,
    STORE_DEFAULT_GRAPH,
    facts_graph,
)
from conftest import Built

ROOT = Path(__file__).parents[1]
G, H = "urn:x-test:g", "urn:x-test:h"
START = datetime(2026, 1, 1, tzinfo=UTC)
NO_HOOK = None
_TICKS = count()


def clock() -> datetime:
    """Return a time later than any before."""
    return START + timedelta(seconds=next(_TICKS))


def line(name: str, value: str = "1", graph: str = "") -> bytes:
    """Return one triple in N-Triples, or one quad."""
    end = f" <{graph}>" if graph else ""
    return f'<urn:x-test:{name}> <urn:x-test:p> "{value}"{end} .\n'.encode()


def commit(
    committer: Committer, change: Mutation, expected: str | None = None
) -> CommitResult:
    """Commit in this process."""
    return committer.commit(CommitRequest(change, "ada", clock(), expected))


def content(folder: Path) -> dict[str, set[bytes]]:
    """Return the graphs of the current snapshot, without the changelog."""
    store = open_store(current_release(folder).store)
    return {
        str(name): set(store.read(name))
        for name in store.graphs()
        if name != HISTORY_GRAPH
    }


def dataset_of(folder: Path) -> ReadDataset:
    """Return the current snapshot as the web application reads it."""
    return ReadDataset(open_store(current_release(folder).store))


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a snapshot, without the engine's own logs."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path): path.read_bytes()
        for path in files
        if not path.name.startswith(("LOG", "LOCK"))
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of an empty writable store."""
    folder = tmp_path / "working"
    create_writable_store(folder, None, clock())
    return folder


@pytest.fixture
def committer(folder: Path) -> Iterator[Committer]:
    """Yield a committer of the empty store."""
    committer = Committer(folder, NO_HOOK, "test")
    yield committer
    committer.close()


@pytest.fixture
def working(folder: Path) -> Iterator[WritableStore]:
    """Yield the empty store with its writer process."""
    store = WritableStore(folder, NO_HOOK, clock=clock)
    yield store
    store.close()


@pytest.fixture(scope="module")
def curated(
    built: Built, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Committer]]:
    """Yield a store created from the project's dataset, with the reasoning hook."""
    place = tmp_path_factory.mktemp("curated") / "working"
    committer = Committer(place, ReasoningHook(knowledge_root()), "test")
    create_writable_store(place, current_release(built.output), clock())
    yield place, committer
    committer.close()


def test_reads_after_a_commit_see_it(folder: Path, working: WritableStore) -> None:
    """A store opened before a commit has the old content, one opened after the new."""
    working.commit(Add(G, line("a")), author="ada")
    before = open_store(current_release(folder).store)
    edited = working.commit(Add(G, line("b")), author="ada")
    after = open_store(current_release(folder).store)
    assert edited.version == current_release(folder).version
    assert (len(before.read(G)), len(after.read(G))) == (1, 2)


def test_snapshots_are_immutable(folder: Path, committer: Committer) -> None:
    """A commit shares files with the previous snapshot and changes none of them."""
    commit(committer, Add(G, b"".join(line(f"a{n}") for n in range(2000))))
    old = current_release(folder)
    held = bytes_of(old.folder)
    for number in range(8):  # enough for the engine to merge tables
        commit(
            committer, Update(f"DELETE WHERE {{ GRAPH <{G}> {{ ?s ?p {number} }} }}")
        )
        commit(committer, Add(G, line(f"b{number}", "2" * 1000)))
    assert bytes_of(old.folder) == held
    assert len(open_store(old.store).read(G)) == 2000
    shared = [p for p in old.store.glob("*.sst") if p.stat().st_nlink > 1]
    assert shared


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Update("INSERT DATA {"), InvalidQuery),
        (Update("SELECT * { ?s ?p ?o }"), InvalidQuery),
        (Update("LOAD <file:///etc/passwd>"), InvalidQuery),
        (Update(f"DROP GRAPH <{H}>"), AlaqatError),
        (Update(f"CLEAR GRAPH <{G}> ; CREATE GRAPH <{G}>"), AlaqatError),
        (Add(G, line("b") + b"<a> <b>"), InvalidData),
        (Replace(G, line("b") + b"\xff"), InvalidData),
        (Drop(H), UnknownGraph),
        (Drop(str(META_GRAPH)), ReadOnly),
        (Add(str(INFERRED_GRAPH), line("b")), ReadOnly),
        (Replace(str(PROOFS_GRAPH), line("b")), ReadOnly),
        (Update(f"CREATE GRAPH <{PROOFS_GRAPH}>"), ReadOnly),
        (Update("CLEAR ALL"), ReadOnly),
        (Update("DROP NAMED"), ReadOnly),
        (Update(f"DROP GRAPH <{HISTORY_GRAPH}>"), ReadOnly),
        (Update(f"MOVE <{HISTORY_GRAPH}> TO <{H}>"), ReadOnly),
        (Update(f"COPY <{G}> TO <{HISTORY_GRAPH}>"), ReadOnly),
        (Update("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }"), ReadOnly),
        (
            Update(
                f"PREFIX x: <{BASE}graph/> "
                "WITH x:history DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"
            ),
            ReadOnly,
        ),
        (
            Update(
                f"BASE <{BASE}> INSERT {{ GRAPH <graph/history> {{ ?s ?p 9 }} }} "
                f"WHERE {{ GRAPH <{G}> {{ ?s ?p ?o }} }}"
            ),
            ReadOnly,
        ),
        (
            Update(
                f"DELETE WHERE {{ GRAPH <{BASE}graph/\\u0068istory> {{ ?s ?p ?o }} }}"
            ),
            ReadOnly,
        ),
    ],
)
def test_a_failed_change_is_rolled_back(
    folder: Path, committer: Committer, change: Mutation, error: type[AlaqatError]
) -> None:
    """After any failure the same snapshot is current, and the next change succeeds."""
    commit(committer, Add(G, line("a")))
    before, held = current_release(folder), content(folder)
    with pytest.raises(error):
        commit(committer, change)
    assert current_release(folder) == before
    assert content(folder) == held
    commit(committer, Add(G, line("c")))
    assert len(content(folder)[G]) == 2


def test_an_unexpected_version_is_a_conflict(
    folder: Path, committer: Committer
) -> None:
    """A change that expects an outdated version changes nothing."""
    first = current_release(folder).version
    second = commit(committer, Add(G, line("a")), first).version
    with pytest.raises(Conflict):
        commit(committer, Add(G, line("b")), first)
    assert current_release(folder).version == second


def test_no_two_contents_share_a_version(committer: Committer) -> None:
    """Versions form a hash chain, so restoring a content gives a new version."""
    versions = [commit(committer, Add(G, line("a"))).version]
    for _ in range(3):
        versions.append(commit(committer, Drop(G)).version)
        versions.append(commit(committer, Add(G, line("a"))).version)
    assert len(set(versions)) == len(versions)


def test_a_change_without_effect_creates_no_version(
    folder: Path, committer: Committer
) -> None:
    """Adding existing triples records and publishes nothing."""
    version = commit(committer, Add(G, line("a"))).version
    assert commit(committer, Add(G, line("a"))).version == version
    assert commit(committer, Update(f"CREATE GRAPH <{H}>")).version != version
    assert H in content(folder)


def test_a_full_disk_changes_nothing(folder: Path) -> None:
    """A failed write is an error, and the old snapshot stays current."""
    before = current_release(folder)
    script = (
        "import resource, sys; from pathlib import Path;"
        "from test_writable_store import *;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY));"
        "committer = Committer(Path(sys.argv[1]), NO_HOOK, 'full');"
        "big = Add(G, b''.join(line(f'a{n}', 'x' * 500) for n in range(4000)));"
        "raised = pytest.raises(CannotWrite, commit, committer, big);"
        "print(raised.value)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT / "tests",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Nothing was changed" in run.stdout, run.stderr
    assert current_release(folder) == before
    assert content(folder) == {}
    committer = Committer(folder, NO_HOOK, "again")
    commit(committer, Add(G, line("a")))
    committer.close()
    assert not list(folder.glob(".*-*"))


def test_many_writers_take_turns(folder: Path) -> None:
    """Threads of two writers lose no change, and the chain of versions is complete."""
    stores = [
        WritableStore(folder, NO_HOOK, clock=clock, queue_limit=32) for _ in range(2)
    ]

    def write(number: int) -> str:
        change = Add(G, line(f"a{number}"))
        return stores[number % 2].commit(change, author=f"w{number}").version

    with ThreadPoolExecutor(8) as pool:
        versions = set(pool.map(write, range(16)))
    for store in stores:
        store.close()
    assert len(versions) == 16
    assert len(content(folder)[G]) == 16
    history = open_store(current_release(folder).store).read(str(HISTORY_GRAPH))
    recorded = {str(v).split("/")[-1] for v in history.objects(None, PROV.generated)}
    assert recorded == versions


def test_the_queue_of_changes_is_bounded(folder: Path) -> None:
    """A change is rejected at once if the queue is full."""
    store = WritableStore(folder, NO_HOOK, clock=clock, queue_limit=0)
    with pytest.raises(TooBusy):
        store.commit(Add(G, line("a")), author="ada")


def test_an_update_is_stopped_at_its_timeout(folder: Path) -> None:
    """A cross product that would never end is killed and changes nothing."""
    store = WritableStore(folder, NO_HOOK, clock=clock, timeout=5)
    store.commit(Add(G, b"".join(line(f"a{n}") for n in range(300))), author="ada")
    before = current_release(folder)
    mad = (
        f"INSERT {{ GRAPH <{H}> {{ ?a <urn:x-test:q> ?e }} }} WHERE {{ GRAPH <{G}> "
        "{ ?a ?p ?v . ?b ?p ?v . ?c ?p ?v . ?d ?p ?v . ?e ?p ?v } }"
    )
    with pytest.raises(TimedOut):
        store.commit(Update(mad), author="ada")
    assert current_release(folder) == before
    store.commit(Add(G, line("b")), author="ada")
    store.close()
    assert set(content(folder)) == {G}
    assert not list(folder.glob(".*-*"))


def test_an_update_is_stopped_at_its_memory_limit(folder: Path) -> None:
    """A change that needs more memory than allowed changes nothing."""
    store = WritableStore(folder, NO_HOOK, clock=clock, memory=1 << 30)
    store.commit(Add(G, line("a")), author="ada")
    before = current_release(folder)
    doubled = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(32))
    greedy = (
        f"INSERT {{ GRAPH <{H}> {{ <urn:x-test:a> <urn:x-test:q> ?x32 }} }} "
        f"WHERE {{ BIND('long' AS ?x0) {doubled} }}"
    )
    with pytest.raises(LimitReached):
        store.commit(Update(greedy), author="ada")
    store.close()
    assert current_release(folder) == before


def test_the_changelog_records_the_provenance_of_changes(
    folder: Path, committer: Committer
) -> None:
    """Each change is a prov:Activity with its agent, time, text and triples."""
    commit(committer, Add(G, line("a") + line("b")))
    text = f"DELETE DATA {{ GRAPH <{G}> {{ <urn:x-test:a> <urn:x-test:p> '1' }} }}"
    version = commit(committer, Update(text)).version
    store = open_store(current_release(folder).store)
    history = store.read(str(HISTORY_GRAPH))
    activity = URIRef(f"{BASE}id/change/{version}")
    agent = history.value(activity, PROV.wasAssociatedWith)
    removed = history.value(None, PROV.wasInvalidatedBy, activity)
    assert history.value(agent, RDFS.label) == Literal("ada")
    assert history.value(activity, PROV.value) == Literal(text)
    assert history.value(activity, PROV.endedAtTime).toPython() > START
    assert history.value(removed, VOID.triples) == Literal(1)
    assert history.value(removed, PROV.specializationOf) == URIRef(G)
    assert str(history.value(removed, PROV.value)) + "\n" == line("a").decode()
    authors = store.query(
        f"SELECT ?who {{ GRAPH <{HISTORY_GRAPH}> {{ ?c a <{PROV.Activity}> ; "
        f"<{PROV.wasAssociatedWith}>/<{RDFS.label}> ?who }} }}"
    )
    assert [str(row[0]) for row in authors] == ["ada", "ada"]


def test_blank_nodes_keep_their_labels(folder: Path, committer: Committer) -> None:
    """The changelog refers to a blank node by the label that the store gave it."""
    commit(committer, Add(G, b'_:x <urn:x-test:p> "1" .\n'))
    held = next(iter(open_store(current_release(folder).store).read(G).subjects()))
    commit(committer, Add(G, line("a")))
    history = open_store(current_release(folder).store).read(str(HISTORY_GRAPH))
    values = [str(v) for v in history.objects(None, PROV.value)]
    assert isinstance(held, BNode)
    assert any(text.startswith(f"_:{held} ") for text in values)
    assert sum("_:" in text for text in values) == 1


def test_leftovers_of_killed_writers_are_removed(
    folder: Path, committer: Committer
) -> None:
    """The next write removes the folders of dead writers, not those of running ones."""
    (folder / ".partial-7" / "store").mkdir(parents=True)
    (folder / ".copy-dead").mkdir()
    (folder / "00000009-0123456789abcdef").mkdir()
    (folder / "mine").mkdir()
    with Snapshots(folder).private_copy(None, "alive"):
        commit(committer, Add(G, line("a")))
        assert (folder / ".copy-alive").exists()
    names = {path.name for path in folder.iterdir()}
    assert not names & {".partial-7", ".copy-dead", "00000009-0123456789abcdef"}
    assert "mine" in names


def test_a_damaged_snapshot_is_not_served(folder: Path, committer: Committer) -> None:
    """A file whose hash differs from the manifest is detected."""
    commit(committer, Add(G, line("a")))
    table = next(current_release(folder).store.glob("*.sst"))
    table.write_bytes(table.read_bytes()[:-1] + b"!")
    with pytest.raises(StoreUnavailable):
        current_release(folder)


def test_a_folder_of_releases_is_read_only(built: Built) -> None:
    """No writer can commit to a built dataset."""
    committer = Committer(built.output, NO_HOOK, "test")
    with pytest.raises(ReadOnly):
        commit(committer, Add(G, line("a")))


def test_a_build_does_not_replace_a_writable_store(folder: Path, small: Path) -> None:
    """A build refuses to publish into the folder of a writable store."""
    with pytest.raises(CannotWrite):
        build(small, folder)
    assert content(folder) == {}


def killed(*options: str) -> str:
    """Kill writers at random moments and return the summary."""
    script = ROOT / "bench" / "kill_writes.py"
    run = subprocess.run(
        [sys.executable, str(script), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("options", [("--kills", "10"), ("--kills", "3", "--whole")])
def test_killing_a_writer_loses_nothing(options: tuple[str, ...]) -> None:
    """A few writers are killed at random moments, with and without their parent."""
    assert " 0 lost, 0 half, 0 unexpected, 0 stores" in killed(*options)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing() -> None:
    """They are killed during commits, after some were acknowledged."""
    summary = killed("--kills", "200", "--seed", "2")
    assert "200 kills" in summary
    assert "0 acknowledged" not in summary.split(", ")
    assert "writing a snapshot" in summary


NAMES = st.sampled_from(["a", "b", "c"])
GRAPHS = st.sampled_from([G, H])
LINES = st.lists(st.tuples(NAMES, NAMES), max_size=4)


def ntriples(pairs: list[tuple[str, str]]) -> bytes:
    """Return pairs of subject and value as N-Triples."""
    return b"".join(line(name, value) for name, value in pairs)


CHANGES = st.one_of(
    st.builds(Add, GRAPHS | st.none(), LINES.map(ntriples)),
    st.builds(Replace, GRAPHS | st.none(), LINES.map(ntriples)),
    st.builds(
        lambda graph, name, value: Update(
            f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:x-test:{name}> <urn:x-test:p> "
            f"'{value}' }} }}"
        ),
        GRAPHS,
        NAMES,
        NAMES,
    ),
    st.builds(
        lambda graph, name: Update(
            f"DELETE WHERE {{ GRAPH <{graph}> {{ <urn:x-test:{name}> ?p ?o }} }}"
        ),
        GRAPHS,
        NAMES,
    ),
    st.builds(
        lambda graph, value: Update(
            f"INSERT {{ GRAPH ?g {{ <urn:x-test:d> ?p ?o }} }} WHERE {{ GRAPH ?g "
            f"{{ ?s ?p ?o }} FILTER(?o = '{value}' && ?g = <{graph}>) }}"
        ),
        GRAPHS,
        NAMES,
    ),
)


def model(dataset: Dataset, change: Mutation) -> None:
    """Apply a change to rdflib's dataset."""
    if isinstance(change, Update):
        dataset.update(change.text)
        return
    graph = (
        dataset.default_graph
        if change.graph is None
        else dataset.graph(URIRef(change.graph))
    )
    if isinstance(change, Replace):
        graph.remove((None, None, None))
    if not isinstance(change, Drop):
        graph.parse(data=change.ntriples, format="nt")


@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib, of itself
@settings(max_examples=5, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=8))
def test_any_sequence_of_changes_matches_rdflib(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Mutation]
) -> None:
    """After random changes the store equals rdflib's dataset."""
    place = tmp_path_factory.mktemp("random")
    committer = Committer(place, NO_HOOK, "test")
    create_writable_store(place, None, clock())
    expected = Dataset()
    for change in changes:
        commit(committer, change)
        model(expected, change)
    committer.close()
    held = {name: triples for name, triples in content(place).items() if triples}
    graphs = {str(g.identifier): set(g) for g in expected.graphs() if len(g)}
    graphs.pop(str(expected.default_graph.identifier), None)
    assert held == graphs
    sizes = current_release(place).manifest["triples"]
    assert {g: sizes[g] for g in held} == {g: len(held[g]) for g in held}
    assert sizes.get("", 0) == len(expected.default_graph)


def test_a_commit_materialises_its_inferences(
    curated: tuple[Path, Committer],
) -> None:
    """The same version has the inferences from a new fact, with their proofs."""
    folder, committer = curated
    before = open_store(current_release(folder).store)
    club = URIRef(f"{BASE}id/org/test-club")
    statements = (
        (RDF.type, AL.InternationalOrganization),
        (RDFS.label, Literal("ناد", lang="ar")),
        (RDFS.label, Literal("Club", lang="en")),
    )
    text = "".join(f"<{club}> <{p}> {o.n3()} .\n" for p, o in statements)
    commit(committer, Add(str(ENTITIES_GRAPH), text.encode()))
    after = open_store(current_release(folder).store)
    new = set(after.read(INFERRED_GRAPH)) - set(before.read(INFERRED_GRAPH))
    assert (club, RDF.type, AL.Party) in new
    proofs = after.read(PROOFS_GRAPH)
    assert set(before.read(PROOFS_GRAPH)) < set(proofs)
    for subject, predicate, value in new:
        (proof,) = (
            set(proofs.subjects(RDF.subject, subject))
            & set(proofs.subjects(RDF.predicate, predicate))
            & set(proofs.subjects(RDF.object, value))
        )
        assert proofs.value(proof, AL.byRule)
    sizes, meta = current_release(folder).manifest["triples"], after.read(META_GRAPH)
    for graph in (ENTITIES_GRAPH, INFERRED_GRAPH, PROOFS_GRAPH):
        assert meta.value(graph, VOID.triples) == Literal(sizes[str(graph)])
        assert sizes[str(graph)] == len(after.read(graph))
    where = f"GRAPH <{ENTITIES_GRAPH}> {{ <{club}> ?p ?o }}"
    commit(committer, Update(f"DELETE WHERE {{ {where} }}"))


def test_an_inconsistent_change_is_rejected(curated: tuple[Path, Committer]) -> None:
    """Facts that contradict the ontology change nothing; the error names the rule."""
    folder, committer = curated
    before = current_release(folder)
    both = "".join(
        f"<urn:x-test:x> <{RDF.type}> <{kind}> .\n" for kind in (AL.Person, AL.Place)
    )
    with pytest.raises(Inconsistent, match="cax-adc"):
        commit(committer, Add(str(ENTITIES_GRAPH), both.encode()))
    assert current_release(folder) == before


def test_a_nonconforming_change_is_rejected(curated: tuple[Path, Committer]) -> None:
    """Facts that are consistent but violate a shape change nothing."""
    folder, committer = curated
    before = current_release(folder)
    nameless = f"<{BASE}id/state/XYZ> <{RDF.type}> <{AL.State}> .\n"
    with pytest.raises(Nonconforming):
        commit(committer, Add(str(ENTITIES_GRAPH), nameless.encode()))
    assert current_release(folder) == before


@pytest.mark.parametrize(
    ("turtle", "error"),
    [
        (f"<urn:x-test:x> a <{AL.Person}> , <{AL.Place}> .", Inconsistent),
        (f"<{BASE}id/state/XYZ> a <{AL.State}> .", Nonconforming),
    ],
    ids=["ontology", "shapes"],
)
@pytest.mark.parametrize("way", ["update", "graph"])
def test_the_default_graph_is_validated_too(
    curated: tuple[Path, Committer], turtle: str, error: type[AlaqatError], way: str
) -> None:
    """Inconsistent or nonconforming triples are rejected, however they are sent."""
    folder, committer = curated
    before = current_release(folder)
    triples = "".join(
        f"{' '.join(term.n3() for term in triple)} .\n"
        for triple in Graph().parse(data=turtle, format="turtle")
    )
    change = Update(f"INSERT DATA {{ {turtle} }}")
    with pytest.raises(error):
        commit(committer, change if way == "update" else Add(None, triples.encode()))
    assert current_release(folder) == before


def test_inferences_follow_changes_of_the_default_graph(
    curated: tuple[Path, Committer],
) -> None:
    """Facts in the store's own default graph are premises until they are removed."""
    folder, committer = curated
    before = content(folder)[str(INFERRED_GRAPH)]
    club = URIRef(f"{BASE}id/org/own-club")
    turtle = f"<{club}> a <{AL.InternationalOrganization}>"
    turtle += f" ; <{RDFS.label}> 'ناد'@ar , 'Club'@en"
    commit(committer, Update(f"INSERT DATA {{ {turtle} }}"))
    dataset = dataset_of(folder)
    follows = (club, RDF.type, AL.Party)
    assert follows in dataset.graphs[INFERRED_GRAPH]
    proof = dataset.prover.proof(follows)
    assert proof is not None
    assert proof.rule is not None
    assert dataset.resolver.resource("Club") == club
    assert (club, RDF.type, AL.InternationalOrganization) in dataset.graphs[
        STORE_DEFAULT_GRAPH
    ]
    commit(committer, Update("CLEAR DEFAULT"))
    assert content(folder)[str(INFERRED_GRAPH)] == before
    assert STORE_DEFAULT_GRAPH not in dataset_of(folder).graphs


@pytest.mark.parametrize(
    "change",
    [
        Update(
            f"INSERT DATA {{ GRAPH <{STORE_DEFAULT_GRAPH}> {{ <urn:x-test:a> a 1 }} }}"
        ),
        Update(f"CREATE GRAPH <{STORE_DEFAULT_GRAPH}>"),
        Add(str(STORE_DEFAULT_GRAPH), line("a")),
    ],
    ids=["update", "create", "add"],
)
def test_the_name_of_the_default_graph_is_reserved(
    committer: Committer, change: Mutation
) -> None:
    """A graph of that name would be hidden by the default graph."""
    with pytest.raises(ReadOnly, match="default graph"):
        commit(committer, change)


def test_the_default_graph_is_exported_without_a_name(
    folder: Path, committer: Committer
) -> None:
    """N-Quads of all graphs have its triples without a graph name."""
    commit(committer, Add(None, line("a")))
    out = BytesIO()
    export(open_store(current_release(folder).store), out, N_QUADS)
    assert line("a") in out.getvalue().splitlines(keepends=True)


def test_manifests_record_whether_the_default_graph_is_disjoint(
    folder: Path, committer: Committer
) -> None:
    """Each manifest records whether some triple is in two of the default graphs."""
    one, two = str(facts_graph("one")), str(facts_graph("two"))
    recorded = []
    for change in (
        Add(one, line("a")),
        Add(two, line("b")),
        Add(G, line("a")),
        Add(two, line("a")),
    ):
        commit(committer, change)
        recorded.append(current_release(folder).manifest["set"])
    assert recorded == [True, True, True, False]
    other = folder.with_name("other")
    create_writable_store(other, None, clock())
    again = Committer(other, NO_HOOK, "again")
    commit(again, Add(None, line("a")))
    commit(again, Update(f"ADD DEFAULT TO <{one}>"))
    again.close()
    assert current_release(other).manifest["set"] is False
