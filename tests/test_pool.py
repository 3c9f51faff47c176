"""Worker pool: limits, cancellation, queueing and recovery of killed workers."""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

import pytest
from rdflib import XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from alaqat.accounting import set_client, take_cpu_seconds
from alaqat.dataset import Datasets
from alaqat.errors import (
    InvalidQuery,
    LimitReached,
    StoreUnavailable,
    TimedOut,
    TooBusy,
    TooLarge,
    UnsupportedFormat,
)
from alaqat.rdf.formats import (
    JSON,
    N_TRIPLES,
    RDF_XML,
    Format,
    formats_for,
)
from alaqat.rdf.graphs import new_graph
from alaqat.store.pool.fairness import RecentStarts, StartPace
from alaqat.store.pool.messages import (
    QueryLimits,
    pack_term,
    unpack_term,
)
from alaqat.store.pool.process import WorkerProcess
from alaqat.store.pool.store import PooledStore
from alaqat.store.releases import CurrentSnapshot, publish_release
from alaqat.terms import facts_graph
from alaqat.timeout import MIN_TIMEOUT, parse_timeout
from synthetic import facts

E = Namespace("http://e/")
MANY = "SELECT * { ?s ?p ?o }"
PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ORDERED = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY DESC(?i) ?a"
ENDLESS = {
    "product": PRODUCT,
    "distinct": "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "ordered": ORDERED,
    "concatenation": "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d))) AS ?x) "
    "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "paths": "SELECT (COUNT(*) AS ?n) "
    "{ ?a (!<x:>|^!<x:>)* ?b . ?c (!<x:>|^!<x:>)* ?d }",
    "not exists": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i "
    "FILTER NOT EXISTS { ?a !<x:>* ?i } }",
}
STOP = QueryLimits(seconds=2, memory=400 << 20)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a published dataset of some thousand triples."""
    folder = tmp_path_factory.mktemp("published")
    publish_release({facts_graph("x"): new_graph(facts(4000))}, folder, {})
    return folder


@contextmanager
def pooled(
    output: Path, limits: QueryLimits, workers: int = 2
) -> Iterator[PooledStore]:
    """Yield a pooled store, and check that all its workers have ended afterwards."""
    store = PooledStore(CurrentSnapshot(output), workers=workers, limits=limits)
    try:
        yield store
    finally:
        store.close()
    assert multiprocessing.active_children() == []


@pytest.fixture
def store(output: Path) -> Iterator[PooledStore]:
    """Yield a store that stops queries after two seconds."""
    with pooled(output, STOP) as store:
        yield store


def serialized(store: PooledStore, text: str, form: Format = JSON) -> bytes:
    """Return the serialized result of a query."""
    out = io.BytesIO()
    store.query(text).write(out, form)
    return out.getvalue()


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, at most ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        Event().wait(0.01)


def is_idle(store: PooledStore, workers: int = 2) -> Callable[[], bool]:
    """Return a check that no query runs and all workers are idle."""
    return lambda: (store.statistics().running, store.statistics().idle) == (0, workers)


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_query_is_stopped(store: PooledStore, text: str) -> None:
    """It is stopped at its limit with a remedy, and another worker takes over."""
    begun = time.monotonic()
    with pytest.raises(LimitReached, match="stopped") as caught:
        serialized(store, text)
    assert time.monotonic() - begun < STOP.seconds + 5  # of a busy machine
    assert "Ask for less" in str(caught.value.remedy)
    until(is_idle(store))
    assert store.query("ASK {}").truth


def test_a_regular_expression_cannot_run_away(store: PooledStore) -> None:
    """The engine's regular expressions take linear time."""
    text = f'ASK {{ FILTER(!REGEX("{"a" * 5_000}!", "^(a+)+$")) }}'
    assert store.query(text).truth


def test_memory_is_limited(output: Path) -> None:
    """A query that needs too much memory fails with the limit in its message."""
    with (
        pooled(output, QueryLimits(seconds=300, memory=250 << 20)) as store,
        pytest.raises(LimitReached, match="more than 250 MiB"),
    ):
        serialized(store, ORDERED)
    assert store.statistics().ended == {"memory": 1}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("ASK { #" + "x" * 10_000_000 + "\n}", TooLarge),
        ("SELECT * {" + " UNION ".join(["{ ?s ?p ?o }"] * 10_000) + "}", InvalidQuery),
        ("ASK { FILTER(" + "(" * 100_000 + "1" + ")" * 100_000 + ") }", InvalidQuery),
        ("ASK { ?s ?p " + '"' * 200_000, InvalidQuery),
        ("<" * 900_000, InvalidQuery),
    ],
    ids=["long", "unions", "nested", "quotes", "brackets"],
)
def test_a_hostile_text_is_refused(
    store: PooledStore, text: str, error: type[Exception]
) -> None:
    """It is refused, or stopped like any other query."""
    with pytest.raises((error, LimitReached)):
        store.query(text)
    assert store.query("ASK {}").truth


def test_a_syntax_error_reaches_the_client(store: PooledStore) -> None:
    """An error keeps its position and remedy on the way from the worker."""
    with pytest.raises(InvalidQuery) as caught:
        store.query("SELECT *\n{ ?s x:y ?o }")
    assert (caught.value.line, caught.value.column) == (2, 6)
    assert "PREFIX x:" in str(caught.value.remedy)


def test_light_queries_are_answered_while_long_ones_run(output: Path) -> None:
    """Light queries stay fast; one long query too many is refused with Retry-After."""
    limits = QueryLimits(long_queries=8, light_query_cpu_seconds=0.1)
    with pooled(output, limits) as store, ThreadPoolExecutor(8) as crowd:
        running = [crowd.submit(serialized, store, PRODUCT) for _ in range(8)]
        until(lambda: store.statistics().long == 8)
        with pytest.raises(TooBusy, match="takes long") as caught:
            serialized(store, PRODUCT)
        assert caught.value.retry_after >= 1
        times = []
        for _ in range(100):
            begun = time.monotonic()
            assert store.query("ASK { ?s ?p ?o }").truth
            times.append(time.monotonic() - begun)
        assert sorted(times)[98] < 1
        assert not any(query.done() for query in running)
        assert store.statistics().ended == {"long": 1}
        store.close()
        for query in running:
            assert isinstance(query.exception(), StoreUnavailable)


@pytest.mark.parametrize("form", formats_for("bindings"), ids=lambda form: form.name)
def test_rows_are_limited(output: Path, form: Format) -> None:
    """The limit holds in every format and for iteration."""
    with pooled(output, QueryLimits(rows=1000)) as store:
        text = f"{MANY} LIMIT 1000"
        assert len(list(store.query(text))) == 1000
        assert serialized(store, text, form)
        for read in (list, lambda answer: answer.write(io.BytesIO(), form)):
            with pytest.raises(LimitReached, match="1,000 rows"):
                read(store.query(f"{MANY} LIMIT 1001"))
        assert store.statistics().ended == {"answer": 2}
        assert store.statistics().started == 2


def test_triples_are_limited(output: Path) -> None:
    """The row limit counts the triples of a graph."""
    text = "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1001"
    with (
        pooled(output, QueryLimits(rows=1000)) as store,
        pytest.raises(LimitReached, match="1,000 rows"),
    ):
        serialized(store, text, N_TRIPLES)


def test_a_worker_serializes_like_this_process(store: PooledStore) -> None:
    """A format is the same object on both sides of the pipe."""
    text = "CONSTRUCT { <http://e/s> <http://e/1> 'x' } WHERE {}"
    with pytest.raises(UnsupportedFormat, match="predicate http://e/1"):
        serialized(store, text, RDF_XML)


def test_bytes_are_limited(output: Path) -> None:
    """The worker goes on with the next query."""
    with pooled(output, QueryLimits(size=100_000)) as store:
        with pytest.raises(LimitReached, match="100,000 bytes"):
            serialized(store, MANY)
        assert serialized(store, f"{MANY} LIMIT 10")
        assert store.statistics().started == 2


def test_a_request_may_lower_the_timeout(store: PooledStore) -> None:
    """A request may lower the limit but not raise it."""
    for requested, limit in ((0.2, 0.7), (100.0, STOP.seconds + 0.5)):
        begun = time.monotonic()
        with pytest.raises(TimedOut):
            store.with_timeout(requested).query(PRODUCT).write(io.BytesIO(), JSON)
        assert time.monotonic() - begun < limit


def test_the_queue_has_a_limit(output: Path) -> None:
    """Both the length of the queue and the waiting time are limited."""
    limits = QueryLimits(
        queue_length=1, queue_seconds=0.3, long_queries=0
    )  # no extra worker
    with pooled(output, limits, workers=1) as store, ThreadPoolExecutor(1) as other:
        held = store.query(MANY)
        late = other.submit(store.query, "ASK {}")
        until(lambda: store.statistics().waiting == 1)
        with pytest.raises(TooBusy, match="which is the maximum"):
            store.query("ASK {}")
        assert isinstance(late.exception(), TooBusy)
        assert store.statistics().refused == {"queue": 1, "queueing": 1}
        assert held.kind == "bindings"


def test_extra_workers_start_while_queries_wait(output: Path) -> None:
    """An extra worker starts before the running queries prove to be long."""
    with pooled(output, QueryLimits(queue_seconds=5), workers=1) as store:
        held = [store.query(MANY) for _ in range(3)]
        assert store.query("ASK {}").truth
        assert store.statistics().long == 0
        assert all(one.kind == "bindings" for one in held)
        held.clear()
        gc.collect()
        until(is_idle(store, 1))


def test_starts_fade_with_time() -> None:
    """A client is costly for some seconds after it made many workers necessary."""
    now = 1000.0
    starts = RecentStarts(lambda: now)
    for _ in range(5):
        starts.add("a")
        starts.add("")
    assert starts.is_costly("a")
    assert not starts.is_costly("b")
    assert not starts.is_costly("")
    now += 10
    assert not starts.is_costly("a")


def test_workers_are_started_at_a_pace() -> None:
    """Some at once, then one in so many milliseconds."""
    now = 1000.0
    pace = StartPace(per_second=10, at_once=3, clock=lambda: now)
    none = pytest.approx([0, 0, 0], abs=1e-9)
    assert [pace.pause() for _ in range(3)] == none
    assert pace.pause() == pytest.approx(0.1)
    assert pace.pause() == pytest.approx(0.2)
    now += 5
    assert [pace.pause() for _ in range(3)] == none


def test_a_costly_client_leaves_a_worker_for_others(output: Path) -> None:
    """Its queries are stopped again and again; another's is answered meanwhile."""
    with pooled(output, QueryLimits()) as store, ThreadPoolExecutor(9) as crowd:
        ended = Event()

        def storm() -> None:
            set_client("storm")
            while not ended.is_set():
                with suppress(TimedOut, TooBusy):
                    list(store.with_timeout(MIN_TIMEOUT).query(PRODUCT))

        storms = [crowd.submit(storm) for _ in range(8)]
        try:
            until(lambda: store.statistics().ended.get("time", 0) > 8)
            set_client("light")
            times = []
            for _ in range(20):
                begun = time.monotonic()
                assert store.query("ASK {}").truth is not None
                times.append(time.monotonic() - begun)
        finally:
            set_client("")
            ended.set()
        for one in storms:
            one.result(10)
    assert sorted(times)[10] < 0.5


def test_one_client_has_not_all_places_for_long_queries(output: Path) -> None:
    """Another's long query still runs."""

    def run(client: str, seconds: float) -> object:
        set_client(client)
        return store.with_timeout(seconds).query(PRODUCT)

    with (
        pooled(output, QueryLimits(long_queries=4)) as store,
        ThreadPoolExecutor(5) as crowd,
    ):
        greedy = [crowd.submit(run, "greedy", 8) for _ in range(4)]
        until(lambda: store.statistics().long == 3)
        until(lambda: sum(one.done() for one in greedy) == 1)
        other = crowd.submit(run, "other", 2)
        assert isinstance(other.exception(20), TimedOut)
        errors = [type(one.exception(20)) for one in greedy]
    assert sorted(errors, key=str) == [TimedOut] * 3 + [TooBusy]


def test_a_query_that_is_stopped_pays_for_the_next_worker(store: PooledStore) -> None:
    """Besides its own CPU time."""
    take_cpu_seconds()
    with pytest.raises(TimedOut):
        list(store.with_timeout(0.001).query(PRODUCT))
    assert take_cpu_seconds() >= 0.05


@pytest.mark.parametrize("value", ["0.000001", "0.05", "1e-300"])
def test_a_timeout_has_a_floor(value: str) -> None:
    """What is less is raised to it; the smallest of several counts."""
    assert parse_timeout([value]) == parse_timeout(["9", value]) == MIN_TIMEOUT
    assert parse_timeout(["2.5"]) == 2.5


def test_an_abandoned_result_releases_its_worker(store: PooledStore) -> None:
    """No process is lost, whether the result was partly read or not at all."""
    until(is_idle(store))
    before = store.statistics().started
    for _ in range(5):
        assert store.query(MANY).variables
        assert next(iter(store.query(MANY)))
        gc.collect()
    assert is_idle(store)()
    assert store.statistics().started == before


class _Full(io.BytesIO):
    """A file on a disk without room."""

    def write(self, _: object) -> int:
        raise OSError(28, "No space left on device")


def test_a_failed_write_stops_the_query(store: PooledStore) -> None:
    """The rest of the result is discarded."""
    with pytest.raises(OSError, match="space"):
        store.query(MANY).write(_Full(), JSON)
    assert serialized(store, "ASK {}") == b'{"head":{},"boolean":true}'
    assert store.statistics().ended["left"] == 1


def test_a_killed_worker_is_replaced(output: Path) -> None:
    """A worker may be killed during a query or while idle."""
    with pooled(output, QueryLimits(), workers=1) as store:
        assert store.query("ASK {}").truth
        (worker,) = multiprocessing.active_children()
        with ThreadPoolExecutor(1) as other:
            query = other.submit(serialized, store, PRODUCT)
            until(lambda: store.statistics().running == 1)
            os.kill(worker.pid or 0, signal.SIGKILL)
            assert isinstance(query.exception(), StoreUnavailable)
        until(is_idle(store, 1))
        (worker,) = multiprocessing.active_children()
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join(10)
        assert store.query("ASK {}").truth
        assert store.statistics().ended == {"lost": 2}


@pytest.mark.parametrize(
    "term",
    [
        Literal("01", datatype=XSD.integer, normalize=False),
        Literal("سلام", lang="ar"),
        Literal("x"),
        Literal("x", datatype=XSD.string),
        URIRef("http://e/o"),
        BNode("b"),
        None,
    ],
    ids=repr,
)
def test_terms_keep_their_lexical_form(term: Node | None) -> None:
    """A number keeps its zeros, a string its language."""
    found = unpack_term(pickle.loads(pickle.dumps(pack_term(term))))  # noqa: S301 # our own
    assert found == term
    assert (type(found), str(found)) == (type(term), str(term))


def publish_number(output: Path, number: int) -> None:
    """Publish a dataset that holds one number."""
    graph = Graph()
    graph.add((E.s, E.p, Literal(number)))
    publish_release({facts_graph("x"): graph}, output, {})


def test_publishing_under_load_drops_no_query(tmp_path: Path) -> None:
    """Later queries see the new dataset, and none sees an older one again."""
    publish_number(tmp_path, 0)
    ended = Event()

    def read_numbers() -> list[int]:
        seen, is_last = [], False
        while not is_last:
            is_last = ended.is_set()
            (row,) = store.query("SELECT ?o { ?s ?p ?o }")
            seen.append(int(str(row[0])))
        return seen

    with pooled(tmp_path, QueryLimits()) as store, ThreadPoolExecutor(4) as crowd:
        readers = [crowd.submit(read_numbers) for _ in range(4)]
        try:
            for number in range(1, 9):
                publish_number(tmp_path, number)
                (row,) = store.query("SELECT ?o { ?s ?p ?o }")
                assert str(row[0]) == str(number)
        finally:
            ended.set()
        for one in readers:
            seen = one.result(30)
            assert seen == sorted(seen)
            assert seen[-1] == 8


def test_pages_use_the_current_dataset(tmp_path: Path) -> None:
    """There is one object a version, and an older one stays usable."""
    publish_number(tmp_path, 1)
    datasets = Datasets(CurrentSnapshot(tmp_path))
    first = datasets.current()
    assert datasets.current() is first
    for number in (2, 3, 4):
        publish_number(tmp_path, number)
    second = datasets.current()
    assert second.version == datasets.version() != first.version
    values = [
        str(value)
        for dataset in (first, second)
        for value in dataset.graphs[facts_graph("x")].objects()
    ]
    assert values == ["1", "4"]


def test_without_a_dataset_there_is_no_store(tmp_path: Path) -> None:
    """A missing dataset or an unreadable manifest is an error."""
    with pytest.raises(StoreUnavailable, match="current"):
        PooledStore(CurrentSnapshot(tmp_path))
    (tmp_path / "x").mkdir()
    (tmp_path / "current").symlink_to("x")
    with pytest.raises(StoreUnavailable, match="manifest"):
        PooledStore(CurrentSnapshot(tmp_path))


def test_a_closed_store_refuses_queries(output: Path) -> None:
    """Running and new queries fail with the shutdown as the reason."""
    with pooled(output, QueryLimits()) as store, ThreadPoolExecutor(1) as other:
        query = other.submit(serialized, store, PRODUCT)
        until(lambda: store.statistics().running == 1)
        store.close()
        assert "shutting down" in str(query.exception())
        with pytest.raises(StoreUnavailable, match="shutting down"):
            store.query("ASK {}")


def echo(pipe: Connection, code: int) -> None:
    """Send back each message, and exit with a code when the pipe is closed."""
    with suppress(EOFError):
        while True:
            pipe.send(pipe.recv())
    sys.exit(code)


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    """Yield a process that echoes messages."""
    started = WorkerProcess(echo, code=3)
    yield started
    started.close()


def test_a_worker_receives_with_a_timeout(worker: WorkerProcess) -> None:
    """None means no message yet, and a silent process is alive."""
    assert worker.receive(0.01) is None
    worker.send("a message")
    assert worker.receive(10) == "a message"
    assert worker.is_alive()
    assert worker.cpu_seconds() > 0
    worker.renice()
    assert os.getpriority(os.PRIO_PROCESS, worker.pid) == 19


def test_a_worker_may_end_by_itself(worker: WorkerProcess) -> None:
    """Given time, it ends with its own exit code."""
    assert worker.close(grace=10) == 3


def test_killing_a_worker_wakes_its_receiver(worker: WorkerProcess) -> None:
    """A pending receive fails, and so does a later send."""
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(worker.receive, 10)
        assert worker.kill() == -signal.SIGKILL
        assert isinstance(waiting.exception(), EOFError)
    assert not worker.is_alive()
    assert worker.cpu_seconds() == 0
    with pytest.raises(OSError, match="pipe"):
        worker.send("a message")
    worker.renice()
