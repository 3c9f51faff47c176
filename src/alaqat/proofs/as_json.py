"""Proofs as JSON: plain values for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rdflib import BNode, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rdflib.term import Node

    from alaqat.proofs.model import Evidence, Proof
    from alaqat.proofs.prover import Why
    from alaqat.proofs.wording import TermWording
    from alaqat.reason.rules import Triple


def why_as_json(answer: Why, wordings: Mapping[str, TermWording]) -> dict[str, Any]:
    """Return why a triple holds, with triples and axioms worded in each language."""
    return {
        "triple": triple_as_json(answer.triple, wordings),
        "status": answer.status,
        "proofs": [proof_as_json(one, wordings) for one in answer.proofs],
        "more": answer.more,
        "denials": [proof_as_json(one, wordings) for one in answer.denials],
    }


def proof_as_json(proof: Proof, wordings: Mapping[str, TermWording]) -> dict[str, Any]:
    """Return a proof as a tree: leaves have evidence, other nodes rule and premises."""
    node: dict[str, Any] = {"triple": triple_as_json(proof.triple, wordings)}
    if proof.rule is None:
        node["evidence"] = evidence_as_json(proof.evidence) if proof.evidence else None
        return node
    node["rule"] = {
        "name": proof.rule.name,
        "words": {code: one.axiom(proof.rule) for code, one in wordings.items()},
        "axioms": [proof_as_json(axiom, wordings) for axiom in proof.axioms],
    }
    node["premises"] = [proof_as_json(one, wordings) for one in proof.premises]
    return node


def triple_as_json(
    triple: Triple, wordings: Mapping[str, TermWording]
) -> dict[str, Any]:
    """Return a triple in words and as terms of SPARQL Query Results JSON (§3.2.2)."""
    parts = zip(("subject", "predicate", "object"), triple, strict=True)
    result: dict[str, Any] = {name: _term(term) for name, term in parts}
    result["words"] = {code: one.triple(triple) for code, one in wordings.items()}
    return result


def evidence_as_json(evidence: Evidence) -> dict[str, Any]:
    """Return the evidence for an asserted triple, without its empty fields."""
    fields = asdict(evidence).items()
    return {key: value for key, value in fields if value is not None and value != ()}


def _term(term: Node) -> dict[str, str]:
    if isinstance(term, Literal):
        result = {"type": "literal", "value": str(term)}
        if term.language:
            result["xml:lang"] = term.language
        elif term.datatype:
            result["datatype"] = str(term.datatype)
        return result
    return {"type": "bnode" if isinstance(term, BNode) else "uri", "value": str(term)}
