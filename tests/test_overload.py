"""Overload: whoever holds the server up holds only themselves up.

A real server on loopback, where 127.0.0.2 stands for a client of another machine. The
bounds are far wider than what is measured (``bench/overload.py``): a machine may be
busy, but not for as long as an attack lasts.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import pytest

from alaqat.errors import CannotServe
from alaqat.rdf.graphs import new_graph
from alaqat.store.releases import publish_release
from alaqat.terms import facts_graph
from alaqat.web.supervisor import Backoff, connections_within
from synthetic import facts

START = (
    "import sys; from pathlib import Path; from alaqat.web.server import serve; "
    "from alaqat.web.settings import FrontLimits, Settings; "
    "front = FrontLimits(spares_loopback=False, body_stall=3, head_seconds=2); "
    "serve(Path(sys.argv[1]), Path(sys.argv[2]), port=0, "
    "settings=Settings(front=front), "
    "ready=lambda address: print(address, flush=True))"
)
HOST, ATTACKER = "127.0.0.1", "127.0.0.2"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
BODY = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nquery"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a release of some thousand triples."""
    output = tmp_path_factory.mktemp("published")
    publish_release({facts_graph("x"): new_graph(facts(3000))}, output, {})
    return output


@contextmanager
def served(
    output: Path, root: Path, descriptors: int = 0
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Yield the port and the process of a server."""
    command = sys.executable, "-c", START, str(output), str(root)
    limit = f"ulimit -n {descriptors}; " if descriptors else ""
    process = subprocess.Popen(
        ["sh", "-c", f'{limit}exec "$@"', "sh", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline().rpartition(":")[2]), process
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(ValueError):  # the test has read the output
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def port(output: Path, root: Path) -> Iterator[int]:
    """Yield the port of a running server."""
    with served(output, root) as (port, _):
        yield port


def get(port: int, path: str, source: str = HOST) -> tuple[int, bytes]:
    """Return the status and the body of the response to a request."""
    connection = HTTPConnection(HOST, port, 40, (source, 0))
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def query(text: str, **more: str) -> str:
    """Return the path of a query."""
    return "/sparql?" + urlencode({"query": text, **more})


def connect(port: int, content: bytes = b"") -> socket.socket:
    """Return an attacker's connection that has sent something."""
    connection = socket.create_connection((HOST, port), 30, (ATTACKER, 0))
    connection.sendall(content)
    return connection


def assert_others_are_answered(port: int) -> None:
    """Fail if light queries or health checks of another client take long."""
    times = []
    for number in range(20):
        for path in ("/health", query(f"SELECT ?x{number} {{ ?x{number} a 1 }}")):
            begun = time.monotonic()
            assert get(port, path)[0] == 200
            times.append(time.monotonic() - begun)
    assert sorted(times)[len(times) * 3 // 4] < 1
    assert max(times) < 4


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        Event().wait(0.05)


def test_equal_heavy_queries(port: int) -> None:
    """Most are refused at once; those that follow wait no longer than they said."""
    path = query(ENDLESS, timeout="6")
    with ThreadPoolExecutor(200) as crowd:
        begun = time.monotonic()
        heavy = [crowd.submit(get, port, path, ATTACKER) for _ in range(200)]
        until(lambda: sum(one.done() for one in heavy) > 120, 5)
        assert_others_are_answered(port)
        statuses = [one.result()[0] for one in heavy]
    assert time.monotonic() - begun < 16
    assert {429, 503} >= set(statuses)
    assert statuses.count(429) > 100


def test_slow_bodies(port: int) -> None:
    """Few are waited for, and not for long; then their connections are closed."""
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(port, BODY)) for _ in range(140)]
        assert_others_are_answered(port)
        replies = [one.recv(200) for one in slow]
    assert all(not reply or b" 429 " in reply or b" 503 " in reply for reply in replies)


def test_a_slow_body_does_not_keep_others_from_being_received(port: int) -> None:
    """A client has few places for bodies."""
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connect(port, BODY))
        connection = HTTPConnection(HOST, port, 20)
        headers = {"Content-Type": "application/sparql-query"}
        connection.request("POST", "/sparql", b"ASK {}", headers)
        assert connection.getresponse().status == 200
        connection.close()


def test_idle_connections(port: int) -> None:
    """They are closed after some seconds, whether they have sent a request or none."""
    head = b"GET /health HTTP/1.1\r\nHost: x\r\n"
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(port)) for _ in range(200)]
        slow = [stack.enter_context(connect(port, head)) for _ in range(20)]
        after = [stack.enter_context(connect(port, head + b"\r\n")) for _ in range(20)]
        assert_others_are_answered(port)
        assert [one.recv(1) for one in idle + slow] == [b""] * 220
        for one in after:
            while one.recv(1000):
                pass


def test_few_descriptors(output: Path, root: Path) -> None:
    """What is needed is said at the start, and idle connections make no busy loop."""
    with served(output, root, descriptors=200) as (port, process), ExitStack() as stack:
        stop = Event()

        def hold() -> None:
            while not stop.is_set():
                with suppress(OSError):
                    stack.enter_context(connect(port))
                Event().wait(0.005)

        with ThreadPoolExecutor(1) as attacker:
            attacker.submit(hold)
            Event().wait(1)
            try:
                assert_others_are_answered(port)
            finally:
                stop.set()
        assert process.stderr is not None
        assert "The limit of open files is 200" in process.stderr.readline()


def test_tiny_timeouts(port: int) -> None:
    """They are raised to the floor, and their queries leave a worker for others."""
    ended = Event()

    def storm(number: int) -> None:
        while not ended.is_set():
            with suppress(OSError, HTTPException):
                text = f"{ENDLESS} # {number} {time.monotonic_ns()}"
                get(port, query(text, timeout="0.000001"), ATTACKER)

    with ThreadPoolExecutor(16) as crowd:
        for number in range(16):
            crowd.submit(storm, number)
        Event().wait(1)
        try:
            assert_others_are_answered(port)
        finally:
            ended.set()


def test_slow_readers(port: int) -> None:
    """Each holds a thread of few that its client may have."""
    path = query("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000", format="csv")
    line = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connect(port, line))
        Event().wait(2)
        assert_others_are_answered(port)


def test_http2_is_not_spoken(port: int) -> None:
    """Whose streams no limit would hold."""
    with connect(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") as connection:
        assert not connection.recv(1000).startswith(b"\x00\x00")


def test_a_process_that_crashes_again_and_again_is_started_again(
    output: Path, root: Path
) -> None:
    """The parent never ends because of that; the log and /ready tell how often."""
    with served(output, root) as (port, process):
        for number in range(1, 4):
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            os.kill(int(children.read_text().split()[0]), signal.SIGKILL)

            def is_ready(restarts: str = f'"restarts": {number}') -> bool:
                with suppress(OSError, HTTPException):
                    return restarts in get(port, "/ready")[1].decode()
                return False

            until(is_ready)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert errors.count('"event": "restart"') == 3


def test_restarts_wait_longer_each_time() -> None:
    """Up to half a minute, and from the first again after a quiet minute."""
    now = 1000.0
    backoff = Backoff(lambda: now)
    assert [backoff.pause() for _ in range(4)] == pytest.approx([0.1, 0.2, 0.4, 0.8])
    for _ in range(10):
        backoff.pause()
    assert backoff.pause() == 30
    now += 61
    assert backoff.pause() == pytest.approx(0.1)


def test_connections_fit_into_the_limit_of_open_files(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Fewer are served, and stderr says what is needed; too few are refused."""
    assert connections_within(1_000_000, 2048, 2) == 2048
    assert capsys.readouterr().err == ""
    fitting = connections_within(1024, 2048, 2)
    assert 500 < fitting < 1024
    assert "1024" in capsys.readouterr().err
    assert 16 <= connections_within(160, 2048, 2) < 64
    with pytest.raises(CannotServe, match="open files") as refused:
        connections_within(64, 2048, 2)
    assert "ulimit -n" in str(refused.value.remedy)


def test_the_limit_of_open_files_is_raised(output: Path, root: Path) -> None:
    """To what the system allows, if that is of use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    raised = max(soft, min(hard, 65_536))
    with served(output, root) as (_, process):
        limits = Path(f"/proc/{process.pid}/limits").read_text()
    (line,) = [one for one in limits.splitlines() if "open files" in one]
    assert line.split()[3] == str(raised)
