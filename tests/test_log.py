"""The request log: JSON lines about events, not about clients."""

from __future__ import annotations

import io
import json

import pytest

from alaqat import log
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
