"""Prover: the shortest proofs of a triple with their evidence, or of what denies it."""

from __future__ import annotations

import typing
from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import TYPE_CHECKING

from rdflib import Graph, Literal

from alaqat.proofs.evidence import EvidenceIndex
from alaqat.proofs.model import Proof
from alaqat.reason.derivations import DerivationIndex, derivation_rules
from alaqat.terms import (
    AL,
    INFERRED_GRAPH,
    META_GRAPH,
    ONTOLOGY_GRAPH,
    PROOFS_GRAPH,
    STORE_DEFAULT_GRAPH,
    is_default_graph,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

    from rdflib import URIRef
    from rdflib.term import Node

    from alaqat.proofs.model import Proof
    from alaqat.reason.derivations import Step
    from alaqat.reason.rules import Rule, Triple


# Computed by the build from the other graphs; they assert nothing.
_GENERATED_GRAPHS = frozenset({INFERRED_GRAPH, META_GRAPH, PROOFS_GRAPH})

_CACHE_SIZE = 4096

#: The most alternative proofs of a triple: their number is a product over its premises.
MAX_PROOFS = 1000


class Prover:
    """Proves the triples of a dataset, which must not change.

    Args:
        graphs: all named graphs. Inferred triples are proved from asserted ones,
            whichever engine inferred them.
    """

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        self.graphs = graphs
        self.inferred = graphs.get(INFERRED_GRAPH, Graph())
        self._asserting = sorted(graphs.keys() - _GENERATED_GRAPHS, key=_rank)
        self._first_proofs: dict[Triple, Proof] = {}

    def __contains__(self, triple: Triple) -> bool:
        """Return whether the dataset holds a triple, asserted or derived."""
        return triple in self.inferred or self.is_asserted(triple)

    def is_asserted(self, triple: Triple) -> bool:
        """Return whether a graph other than those of the build holds a triple."""
        return self._asserting_graph(triple) is not None

    def pairs(self, predicate: URIRef) -> Iterator[tuple[Node, Node]]:
        """Yield subject and object of a predicate's triples in the default graph.

        A triple in two of the named graphs that it merges comes twice.
        """
        for name, graph in self.graphs.items():
            if is_default_graph(name):
                yield from graph.subject_objects(predicate)

    def _asserting_graph(self, triple: Triple) -> URIRef | None:
        found = (name for name in self._asserting if triple in self.graphs[name])
        return next(found, None)

    @cached_property
    def premises(self) -> tuple[Triple, ...]:
        """The asserted triples from which others follow."""
        read = (self.graphs[one] for one in self._asserting if is_default_graph(one))
        return tuple(dict.fromkeys(triple for graph in read for triple in graph))

    def premises_of(self, triples: Set[Triple]) -> tuple[Triple, ...]:
        """Return the premises that any derivation of some triples may use.

        Those that share a literal are included: rules compare literals by value.
        """
        grounds: dict[Triple, set[Triple]] = defaultdict(set)
        for head, step in self.derivations.applications():
            grounds[head].update(step.grounds)
        queue, reached = list(triples), set(triples)
        while queue:
            found = grounds[queue.pop()] - reached
            reached |= found
            queue += found
        terms = {term for subject, _, value in reached for term in (subject, value)}
        literals = {term for term in terms if isinstance(term, Literal)}
        return tuple(p for p in self.premises if p in reached or p[2] in literals)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the dataset's own axioms."""
        return derivation_rules(self.premises)

    @cached_property
    def derivations(self) -> DerivationIndex:
        """How everything follows, as an index."""
        return DerivationIndex(self.premises, self.rules)

    @cached_property
    def evidence_index(self) -> EvidenceIndex:
        """The provenance of asserted triples."""
        return EvidenceIndex(self.graphs)

    def with_derivations(self, derivations: DerivationIndex) -> Prover:
        """Return a prover of the same dataset with other derivations, as of one day."""
        other = copy(self)
        other.__dict__["derivations"] = derivations
        other._first_proofs = {}
        return other

    def proof(self, triple: Triple) -> Proof | None:
        """Return the first of the shortest proofs; None if the triple does not hold."""
        return next(self.proofs(triple), None)

    def proofs(self, triple: Triple, limit: int = MAX_PROOFS) -> Iterator[Proof]:
        """Yield the shortest proofs in a fixed order, at most `limit` of them."""
        if len(self._first_proofs) > _CACHE_SIZE:
            self._first_proofs.clear()
        if triple in self:
            yield from islice(self._proofs(triple), limit)

    def derived_proof(self, triple: Triple) -> Proof | None:
        """Return the first of the shortest proofs by a rule, even if asserted too."""
        steps = self.derivations.steps(triple)
        return self._first_proof_by(triple, steps[0]) if steps else None

    def _first_proof_by(self, triple: Triple, step: Step) -> Proof:
        """Return the first of the proofs that end in one step."""
        premises, axioms = (
            tuple(map(self._first_proof, grounds))
            for grounds in (step.premises, step.rule.axiom)
        )
        return Proof(triple, step.rule, premises, axioms)

    def _first_proof(self, triple: Triple) -> Proof:
        """Return the first proof of a triple that holds; subproofs are shared."""
        found = self._first_proofs.get(triple)
        if found is None:
            graph = self._asserting_graph(triple)
            if graph is None:
                step, *_ = self.derivations.steps(triple)
                found = self._first_proof_by(triple, step)
            else:
                evidence = self.evidence_index.evidence(triple, graph)
                found = Proof(triple, evidence=evidence)
            self._first_proofs[triple] = found
        return found

    def _proofs(self, triple: Triple) -> Iterator[Proof]:
        if self.is_asserted(triple):
            yield self._first_proof(triple)
            return
        for step in self.derivations.steps(triple):
            yield from self._proofs_by(triple, step)

    def _proofs_by(self, triple: Triple, step: Step) -> Iterator[Proof]:
        """Yield the proofs that end in one step: a product of its grounds' proofs."""
        count = len(step.premises)
        subproofs = (
            tuple(islice(self._proofs(ground), MAX_PROOFS)) for ground in step.grounds
        )
        for chosen in product(*subproofs):
            yield Proof(triple, step.rule, chosen[:count], chosen[count:])


def _rank(name: URIRef) -> tuple[bool, bool, URIRef]:
    """Order graphs by how well they document a triple that several of them assert."""
    return not is_default_graph(name), name == STORE_DEFAULT_GRAPH, name


Status = typing.Literal["asserted", "derived", "absent"]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a triple holds, or what the dataset says against it.

    Attributes:
        triple: the triple in question.
        proofs: its shortest proofs; none if it does not hold.
        more: whether there are more of the shortest proofs.
        denials: proofs of triples that deny it.
    """

    triple: Triple
    proofs: tuple[Proof, ...]
    more: bool
    denials: tuple[Proof, ...]

    @property
    def status(self) -> Status:
        """Whether the triple was asserted, is derived, or is not in the dataset."""
        if not self.proofs:
            return "absent"
        return "asserted" if self.proofs[0].rule is None else "derived"


def why(prover: Prover, triple: Triple, limit: int = 1) -> Why:
    """Explain why a triple holds by up to `limit` shortest proofs, in a fixed order."""
    proofs = tuple(prover.proofs(triple, limit + 1))
    denials = tuple(
        proof
        for denial in denying_triples(prover, triple)
        for proof in prover.proofs(denial, limit)
    )
    return Why(triple, proofs[:limit], len(proofs) > limit, denials)


def denying_triples(prover: Prover, triple: Triple) -> tuple[Triple, ...]:
    """Return the triples that would deny one, by al:deniedBy in the ontology."""
    subject, predicate, value = triple
    return tuple(
        (subject, other, value) for other in denying_properties(prover, predicate)
    )


def denying_properties(prover: Prover, predicate: Node) -> tuple[Node, ...]:
    """Return the properties that cannot hold where one holds, in a fixed order."""
    ontology = prover.graphs.get(ONTOLOGY_GRAPH)
    if ontology is None:
        return ()
    found = set(ontology.objects(predicate, AL.deniedBy))
    found |= set(ontology.subjects(AL.deniedBy, predicate))
    return tuple(sorted(found, key=str))
