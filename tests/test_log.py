"""The request log: JSON lines about events, not about clients."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from alaqat import log
from alaqat.store.pool.process import WorkerProcess
from alaqat.web.middleware import observability


def entries(out: io.StringIO) -> list[dict[str, object]]:
    """Return the entries of a log."""
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_line_with_its_fields() -> None:
    """Line breaks in a field do not make another line."""
    out = io.StringIO()
    log.start_logging(requests=True, out=out)
    log.log_event("request", id="x\ny", status=200)
    (line,) = entries(out)
    assert line["event"] == "request"
    assert (line["id"], line["status"], line["level"]) == ("x\ny", 200, "info")
    assert str(line["time"]).endswith("+00:00")


def test_without_requests_only_errors_are_logged() -> None:
    """An error is logged with its classes and frames, without its message."""
    out = io.StringIO()
    log.start_logging(requests=False, out=out)
    log.log_event("request", status=200)
    try:
        int("secret")
    except ValueError as error:
        log.log_error("broken", error, id="a")
    (line,) = entries(out)
    assert (line["level"], line["id"]) == ("error", "a")
    assert line["error"] == "ValueError"
    assert "tests/test_log.py:" in str(line["trace"])
    assert "secret" not in out.getvalue()


@pytest.mark.parametrize(
    "given", ["", "short", "with space 12", "a" * 65, "x\r\ny: z12"]
)
def test_only_a_plain_request_id_is_accepted(given: str) -> None:
    """Any other is replaced by a new one."""
    assert observability.request_id(given) != given
    assert observability.request_id("proxy-made.id_1") == "proxy-made.id_1"


UNSAFE = """
import gc, logging, sys, threading, warnings
from alaqat.log import capture_output
capture_output()
import rdflib
xsd = rdflib.XSD
for number in range(50):
    rdflib.Literal(f"SECRET {number}", datatype=xsd.date)
    rdflib.URIRef("SECRET {x}")
warnings.warn("SECRET")
logging.getLogger("library").error("SECRET %s", "SECRET", extra={"SECRET": 1})
logging.getLogger("library").error("SECRET %d", "SECRET")
own = logging.getLogger("own.handler")
own.addHandler(logging.StreamHandler(sys.stdout))
own.warning("SECRET")
class Broken:
    def __del__(self):
        raise ValueError("SECRET")
Broken()
gc.collect()
def fail():
    raise KeyError("SECRET")
thread = threading.Thread(target=fail, name="SECRET")
thread.start()
thread.join()
try:
    fail()
except KeyError as error:
    raise RuntimeError("SECRET") from error
"""


def test_libraries_and_uncaught_errors_are_logged_without_their_text() -> None:
    """As objects: log records, warnings, errors of threads, destructors, processes."""
    ended = subprocess.run(
        [sys.executable, "-c", UNSAFE], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "SECRET" not in ended.stdout + ended.stderr
    assert not ended.stdout
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    libraries = [line for line in lines if line["event"] == "library message"]
    loggers = {line["logger"] for line in libraries}
    assert {"rdflib.term", "warnings.UserWarning", "library", "own.handler"} <= loggers
    errors = [line["error"] for line in lines if line["event"] == "uncaught exception"]
    assert errors == ["ValueError", "KeyError", "RuntimeError < KeyError"]
    assert len(lines) < 20, "repeated messages are not counted"


def fail_in_process(_: object, value: str) -> None:
    """Fail with a value in the message."""
    raise ValueError(value)


def test_an_error_of_a_worker_process_is_logged_without_its_text(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The process ends with 1, and writes no traceback."""
    process = WorkerProcess(fail_in_process, "SECRET")
    with pytest.raises((EOFError, OSError)):
        process.receive(30)
    assert process.kill(10) == 1
    shown = capfd.readouterr()
    assert "SECRET" not in shown.out + shown.err
    assert "Traceback" not in shown.err
