"""The changelog: the provenance (PROV-O) of every version of a writable store.

A change is a prov:Activity, named after the version that it generated. The triples that
it added to or removed from a graph are recorded as N-Triples, so that it can be undone,
unless there are too many of them: then as their number and hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import quote

from rdflib import PROV, RDF, RDFS, SKOS, VOID, XSD, Literal, URIRef

from alaqat.curation.history_chain import (
    AGENT,
    CHANGE,
    CHECKSUM,
    hash_lines,
)
from alaqat.store.differences import Difference, GraphContent
from alaqat.store.interface import Mutation, Triple, Update
from alaqat.terms import BASE

_MAX_LISTED_TRIPLES = 1000  # of a larger difference only the size is recorded


def describe_change(
    change: Mutation,
    author: str,
    at: datetime,
    versions: tuple[str | None, str],
    differences: Mapping[str, Difference | GraphContent],
) -> Iterator[Triple]:
    """Yield the changelog entry of a change.

    Args:
        change: the change that was applied.
        author: the name of its author.
        at: the time of the commit.
        versions: the version before, or None, and the version that it generated.
        differences: by graph; the content after it where the graph is too large to
            compare.
    """
    activity = activity_iri(versions[1])
    yield from _activity_triples(type(change).__name__.lower(), author, at, versions)
    if isinstance(change, Update):
        yield activity, PROV.value, Literal(change.text)
    elif change.graph:
        yield activity, PROV.used, URIRef(change.graph)
    for number, (graph, difference) in enumerate(sorted(differences.items()), 1):
        node = f"{activity}/{number}"
        if isinstance(difference, GraphContent):
            changed = URIRef(f"{node}/changed")
            yield changed, PROV.wasGeneratedBy, activity
            yield from _content_triples(
                changed, graph, difference.triples, difference.sha256
            )
            continue
        for lines, name, relation in (
            (difference.added, "added", PROV.wasGeneratedBy),
            (difference.removed, "removed", PROV.wasInvalidatedBy),
        ):
            if lines:
                entity = URIRef(f"{node}/{name}")
                yield entity, relation, activity
                yield from _lines_triples(entity, graph, lines)


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
    yield activity_iri(versions[1]), PROV.used, URIRef(f"{BASE}id/backup/{sha256}")


def _activity_triples(
    kind: str, author: str, at: datetime, versions: tuple[str | None, str]
) -> Iterator[Triple]:
    """Yield the activity with its agent, its time and its versions."""
    before, after = versions
    activity = activity_iri(after)
    agent = URIRef(f"{AGENT}{quote(author, safe='')}")
    yield activity, RDF.type, PROV.Activity
    yield activity, SKOS.notation, Literal(kind)
    yield activity, PROV.endedAtTime, Literal(at.isoformat(), datatype=XSD.dateTime)
    yield activity, PROV.wasAssociatedWith, agent
    yield agent, RDF.type, PROV.Agent
    yield agent, RDFS.label, Literal(author)
    yield activity, PROV.generated, _version_iri(after)
    if before:
        yield activity, PROV.used, _version_iri(before)


def _lines_triples(
    node: URIRef, graph: str, lines: frozenset[bytes]
) -> Iterator[Triple]:
    """Yield the triples added to or removed from a graph, as one entity."""
    yield from _content_triples(node, graph, len(lines), hash_lines(lines))
    if len(lines) <= _MAX_LISTED_TRIPLES:
        yield node, PROV.value, Literal(b"\n".join(sorted(lines)).decode())


def _content_triples(
    node: URIRef, graph: str, size: int, sha256: str
) -> Iterator[Triple]:
    """Yield the description of some triples of a graph: how many, and their hash."""
    yield node, RDF.type, PROV.Entity
    yield node, VOID.triples, Literal(size)
    yield node, CHECKSUM, Literal(sha256)
    if graph:
        yield node, PROV.specializationOf, URIRef(graph)


def activity_iri(version: str) -> URIRef:
    """Return the name of the change that generated a version."""
    return URIRef(f"{CHANGE}{version}")


def _version_iri(version: str) -> URIRef:
    return URIRef(f"{BASE}id/version/{version}")
