"""Library of saved queries, by name and by topic."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from alaqat.errors import InvalidData, UnknownQuery
from alaqat.queries.query import (
    FRAGMENTS,
    SavedQuery,
    read_query,
)

FOLDERS = ("questions", "checks", "views")


class Library:
    """Saved queries by name, in the order of the folders and of their names."""

    def __init__(self, queries: Mapping[str, SavedQuery]) -> None:
        self._queries = dict(queries)

    def __iter__(self) -> Iterator[SavedQuery]:
        return iter(self._queries.values())

    def __len__(self) -> int:
        return len(self._queries)

    def get(self, name: str) -> SavedQuery:
        """Return the query of a name.

        Raises:
            UnknownQuery: there is none; the remedy lists similar names.
        """
        if name in self._queries:
            return self._queries[name]
        similar = difflib.get_close_matches(name, self._queries, n=3, cutoff=0.5)
        raise UnknownQuery(
            f"No saved query is named {name}.",
            remedy=f"Did you mean {', '.join(similar)}?"
            if similar
            else "To list them all: alaqat query",
        )

    def of(self, folder: str) -> tuple[SavedQuery, ...]:
        """Return the queries of one folder: questions, checks or views."""
        return tuple(query for query in self if query.folder == folder)


def read_library(folder: Path) -> Library:
    """Read every saved query below a folder.

    Raises:
        InvalidData: a file is outside the known folders, its front matter or prefixes
            are invalid, two queries share a name, or there is no query at all.
    """
    queries: dict[str, SavedQuery] = {}
    for path in sorted(folder.rglob("*.rq"), key=_order):
        if path.parent == folder / FRAGMENTS:
            continue
        if path.parent.parent != folder or path.parent.name not in FOLDERS:
            raise InvalidData(
                "A saved query is outside the library's folders.",
                path=path,
                remedy=f"Move it to one of: {', '.join(FOLDERS)}.",
            )
        query = read_query(path)
        if query.name in queries:
            raise InvalidData(
                f"Two queries are named {query.name}.",
                path=path,
                remedy=f"The other is {queries[query.name].path}; rename one.",
            )
        queries[query.name] = query
    if not queries:
        raise InvalidData(
            "There is no saved query.", path=folder, remedy="Add a file ending in .rq."
        )
    return Library(queries)


def _order(path: Path) -> tuple[int, str]:
    name = path.parent.name
    return (FOLDERS.index(name) if name in FOLDERS else -1, path.as_posix())


@dataclass(frozen=True)
class Topic:
    """Questions on one topic, which is the first tag of each."""

    name: str
    questions: list[SavedQuery]


def topic_of(query: SavedQuery) -> str:
    """Return the topic of a question: its first tag, else its folder."""
    return query.tags[0] if query.tags else query.folder


def topics(library: Library) -> list[Topic]:
    """Return the questions by topic, the largest topic first."""
    found: dict[str, list[SavedQuery]] = {}
    for query in library.of("questions"):
        found.setdefault(topic_of(query), []).append(query)
    by_size = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return [Topic(name, queries) for name, queries in by_size]
