"""The library of saved queries: one question a file, told in its first lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from alaqat.errors import InvalidData, UnknownQuery
from alaqat.library.query import FRAGMENTS, Query, read_query
from alaqat.library.values import KINDS, Kind, read_term

__all__ = [
    "FOLDERS",
    "KINDS",
    "Kind",
    "Library",
    "Query",
    "read_library",
    "read_query",
    "read_term",
]

FOLDERS = ("questions", "checks", "views")


class Library:
    """Saved queries by name, in the order of the folders and of their names."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(queries)

    def __iter__(self) -> Iterator[Query]:
        return iter(self._queries.values())

    def __len__(self) -> int:
        return len(self._queries)

    def get(self, name: str) -> Query:
        """The query of that name.

        Raises:
            UnknownQuery: there is none; the message tells names that are near.
        """
        if name in self._queries:
            return self._queries[name]
        near = difflib.get_close_matches(name, self._queries, n=3, cutoff=0.5)
        raise UnknownQuery(
            f"No saved query is named {name}.",
            remedy=f"Near it: {', '.join(near)}." if near else "See: alaqat query",
        )

    def of(self, folder: str) -> tuple[Query, ...]:
        """The queries of one folder: questions, checks or views."""
        return tuple(query for query in self if query.folder == folder)


def read_library(folder: Path) -> Library:
    """Read every saved query below a folder.

    Raises:
        InvalidData: a file is in no known folder, its front matter or its prefixes are
            not as they must be, two queries share a name, or there is no query at all.
    """
    queries: dict[str, Query] = {}
    for path in sorted(folder.rglob("*.rq"), key=_order):
        if path.parent == folder / FRAGMENTS:
            continue
        if path.parent.parent != folder or path.parent.name not in FOLDERS:
            raise InvalidData(
                "A saved query stands outside the library's folders.",
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
    """Sort by the order of the folders, then by name."""
    name = path.parent.name
    return (FOLDERS.index(name) if name in FOLDERS else -1, path.as_posix())
