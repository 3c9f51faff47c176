"""Answers of Oxigraph, which it writes itself: nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Literal

import pyoxigraph as ox

from alaqat.errors import UnsupportedFormat
from alaqat.formats import (
    Format,
    Kind,
    from_oxigraph,
    holding,
    write_statements,
)
from alaqat.store.interface import Answer, Row


@dataclass(frozen=True)
class Solutions:
    """The rows of a SELECT."""

    result: ox.QuerySolutions
    kind: Literal["bindings"] = "bindings"
    truth: None = None

    @property
    def variables(self) -> Sequence[str]:
        """The names of the columns."""
        return tuple(variable.value for variable in self.result.variables)

    def __iter__(self) -> Iterator[Row]:
        """The rows."""
        for solution in self.result:
            yield tuple(None if t is None else from_oxigraph(t) for t in solution)

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write the rows as they come."""
        native = _native(_check(form, self.kind))
        if native is None and form.write_rows:
            form.write_rows(self.variables, self, out)
        else:
            self.result.serialize(out, native)


@dataclass(frozen=True)
class Truth:
    """The answer to an ASK."""

    result: ox.QueryBoolean
    kind: Literal["boolean"] = "boolean"
    variables: Sequence[str] = ()

    @property
    def truth(self) -> bool:
        """Whether it is so."""
        return bool(self.result)

    def __iter__(self) -> Iterator[Row]:
        """There are no rows."""
        return iter(())

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write the answer."""
        self.result.serialize(out, _native(_check(form, self.kind)))


@dataclass(frozen=True)
class Triples:
    """The graph of a CONSTRUCT or DESCRIBE."""

    result: Iterable[ox.Triple]
    prefixes: Mapping[str, str]
    kind: Literal["graph"] = "graph"
    variables: Sequence[str] = ()
    truth: None = None

    def __iter__(self) -> Iterator[Row]:
        """The triples, each once."""
        for triple in dict.fromkeys(self.result):
            yield tuple(from_oxigraph(term) for term in triple)

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write the triples as they come, with the prefixes of the query."""
        _check(form, self.kind)
        write_statements(self.result, out, form, self.prefixes)


def answer(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    prefixes: Mapping[str, str],
) -> Answer:
    """The answer for what the engine gave."""
    if isinstance(result, ox.QuerySolutions):
        return Solutions(result)
    if isinstance(result, ox.QueryBoolean):
        return Truth(result)
    return Triples(result, prefixes)


def _native(form: Format) -> ox.QueryResultsFormat | None:
    """Return the engine's own serializer of a format, if it has one."""
    return ox.QueryResultsFormat.from_media_type(form.media_type)


def _check(form: Format, kind: Kind) -> Format:
    """A format in which this kind of answer is written.

    Raises:
        UnsupportedFormat: it is not.
    """
    if kind not in form.kinds:
        names = ", ".join(each.name for each in holding(kind))
        raise UnsupportedFormat(
            f"A {kind} cannot be written as {form.title}.", remedy=f"Take {names}."
        )
    return form
