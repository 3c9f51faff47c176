"""Synthetic facts of foreign relations, in the form of the real ones.

Parties are numbered; no country is meant. The same seed gives the same triples.
"""

from __future__ import annotations

import random
from itertools import count, islice
from typing import TYPE_CHECKING

from rdflib import RDF, XSD, Literal, URIRef

from alaqat.terms import (
    AL,
    BASE,
    EDTF,
    OA,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]

_WITH_PARTIES = (
    *("DiplomaticRelation", "NonRelation", "Embassy", "Consulate", "Dispute"),
    *("VisaArrangement", "Cooperation", "Deployment", "Assessment"),
)
_WITH_ORGANIZATIONS = ("Membership", "FoundingMembership", "Chairmanship")


def facts(size: int, *, seed: int = 1) -> Iterator[Triple]:
    """Yield triples of dated relations, each relation with a claim.

    The number of parties grows with the size (one per fifty triples, at least 200), so
    that the number of relations per party is about the same at any size.
    """
    return islice(_endless(max(200, size // 50), random.Random(seed)), size)


def _endless(parties: int, choose: random.Random) -> Iterator[Triple]:
    for number in count(1):
        name = choose.choice(_WITH_PARTIES + _WITH_ORGANIZATIONS)
        other = "org" if name in _WITH_ORGANIZATIONS else "state"
        fact = URIRef(f"{BASE}id/fact/synthetic/{number}")
        holder, counterpart = choose.randrange(parties), choose.randrange(parties)
        yield URIRef(f"{BASE}id/state/{holder}"), AL[f"has{name}"], fact
        yield fact, AL["with"], URIRef(f"{BASE}id/{other}/{counterpart}")
        yield from _dates(fact, choose.randrange(1900, 2030))
        yield from _claim(fact, number)


def _dates(fact: Node, year: int) -> Iterator[Triple]:
    """Yield the bounds of a start within a year."""
    yield fact, AL.edtf, Literal(f"{year}/", datatype=EDTF.EDTF)
    yield fact, AL.startEarliest, Literal(f"{year}-01-01", datatype=XSD.date)
    yield fact, AL.startLatest, Literal(f"{year}-12-31", datatype=XSD.date)


def _claim(fact: Node, number: int) -> Iterator[Triple]:
    """Yield the claim of a fact with its target and its two selectors."""
    claim = URIRef(f"{BASE}id/claim/synthetic/{number}")
    target, position, quote = (
        URIRef(f"{claim}#{part}") for part in ("target", "position", "quote")
    )
    yield claim, RDF.type, AL.Claim
    yield claim, OA.hasBody, fact
    yield claim, OA.hasTarget, target
    yield target, RDF.type, OA.SpecificResource
    yield target, OA.hasSelector, position
    yield target, OA.hasSelector, quote
    for name, place in (("start", number), ("end", number + 50)):
        yield position, OA[name], Literal(str(place), datatype=XSD.nonNegativeInteger)
    yield quote, OA.exact, Literal(f"words number {number}")
