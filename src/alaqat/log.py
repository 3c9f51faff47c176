"""The log of every process: JSON lines about events, without values of visitors.

``capture_output`` is called before anything else is imported. From then on all that
libraries log or warn of, and every uncaught exception, becomes a line that says where
it came from and how often, but not what it said: their texts quote literals, IRIs,
paths and queries. Only this project's events have fields, which hold no such text.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, TextIO

LOGGER_NAME = "alaqat"

_FIELDS = "fields"
_REPEAT_SECONDS = 60.0  # in which the same place of a library is logged once
_PATH_PARTS = (
    3  # of the file of a frame: pages/module.py, without the machine's folders
)
_MAX_FRAMES = 40  # of a trace; the innermost ones


class JsonFormatter(logging.Formatter):
    """Formats a log record as a JSON object on one line, with the event's fields.

    A record of a library has its logger and its place for fields, not its message.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line."""
        when = datetime.fromtimestamp(record.created, UTC)
        fields: dict[str, Any] | None = getattr(record, _FIELDS, None)
        entry: dict[str, Any] = {
            "time": when.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": "library message" if fields is None else record.getMessage(),
            **(_origin(record) if fields is None else fields),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            entry |= describe_error(error)
        return json.dumps(entry, ensure_ascii=False)


def _origin(record: logging.LogRecord) -> dict[str, str]:
    place = f"{_short_path(record.pathname)}:{record.lineno}"
    return {"logger": record.name, "place": place}


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return the classes of an error and its causes, and its frames; no message.

    Messages and the values of variables may quote what a visitor sent.
    """
    kinds: list[str] = []
    found: BaseException | None = error
    while found is not None and len(kinds) < _MAX_FRAMES:
        kinds.append(type(found).__name__)
        found = found.__cause__ or found.__context__
    frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
    places = (f"{_short_path(one.filename)}:{one.lineno} {one.name}" for one in frames)
    return {"error": " < ".join(kinds), "trace": list(places)}


def _short_path(path: str) -> str:
    return "/".join(PurePath(path).parts[-_PATH_PARTS:])


class _RepeatFilter(logging.Filter):
    """Lets the records of one place of a library pass once a minute, with a count."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is logged."""
        if hasattr(record, _FIELDS):
            return True
        key, now = (record.name, record.pathname, record.lineno), time.monotonic()
        with self._lock:
            since, count = self._seen.get(key, (-_REPEAT_SECONDS, 0))
            if now - since < _REPEAT_SECONDS:
                self._seen[key] = since, count + 1
                return False
            self._seen[key] = now, 0
        if count:
            setattr(record, _FIELDS, {**_origin(record), "count": count + 1})
            record.msg, record.args = "library message", ()
        return True


class _CapturedLogger(logging.Logger):
    """A logger whose records go to our handler alone, whatever its library adds."""

    def callHandlers(self, record: logging.LogRecord) -> None:  # noqa: N802 # logging's own
        """Hand a record to the handler."""
        if record.levelno >= _handler.level:
            _handler.handle(record)


class _StderrHandler(logging.StreamHandler[TextIO]):
    """A handler that writes to the current stderr, or to a given stream."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(JsonFormatter())
        self.addFilter(_RepeatFilter())


_handler = _StderrHandler()


def start_logging(*, requests: bool, out: TextIO | None = None) -> None:
    """Configure the log of this project's events.

    Args:
        requests: whether every request is logged, or errors only.
        out: the destination; stderr if None.
    """
    _handler.setStream(out or sys.stderr)
    logger = logging.getLogger(LOGGER_NAME)
    logger.handlers[:] = [_handler]
    logger.propagate = False
    logger.setLevel(logging.INFO if requests else logging.ERROR)


def capture_output() -> None:
    """Log what libraries log, warn of and raise in this process, without its text."""
    logging.raiseExceptions = False  # which would print a record and its arguments
    logging.setLoggerClass(_CapturedLogger)
    loggers = (logging.root, *logging.root.manager.loggerDict.values())
    for logger in loggers:
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            if logger is not logging.root:
                logger.__class__ = _CapturedLogger
    logging.root.addHandler(_handler)
    warnings.showwarning = _log_warning
    sys.excepthook = lambda _kind, error, _trace: log_uncaught(error)
    threading.excepthook = lambda found: _log_hook(found.exc_value)
    sys.unraisablehook = lambda found: _log_hook(found.exc_value)
    start_logging(requests=False)


def silence_libraries() -> None:
    """Drop what libraries log: a command reports errors in its own words."""
    logging.root.addHandler(logging.NullHandler())
    logging.getLogger("rdflib").setLevel(logging.CRITICAL)


@contextmanager
def logged_process() -> Iterator[None]:
    """Log an exception that ends a process, and end it with 1, without a traceback."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 # the last handler of a process
        log_uncaught(error)
        raise SystemExit(1) from None


def log_event(event: str, **fields: str | float) -> None:
    """Log an event that is not an error."""
    logging.getLogger(LOGGER_NAME).info(event, extra={_FIELDS: fields})


def log_error(event: str, error: BaseException, **fields: str | float) -> None:
    """Log an internal error with its frames."""
    logging.getLogger(LOGGER_NAME).error(event, exc_info=error, extra={_FIELDS: fields})


def log_uncaught(error: BaseException) -> None:
    """Log an exception that nobody caught; an interruption is none."""
    if not isinstance(error, KeyboardInterrupt | SystemExit):
        log_error("uncaught exception", error)


def _log_hook(error: BaseException | None) -> None:
    if error is not None:
        log_uncaught(error)


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001 # as warnings.showwarning has it
    line: str | None = None,  # noqa: ARG001 # as above
) -> None:
    """Log a warning of Python by its class and place."""
    del message
    logger = logging.getLogger(f"warnings.{category.__name__}")
    values = (logger.name, logging.WARNING, filename, lineno, "", (), None)
    logger.handle(logger.makeRecord(*values))
