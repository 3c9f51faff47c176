"""The changelog: the provenance (PROV-O) of every version of a writable store.

A change is a prov:Activity, named after the version that it generated. The triples that
it added to or removed from a graph are recorded as N-Triples, so that it can be undone,
unless there are too many of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from rdflib import PROV, RDF, RDFS, SKOS, VOID, XSD, Literal, URIRef

from alaqat.store.interface import Mutation, Triple, Update
from alaqat.terms import BASE

_MAX_LISTED_TRIPLES = 1000  # of a larger difference only the size is recorded


@dataclass(frozen=True)
class Difference:
    """The difference that a change made to one graph, in lines of N-Triples."""

    added: frozenset[bytes]
    removed: frozenset[bytes]

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return bool(self.added or self.removed)


def describe_change(
    change: Mutation,
    author: str,
    at: datetime,
    versions: tuple[str | None, str],
    differences: Mapping[str | None, Difference],
) -> Iterator[Triple]:
    """Yield the changelog entry of a change.

    Args:
        change: the change that was applied.
        author: the name of its author.
        at: the time of the commit.
        versions: the version before, or None, and the version that it generated.
        differences: by graph, as far as they were computed; None is the default graph.
    """
    activity = _activity_iri(versions[1])
    yield from _activity_triples(type(change).__name__.lower(), author, at, versions)
    if isinstance(change, Update):
        yield activity, PROV.value, Literal(change.text)
    elif change.graph:
        yield activity, PROV.used, URIRef(change.graph)
    by_name = sorted(differences.items(), key=lambda item: item[0] or "")
    for number, (graph, difference) in enumerate(by_name, 1):
        for lines, name, relation in (
            (difference.added, "added", PROV.wasGeneratedBy),
            (difference.removed, "removed", PROV.wasInvalidatedBy),
        ):
            if lines:
                node = URIRef(f"{activity}/{number}/{name}")
                yield node, relation, activity
                yield from _difference_triples(node, graph, lines)


def describe_restore(
    sha256: str, author: str, at: datetime, versions: tuple[str | None, str]
) -> Iterator[Triple]:
    """Yield the changelog entry of a restored backup.

    Args:
        sha256: the hash of the quads of the backup.
        author: the name of who restored it.
        at: the time of the commit.
        versions: the version before, or None, and the version that it generated.
    """
    yield from _activity_triples("restore", author, at, versions)
    yield _activity_iri(versions[1]), PROV.used, URIRef(f"{BASE}id/backup/{sha256}")


def _activity_triples(
    kind: str, author: str, at: datetime, versions: tuple[str | None, str]
) -> Iterator[Triple]:
    """Yield the activity with its agent, its time and its versions."""
    before, after = versions
    activity = _activity_iri(after)
    agent = URIRef(f"{BASE}id/agent/{quote(author, safe='')}")
    yield activity, RDF.type, PROV.Activity
    yield activity, SKOS.notation, Literal(kind)
    yield activity, PROV.endedAtTime, Literal(at.isoformat(), datatype=XSD.dateTime)
    yield activity, PROV.wasAssociatedWith, agent
    yield agent, RDF.type, PROV.Agent
    yield agent, RDFS.label, Literal(author)
    yield activity, PROV.generated, _version_iri(after)
    if before:
        yield activity, PROV.used, _version_iri(before)


def _difference_triples(
    node: URIRef, graph: str | None, lines: frozenset[bytes]
) -> Iterator[Triple]:
    """Yield the triples added to or removed from a graph, as one entity."""
    yield node, RDF.type, PROV.Entity
    yield node, VOID.triples, Literal(len(lines))
    if graph:
        yield node, PROV.specializationOf, URIRef(graph)
    if len(lines) <= _MAX_LISTED_TRIPLES:
        yield node, PROV.value, Literal(b"\n".join(sorted(lines)).decode())


def _activity_iri(version: str) -> URIRef:
    return URIRef(f"{BASE}id/change/{version}")


def _version_iri(version: str) -> URIRef:
    return URIRef(f"{BASE}id/version/{version}")
