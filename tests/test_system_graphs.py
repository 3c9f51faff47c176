"""System graphs cannot be written, whatever the text of an update says.

Each attack is followed by the innocent change of another author, which must publish
nothing but itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import PROV, VOID, Graph, Literal, URIRef

from alaqat.curation.backup import create_writable_store
from alaqat.curation.commit import Committer
from alaqat.curation.graph_cache import count_triples
from alaqat.curation.history_chain import HistoryHead, check_history
from alaqat.curation.model import SYSTEM_GRAPHS, CommitRequest
from alaqat.curation.snapshots import Snapshots
from alaqat.errors import AlaqatError, ReadOnly
from alaqat.store import differences
from alaqat.store.interface import Add, Drop, Mutation, Replace, Update
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.store.releases import current_release, open_store
from alaqat.terms import (
    BASE,
    HISTORY_GRAPH,
    INFERRED_GRAPH,
    META_GRAPH,
    PROOFS_GRAPH,
    STORE_DEFAULT_GRAPH,
)
from test_writable_store import G, H, clock, line

FORGED = '<urn:x-test:forged> <urn:x-test:p> "forged"'
NUMBERS = count()
ENDS = ("inferred", "proofs", "meta", "history")
GRAPHS = f"{BASE}graph/"

# Variables whose letters some grammar does not know.
ODD_VARIABLES = ("€", "‿", "x·y", "٠", "😀", "ͰͰ", "x⁀", "a̱", "𐐀", "_", "1")


def computed(end: str, variable: str = "g") -> str:
    """Return the pattern that binds a variable to a name that no token spells."""
    return f"BIND(IRI(CONCAT('{BASE}gra', 'ph/{end}')) AS ?{variable})"


ATTACKS = [
    *(
        f"INSERT {{ GRAPH ?{name} {{ {FORGED} }} }} WHERE {{ {computed(end, name)} }}"
        for name, end in zip(ODD_VARIABLES, ENDS * 3, strict=False)
    ),
    *(
        f"DELETE {{ GRAPH ${name} {{ ?s ?p ?o }} }} WHERE {{ {computed(end, name)} "
        f"GRAPH ${name} {{ ?s ?p ?o }} }}"
        for name, end in zip(ODD_VARIABLES, ENDS * 3, strict=False)
    ),
    f"DELETE {{ GRAPH ?€ {{ ?s ?p ?o }} }} INSERT {{ GRAPH ?€ {{ ?s ?p 'x' }} }} "
    f"WHERE {{ {computed('history', '€')} GRAPH ?€ {{ ?s ?p ?o }} }}",
    f"INSERT {{ GRAPH ?g {{ {FORGED} }} }} "
    f"WHERE {{ VALUES ?g {{ <{INFERRED_GRAPH}> <{META_GRAPH}> }} }}",
    f"INSERT {{ GRAPH ?g {{ {FORGED} }} }} WHERE {{ {computed('meta')} }} ; "
    f"INSERT DATA {{ GRAPH <{G}> {{ {FORGED} }} }}",
    f"INSERT DATA {{ GRAPH <{G}> {{ {FORGED} }} }} ; "
    f"INSERT {{ GRAPH ?g {{ {FORGED} }} }} WHERE {{ {computed('proofs')} }}",
    f"INSERT DATA {{ GRAPH <{INFERRED_GRAPH}> {{ {FORGED} }} }}",
    f"INSERT DATA {{ {FORGED} GRAPH <{GRAPHS}me\\u0074a> {{ {FORGED} }} }}",
    f"PREFIX x: <{BASE}gra> INSERT DATA {{ GRAPH x:ph\\/proofs {{ {FORGED} }} }}",
    f"BASE <{GRAPHS}> INSERT DATA {{ GRAPH <history> {{ {FORGED} }} }}",
    f"BASE <{GRAPHS}x/y> INSERT DATA {{ GRAPH <../history> {{ {FORGED} }} }}",
    f"INSERT DATA {{ GRAPH <graph/history> {{ {FORGED} }} }}",
    f"WITH <{INFERRED_GRAPH}> INSERT {{ {FORGED} }} WHERE {{ }}",
    f"WITH <{HISTORY_GRAPH}> DELETE {{ ?s ?p ?o }} USING <{HISTORY_GRAPH}> "
    "WHERE { ?s ?p ?o }",
    f"PREFIX x: <{GRAPHS}> WITH x:h\\u0069story DELETE {{ ?s ?p ?o }} WHERE "
    "{ ?s ?p ?o }",
    f"DELETE WHERE {{ GRAPH <{HISTORY_GRAPH}> {{ ?s ?p ?o }} }}",
    "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
    f"CLEAR GRAPH <{GRAPHS}inferre\\u0064>",
    f"PREFIX x: <{GRAPHS}> CLEAR SILENT GRAPH x:meta",
    f"DROP SILENT GRAPH <{GRAPHS}\\u0068istory>",
    f"BASE <{GRAPHS}> DROP GRAPH <proofs>",
    f"MOVE <{INFERRED_GRAPH}> TO <{H}>",
    f"MOVE SILENT <{G}> TO <{GRAPHS}inferr\\u0065d>",
    f"COPY DEFAULT TO <{META_GRAPH}>",
    f"COPY <{G}> TO <graph/meta>",
    f"ADD <{G}> TO <{HISTORY_GRAPH}>",
    f"PREFIX x: <{BASE}> ADD <{G}> TO x:graph\\/proofs",
    "CLEAR ALL",
    "CLEAR NAMED",
    "DROP ALL",
    "DROP SILENT NAMED",
    f"CREATE GRAPH <{STORE_DEFAULT_GRAPH}>",
    f"INSERT DATA {{ GRAPH <{STORE_DEFAULT_GRAPH}> {{ {FORGED} }} }}",
    f"INSERT DATA {{ GRAPH <{G}> {{ {FORGED} }} }} ; DROP GRAPH <{PROOFS_GRAPH}>",
]

# Names that are not those of system graphs, however alike they look.
OTHER_NAMES = [
    f"{GRAPHS}hist%6Fry",
    f"{GRAPHS}%69nferred",
    f"{GRAPHS}History",
    f"{GRAPHS}inferred/",
    f"{GRAPHS}inferred#",
    f"{GRAPHS}x/../meta",
    f"{GRAPHS}./proofs",
    "HTTPS://w3id.org/alaqat/graph/history",
    "https://W3ID.org/alaqat/graph/history",
    "http://w3id.org/alaqat/graph/history",
    f"{GRAPHS}histоry",  # a Cyrillic letter
]


def published(folder: Path) -> OxigraphStore:
    """Return the current snapshot."""
    return open_store(current_release(folder).store)


def lines_of(store: OxigraphStore) -> dict[str, frozenset[bytes]]:
    """Return the lines of every graph that is not empty."""
    names = ["", *map(str, store.graphs())]
    found = {n: differences.scan(store, n, is_kept=True).lines for n in names}
    return {name: lines for name, lines in found.items() if lines}


def system(lines: dict[str, frozenset[bytes]]) -> dict[str, frozenset[bytes]]:
    """Return the system graphs but for the history."""
    names = {str(name) for name in SYSTEM_GRAPHS - {HISTORY_GRAPH}}
    return {name: each for name, each in lines.items() if name in names}


def ordinary(lines: dict[str, frozenset[bytes]]) -> dict[str, frozenset[bytes]]:
    """Return the graphs that clients may write."""
    names = {str(name) for name in SYSTEM_GRAPHS}
    return {name: each for name, each in lines.items() if name not in names}


def commit(committer: Committer, change: Mutation, author: str = "eve") -> None:
    """Commit in this process."""
    committer.commit(CommitRequest(change, author, clock()))


def replayed(history: Graph, head: str) -> dict[str, frozenset[bytes]]:
    """Return the ordinary graphs that result from all recorded differences."""
    order = [URIRef(head)]
    while before := history.value(order[-1], PROV.wasInformedBy):
        order.append(URIRef(str(before)))
    graphs: defaultdict[str, set[bytes]] = defaultdict(set)
    for activity in reversed(order):
        for relation, apply in (
            (PROV.wasInvalidatedBy, set.difference_update),
            (PROV.wasGeneratedBy, set.update),
        ):
            for entity in history.subjects(relation, activity):
                name = str(history.value(entity, PROV.specializationOf) or "")
                listed = str(history.value(entity, PROV.value)).encode().split(b"\n")
                assert history.value(entity, VOID.triples) == Literal(len(listed))
                apply(graphs[name], listed)
    return {name: frozenset(lines) for name, lines in graphs.items() if lines}


def check_that_history_explains(folder: Path) -> None:
    """Check the chain, and that replaying the history gives the published graphs."""
    store, head = published(folder), HistoryHead.of(current_release(folder).manifest)
    assert check_history(store, head).entries
    history = store.read(str(HISTORY_GRAPH))
    assert replayed(history, head.change) == ordinary(lines_of(store))


def seeded(folder: Path) -> Path:
    """Create a store with a triple in each system graph."""
    create_writable_store(folder, None, clock())
    snapshots, secret = Snapshots(folder), URIRef("urn:x-test:secret")
    with (
        snapshots.locked(1),
        snapshots.private_copy(current_release(folder).store, "seed") as store,
    ):
        for name in (INFERRED_GRAPH, PROOFS_GRAPH, META_GRAPH):
            amend(store, str(name), [(secret, secret, Literal(str(name)))])
        sizes = count_triples(store)
        snapshots.publish(store, {"version": "0" * 64, "triples": sizes, "set": True})
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of such a store."""
    return seeded(tmp_path / "working")


@pytest.fixture
def committer(folder: Path) -> Iterator[Committer]:
    """Yield a committer of that store, which has made one change to it."""
    committer = Committer(folder, None, "test")
    commit(committer, Add(G, line("a")), "ada")
    yield committer
    committer.close()


@pytest.fixture(scope="module")
def attacked(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, Committer]]:
    """Yield a store that is attacked again and again, with its committer."""
    folder = seeded(tmp_path_factory.mktemp("attacked") / "working")
    committer = Committer(folder, None, "attacked")
    commit(committer, Add(G, line("a")), "ada")
    yield folder, committer
    committer.close()


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_changes_no_system_graph(
    attacked: tuple[Path, Committer], text: str
) -> None:
    """It is refused as a whole, and the next change publishes nothing of it."""
    (folder, committer), new = attacked, line(f"n{next(NUMBERS)}")
    before = lines_of(published(folder))
    with pytest.raises(AlaqatError):
        commit(committer, Update(text))
    assert lines_of(published(folder)) == before
    commit(committer, Add(G, new), "ada")
    after = lines_of(published(folder))
    assert system(after) == system(before)
    assert after[str(HISTORY_GRAPH)] > before[str(HISTORY_GRAPH)]
    assert ordinary(after) == {**ordinary(before), G: before[G] | {new.strip()}}
    check_that_history_explains(folder)


@pytest.mark.parametrize("end", ENDS)
def test_a_graph_that_a_variable_names_is_refused_by_its_name(
    attacked: tuple[Path, Committer], end: str
) -> None:
    """The error is that of a system graph, since the quads show which one it is."""
    text = f"INSERT {{ GRAPH ?g {{ {FORGED} }} }} WHERE {{ {computed(end)} }}"
    with pytest.raises(ReadOnly, match=end):
        commit(attacked[1], Update(text))


@pytest.mark.parametrize("name", OTHER_NAMES)
@pytest.mark.parametrize("way", ["data", "pattern", "graph"])
def test_a_similar_name_is_another_graph(
    attacked: tuple[Path, Committer], name: str, way: str
) -> None:
    """It may be written, and its triples are in no system graph."""
    folder, committer = attacked
    triple = f"<urn:x-test:{way}> <urn:x-test:p> {next(NUMBERS)}"
    before = lines_of(published(folder))
    change: Mutation = {
        "data": Update(f"INSERT DATA {{ GRAPH <{name}> {{ {triple} }} }}"),
        "pattern": Update(f"INSERT {{ GRAPH <{name}> {{ {triple} }} }} WHERE {{ }}"),
        "graph": Add(name, f"{triple.rsplit(' ', 1)[0]} <urn:x> .\n".encode()),
    }[way]
    commit(committer, change)
    after = lines_of(published(folder))
    assert system(after) == system(before)
    changed = {n for n in after if after[n] != before.get(n)}
    assert changed == {name, str(HISTORY_GRAPH)}
    check_that_history_explains(folder)


@pytest.mark.parametrize("name", sorted(SYSTEM_GRAPHS))
@pytest.mark.parametrize("kind", [Add, Replace, Drop])
def test_no_graph_request_writes_a_system_graph(
    attacked: tuple[Path, Committer], name: str, kind: type[Add | Replace | Drop]
) -> None:
    """PUT, POST and DELETE of a system graph are refused."""
    change = Drop(name) if kind is Drop else kind(name, line("b"))  # type: ignore[call-arg] # Drop has no triples
    with pytest.raises(ReadOnly):
        commit(attacked[1], change)


def test_a_copy_is_discarded_after_a_change_without_effect(
    folder: Path, committer: Committer
) -> None:
    """Whatever is in a copy that was not published is not published later."""
    copy = committer._copy  # stands for what an unknown fault left there
    assert copy is not None
    amend(copy.store, str(INFERRED_GRAPH), [(URIRef("urn:x"), PROV.value, Literal(1))])
    commit(committer, Add(G, line("a")))
    commit(committer, Add(G, line("b")))
    forged = published(folder).read(INFERRED_GRAPH)
    assert (URIRef("urn:x"), PROV.value, Literal(1)) not in forged


def test_changes_are_recorded_in_whatever_graph_they_are(
    folder: Path, committer: Committer
) -> None:
    """An ordinary graph that only the data names is in the history as well."""
    text = (
        f"INSERT {{ GRAPH ?€ {{ {FORGED} }} }} WHERE "
        f"{{ BIND(IRI(CONCAT('urn:x-test:', 'hidden')) AS ?€) }}"
    )
    with suppress(AlaqatError):  # the first wall may refuse the letter
        commit(committer, Update(text))
    commit(
        committer,
        Update(
            f"INSERT {{ GRAPH ?g {{ {FORGED} }} }} WHERE "
            "{ BIND(IRI(CONCAT('urn:x-test:', 'hidden')) AS ?g) }"
        ),
    )
    assert "urn:x-test:hidden" in ordinary(lines_of(published(folder)))
    check_that_history_explains(folder)


def test_a_large_graph_is_recorded_by_its_content(
    folder: Path, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a graph that is too large to compare, the size and the hash are recorded."""
    monkeypatch.setattr("alaqat.curation.commit.MAX_COMPARED_TRIPLES", 2)
    commit(committer, Replace(H, b"".join(line(f"a{n}") for n in range(5))))
    pattern = f"GRAPH <{H}> {{ ?s ?p ?o }}"
    commit(committer, Update(f"DELETE {{ {pattern} }} WHERE {{ {pattern} }}"))
    store = published(folder)
    head = HistoryHead.of(current_release(folder).manifest)
    check_history(store, head)
    history = store.read(str(HISTORY_GRAPH))
    (entity,) = history.subjects(PROV.wasGeneratedBy, URIRef(head.change))
    assert history.value(entity, VOID.triples) == Literal(0)
    assert history.value(entity, PROV.specializationOf) == URIRef(H)
    assert current_release(folder).manifest["triples"][H] == 0


NAMES = st.sampled_from(
    [f"<{name}>" for name in (G, H, INFERRED_GRAPH, HISTORY_GRAPH, OTHER_NAMES[0])]
)
TARGETS = NAMES | st.sampled_from([f"?{name}" for name in ("g", *ODD_VARIABLES)])
TRIPLES = st.sampled_from(
    [f"<urn:x-test:{name}> <urn:x-test:p> {value}" for name in "abc" for value in "12"]
    + [
        "?s ?p ?o",
        '<urn:x-test:a> <urn:x-test:p> "01"^^<urn:t>',
        "_:b a <urn:x-test:T>",
    ]
)
ENDINGS = st.sampled_from(ENDS) | st.just("own")


def modification(verb: str, target: str, triple: str, source: str, end: str) -> Update:
    """Return an update whose graph is named or bound."""
    name = target[1:] if target[0] == "?" else "unused"
    return Update(
        f"{verb} {{ GRAPH {target} {{ {triple} }} }} WHERE {{ "
        f"{computed(end, name)} GRAPH {source} {{ ?s ?p ?o }} }}"
    )


HOSTILE = st.one_of(
    st.builds(
        modification, st.sampled_from(["INSERT", "DELETE"]), TARGETS, TRIPLES, NAMES,
        ENDINGS,
    ),
    st.builds(
        lambda verb, name, triple: Update(
            f"{verb} DATA {{ GRAPH {name} {{ {triple} }} {triple} }}"
        ),
        st.sampled_from(["INSERT", "DELETE"]), NAMES, TRIPLES,
    ),
    st.builds(
        lambda verb, one, two: Update(f"{verb} SILENT {one} TO {two}"),
        st.sampled_from(["ADD", "COPY", "MOVE"]), NAMES | st.just("DEFAULT"), NAMES,
    ),
    st.builds(
        lambda verb, name: Update(f"{verb} SILENT GRAPH {name}"),
        st.sampled_from(["CLEAR", "DROP", "CREATE"]), NAMES,
    ),
    st.builds(
        lambda one, two: Update(f"{one.text} ; {two.text}"),
        st.builds(lambda name: Update(f"CLEAR SILENT GRAPH {name}"), NAMES),
        st.builds(modification, st.just("INSERT"), TARGETS, TRIPLES, NAMES, ENDINGS),
    ),
    st.builds(Replace, st.sampled_from([None, G, H]), st.just(line("c"))),
)  # fmt: skip


def attack(place: Path, changes: list[Mutation]) -> None:
    """Commit hostile changes, and check after each what is published."""
    create_writable_store(place, None, clock())
    committer = Committer(place, None, "test")
    commit(committer, Add(G, line("a") + line("b")), "ada")
    held = system(lines_of(published(place)))
    for change in changes:
        with suppress(AlaqatError):
            commit(committer, change)
        commit(committer, Add(H, line(f"n{next(NUMBERS)}")), "ada")
        assert system(lines_of(published(place))) == held
        check_that_history_explains(place)
    committer.close()


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_hostile_updates_change_no_system_graph(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Mutation]
) -> None:
    """Whatever is published follows from the history, by replaying it."""
    attack(tmp_path_factory.mktemp("hostile"), changes)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(HOSTILE, min_size=1, max_size=8))
def test_many_hostile_updates_change_no_system_graph(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Mutation]
) -> None:
    """The same, for longer."""
    attack(tmp_path_factory.mktemp("hostile"), changes)
