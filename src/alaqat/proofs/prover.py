"""Why a triple of a dataset holds: its shortest proofs, with their evidence.

The answer to “why?”: proofs, or that a triple is not there and what is instead.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import TYPE_CHECKING, Literal

from rdflib import Graph

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
    from collections.abc import Iterator, Mapping

    from rdflib import URIRef
    from rdflib.term import Node

    from alaqat.proofs.model import Proof
    from alaqat.reason.derivations import Step
    from alaqat.reason.rules import Rule, Triple


# What the build makes of the rest; nothing rests on it.
_MADE = frozenset({INFERRED_GRAPH, META_GRAPH, PROOFS_GRAPH})

MAX_PROOFS = 1000
"""How many alternative proofs are told at most; there may be a product of ways."""


class Prover:
    """Proves the triples of a dataset; it is read once, and must not change.

    Args:
        graphs: all named graphs, by name. What stands in the graph of inferences is
            proved from what is asserted; what produced it does not matter.
    """

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        self.graphs = graphs
        self.inferred = graphs.get(INFERRED_GRAPH, Graph())
        self._homes: dict[Triple, URIRef] = {}
        self._firsts: dict[Triple, Proof] = {}
        for name in sorted(graphs, key=_order):
            if name not in _MADE:
                for triple in graphs[name]:
                    self._homes.setdefault(triple, name)

    def __contains__(self, triple: Triple) -> bool:
        """Whether the dataset holds a triple, asserted or derived."""
        return triple in self._homes or triple in self.inferred

    def is_asserted(self, triple: Triple) -> bool:
        """Whether a triple stands in a graph other than that of the inferences."""
        return triple in self._homes

    @property
    def premises(self) -> Iterator[Triple]:
        """The asserted triples from which others follow."""
        read = frozenset(filter(is_default_graph, self.graphs))
        return (triple for triple, home in self._homes.items() if home in read)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the dataset's own axioms."""
        return derivation_rules(self.premises)

    @cached_property
    def derivations(self) -> DerivationIndex:
        """How everything follows; reckoned when first asked for."""
        return DerivationIndex(self.premises, self.rules)

    @cached_property
    def witnesses(self) -> EvidenceIndex:
        """What asserted triples rest on."""
        return EvidenceIndex(self.graphs)

    def under(self, derivations: DerivationIndex) -> Prover:
        """The same dataset, proved from other derivations, such as those of one day."""
        other = copy(self)
        other.__dict__["derivations"] = derivations
        other._firsts = {}
        return other

    def proof(self, triple: Triple) -> Proof | None:
        """The first of the shortest proofs; None if the triple is not there."""
        return next(self.proofs(triple), None)

    def proofs(self, triple: Triple, most: int = MAX_PROOFS) -> Iterator[Proof]:
        """The shortest proofs in a fixed order, up to so many of them."""
        if triple in self:
            yield from islice(self._proofs(triple), most)

    def derived(self, triple: Triple) -> Proof | None:
        """The first of the shortest proofs that apply a rule, even if asserted too."""
        steps = self.derivations.steps(triple)
        return self._first_by(triple, steps[0]) if steps else None

    def _first_by(self, triple: Triple, step: Step) -> Proof:
        """The first of the proofs that end in one step."""
        premises, axioms = (
            tuple(map(self._first, grounds))
            for grounds in (step.premises, step.rule.axiom)
        )
        return Proof(triple, step.rule, premises, axioms)

    def _first(self, triple: Triple) -> Proof:
        """The first of the proofs of what holds; many rest on the same, found once."""
        if triple not in self._firsts:
            home = self._homes.get(triple)
            if home is None:
                step, *_ = self.derivations.steps(triple)
                self._firsts[triple] = self._first_by(triple, step)
            else:
                evidence = self.witnesses.evidence(triple, home)
                self._firsts[triple] = Proof(triple, evidence=evidence)
        return self._firsts[triple]

    def _proofs(self, triple: Triple) -> Iterator[Proof]:
        home = self._homes.get(triple)
        if home is not None:
            yield self._first(triple)
            return
        for step in self.derivations.steps(triple):
            yield from self._by(triple, step)

    def _by(self, triple: Triple, step: Step) -> Iterator[Proof]:
        """The proofs that end in one step, for each choice of proofs of its grounds."""
        count = len(step.premises)
        ways = (
            tuple(islice(self._proofs(ground), MAX_PROOFS)) for ground in step.grounds
        )
        for chosen in product(*ways):
            yield Proof(triple, step.rule, chosen[:count], chosen[count:])


def _order(name: URIRef) -> tuple[bool, bool, URIRef]:
    """Where a triple is at home that stands in several graphs: where words state it."""
    return not is_default_graph(name), name == STORE_DEFAULT_GRAPH, name


Status = Literal["asserted", "derived", "absent"]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a triple holds, or what the dataset says against it.

    Attributes:
        triple: what was asked.
        proofs: shortest ones; none if the triple is not there.
        more: whether there are shortest proofs besides those.
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


def why(explainer: Prover, triple: Triple, most: int = 1) -> Why:
    """Why a triple holds; up to `most` shortest proofs, in a fixed order."""
    proofs = tuple(explainer.proofs(triple, most + 1))
    denials = tuple(
        proof
        for denial in denying(explainer, triple)
        for proof in explainer.proofs(denial, most)
    )
    return Why(triple, proofs[:most], len(proofs) > most, denials)


def denying(explainer: Prover, triple: Triple) -> tuple[Triple, ...]:
    """The triples that would deny one: al:deniedBy in the ontology says which."""
    subject, predicate, value = triple
    return tuple((subject, other, value) for other in opposites(explainer, predicate))


def opposites(explainer: Prover, predicate: Node) -> tuple[Node, ...]:
    """The properties that cannot hold where one holds, in a fixed order."""
    ontology = explainer.graphs.get(ONTOLOGY_GRAPH)
    if ontology is None:
        return ()
    deny = set(ontology.objects(predicate, AL.deniedBy))
    deny |= set(ontology.subjects(AL.deniedBy, predicate))
    return tuple(sorted(deny, key=str))
