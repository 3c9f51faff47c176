"""Proofs for programs: plain values that JSON can hold."""

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


def why_as_json(answer: Why, words: Mapping[str, TermWording]) -> dict[str, Any]:
    """Why a triple holds; `words` tell the axioms in each language."""
    return {
        "triple": triple_as_json(answer.triple, words),
        "status": answer.status,
        "proofs": [proof_as_json(one, words) for one in answer.proofs],
        "more": answer.more,
        "denials": [proof_as_json(one, words) for one in answer.denials],
    }


def proof_as_json(proof: Proof, words: Mapping[str, TermWording]) -> dict[str, Any]:
    """A proof as a tree; leaves have evidence, the rest a rule and premises."""
    told: dict[str, Any] = {"triple": triple_as_json(proof.triple, words)}
    if proof.rule is None:
        told["evidence"] = evidence_as_json(proof.evidence) if proof.evidence else None
        return told
    told["rule"] = {
        "name": proof.rule.name,
        "words": {code: one.axiom(proof.rule) for code, one in words.items()},
        "axioms": [proof_as_json(axiom, words) for axiom in proof.axioms],
    }
    told["premises"] = [proof_as_json(one, words) for one in proof.premises]
    return told


def triple_as_json(triple: Triple, words: Mapping[str, TermWording]) -> dict[str, Any]:
    """A triple as SPARQL's results write terms (§3.2.2), and in words."""
    parts = zip(("subject", "predicate", "object"), triple, strict=True)
    told: dict[str, Any] = {name: _term(term) for name, term in parts}
    told["words"] = {code: one.triple(triple) for code, one in words.items()}
    return told


def evidence_as_json(evidence: Evidence) -> dict[str, Any]:
    """What an asserted triple rests on; what there is none of is left out."""
    return {key: value for key, value in asdict(evidence).items() if _told(value)}


def _told(value: object) -> bool:
    return value is not None and value != ()


def _term(term: Node) -> dict[str, str]:
    if isinstance(term, Literal):
        told = {"type": "literal", "value": str(term)}
        if term.language:
            told["xml:lang"] = term.language
        elif term.datatype:
            told["datatype"] = str(term.datatype)
        return told
    return {"type": "bnode" if isinstance(term, BNode) else "uri", "value": str(term)}
