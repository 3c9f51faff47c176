"""The topics under which saved questions stand."""

from __future__ import annotations

from dataclasses import dataclass

from alaqat.library import Library, Query


@dataclass(frozen=True)
class Topic:
    """Questions of one kind, which is the first tag of each."""

    name: str
    questions: list[Query]


def topic_of(query: Query) -> str:
    """The topic under which a question stands."""
    return query.tags[0] if query.tags else query.folder


def topics(library: Library) -> list[Topic]:
    """The questions by their topics, the largest topic first."""
    found: dict[str, list[Query]] = {}
    for query in library.of("questions"):
        found.setdefault(topic_of(query), []).append(query)
    by_size = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return [Topic(name, queries) for name, queries in by_size]
