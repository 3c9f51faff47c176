"""Errors that a person can mend: message, place, remedy, HTTP status, exit code.

AlaqatError
├── InvalidData          a source file is broken, or holds what it must not
│   ├── QuoteNotFound    a quote does not stand in the document
│   └── QuoteAmbiguous   a quote stands in the document more than once
├── Inconsistent         the facts contradict the ontology
├── UnknownEngine        no reasoner has that name
├── Nonconforming        the shapes found violations
├── InvalidQuery         SPARQL that does not parse or cannot be run here
├── UnknownQuery         no saved query has that name
├── UnknownGraph         no graph has that name
├── UnknownName          nothing in the dataset is called that
│   └── AmbiguousName    several things are
├── UnsupportedFormat    the body's or the file's format is not one we read or write
├── NotAcceptable        no format that we write is acceptable to the client
├── MethodNotAllowed     the resource does not know the HTTP method
├── ReadOnly             a write was asked of something that only reads
├── Unauthenticated            who asks has not shown that they may
│   └── UnknownToken     the token is not known here
├── Conflict             the dataset is no longer the one that the client saw
├── TooLarge             a body, a query or an answer is larger than is allowed
├── LimitReached         a query was stopped at a limit of time, memory, rows or bytes
│   └── TimedOut         the limit was of time
├── TooBusy              the server has too much to do
│   └── RateLimitExceeded          one client asks for too much
├── StoreUnavailable     the store is missing, damaged or does not answer
├── CannotWrite          the output folder cannot be written
└── CannotServe          no server can listen at the address
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from rdflib.term import Node


#: Finds the file and line of a node's IRI, nearest to some text in its description.
SourceLocator = Callable[[str, str], tuple[Path, int] | None]


def unlocated(_iri: str, _text: str) -> None:
    """Find nothing: the SourceLocator of nodes that come from no file."""


class Category(Enum):
    """A kind of failure, with its HTTP status and its exit code.

    2 is also what Click exits with on misuse, 70 is EX_SOFTWARE of sysexits.h.
    """

    INVALID_DATA = HTTPStatus.BAD_REQUEST, 1
    VIOLATION = HTTPStatus.UNPROCESSABLE_ENTITY, 1
    INVALID_REQUEST = HTTPStatus.BAD_REQUEST, 2
    NOT_FOUND = HTTPStatus.NOT_FOUND, 2
    METHOD_NOT_ALLOWED = HTTPStatus.METHOD_NOT_ALLOWED, 2
    NOT_ACCEPTABLE = HTTPStatus.NOT_ACCEPTABLE, 2
    TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 2
    UNSUPPORTED_FORMAT = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, 2
    READ_ONLY = HTTPStatus.FORBIDDEN, 2
    UNAUTHENTICATED = HTTPStatus.UNAUTHORIZED, 3
    CONFLICT = HTTPStatus.PRECONDITION_FAILED, 3
    RATE_LIMITED = HTTPStatus.TOO_MANY_REQUESTS, 3
    UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE, 3
    CANNOT_WRITE = HTTPStatus.INSUFFICIENT_STORAGE, 3
    LIMIT_REACHED = HTTPStatus.SERVICE_UNAVAILABLE, 4
    INTERNAL = HTTPStatus.INTERNAL_SERVER_ERROR, 70

    def __init__(self, status: HTTPStatus, exit_code: int) -> None:
        self.status = status
        self.exit_code = exit_code


class AlaqatError(Exception):
    """Something went wrong that a person can mend.

    Attributes:
        category: decides the HTTP status and the exit code.

    Args:
        message: what is wrong, in one sentence.
        path: the file it is wrong in, if it is in a file.
        line: the 1-based line of that file.
        remedy: what to do about it, in one sentence.
    """

    category: ClassVar[Category] = Category.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        """How it is sent to another process: by what it holds, not made anew."""
        return _restored, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        """The place, the message and the remedy on as many lines as they need."""
        place = "" if self.path is None else str(self.path)
        if place and self.line is not None:
            place += f":{self.line}"
        first = f"{place}: {self.message}" if place else self.message
        return f"{first}\n  {self.remedy}" if self.remedy else first


def _restored(
    kind: type[AlaqatError], args: tuple[object, ...], held: dict[str, object]
) -> AlaqatError:
    """The error that another process raised."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(held)
    return error


class InvalidData(AlaqatError):
    """A source file is broken, or holds what it must not."""

    category = Category.INVALID_DATA


class QuoteNotFound(InvalidData):
    """A quote does not stand in the document."""


class QuoteAmbiguous(InvalidData):
    """A quote stands in the document more than once."""


#: How many contradictions a message tells; the exception holds them all.
_SHOWN = 20


@dataclass(frozen=True)
class Contradiction:
    """One place where the facts contradict the ontology.

    Attributes:
        rule: the rule's name in OWL 2 Profiles §4.3, for instance cax-dw.
        terms: the classes and properties of the axiom.
        nodes: the things it is about.
        triples: asserted triples that together contradict the axioms.
        axioms: the triples of the axioms, as they were asserted where they were.
        message: all of that in words.
    """

    rule: str
    terms: tuple[Node, ...]
    nodes: tuple[Node, ...]
    triples: tuple[tuple[Node, Node, Node], ...]
    axioms: tuple[tuple[Node, Node, Node], ...]
    message: str


class Inconsistent(AlaqatError):
    """The facts contradict the ontology.

    Args:
        contradictions: every contradiction found, at least one, in a fixed order.
    """

    category = Category.VIOLATION

    def __init__(
        self,
        contradictions: tuple[Contradiction, ...],
        *,
        path: Path | str | None = None,
        line: int | None = None,
        remedy: str | None = None,
    ) -> None:
        messages = [one.message for one in contradictions[:_SHOWN]]
        if len(contradictions) > _SHOWN:
            messages.append(f"and {len(contradictions) - _SHOWN} more")
        super().__init__("\n".join(messages), path=path, line=line, remedy=remedy)
        self.contradictions = contradictions


class UnknownEngine(AlaqatError):
    """No reasoner has that name."""

    category = Category.INVALID_REQUEST


class Nonconforming(AlaqatError):
    """The shapes found violations.

    Args:
        message: how many, and the first of them in words.
        results: the first of them as plain values, for programs.
        remedy: what to do about it, in one sentence.
    """

    category = Category.VIOLATION

    def __init__(
        self,
        message: str,
        *,
        results: Sequence[Mapping[str, object]] = (),
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.results = tuple(results)


class InvalidQuery(AlaqatError):
    """SPARQL that does not parse or cannot be run here.

    Args:
        message: what is wrong, with the line and column in words.
        line: the 1-based line of the query.
        column: the 1-based column of that line.
        remedy: what to do about it, in one sentence.
    """

    category = Category.INVALID_REQUEST

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, line=line, remedy=remedy)
        self.column = column


class UnknownQuery(AlaqatError):
    """No saved query has that name."""

    category = Category.NOT_FOUND


class UnknownGraph(AlaqatError):
    """No graph has that name."""

    category = Category.NOT_FOUND


class UnknownName(AlaqatError):
    """Nothing in the dataset is called that."""

    category = Category.NOT_FOUND


class AmbiguousName(UnknownName):
    """Several things in the dataset are called that."""

    category = Category.INVALID_REQUEST


class UnsupportedFormat(AlaqatError):
    """The format is not one that is read or written here."""

    category = Category.UNSUPPORTED_FORMAT


class NotAcceptable(AlaqatError):
    """No format that is written here is acceptable to the client."""

    category = Category.NOT_ACCEPTABLE


class MethodNotAllowed(AlaqatError):
    """The resource does not know the HTTP method.

    Args:
        message: what is wrong, in one sentence.
        allowed: the methods that it knows.
        remedy: what to do about it, in one sentence.
    """

    category = Category.METHOD_NOT_ALLOWED

    def __init__(
        self, message: str, *, allowed: Sequence[str], remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.allowed = tuple(allowed)


class ReadOnly(AlaqatError):
    """A write was asked of something that only reads."""

    category = Category.READ_ONLY


class Unauthenticated(AlaqatError):
    """Who asks has not shown that they may."""

    category = Category.UNAUTHENTICATED


class UnknownToken(Unauthenticated):
    """Who asks has shown a token that nobody here has."""


class Conflict(AlaqatError):
    """The dataset is no longer the one that the client saw."""

    category = Category.CONFLICT


class TooLarge(AlaqatError):
    """A body, a query or an answer is larger than is allowed."""

    category = Category.TOO_LARGE


class LimitReached(AlaqatError):
    """A query was stopped at a limit of time, memory, rows or bytes."""

    category = Category.LIMIT_REACHED


class TimedOut(LimitReached):
    """A limit of time was reached."""


class TooBusy(AlaqatError):
    """The server has too much to do.

    Args:
        message: what is wrong, in one sentence.
        retry_after: in how many seconds to ask again.
        remedy: what to do about it, in one sentence.
    """

    category = Category.UNAVAILABLE

    def __init__(
        self, message: str, *, retry_after: int = 1, remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class RateLimitExceeded(TooBusy):
    """One client asks for too much."""

    category = Category.RATE_LIMITED


class StoreUnavailable(AlaqatError):
    """The store is missing, damaged or does not answer.

    Args:
        message: what is wrong, in one sentence.
        path: the folder that it is wrong in.
        cause: what the engine says of it, which may hold paths; for the operator.
        remedy: what to do about it, in one sentence.
    """

    category = Category.UNAVAILABLE

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        cause: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, path=path, remedy=remedy)
        self.cause = cause

    def __str__(self) -> str:
        """The place, the message, the cause and the remedy."""
        told = super().__str__()
        return f"{told}\n  {self.cause}" if self.cause else told


class CannotWrite(AlaqatError):
    """The output folder cannot be written."""

    category = Category.CANNOT_WRITE


class CannotServe(AlaqatError):
    """No server can listen at the address."""

    category = Category.UNAVAILABLE
