"""The server in its own process, with real HTTP and real signals."""

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
from itertools import count
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
    """Return a folder with a small release."""
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
    """Start a server in its own process group."""
    return subprocess.Popen(
        [sys.executable, "-c", START, str(output), str(root), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def address(output: Path, root: Path) -> Iterator[str]:
    """Yield the address of a running server."""
    with start(output, root) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a release of some thousand triples."""
    output = tmp_path_factory.mktemp("many")
    publish_release({facts_graph("x"): new_graph(facts(3000))}, output, {})
    return output


def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds, at most twenty seconds."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        Event().wait(0.05)


def serving_process(server: int) -> int:
    """Return the child of a server that answers, which is no helper of Python's."""
    command = ["ps", "-o", "pid=,args=", "--ppid", str(server)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    children = (line.split(None, 1) for line in found.stdout.splitlines())
    others = ("resource_tracker", "<defunct>")
    (pid,) = [p for p, name in children if not any(other in name for other in others)]
    return int(pid)


def running(group: int, state: str = "") -> list[str]:
    """Return the states of a group's processes, or of those in one: N is niced.

    Zombies are left out.
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
    """Return the status and the body of the response to a query."""
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


def is_up(address: str) -> bool:
    """Return whether a query succeeds; a refused connection is no error."""
    try:
        return fetch(address, query="ASK {}")[0] == 200
    except OSError:
        return False


def test_the_address_is_printed_once_it_answers(address: str) -> None:
    """On a line of its own, with the free port that was taken for 0."""
    assert address.startswith("http://127.0.0.1:")
    status, content = fetch(address, query="SELECT ?o { ?s ?p ?o }")
    assert status == 200
    (row,) = json.loads(content)["results"]["bindings"]
    assert row["o"]["value"] == "سلام"


def test_the_graph_store_protocol_is_implemented(address: str) -> None:
    """Graphs are served with a length and a tag; changes are refused."""
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


def test_concurrent_queries_are_all_answered(address: str) -> None:
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
def test_the_deepest_query_does_not_crash_a_worker(address: str, query: str) -> None:
    """The stack of its thread is large enough."""
    assert fetch(address, query=query)[0] == 200


def test_too_deep_a_query_is_refused(address: str) -> None:
    """And the server goes on."""
    status, content = fetch(address, query="SELECT * " + "{" * 3000 + "}" * 3000)
    assert status == 400
    assert json.loads(content)["column"] == 111
    assert fetch(address, query="ASK {}")[0] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
@pytest.mark.parametrize("group", [False, True], ids=["process", "group"])
def test_a_signal_shuts_it_down_cleanly(
    output: Path, root: Path, number: signal.Signals, group: bool
) -> None:
    """With exit code 0, no output and no process left; Ctrl-C goes to the group."""
    with start(output, root) as process:
        assert process.stdout is not None
        process.stdout.readline()
        send = os.killpg if group else os.kill
        send(process.pid, number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert errors == ""
    assert running(process.pid) == []


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_request_may_lower_the_timeout(address: str, accept: str) -> None:
    """Whether the response is data or a page."""
    values = " ".join(f"VALUES ?v{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(12))
    parameters = {"query": f"SELECT (COUNT(*) AS ?n) {{ {values} }}", "timeout": "0.5"}
    request = urllib.request.Request(
        f"{address}/sparql?{urlencode(parameters)}", headers={"Accept": accept}
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=20)
    assert caught.value.code == fetch(address, **parameters)[0] >= 400
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
            # a new query string each time, which no cached page has
            url = f"{address}/en/queries/lookup/numbers?timeout={30 + next(counter)}"
            status, page = get(url, "text/html")
            assert status == 200
            (row,) = re.findall(r'data-kind="number" data-value="(\d+)"', page)
            found = re.findall(r"version <bdi[^>]*>(\w{16})<", page)
            seen.extend((version, row) for version in found)
        return seen

    build(0)
    ended, counter = Event(), count()
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
def test_a_running_query_gets_an_error_on_shutdown(
    many: Path, root: Path, number: signal.Signals
) -> None:
    """Soon, with a remedy; a keep-alive connection delays nothing."""
    with start(many, root) as process, ThreadPoolExecutor(1) as other:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        keep_alive = HTTPConnection(address.removeprefix("http://"), timeout=30)
        keep_alive.request("GET", "/health")
        assert keep_alive.getresponse().read()
        running_query = other.submit(fetch, address, query=ENDLESS)
        until(lambda: running(process.pid, "N"))
        begun = time.monotonic()
        process.send_signal(number)
        status, content = running_query.result()
        assert (status, json.loads(content)["status"]) == (503, 503)
        process.communicate(timeout=30)
        assert time.monotonic() - begun < 4.5
        keep_alive.close()
    assert process.returncode == 0
    assert running(process.pid) == []


def test_nothing_outlives_a_server_that_is_killed(many: Path, root: Path) -> None:
    """Not even a worker in the middle of a query."""
    with start(many, root) as process, ThreadPoolExecutor(1) as other:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        running_query = other.submit(fetch, address, query=ENDLESS)
        until(lambda: running(process.pid, "N"))
        os.kill(process.pid, signal.SIGKILL)
        assert isinstance(running_query.exception(), OSError | HTTPException)
        process.communicate(timeout=30)
    until(lambda: not running(process.pid))


def test_a_killed_process_is_replaced(many: Path, root: Path) -> None:
    """Its connections break, and its workers end with it."""
    with start(many, root) as process, ThreadPoolExecutor(1) as other:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            running_query = other.submit(fetch, address, query=ENDLESS)
            until(lambda: running(process.pid, "N"))
            killed = serving_process(process.pid)
            os.kill(killed, signal.SIGKILL)
            assert isinstance(running_query.exception(), OSError | HTTPException)
            until(lambda: not running(process.pid, "N"))
            until(lambda: is_up(address))
            assert serving_process(process.pid) != killed
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
    assert running(process.pid) == []


def test_a_truncated_response_is_detected(many: Path, root: Path) -> None:
    """By its Content-Length."""
    with start(many, root) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        parameters = {"query": PAIRS, "format": "csv"}
        url = f"{address}/sparql?{urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=30) as reply:
            assert reply.read(1000)
            os.killpg(process.pid, signal.SIGKILL)
            with pytest.raises((IncompleteRead, ConnectionResetError)):
                reply.read()


def test_a_release_under_load_drops_no_request(tmp_path: Path, root: Path) -> None:
    """And later requests see it."""

    def build(number: int) -> None:
        graph = Graph()
        graph.add((E.s, E.p, Literal(number)))
        publish_release({facts_graph("x"): graph}, tmp_path, {})

    def read() -> list[int]:
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
        readers = [crowd.submit(read) for _ in range(4)]
        try:
            for number in range(1, 7):
                build(number)
                content = fetch(address, query="SELECT ?o { ?s ?p ?o }", format="csv")
                assert content == (200, f"o\r\n{number}\r\n".encode())
        finally:
            ended.set()
        for one in readers:
            seen = one.result(30)
            assert seen == sorted(seen)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_a_port_in_use_is_an_error(output: Path, root: Path) -> None:
    """With a remedy."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe, match=f"127.0.0.1:{port}") as caught:
            serve(output, root, port=port)
    assert "--port 0" in str(caught.value.remedy)


def test_a_second_server_does_not_share_the_port(
    address: str, output: Path, root: Path
) -> None:
    """Or both would answer in turns."""
    with pytest.raises(CannotServe):
        serve(output, root, port=int(address.rpartition(":")[2]))


def test_without_a_dataset_it_does_not_start(tmp_path: Path, root: Path) -> None:
    """The error has the command that builds one."""
    with pytest.raises(StoreUnavailable, match="No dataset"):
        serve(tmp_path, root)
