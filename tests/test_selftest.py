"""The self-test: its attacks, and that its report finds flaws."""

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
from alaqat_selftest.runner import Target
from alaqat_selftest.trap import set_trap

TRAP, FILE = "http://127.0.0.1:9/trap", "/tmp/secret.ttl"  # noqa: S108 # never opened


def test_attacks_are_many_and_have_unique_names() -> None:
    """Each allows some statuses, and never 500."""
    every = attacks(TRAP, FILE)
    assert len(every) >= 45
    assert len({one.name for one in every}) == len(every)
    assert all(one.status for one in every)
    assert all(500 not in one.status for one in every)


def test_attacks_are_expanded() -> None:
    """Repetitions are repeated; the trap and the file are filled in."""
    every = {one.name: one for one in attacks(TRAP, FILE)}
    assert every["ten thousand unions"].body.count(b"UNION") == 10_000
    assert len(every["ten megabytes of query"].body) > 10_000_000
    assert TRAP.encode() in every["service"].body
    assert FILE in every["default graph in a file"].path
    assert sum(one.group == "death" for one in every.values()) == 8


@contextmanager
def server(answer: bytes, status: int = 400, *, calls: str = "") -> Iterator[int]:
    """Run a server that gives one answer to everything but /health."""

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
            """Log nothing."""

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
        (b"Traceback (most recent call last):", 400, "internals of the server"),
        (b"the secret", 200, "content of a file"),
        (b"fine", 500, "the status is 500"),
    ],
)
def test_each_flaw_is_reported(answer: bytes, status: int, flaw: str) -> None:
    """A leak or a wrong status is a flaw of the attack."""
    one = next(a for a in attacks(TRAP, FILE) if a.name == "from a file")
    with server(answer, status) as port, set_trap() as trap:
        test = Target("127.0.0.1", port, 5, b"the secret", trap)
        assert flaw in " ".join(test.alone(one).flaws)


def test_a_server_that_is_sound_has_no_flaw() -> None:
    """A refusal is the right answer."""
    one = next(a for a in attacks(TRAP, FILE) if a.name == "service")
    with server(b"no") as port, set_trap() as trap:
        assert not Target("127.0.0.1", port, 5, b"the secret", trap).alone(one).flaws


def test_an_outgoing_call_is_reported() -> None:
    """The trap counts it."""
    one = next(a for a in attacks(TRAP, FILE) if a.name == "service")
    with set_trap() as trap, server(b"no", calls=trap.address) as port:
        flaws = Target("127.0.0.1", port, 5, b"the secret", trap).alone(one).flaws
        assert "the server called the address in the request" in flaws


def test_only_this_machine_is_attacked() -> None:
    """192.0.2.0/24 belongs to nobody (RFC 5737); nothing is sent to it."""
    with pytest.raises(Unauthenticated, match="not this machine"):
        attack("http://192.0.2.1:80")


def test_a_server_that_does_not_answer_is_reported() -> None:
    """The message says how to start one."""
    with server(b"") as port:
        pass
    with pytest.raises(StoreUnavailable, match=json.dumps(port)):
        attack(f"http://127.0.0.1:{port}")


def test_without_the_extra_the_command_says_how_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program works without its attacks; the exit code is the documented one."""
    monkeypatch.setitem(sys.modules, "alaqat_selftest", None)
    assert run(["selftest", "--attack", "http://127.0.0.1:9"]) == 3
    printed = capsys.readouterr().err
    assert "not installed" in printed
    assert "pip install 'alaqat[selftest]'" in printed
