"""What the web process and a reader say to each other.

A conversation: Ask, then Opened and Head, or Gone or Failed. After a Head either one
Write, answered by pieces of bytes and Done or Failed; or any number of More, answered
by Rows or Failed; Leave ends it early and is not answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rdflib import BNode, URIRef
from rdflib import Literal as Text
from rdflib.term import Node

from alaqat.errors import AlaqatError
from alaqat.formats import Format
from alaqat.store.outline import Outline

# A term as plain values: rdflib's own pickles would write 01 as 1.
Packed = str | tuple[str] | tuple[str, str | None, str | None] | None


@dataclass(frozen=True)
class Prepare:
    """Open the snapshot in a folder, to be ready; not answered."""

    folder: Path


@dataclass(frozen=True)
class Ask:
    """Evaluate a query in the snapshot in a folder; its outline, if it is known."""

    folder: Path
    query: str | Outline
    default_graphs: Sequence[str]
    named_graphs: Sequence[str]
    bindings: Mapping[str, Node] | None


@dataclass(frozen=True)
class Write:
    """Write the answer in a format."""

    form: Format


@dataclass(frozen=True)
class More:
    """Tell that many rows."""

    count: int


@dataclass(frozen=True)
class Leave:
    """The rest is not wanted."""


@dataclass(frozen=True)
class Head:
    """What kind of answer there is."""

    kind: Literal["bindings", "boolean", "graph"]
    variables: Sequence[str]
    truth: bool | None


@dataclass(frozen=True)
class Rows:
    """Rows of an answer; fewer than were asked for are the last."""

    rows: list[tuple[Packed, ...]]


@dataclass(frozen=True)
class Done:
    """The answer is written; so many bytes."""

    size: int


@dataclass(frozen=True)
class Opened:
    """The snapshot is open, and the evaluation begins."""


@dataclass(frozen=True)
class Gone:
    """The snapshot could not be opened; another may be current now."""

    error: AlaqatError


@dataclass(frozen=True)
class Failed:
    """There is no answer, or no more of it."""

    error: AlaqatError


def pack(term: Node | None) -> Packed:
    """A term as plain values."""
    if isinstance(term, Text):
        datatype = None if term.datatype is None else str(term.datatype)
        return str(term), term.language, datatype
    if isinstance(term, BNode):
        return (str(term),)
    return None if term is None else str(term)


def unpack(packed: Packed) -> Node | None:
    """The term of plain values, letter for letter."""
    if packed is None:
        return None
    if isinstance(packed, str):
        return URIRef(packed)
    if len(packed) == 1:
        return BNode(packed[0])
    text, language, datatype = packed
    kind = None if datatype is None or language else URIRef(datatype)
    return Text(text, lang=language, datatype=kind, normalize=False)
