"""Attacks as data: what is sent, and what a sound server may answer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from alaqat.terms import AL

_FORM_TYPE = "application/sparql-query"


@dataclass(frozen=True)
class Attack:
    """One request that a sound server survives.

    Attributes:
        name: in words.
        group: attacks of the group ``death`` are sent together.
        method: of HTTP.
        path: with its query string.
        content_type: of the body; empty if there is none.
        accept: what the client says it likes.
        body: as it is sent.
        raw: all bytes of the request, if it is none that a client library would send.
        status: what may be answered; 0 for a connection that is closed.
        never: what must not stand in the answer.
    """

    name: str
    group: str
    method: str
    path: str
    content_type: str
    accept: str
    body: bytes
    raw: bytes
    status: frozenset[int]
    never: str


def attacks(trap: str, file: str) -> tuple[Attack, ...]:
    """All attacks.

    Args:
        trap: an address that tells who calls it.
        file: the name of a file that no answer may hold the content of.
    """
    names = {"{trap}": trap, "{file}": file, "{class}": str(AL.Fact)}
    return tuple(_attack(row, names) for row in _rows())


@cache
def _rows() -> Sequence[Mapping[str, Any]]:
    """The rows of the file."""
    text = (files(__name__.rpartition(".")[0]) / "attacks.toml").read_text("utf-8")
    rows: Sequence[Mapping[str, Any]] = tomllib.loads(text)["attack"]
    return rows


def _attack(row: Mapping[str, Any], names: Mapping[str, str]) -> Attack:
    """An attack, written out."""

    def written(key: str, default: str = "") -> str:
        text = "".join(part * times for part, times in row.get(key, ()))
        for name, value in names.items():
            text = text.replace(name, value)
        return text or default

    query = written("query")
    return Attack(
        name=row["name"],
        group=row.get("group", ""),
        method=row.get("method", "POST" if query else "GET"),
        path=quote(written("path", "/sparql"), safe="/?&=%+:"),
        content_type=row.get("content_type", _FORM_TYPE if query else ""),
        accept=written("accept", "*/*"),
        body=(query or written("body")).encode(),
        raw=written("raw").encode("latin-1"),
        status=frozenset(row["status"]),
        never=row.get("never", ""),
    )
