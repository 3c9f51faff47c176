"""Proofs as data: statements, how each was derived, and the claims they rest on.

A node of a proof is a statement (RDF reification) with the rule that gave it, the
statements it was derived from and the claims at its ends; one without a rule was
asserted. Another way to derive the same triple is another node. A rule is a prov:Plan
that tells its axiom in words. All names follow from what they name, so the same proof
always has the same names.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rdflib import PROV, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef

from alaqat.proofs.wording import TermWording
from alaqat.rdf.graphs import new_graph
from alaqat.terms import (
    AL,
    BASE,
    ONTOLOGY_GRAPH,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from alaqat.proofs.model import Proof
    from alaqat.proofs.prover import Prover
    from alaqat.reason.rules import Rule, Triple


_DIGITS = 16


class ProofGraphBuilder:
    """Writes the proofs of one dataset as triples.

    Args:
        prover: of the dataset.
    """

    def __init__(self, prover: Prover) -> None:
        self._prover = prover
        self._ontology = prover.graphs.get(ONTOLOGY_GRAPH, Graph())
        self._plans: dict[Rule, URIRef] = {}
        self._names: dict[int, URIRef] = {}
        self._words = tuple(TermWording.for_programs(prover.graphs).values())

    def all_inferred(self) -> Graph:
        """The first of the shortest proofs of each derived triple."""
        proofs = map(self._prover.derived_proof, self._prover.inferred)
        return self._recorded(proof for proof in proofs if proof)

    def graph_of(self, proofs: Iterable[Proof]) -> Graph:
        """Proofs, with the claims at their ends as the dataset has them."""
        told = tuple(proofs)
        recorded = self._recorded(told)
        for citation in (one for proof in told for one in proof.citations()):
            for triple in self._claim(citation.iri):
                recorded.add(triple)
        return recorded

    def _recorded(self, proofs: Iterable[Proof]) -> Graph:
        """Proofs and all that they are made of, each once."""
        recorded = new_graph()
        kept: list[Proof] = []  # else another proof might take the identity of one
        for proof in proofs:
            kept.append(proof)
            self._add(proof, recorded)
        self._names.clear()
        return recorded

    def _add(self, proof: Proof, recorded: Graph) -> URIRef:
        """Add a proof, and once each what it is made of; its name."""
        if id(proof) in self._names:
            return self._names[id(proof)]
        grounds = tuple(
            self._add(ground, recorded)
            for ground in (*proof.premises, *_derived(proof.axioms))
        )
        plan = self._plan(proof.rule) if proof.rule else None
        name = self._names[id(proof)] = _name(proof, plan, grounds)
        for triple in (*_statement(name, proof), *_step(name, plan, grounds)):
            recorded.add(triple)
        if proof.rule and plan and (plan, RDF.type, PROV.Plan) not in recorded:
            for triple in self._told(plan, proof.rule):
                recorded.add(triple)
        return name

    def _told(self, plan: URIRef, rule: Rule) -> Iterator[Triple]:
        """A rule's name, its axiom in words, and the term that the axiom is about."""
        yield plan, RDF.type, PROV.Plan
        yield plan, SKOS.notation, Literal(rule.name)
        for words in self._words:
            yield plan, RDFS.label, Literal(words.axiom(rule), lang=words.language)
        for subject in {subject for subject, _, _ in rule.axiom}:
            if isinstance(subject, URIRef):
                yield plan, AL.about, subject

    def _plan(self, rule: Rule) -> URIRef:
        """The name of a rule, whatever its blank nodes are called."""
        if rule not in self._plans:
            terms = (self._spelled(term) for triple in rule.axiom for term in triple)
            self._plans[rule] = _named("rule", [rule.name, *terms])
        return self._plans[rule]

    def _spelled(self, term: Node) -> str:
        """A term by its name; a blank node by all that is said of it."""
        if not isinstance(term, BNode):
            return term.n3()
        said = (
            f"{predicate.n3()} {self._spelled(value)}"
            for predicate, value in self._ontology.predicate_objects(term)
        )
        return f"[{'; '.join(sorted(said))}]"

    def _claim(self, claim: URIRef) -> Iterator[Triple]:
        """What the dataset says of a claim and of its selectors."""
        parts = (
            URIRef(f"{claim}{part}") for part in ("", "#target", "#position", "#quote")
        )
        for part in parts:
            for graph in self._prover.graphs.values():
                if (part, RDF.type, None) in graph:
                    yield from graph.triples((part, None, None))


def _name(proof: Proof, plan: URIRef | None, grounds: tuple[URIRef, ...]) -> URIRef:
    """The name of a statement with the way it was derived."""
    terms = (term.n3() for term in proof.triple)
    return _named("proof", [*terms, *([plan] if plan else []), *grounds])


def _statement(name: URIRef, proof: Proof) -> Iterator[Triple]:
    """A triple as a statement, and the claims or packages that it rests on."""
    subject, predicate, value = proof.triple
    yield name, RDF.subject, subject
    yield name, RDF.predicate, predicate
    yield name, RDF.object, value
    for citation in proof.citations():
        yield name, AL.restsOn, citation.iri
    for package in proof.evidence.packages if proof.evidence else ():
        yield name, PROV.hadPrimarySource, package.iri


def _step(
    name: URIRef, plan: URIRef | None, grounds: tuple[URIRef, ...]
) -> Iterator[Triple]:
    """How a statement was derived; nothing if it was asserted."""
    if plan:
        yield name, AL.byRule, plan
        for ground in grounds:
            yield name, PROV.wasDerivedFrom, ground


def _derived(axioms: Iterable[Proof]) -> tuple[Proof, ...]:
    """The axioms that were not asserted; those that were need no statement."""
    return tuple(axiom for axiom in axioms if axiom.rule)


def _named(kind: str, parts: Iterable[str]) -> URIRef:
    """A name for what the parts make up."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return URIRef(f"{BASE}id/{kind}/{digest[:_DIGITS]}")
