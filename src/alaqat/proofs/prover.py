"""Why a triple of a dataset holds: its shortest proofs, with their evidence.

The answer to “why?”: proofs, or that a triple is not there and what is instead.
"""

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


# What the build makes of the rest; nothing rests on it.
_MADE = frozenset({INFERRED_GRAPH, META_GRAPH, PROOFS_GRAPH})

_REMEMBERED = 4096  # proofs that are not found again

MAX_PROOFS = 1000
"""How many alternative proofs are told at most; there may be a product of ways."""


class Prover:
    """Proves the triples of a dataset, which must not change.

    Args:
        graphs: all named graphs, by name. What stands in the graph of inferences is
            proved from what is asserted; what produced it does not matter.
    """

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        self.graphs = graphs
        self.inferred = graphs.get(INFERRED_GRAPH, Graph())
        self._asserted = sorted(graphs.keys() - _MADE, key=_order)
        self._firsts: dict[Triple, Proof] = {}

    def __contains__(self, triple: Triple) -> bool:
        """Whether the dataset holds a triple, asserted or derived."""
        return triple in self.inferred or self.is_asserted(triple)

    def is_asserted(self, triple: Triple) -> bool:
        """Whether a triple stands in a graph other than that of the inferences."""
        return self._home(triple) is not None

    def pairs(self, predicate: URIRef) -> Iterator[tuple[Node, Node]]:
        """Yield subject and object of each triple with a predicate.

        Of the graphs that a plain query reads; a triple in two of them comes twice.
        """
        for name, graph in self.graphs.items():
            if is_default_graph(name):
                yield from graph.subject_objects(predicate)

    def _home(self, triple: Triple) -> URIRef | None:
        """Return the first graph that asserts a triple."""
        homes = (name for name in self._asserted if triple in self.graphs[name])
        return next(homes, None)

    @cached_property
    def premises(self) -> tuple[Triple, ...]:
        """The asserted triples from which others follow; read when first asked for."""
        read = (self.graphs[name] for name in self._asserted if is_default_graph(name))
        return tuple(dict.fromkeys(triple for graph in read for triple in graph))

    def premises_of(self, triples: Set[Triple]) -> tuple[Triple, ...]:
        """Return the premises that any derivation of some triples may rest on.

        With those that share a literal, because rules compare literals by value.
        """
        grounds: dict[Triple, set[Triple]] = defaultdict(set)
        for head, step in self.derivations.applications():
            grounds[head].update(step.grounds)
        waiting, below = list(triples), set(triples)
        while waiting:
            more = grounds[waiting.pop()] - below
            below |= more
            waiting += more
        terms = {term for subject, _, value in below for term in (subject, value)}
        literals = {term for term in terms if isinstance(term, Literal)}
        return tuple(one for one in self.premises if one in below or one[2] in literals)

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
        if len(self._firsts) > _REMEMBERED:
            self._firsts.clear()
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
        found = self._firsts.get(triple)
        if found is None:
            home = self._home(triple)
            if home is None:
                step, *_ = self.derivations.steps(triple)
                found = self._first_by(triple, step)
            else:
                evidence = self.witnesses.evidence(triple, home)
                found = Proof(triple, evidence=evidence)
            self._firsts[triple] = found
        return found

    def _proofs(self, triple: Triple) -> Iterator[Proof]:
        home = self._home(triple)
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


Status = typing.Literal["asserted", "derived", "absent"]


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
