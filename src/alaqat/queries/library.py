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
        self._queries = queries

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


class _FilesOfQueries(Mapping[str, SavedQuery]):
    """The saved queries of some files, each read when it is first needed."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._read: dict[str, SavedQuery] = {}

    def __getitem__(self, name: str) -> SavedQuery:
        if name not in self._read:
            self._read[name] = read_query(self._paths[name])
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def read_library(folder: Path) -> Library:
    """Read every saved query below a folder.

    Raises:
        InvalidData: a file is outside the known folders, its front matter or prefixes
            are invalid, two queries share a name, or there is no query at all.
    """
    return Library(dict(_FilesOfQueries(_paths_by_name(folder))))


def open_library(folder: Path) -> Library:
    """Return the library in a folder, without reading any query before it is needed.

    Raises:
        InvalidData: a file is outside the known folders, two queries share a name, or
            there is no query at all; what else is wrong in a file is raised when its
            query is needed.
    """
    return Library(_FilesOfQueries(_paths_by_name(folder)))


def _paths_by_name(folder: Path) -> dict[str, Path]:
    """Return the files of the saved queries by name, in the order of the library."""
    paths: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.rq"), key=_order):
        if path.parent == folder / FRAGMENTS:
            continue
        if path.parent.parent != folder or path.parent.name not in FOLDERS:
            raise InvalidData(
                "A saved query is outside the library's folders.",
                path=path,
                remedy=f"Move it to one of: {', '.join(FOLDERS)}.",
            )
        if path.stem in paths:
            raise InvalidData(
                f"Two queries are named {path.stem}.",
                path=path,
                remedy=f"The other is {paths[path.stem]}; rename one.",
            )
        paths[path.stem] = path
    if not paths:
        raise InvalidData(
            "There is no saved query.", path=folder, remedy="Add a file ending in .rq."
        )
    return paths


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
