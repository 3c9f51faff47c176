"""The server as people start it: its own process, real HTTP, real signals."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException, IncompleteRead
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import pytest
from rdflib import Graph, Literal, Namespace

from alaqat.errors import CannotServe, StoreUnavailable
from alaqat.rdf.graphs import new_graph
from alaqat.store.releases import publish_release
from alaqat.terms import facts_graph
from alaqat.web.server import serve
from synthetic import facts

E = Namespace("http://e/")
START = (
    "import sys; from pathlib import Path; from alaqat.web.server import serve; "
    "serve(Path(sys.argv[1]), Path(sys.argv[2]), port=int(sys.argv[3]), "
    "ready=lambda address: print(address, flush=True))"
)
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PAIRS = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 200000"
QUESTIONS = {
    "endless": ENDLESS,
    "endless-rows": "SELECT ?a { ?a ?b ?c . ?d ?e ?f . FILTER(?c = ?c + ?f) }",
    "numbers": "SELECT ?n { ?s <http://e/p> ?n }",
}
FRONT_MATTER = """#+ summary:
#+   en: A question of these tests?
#+ tags: [lookup]
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small published dataset."""
    output = tmp_path_factory.mktemp("published")
    graph = Graph()
    graph.add((E.s, E.p, Literal("سلام", lang="ar")))
    publish_release({facts_graph("x"): graph}, output, {})
    return output


@pytest.fixture(scope="module")
def questions(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a root folder whose library has some questions of these tests."""
    folder = tmp_path_factory.mktemp("root")
    shutil.copytree(root / "queries", folder / "queries")
    for name, text in QUESTIONS.items():
        params = "#+ params: [a]\n" if "?a {" in text else ""
        path = folder / "queries" / "questions" / f"{name}.rq"
        path.write_text(f"{FRONT_MATTER}{params}{text}\n")
    return folder


def start(output: Path, root: Path, port: int = 0) -> subprocess.Popen[str]:
    """A server in its own process and group."""
    return subprocess.Popen(
        [sys.executable, "-c", START, str(output), str(root), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def address(output: Path, root: Path) -> Iterator[str]:
    """The address of a server that answers."""
    with start(output, root) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a published dataset of some thousand triples."""
    output = tmp_path_factory.mktemp("many")
    publish_release({facts_graph("x"): new_graph(facts(3000))}, output, {})
    return output


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so, at most twenty seconds."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        Event().wait(0.05)


def answering(server: int) -> int:
    """The process of a server that answers: its child that is no helper of Python's."""
    asked = ["ps", "-o", "pid=,args=", "--ppid", str(server)]
    found = subprocess.run(asked, capture_output=True, text=True, check=True)
    children = (line.split(None, 1) for line in found.stdout.splitlines())
    others = ("resource_tracker", "<defunct>")
    (pid,) = [p for p, command in children if not any(o in command for o in others)]
    return int(pid)


def running(group: int, state: str = "") -> list[str]:
    """The states of a group's processes, or of those in one: N gives way to others.

    One that has ended and waits for its parent to ask how does not run.
    """
    found = subprocess.run(
        ["ps", "-e", "-o", "pgid=,stat="], capture_output=True, text=True, check=True
    )
    states = dict.fromkeys(found.stdout.splitlines())
    pairs = (line.split() for line in states if state in line)
    return [
        state for number, state in pairs if int(number) == group and "Z" not in state
    ]


def fetch(address: str, **parameters: str) -> tuple[int, bytes]:
    """The status and the body of a query."""
    url = f"{address}/sparql?{urlencode(parameters)}"
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def get(url: str, accept: str = "*/*") -> tuple[int, str]:
    """Return the status and the text of the response at an address."""
    request = urllib.request.Request(url, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def does_answer(address: str) -> bool:
    """Whether a query is answered, and not by a refused connection."""
    try:
        return fetch(address, query="ASK {}")[0] == 200
    except OSError:
        return False


def test_the_address_is_told_once_it_answers(address: str) -> None:
    """On a line of its own, with the free port that was taken for 0."""
    assert address.startswith("http://127.0.0.1:")
    status, content = fetch(address, query="SELECT ?o { ?s ?p ?o }")
    assert status == 200
    (row,) = json.loads(content)["results"]["bindings"]
    assert row["o"]["value"] == "سلام"


def test_the_protocols_are_spoken(address: str) -> None:
    """Graphs are served too, whole and with a tag by which they are known again."""
    url = f"{address}/data?{urlencode({'graph': facts_graph('x')})}"
    with urllib.request.urlopen(url, timeout=30) as reply:
        content, headers = reply.read(), reply.headers
    assert len(Graph().parse(data=content, format="turtle")) == 1
    assert int(headers["Content-Length"]) == len(content)
    known = urllib.request.Request(url, headers={"If-None-Match": headers["ETag"]})
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(known, timeout=30)
    removal = urllib.request.Request(url, method="DELETE")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(removal, timeout=30)


def test_queries_at_once_are_all_answered(address: str) -> None:
    """Eighty from sixteen clients, and one afterwards."""
    queries = [f"SELECT ?o{n} {{ ?s ?p ?o{n} }}" for n in range(80)]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda query: fetch(address, query=query), queries))
    assert {status for status, _ in replies} == {200}
    assert fetch(address, query="ASK {}")[0] == 200


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { FILTER(" + "(" * 95 + "1" + ")" * 95 + ") }",
        "SELECT * " + "{" * 99 + "}" * 99,
        "SELECT * { FILTER(" + "!" * 490 + "true) }",
        "SELECT * {" + " UNION ".join(["{ ?s a ?o }"] * 490) + "}",
        "SELECT * {" + "OPTIONAL {" * 98 + "}" * 98 + "}",
        "SELECT (1" + "+1" * 490 + " AS ?x) {}",
    ],
    ids=["parentheses", "braces", "not", "union", "optional", "sum"],
)
def test_the_most_that_is_allowed_does_not_crash_a_worker(
    address: str, query: str
) -> None:
    """The stack of a worker's thread is deep enough for it."""
    assert fetch(address, query=query)[0] == 200


def test_more_than_is_allowed_is_told(address: str) -> None:
    """And the server goes on."""
    status, content = fetch(address, query="SELECT * " + "{" * 3000 + "}" * 3000)
    assert status == 400
    assert json.loads(content)["column"] == 111
    assert fetch(address, query="ASK {}")[0] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
@pytest.mark.parametrize("group", [False, True], ids=["process", "group"])
def test_a_signal_ends_it_cleanly(
    output: Path, root: Path, number: signal.Signals, group: bool
) -> None:
    """With exit code 0, no noise and no process left; Ctrl-C goes to the group."""
    with start(output, root) as process:
        assert process.stdout is not None
        process.stdout.readline()
        send = os.killpg if group else os.kill
        send(process.pid, number)
        _, noise = process.communicate(timeout=30)
    assert process.returncode == 0
    assert noise == ""
    assert running(process.pid) == []


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_request_may_lower_the_limit_of_time(address: str, accept: str) -> None:
    """Whether the answer is for a program or a page."""
    values = " ".join(f"VALUES ?v{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(12))
    asked = {"query": f"SELECT (COUNT(*) AS ?n) {{ {values} }}", "timeout": "0.5"}
    request = urllib.request.Request(
        f"{address}/sparql?{urlencode(asked)}", headers={"Accept": accept}
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=20)
    assert caught.value.code == fetch(address, **asked)[0] >= 400
    assert "0.5 s" in caught.value.read().decode()


def test_the_timeout_of_a_request_stops_a_saved_question(
    many: Path, questions: Path
) -> None:
    """Whether it has parameters or not, and is a page or a file."""
    with start(many, questions) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        for name in ("endless", "endless-rows"):
            for path, accept in (("", "text/html"), ("", "*/*"), (".csv", "*/*")):
                begun = time.monotonic()
                status, content = get(
                    f"{address}/queries/lookup/{name}{path}?timeout=0.5", accept
                )
                assert status == 503
                assert "stopped after 0.5 seconds" in content
                assert time.monotonic() - begun < 10
        assert "alaqat_queries_stopped_time_total 6.0" in get(f"{address}/metrics")[1]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_the_page_of_a_question_states_the_version_of_its_rows(
    tmp_path: Path, questions: Path
) -> None:
    """While one build after another is swapped in."""
    versions: dict[str, str] = {}

    def build(number: int) -> None:
        graph = Graph()
        graph.add((E.s, E.p, Literal(number)))
        release = publish_release({facts_graph("x"): graph}, tmp_path, {})
        versions[release.version[:16]] = str(number)

    def read() -> list[tuple[str, str]]:
        seen = []
        while not ended.is_set():
            # the query string keeps the page out of the cache
            url = f"{address}/en/queries/lookup/numbers?timeout={30 + len(seen)}"
            status, page = get(url, "text/html")
            assert status == 200
            (row,) = re.findall(r'data-kind="number" data-value="(\d+)"', page)
            (version,) = re.findall(r"version <bdi[^>]*>(\w{16})<", page)
            seen.append((version, row))
        return seen

    build(0)
    ended = Event()
    with start(tmp_path, questions) as process, ThreadPoolExecutor(4) as crowd:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        readers = [crowd.submit(read) for _ in range(4)]
        try:
            for number in range(1, 9):
                build(number)
                Event().wait(0.3)
        finally:
            ended.set()
        pairs = {pair for one in readers for pair in one.result(30)}
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert len(pairs) > 1
    assert pairs <= versions.items()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_a_query_that_runs_is_told_that_the_server_ends(
    many: Path, root: Path, number: signal.Signals
) -> None:
    """Soon, and with what to do; a connection that is kept open delays nothing."""
    with start(many, root) as process, ThreadPoolExecutor(1) as other:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        kept = HTTPConnection(address.removeprefix("http://"), timeout=30)
        kept.request("GET", "/health")
        assert kept.getresponse().read()
        asked = other.submit(fetch, address, query=ENDLESS)
        until(lambda: running(process.pid, "N"))
        begun = time.monotonic()
        process.send_signal(number)
        status, content = asked.result()
        assert (status, json.loads(content)["status"]) == (503, 503)
        process.communicate(timeout=30)
        assert time.monotonic() - begun < 4.5
        kept.close()
    assert process.returncode == 0
    assert running(process.pid) == []


def test_nothing_outlives_a_server_that_is_killed(many: Path, root: Path) -> None:
    """Not even a reader in the middle of a query."""
    with start(many, root) as process, ThreadPoolExecutor(1) as other:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        asked = other.submit(fetch, address, query=ENDLESS)
        until(lambda: running(process.pid, "N"))
        os.kill(process.pid, signal.SIGKILL)
        assert isinstance(asked.exception(), OSError | HTTPException)
        process.communicate(timeout=30)
    until(lambda: not running(process.pid))


def test_another_answers_in_place_of_one_that_was_killed(
    many: Path, root: Path
) -> None:
    """And what it was asked is told as broken off; its readers end with it."""
    with start(many, root) as process, ThreadPoolExecutor(1) as other:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            asked = other.submit(fetch, address, query=ENDLESS)
            until(lambda: running(process.pid, "N"))
            killed = answering(process.pid)
            os.kill(killed, signal.SIGKILL)
            assert isinstance(asked.exception(), OSError | HTTPException)
            until(lambda: not running(process.pid, "N"))
            until(lambda: does_answer(address))
            assert answering(process.pid) != killed
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
    assert running(process.pid) == []


def test_an_answer_that_is_cut_is_no_answer(many: Path, root: Path) -> None:
    """Its length was told, so that the client sees it."""
    with start(many, root) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        asked = {"query": PAIRS, "format": "csv"}
        url = f"{address}/sparql?{urlencode(asked)}"
        with urllib.request.urlopen(url, timeout=30) as reply:
            assert reply.read(1000)
            os.killpg(process.pid, signal.SIGKILL)
            with pytest.raises((IncompleteRead, ConnectionResetError)):
                reply.read()


def test_a_build_swapped_in_under_load_drops_no_request(
    tmp_path: Path, root: Path
) -> None:
    """And who asks after it sees it."""

    def build(number: int) -> None:
        graph = Graph()
        graph.add((E.s, E.p, Literal(number)))
        publish_release({facts_graph("x"): graph}, tmp_path, {})

    def ask() -> list[int]:
        seen = []
        while not ended.is_set():
            status, content = fetch(address, query="SELECT ?o { ?s ?p ?o }")
            assert status == 200
            (row,) = json.loads(content)["results"]["bindings"]
            seen.append(int(row["o"]["value"]))
        return seen

    build(0)
    ended = Event()
    with start(tmp_path, root) as process, ThreadPoolExecutor(4) as crowd:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        asking = [crowd.submit(ask) for _ in range(4)]
        try:
            for number in range(1, 7):
                build(number)
                content = fetch(address, query="SELECT ?o { ?s ?p ?o }", format="csv")
                assert content == (200, f"o\r\n{number}\r\n".encode())
        finally:
            ended.set()
        for one in asking:
            seen = one.result(30)
            assert seen == sorted(seen)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_a_port_in_use_is_told(output: Path, root: Path) -> None:
    """In one sentence, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe, match=f"127.0.0.1:{port}") as caught:
            serve(output, root, port=port)
    assert "--port 0" in str(caught.value.remedy)


def test_a_second_server_does_not_share_the_port(
    address: str, output: Path, root: Path
) -> None:
    """Two would answer in turns."""
    with pytest.raises(CannotServe):
        serve(output, root, port=int(address.rpartition(":")[2]))


def test_without_a_dataset_nothing_is_served(tmp_path: Path, root: Path) -> None:
    """The error says how to build one."""
    with pytest.raises(StoreUnavailable, match="No dataset"):
        serve(tmp_path, root)
