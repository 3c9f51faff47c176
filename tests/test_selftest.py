"""The attack list, and what its report is worth."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.request import ProxyHandler, build_opener

import pytest

from alaqat.cli.main import run
from alaqat.errors import StoreUnavailable, Unauthenticated
from alaqat_selftest import attack, attacks
from alaqat_selftest.running import _Test
from alaqat_selftest.trap import set_trap

TRAP, FILE = "http://127.0.0.1:9/trap", "/tmp/secret.ttl"  # noqa: S108 # never opened


def test_attacks_are_many_each_with_a_name_of_its_own() -> None:
    """And each allows some status, but never that it worked out by accident."""
    every = attacks(TRAP, FILE)
    assert len(every) >= 45
    assert len({one.name for one in every}) == len(every)
    assert all(one.status for one in every)
    assert all(500 not in one.status for one in every)


def test_attacks_are_written_out() -> None:
    """Repetitions are repeated, and the names of trap and file are filled in."""
    every = {one.name: one for one in attacks(TRAP, FILE)}
    assert every["ten thousand unions"].body.count(b"UNION") == 10_000
    assert len(every["ten megabytes of query"].body) > 10_000_000
    assert TRAP.encode() in every["service"].body
    assert FILE in every["default graph in a file"].path
    assert sum(one.group == "death" for one in every.values()) == 8


@contextmanager
def server(answer: bytes, status: int = 400, *, calls: str = "") -> Iterator[int]:
    """A server that gives one answer to everything but /health."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer."""
            is_health = self.path == "/health"
            if calls and not is_health:
                build_opener(ProxyHandler({})).open(calls, timeout=2)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200 if is_health else status)
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 # the name that the base class looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield running.server_port
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "status", "flaw"),
    [
        (b"Traceback (most recent call last):", 400, "inside of the server"),
        (b"the secret", 200, "content of a file"),
        (b"fine", 500, "the status is 500"),
    ],
)
def test_a_server_that_does_wrong_is_told(
    answer: bytes, status: int, flaw: str
) -> None:
    """Each flaw is found where it is."""
    one = next(a for a in attacks(TRAP, FILE) if a.name == "from a file")
    with server(answer, status) as port, set_trap() as trap:
        test = _Test("127.0.0.1", port, 5, b"the secret", trap)
        assert flaw in " ".join(test.alone(one).flaws)


def test_a_server_that_is_sound_has_no_flaw() -> None:
    """A refusal is what is hoped for."""
    one = next(a for a in attacks(TRAP, FILE) if a.name == "service")
    with server(b"no") as port, set_trap() as trap:
        assert not _Test("127.0.0.1", port, 5, b"the secret", trap).alone(one).flaws


def test_a_server_that_calls_elsewhere_is_told() -> None:
    """The trap tells of it."""
    one = next(a for a in attacks(TRAP, FILE) if a.name == "service")
    with set_trap() as trap, server(b"no", calls=trap.address) as port:
        flaws = _Test("127.0.0.1", port, 5, b"the secret", trap).alone(one).flaws
        assert "it called the address in the request" in flaws


def test_only_ones_own_machine_is_attacked() -> None:
    """192.0.2.0/24 belongs to nobody (RFC 5737); nothing is sent to it."""
    with pytest.raises(Unauthenticated, match="not this machine"):
        attack("http://192.0.2.1:80")


def test_a_server_that_is_not_there_is_told() -> None:
    """With how to start one."""
    with server(b"") as port:
        pass
    with pytest.raises(StoreUnavailable, match=json.dumps(port)):
        attack(f"http://127.0.0.1:{port}")


def test_without_the_extra_the_command_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program works without its attacks; the exit code is the documented one."""
    monkeypatch.setitem(sys.modules, "alaqat_selftest", None)
    assert run(["selftest", "--attack", "http://127.0.0.1:9"]) == 3
    told = capsys.readouterr().err
    assert "not installed" in told
    assert "pip install 'alaqat[selftest]'" in told
