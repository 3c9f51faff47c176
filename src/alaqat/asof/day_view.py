"""When a thing existed, as far as its founding or its end is stated.

What held on a day, asserted and derived, and whether that contradicts itself.

A derived triple holds as surely as the least sure of its premises, by whichever proof
is surest: its premises hold together.
"""

from __future__ import annotations

import hashlib
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rdflib import DCTERMS, OWL, RDF, XSD, Graph, Literal, URIRef

from alaqat.errors import Inconsistent
from alaqat.reason.derivations import DerivationIndex
from alaqat.reason.inference import infer
from alaqat.temporal.certainty import (
    Certainty,
    Period,
    certainty,
    period,
    together,
)
from alaqat.temporal.edtf import Bounds
from alaqat.terms import (
    AL,
    BASE,
    ONTOLOGY_GRAPH,
    is_default_graph,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.errors import Contradiction
    from alaqat.proofs.model import Proof
    from alaqat.proofs.prover import Prover
    from alaqat.reason.rules import Triple


# Properties of an event from which a thing exists, and of one after which it does not.
_BEGINS = (AL.founded, AL.transformedInto)
_ENDS = (AL.transformedFrom,)


def existence(facts: Graph, thing: Node) -> Bounds:
    """The days before and after which a thing did not exist; unknown without events."""
    begun = (
        period(facts, event).bounds.start_earliest
        for property_ in _BEGINS
        for event in facts.subjects(property_, thing)
    )
    ended = (
        period(facts, event).bounds.end_latest
        for property_ in _ENDS
        for event in facts.subjects(property_, thing)
    )
    return Bounds(
        start_earliest=min((day for day in begun if day), default=None),
        end_latest=max((day for day in ended if day), default=None),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A triple that held on a day.

    Attributes:
        triple: a holder and its relation, or a shortcut that follows from several.
        standing: how surely it held.
        period: when it held, as far as that is known.
        others: the other parties of the relation, or none for a shortcut.
        facts: the relations that it rests on.
    """

    triple: Triple
    standing: Certainty
    period: Period
    others: tuple[Node, ...]
    facts: tuple[Node, ...]


class DayView:
    """A dataset on one day.

    Args:
        explainer: of the dataset.
        day: any day.
    """

    def __init__(self, explainer: Prover, day: date) -> None:
        self.day = day
        self.explainer = explainer
        self._facts = _default(explainer)
        self._periods: dict[Node, Period] = {
            fact: period(self._facts, fact)
            for fact in self._facts.subjects(RDF.type, AL.DatedRelation)
            if isinstance(fact, URIRef)
        }
        self._lives: dict[Node, tuple[Period, ...]] = {}

    def on(self, day: date) -> DayView:
        """The same dataset on another day."""
        other = DayView.__new__(DayView)
        other.day, other.explainer = day, self.explainer
        other._facts, other._periods = self._facts, self._periods
        other._lives = self._lives
        return other

    def like(self, day: date) -> DayView:
        """The same on another day on which everything stands as it does on this one."""
        other = copy(self)
        other.day = day
        return other

    @cached_property
    def standings(self) -> dict[Node, Certainty | None]:
        """How surely each dated relation held; None for those that did not."""
        return {fact: self._standing(fact) for fact in self._periods}

    @cached_property
    def derivations(self) -> DerivationIndex:
        """What follows on this day, each triple at the level of its standing."""
        levels: dict[Triple, int] = {}
        kept = []
        for triple in self.explainer.premises:
            found = [self.standings[n] for n in _ends(triple) if n in self.standings]
            known = [one for one in found if one is not None]
            if len(known) == len(found):
                kept.append(triple)
                levels[triple] = max(known, default=0)
        return DerivationIndex(kept, self.explainer.rules, levels)

    @cached_property
    def proofs(self) -> Prover:
        """Proves triples from what held on this day."""
        return self.explainer.under(self.derivations)

    def standing(self, triple: Triple) -> Certainty | None:
        """How surely a triple held; what has no time always did."""
        if triple not in self.explainer:
            return None
        if triple not in self._facts:
            return Certainty.CERTAIN
        level = self.derivations.level(triple)
        return None if level is None else Certainty(level)

    def proofs_of(self, triple: Triple, most: int = 1) -> tuple[Proof, ...]:
        """The shortest of the surest proofs of a triple on this day."""
        held = self.standing(triple) is not None
        return tuple(self.proofs.proofs(triple, most)) if held else ()

    @property
    def periods(self) -> Mapping[Node, Period]:
        """When each dated relation held, as far as that is known."""
        return self._periods

    def parties(self, fact: Node) -> tuple[Node, ...]:
        """The other parties of a dated relation."""
        return self._others(fact)

    def existence(self, fact: Node) -> tuple[Period, ...]:
        """When the parties of a dated relation existed."""
        if fact not in self._lives:
            holders = self._facts.subjects(AL.hasRelation, fact)
            parties = (*holders, *self._others(fact))
            lives = (existence(self._facts, party) for party in parties)
            self._lives[fact] = tuple(map(Period, lives))
        return self._lives[fact]

    @cached_property
    def relations(self) -> tuple[Held, ...]:
        """The dated relations that held, with their holders; the surest first."""
        found = (
            Held(triple, held, self._periods[fact], self._others(fact), (fact,))
            for triple in self.explainer.premises
            if (fact := triple[2]) in self.standings
            and self._is_holding(triple)
            and (held := self.standings[fact]) is not None
        )
        return tuple(sorted(found, key=_order))

    @cached_property
    def shortcuts(self) -> tuple[Held, ...]:
        """The derived triples between things that held; the surest first."""
        found = (
            Held(triple, Certainty(level), self._when(facts), (), facts)
            for triple in self.explainer.inferred
            if triple[1] not in (RDF.type, OWL.sameAs)
            and not self._is_dated(triple)
            and (level := self.derivations.level(triple)) is not None
            and (facts := self._grounds(triple))
        )
        return tuple(sorted(found, key=_order))

    def snapshot(self, least: Certainty = Certainty.PRESUMED) -> Graph:
        """What held at least so surely, as a graph with what the day denies.

        The relations, all that follows from them, and an
        owl:NegativePropertyAssertion for each stated denial.
        """
        graph = Graph(bind_namespaces="none")
        name = URIRef(f"{BASE}graph/as-of/{self.day.isoformat()}")
        day = Literal(self.day.isoformat(), datatype=XSD.date)
        graph.add((name, DCTERMS.temporal, day))
        for triple in (*self.explainer.premises, *self.explainer.inferred):
            level = self.derivations.level(triple)
            if level is not None and level <= least and self._is_of_the_day(triple):
                graph.add(triple)
        for triple in self._denials(least):
            graph.add(triple)
        return graph

    @cached_property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """Where what held, certainly or presumably, is denied that same day."""
        everything = Graph(bind_namespaces="none")
        for triple in self.explainer.premises:
            level = self.derivations.level(triple)
            if level is not None and level <= Certainty.PRESUMED:
                everything.add(triple)
        denials = list(self._denials(Certainty.PRESUMED))
        for triple in denials:
            everything.add(triple)
        try:
            if denials:
                infer(everything)
        except Inconsistent as error:
            return error.contradictions
        return ()

    def _denials(self, least: Certainty) -> Iterator[Triple]:
        """What the day denies, as negative property assertions."""
        ontology = self.explainer.graphs.get(ONTOLOGY_GRAPH, Graph())
        for denied, denying in ontology.subject_objects(AL.deniedBy):
            for subject, _, value in self.explainer.inferred.triples(
                (None, denying, None)
            ):
                level = self.derivations.level((subject, denying, value))
                if level is not None and level <= least:
                    yield from _negative(subject, denied, value)

    def _standing(self, fact: Node) -> Certainty | None:
        """How surely a relation held; not if one of its parties did not exist."""
        found = certainty(self._periods[fact], self.day)
        if found is not Certainty.POSSIBLE:
            return found
        lives = self.existence(fact)
        is_alive = all(certainty(life, self.day) is not None for life in lives)
        return found if is_alive else None

    def _others(self, fact: Node) -> tuple[Node, ...]:
        return tuple(sorted(self._facts.objects(fact, AL["with"]), key=str))

    def _is_holding(self, triple: Triple) -> bool:
        """Whether a triple leads from a holder to its relation."""
        subject, _, fact = triple
        return (subject, AL.hasRelation, fact) in self._facts

    def _is_dated(self, triple: Triple) -> bool:
        """Whether a triple is about a dated relation."""
        return any(node in self._periods for node in _ends(triple))

    def _is_of_the_day(self, triple: Triple) -> bool:
        """Whether a triple belongs into a snapshot, not into any day's."""
        subject, predicate, value = triple
        if subject in self._periods:
            return True
        if value in self._periods:
            return self._is_holding(triple)
        return predicate != RDF.type and triple in self.explainer.inferred

    def _grounds(self, triple: Triple) -> tuple[Node, ...]:
        """The dated relations that a triple rests on by its first proof."""
        proof = next(self.proofs.proofs(triple, 1), None)
        leaves = proof.leaves() if proof else ()
        nodes = {node for leaf in leaves for node in _ends(leaf.triple)}
        return tuple(sorted(nodes & self._periods.keys(), key=str))

    def _when(self, facts: tuple[Node, ...]) -> Period:
        return together(self._periods[fact] for fact in facts)


def as_of(explainer: Prover, day: date) -> DayView:
    """What a dataset says of one day."""
    return DayView(explainer, day)


def _default(explainer: Prover) -> Graph:
    """What a plain query reads, as one graph."""
    joined = Graph(bind_namespaces="none")
    for name, graph in explainer.graphs.items():
        if is_default_graph(name):
            joined += graph
    return joined


def _ends(triple: Triple) -> tuple[Node, Node]:
    return triple[0], triple[2]


def _order(held: Held) -> tuple[Certainty, tuple[str, ...]]:
    return held.standing, tuple(map(str, held.triple))


def _negative(subject: Node, predicate: Node, value: Node) -> Iterator[Triple]:
    """That a triple is not so (OWL 2, mapping to RDF §2.1)."""
    key = f"{subject} {predicate} {value}"
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    name = URIRef(f"{BASE}id/denial/{digest}")
    yield name, RDF.type, OWL.NegativePropertyAssertion
    yield name, OWL.sourceIndividual, subject
    yield name, OWL.assertionProperty, predicate
    yield name, OWL.targetIndividual, value
