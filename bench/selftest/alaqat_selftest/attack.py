"""Attacks as data: the request, and what a sound server may answer."""

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
        name: a few words.
        group: attacks of one group are sent at the same time; empty for none.
        times: how many are sent at once.
        method: the HTTP method.
        path: with its query string.
        content_type: of the body; empty if there is none.
        accept: the Accept header.
        body: the body as sent.
        raw: the whole request as bytes, if no client library would send it.
        is_held: whether the connection then stays open, as if more would follow.
        status: the allowed statuses; 0 is a closed connection.
        never: what the answer must not contain.
    """

    name: str
    group: str
    times: int
    method: str
    path: str
    content_type: str
    accept: str
    body: bytes
    raw: bytes
    is_held: bool
    status: frozenset[int]
    never: str


def attacks(trap: str, file: str) -> tuple[Attack, ...]:
    """Return all attacks.

    Args:
        trap: an address that the server must not call.
        file: a file that the server must not read.
    """
    names = {"{trap}": trap, "{file}": file, "{class}": str(AL.Fact)}
    return tuple(_attack(row, names) for row in _rows())


@cache
def _rows() -> Sequence[Mapping[str, Any]]:
    """Return the rows of attacks.toml."""
    text = (files(__name__.rpartition(".")[0]) / "attacks.toml").read_text("utf-8")
    rows: Sequence[Mapping[str, Any]] = tomllib.loads(text)["attack"]
    return rows


def _attack(row: Mapping[str, Any], names: Mapping[str, str]) -> Attack:
    """Return the attack of a row, with repetitions and placeholders expanded."""

    def expand(key: str, default: str = "") -> str:
        text = "".join(part * times for part, times in row.get(key, ()))
        for name, value in names.items():
            text = text.replace(name, value)
        return text or default

    query = expand("query")
    return Attack(
        name=row["name"],
        group=row.get("group", ""),
        times=row.get("times", 1),
        method=row.get("method", "POST" if query else "GET"),
        path=quote(expand("path", "/sparql"), safe="/?&=%+:"),
        content_type=row.get("content_type", _FORM_TYPE if query else ""),
        accept=expand("accept", "*/*"),
        body=(query or expand("body")).encode(),
        raw=expand("raw").encode("latin-1"),
        is_held=row.get("is_held", False),
        status=frozenset(row["status"]),
        never=row.get("never", ""),
    )
