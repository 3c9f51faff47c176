"""The record of changes: who changed what, when, from which version to which (PROV-O).

Named by the version that the change made, so the record of a version never moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from rdflib import PROV, RDF, RDFS, SKOS, XSD, Literal, URIRef

from alaqat.store.changes import Change, Update
from alaqat.store.interface import Triple
from alaqat.terms import AL, BASE

# So many triples are told one by one; of a larger change, how many it was.
_TOLD = 1000


@dataclass(frozen=True)
class Difference:
    """What a change did to one graph, in lines of N-Triples."""

    added: frozenset[bytes]
    removed: frozenset[bytes]

    def __bool__(self) -> bool:
        """Whether it did anything."""
        return bool(self.added or self.removed)


def record(
    change: Change,
    author: str,
    at: datetime,
    versions: tuple[str | None, str],
    differences: Mapping[str | None, Difference],
) -> Iterator[Triple]:
    """A change as triples.

    Args:
        change: that was carried out.
        author: who asked for it.
        at: when.
        versions: the one before, None if there was none, and the one it made.
        differences: what it did to each graph, as far as that was looked at; None is
            the default graph.
    """
    before, after = versions
    activity = URIRef(f"{BASE}id/change/{after}")
    agent = URIRef(f"{BASE}id/agent/{quote(author, safe='')}")
    yield activity, RDF.type, PROV.Activity
    yield activity, SKOS.notation, Literal(type(change).__name__.lower())
    yield activity, PROV.endedAtTime, Literal(at.isoformat(), datatype=XSD.dateTime)
    yield activity, PROV.wasAssociatedWith, agent
    yield agent, RDF.type, PROV.Agent
    yield agent, RDFS.label, Literal(author)
    yield activity, PROV.generated, _version(after)
    if before:
        yield activity, PROV.used, _version(before)
    if isinstance(change, Update):
        yield activity, PROV.value, Literal(change.text)
    elif change.graph:
        yield activity, PROV.used, URIRef(change.graph)
    by_name = sorted(differences.items(), key=lambda item: item[0] or "")
    for number, (graph, difference) in enumerate(by_name, 1):
        yield from _told(URIRef(f"{activity}/{number}"), activity, graph, difference)


def _told(
    node: URIRef, activity: URIRef, graph: str | None, difference: Difference
) -> Iterator[Triple]:
    """What became of one graph; the default graph has no name."""
    yield node, RDF.type, PROV.Entity
    yield node, PROV.wasGeneratedBy, activity
    if graph:
        yield node, PROV.specializationOf, URIRef(graph)
    for lines, count, text in (
        (difference.added, AL.added, AL.addedTriples),
        (difference.removed, AL.removed, AL.removedTriples),
    ):
        yield node, count, Literal(len(lines))
        if 0 < len(lines) <= _TOLD:
            yield node, text, Literal(b"\n".join(sorted(lines)).decode())


def _version(version: str) -> URIRef:
    """A version of the dataset as a thing."""
    return URIRef(f"{BASE}id/version/{version}")
