"""Errors that users can fix: message, place, remedy, HTTP status, exit code.

AlaqatError
├── InvalidData            a source file cannot be read or has invalid content
│   ├── QuoteNotFound      a quote is not in its document
│   └── QuoteAmbiguous     a quote occurs in its document more than once
├── Inconsistent           the facts contradict the ontology
├── UnknownEngine          no reasoner has that name
├── Nonconforming          the data violates SHACL shapes
├── InvalidQuery           the SPARQL text or a parameter is invalid or unsupported
├── UnknownQuery           no saved query has the name
├── UnknownGraph           no graph has the name
├── UnknownName            no term of the dataset has the name
│   └── AmbiguousName      several terms have the name
├── UnsupportedFormat      the format of a body or a file is not supported
├── NotAcceptable          the client accepts no format that can be written
├── MethodNotAllowed       the resource does not support the HTTP method
├── ReadOnly               the dataset is read-only
├── Unauthenticated        the client has not authenticated
│   └── UnknownToken       the client's token is unknown
├── Conflict               the dataset has changed since the client read it
├── TooLarge               a body, a query or an answer exceeds the allowed size
├── LimitReached           a query was stopped at a limit of time, memory, rows or bytes
│   └── TimedOut           the limit was that of time
├── ServiceFailed          an endpoint that SERVICE names does not answer as it should
│   └── ServiceTimedOut    it does not answer in time
├── TooBusy                the server is overloaded
│   └── RateLimitExceeded  a client has exceeded its rate limit
├── StoreUnavailable       the store is missing, damaged or does not respond
├── CannotWrite            an output file or folder cannot be written
└── CannotServe            the server cannot listen on its address, or not safely
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
    """A kind of error, with its HTTP status and exit code.

    Click exits with 2 on misuse, too; 70 is EX_SOFTWARE of sysexits.h.
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
    BAD_GATEWAY = HTTPStatus.BAD_GATEWAY, 3
    GATEWAY_TIMEOUT = HTTPStatus.GATEWAY_TIMEOUT, 4
    UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE, 3
    CANNOT_WRITE = HTTPStatus.INSUFFICIENT_STORAGE, 3
    LIMIT_REACHED = HTTPStatus.SERVICE_UNAVAILABLE, 4
    INTERNAL = HTTPStatus.INTERNAL_SERVER_ERROR, 70

    def __init__(self, status: HTTPStatus, exit_code: int) -> None:
        self.status = status
        self.exit_code = exit_code


class AlaqatError(Exception):
    """An error that a user can fix.

    Attributes:
        category: determines the HTTP status and the exit code.

    Args:
        message: what is wrong, in one sentence.
        path: the file that has the error, if any.
        line: the 1-based line of that file.
        remedy: how to fix it, in one sentence.
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
        """Pickle by attributes, because subclasses differ in their arguments."""
        return _unpickle, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        """Return place and message, and the remedy on a line of its own."""
        place = "" if self.path is None else str(self.path)
        if place and self.line is not None:
            place += f":{self.line}"
        first = f"{place}: {self.message}" if place else self.message
        return f"{first}\n  {self.remedy}" if self.remedy else first


def _unpickle(
    cls: type[AlaqatError], args: tuple[object, ...], attributes: dict[str, object]
) -> AlaqatError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error


class InvalidData(AlaqatError):
    """A source file cannot be read or has invalid content."""

    category = Category.INVALID_DATA


class QuoteNotFound(InvalidData):
    """A quote is not in its document."""


class QuoteAmbiguous(InvalidData):
    """A quote occurs in its document more than once."""


#: The most contradictions in a message; the exception has them all.
_MAX_SHOWN = 20


@dataclass(frozen=True)
class Contradiction:
    """One contradiction between the facts and the ontology.

    Attributes:
        rule: the rule's name in OWL 2 Profiles §4.3, such as cax-dw.
        terms: the classes and properties of the axiom.
        nodes: the individuals involved.
        triples: asserted triples that together contradict the axioms.
        axioms: the triples of the axioms, in their asserted form where there is one.
        message: all of this in words.
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
        messages = [one.message for one in contradictions[:_MAX_SHOWN]]
        if len(contradictions) > _MAX_SHOWN:
            messages.append(f"and {len(contradictions) - _MAX_SHOWN} more")
        super().__init__("\n".join(messages), path=path, line=line, remedy=remedy)
        self.contradictions = contradictions


class UnknownEngine(AlaqatError):
    """No reasoner has that name."""

    category = Category.INVALID_REQUEST


class Nonconforming(AlaqatError):
    """The data violates SHACL shapes.

    Args:
        message: the number of violations, and the first of them in words.
        results: the first of them as plain values, for programs.
        remedy: how to fix it, in one sentence.
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
    """The SPARQL text or a parameter is invalid or unsupported.

    Args:
        message: what is wrong, with line and column in words.
        line: the 1-based line of the query.
        column: the 1-based column of that line.
        remedy: how to fix it, in one sentence.
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
    """No saved query has the name."""

    category = Category.NOT_FOUND


class UnknownGraph(AlaqatError):
    """No graph has the name."""

    category = Category.NOT_FOUND


class UnknownName(AlaqatError):
    """No term of the dataset has the name."""

    category = Category.NOT_FOUND


class AmbiguousName(UnknownName):
    """Several terms of the dataset have the name."""

    category = Category.INVALID_REQUEST


class UnsupportedFormat(AlaqatError):
    """The format of a body or a file is not supported."""

    category = Category.UNSUPPORTED_FORMAT


class NotAcceptable(AlaqatError):
    """The client accepts no format that can be written."""

    category = Category.NOT_ACCEPTABLE


class MethodNotAllowed(AlaqatError):
    """The resource does not support the HTTP method.

    Args:
        message: what is wrong, in one sentence.
        allowed: the methods that it supports.
        remedy: how to fix it, in one sentence.
    """

    category = Category.METHOD_NOT_ALLOWED

    def __init__(
        self, message: str, *, allowed: Sequence[str], remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.allowed = tuple(allowed)


class ReadOnly(AlaqatError):
    """The dataset is read-only."""

    category = Category.READ_ONLY


class Unauthenticated(AlaqatError):
    """The client has not authenticated."""

    category = Category.UNAUTHENTICATED


class UnknownToken(Unauthenticated):
    """The client's token is unknown."""


class Conflict(AlaqatError):
    """The dataset has changed since the client read it."""

    category = Category.CONFLICT


class TooLarge(AlaqatError):
    """A body, a query or an answer exceeds the allowed size."""

    category = Category.TOO_LARGE


class LimitReached(AlaqatError):
    """A query was stopped at a limit of time, memory, rows or bytes."""

    category = Category.LIMIT_REACHED


class TimedOut(LimitReached):
    """A query was stopped at the limit of time."""


class ServiceFailed(AlaqatError):
    """An endpoint that SERVICE names does not answer as it should."""

    category = Category.BAD_GATEWAY


class ServiceTimedOut(ServiceFailed):
    """An endpoint that SERVICE names does not answer in time."""

    category = Category.GATEWAY_TIMEOUT


class TooBusy(AlaqatError):
    """The server is overloaded.

    Args:
        message: what is wrong, in one sentence.
        retry_after: seconds after which the client may retry.
        remedy: how to fix it, in one sentence.
    """

    category = Category.UNAVAILABLE

    def __init__(
        self, message: str, *, retry_after: int = 1, remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class RateLimitExceeded(TooBusy):
    """A client has exceeded its rate limit."""

    category = Category.RATE_LIMITED


class StoreUnavailable(AlaqatError):
    """The store is missing, damaged or does not respond.

    Args:
        message: what is wrong, in one sentence.
        path: the folder of the store.
        cause: the engine's own message, which may contain paths; for the operator.
        remedy: how to fix it, in one sentence.
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
        """Return place, message and remedy, then the cause."""
        text = super().__str__()
        return f"{text}\n  {self.cause}" if self.cause else text


class CannotWrite(AlaqatError):
    """An output file or folder cannot be written."""

    category = Category.CANNOT_WRITE


class CannotServe(AlaqatError):
    """The server cannot listen on its address, or not safely."""

    category = Category.UNAVAILABLE
