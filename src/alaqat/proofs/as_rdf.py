"""Proofs as RDF: reified statements, their provenance (PROV-O) and their claims.

Each node of a proof is an RDF statement with the rule that derived it, the statements
it was derived from, and the claims that support it; a statement without a rule was
asserted. A triple has one node for each way to derive it. A rule is a prov:Plan whose
label words its axiom. IRIs are hashes of what they name, so equal proofs have equal
IRIs.
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


_HASH_LENGTH = 16  # hexadecimal digits of an IRI


class ProofGraphBuilder:
    """Builds RDF graphs of the proofs of one dataset."""

    def __init__(self, prover: Prover) -> None:
        self._prover = prover
        self._ontology = prover.graphs.get(ONTOLOGY_GRAPH, Graph())
        self._plans: dict[Rule, URIRef] = {}
        self._iris: dict[int, URIRef] = {}  # by the id of the proof
        self._wordings = tuple(TermWording.for_programs(prover.graphs).values())

    def all_inferred(self) -> Graph:
        """Return the first of the shortest proofs of each derived triple."""
        proofs = map(self._prover.derived_proof, self._prover.inferred)
        return self._graph(proof for proof in proofs if proof)

    def graph_of(self, proofs: Iterable[Proof]) -> Graph:
        """Return some proofs, with the descriptions of the claims that they cite."""
        proofs = tuple(proofs)
        graph = self._graph(proofs)
        for citation in (one for proof in proofs for one in proof.citations()):
            for triple in self._claim(citation.iri):
                graph.add(triple)
        return graph

    def _graph(self, proofs: Iterable[Proof]) -> Graph:
        """Return the statements of proofs and of their subproofs, each once."""
        graph = new_graph()
        alive: list[Proof] = []  # a freed proof's id could be reused by another
        for proof in proofs:
            alive.append(proof)
            self._add(proof, graph)
        self._iris.clear()
        return graph

    def _add(self, proof: Proof, graph: Graph) -> URIRef:
        """Add a proof and its subproofs unless present; return its IRI."""
        if id(proof) in self._iris:
            return self._iris[id(proof)]
        grounds = tuple(
            self._add(ground, graph)
            for ground in (*proof.premises, *_derived(proof.axioms))
        )
        plan = self._plan(proof.rule) if proof.rule else None
        iri = self._iris[id(proof)] = _statement_iri(proof, plan, grounds)
        for triple in (*_statement(iri, proof), *_derivation(iri, plan, grounds)):
            graph.add(triple)
        if proof.rule and plan and (plan, RDF.type, PROV.Plan) not in graph:
            for triple in self._describe_plan(plan, proof.rule):
                graph.add(triple)
        return iri

    def _describe_plan(self, plan: URIRef, rule: Rule) -> Iterator[Triple]:
        """Yield a rule's name, its axiom in words, and the terms that it defines."""
        yield plan, RDF.type, PROV.Plan
        yield plan, SKOS.notation, Literal(rule.name)
        for wording in self._wordings:
            yield plan, RDFS.label, Literal(wording.axiom(rule), lang=wording.language)
        for subject in {subject for subject, _, _ in rule.axiom}:
            if isinstance(subject, URIRef):
                yield plan, AL.about, subject

    def _plan(self, rule: Rule) -> URIRef:
        """Return the IRI of a rule, which does not depend on blank node labels."""
        if rule not in self._plans:
            terms = (self._canonical(term) for triple in rule.axiom for term in triple)
            self._plans[rule] = _hash_iri("rule", [rule.name, *terms])
        return self._plans[rule]

    def _canonical(self, term: Node) -> str:
        """Return a term in N3, a blank node as the triples that describe it."""
        if not isinstance(term, BNode):
            return term.n3()
        pairs = (
            f"{predicate.n3()} {self._canonical(value)}"
            for predicate, value in self._ontology.predicate_objects(term)
        )
        return f"[{'; '.join(sorted(pairs))}]"

    def _claim(self, claim: URIRef) -> Iterator[Triple]:
        """Yield the dataset's triples about a claim and its selectors."""
        parts = (
            URIRef(f"{claim}{part}") for part in ("", "#target", "#position", "#quote")
        )
        for part in parts:
            for graph in self._prover.graphs.values():
                if (part, RDF.type, None) in graph:
                    yield from graph.triples((part, None, None))


def _statement_iri(
    proof: Proof, plan: URIRef | None, grounds: tuple[URIRef, ...]
) -> URIRef:
    """Return the IRI of a triple derived in one particular way."""
    terms = (term.n3() for term in proof.triple)
    return _hash_iri("proof", [*terms, *([plan] if plan else []), *grounds])


def _statement(iri: URIRef, proof: Proof) -> Iterator[Triple]:
    """Yield a triple as a statement, with the claims or packages that support it."""
    subject, predicate, value = proof.triple
    yield iri, RDF.subject, subject
    yield iri, RDF.predicate, predicate
    yield iri, RDF.object, value
    for citation in proof.citations():
        yield iri, AL.restsOn, citation.iri
    for package in proof.evidence.packages if proof.evidence else ():
        yield iri, PROV.hadPrimarySource, package.iri


def _derivation(
    iri: URIRef, plan: URIRef | None, grounds: tuple[URIRef, ...]
) -> Iterator[Triple]:
    """Yield how a statement was derived; nothing if it was asserted."""
    if plan:
        yield iri, AL.byRule, plan
        for ground in grounds:
            yield iri, PROV.wasDerivedFrom, ground


def _derived(axioms: Iterable[Proof]) -> tuple[Proof, ...]:
    """Return the axioms that were not asserted; the others need no statement."""
    return tuple(axiom for axiom in axioms if axiom.rule)


def _hash_iri(kind: str, parts: Iterable[str]) -> URIRef:
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return URIRef(f"{BASE}id/{kind}/{digest[:_HASH_LENGTH]}")
