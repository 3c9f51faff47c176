"""Logs as JSON, a line for each event; who asked, and what, is not in them."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO
from uuid import uuid4

NAME = "alaqat.web"

# What a proxy may call a request; anything else could break out of a log or header.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_FIELDS = "fields"


class JsonLines(logging.Formatter):
    """One JSON object a line, with the fields of the event."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        when = datetime.fromtimestamp(record.created, UTC)
        told = {
            "time": when.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def start(*, requests: bool, out: TextIO | None = None) -> None:
    """Write the server's log.

    Args:
        requests: whether every request is told; if not, only what went wrong.
        out: where to; stderr if None.
    """
    handler = logging.StreamHandler(out or sys.stderr)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger(NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO if requests else logging.ERROR)


def tell(event: str, **fields: str | float) -> None:
    """Tell of an event that is no fault."""
    logging.getLogger(NAME).info(event, extra={_FIELDS: fields})


def tell_fault(event: str, error: BaseException, **fields: str | float) -> None:
    """Tell of a fault of ours, with where it arose."""
    logging.getLogger(NAME).error(event, exc_info=error, extra={_FIELDS: fields})


def request_id(given: str) -> str:
    """The name that a proxy gave a request if it is a plain one, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex
