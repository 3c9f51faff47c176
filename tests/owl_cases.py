"""The W3C test cases of OWL 2 RL, and whether a closure passes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import rdflib
from rdflib import OWL, RDF, BNode, Graph, Literal, Namespace

from alaqat.reason.datatypes import IllTyped, literal_value
from alaqat.reason.nemo_engine import saturate
from w3c import OWL_RDF_BASED, OWL_WORKING_GROUP

TEST = Namespace("http://www.w3.org/2007/OWL/testOntology#")
KINDS = {
    "PositiveEntailmentTest": "entailment",
    "NegativeEntailmentTest": "no entailment",
    "ConsistencyTest": "consistency",
    "InconsistencyTest": "inconsistency",
}
CONCLUSIONS = {
    "entailment": TEST.rdfXmlConclusionOntology,
    "no entailment": TEST.rdfXmlNonConclusionOntology,
}

_NO_RULE = "no rule of OWL 2 RL concludes it"
_ABOUT_CLASSES = f"{_NO_RULE}: its rules are complete for facts, not for axioms"
_DIFFERENT = f"{_NO_RULE}: that individuals differ follows only from a contradiction"

_XSD_11 = (
    "by XSD 1.1 the text is valid: any is an anyURI (§3.3.17), and a float is rounded"
)
# What the Nemo engine misses, and why.
MISSES = {
    "rdfbased-dat-dtype-anyuri-illtyped": _XSD_11,
    **{
        f"rdfbased-dat-dtype-{kind}-illtyped-{end}": _XSD_11
        for kind in ("double", "float")
        for end in ("lo", "hi")
    },
    "rdfbased-dat-dtype-token-illtyped": "rdflib trims the token as it reads it",
    "wg-chain2trans1": _ABOUT_CLASSES,
    "wg-DisjointClasses-001": f"{_NO_RULE}: membership in a complement",
    "wg-DisjointClasses-003": f"{_NO_RULE}: membership in a complement",
    "wg-New-Feature-DisjointDataProperties-002": _DIFFERENT,
    "wg-New-Feature-DisjointObjectProperties-001": _DIFFERENT,
    "wg-New-Feature-DisjointObjectProperties-002": _DIFFERENT,
    "wg-New-Feature-ObjectQCR-002": f"{_NO_RULE}: membership in a complement",
    "wg-New-Feature-ReflexiveProperty-001": "reflexive properties are not in OWL 2 RL",
    "wg-owl2-rl-rules-fp-differentFrom": _DIFFERENT,
    "wg-owl2-rl-rules-ifp-differentFrom": _DIFFERENT,
    "wg-WebOnt-differentFrom-001": _DIFFERENT,
    "wg-WebOnt-I4.6-005-Direct": "annotations are not passed on to equivalent classes",
    "wg-WebOnt-equivalentClass-008-Direct": (
        "annotations are not passed on to equivalent classes"
    ),
    "wg-WebOnt-I5.5-005": f"{_NO_RULE}: it needs a class that is not there",
    "wg-WebOnt-I5.8-008": _ABOUT_CLASSES,
    "wg-WebOnt-I5.8-009": _ABOUT_CLASSES,
}


@dataclass(frozen=True)
class Case:
    """A premise and the expected verdict on it."""

    name: str
    kind: str
    premise: Graph
    conclusion: Graph


@dataclass(frozen=True)
class Closed:
    """The closure of a premise by an engine."""

    graph: Graph
    is_consistent: bool


def cases() -> list[Case]:
    """Return all cases of both suites that are in RDF, with literals as written."""
    normalize, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        return [*_rdf_based(), *_working_group()]
    finally:
        rdflib.NORMALIZE_LITERALS = normalize


def _rdf_based() -> Iterator[Case]:
    for folder in sorted((OWL_RDF_BASED / "owl2rl").iterdir()):
        text = (folder / f"{folder.name}.metadata.properties").read_text("utf-8")
        if "INCONSISTENCY" in text:
            (path,) = folder.glob("*.ttl")
            yield Case(folder.name, "inconsistency", Graph().parse(path), Graph())
        else:
            graphs = (
                Graph().parse(folder / f"{folder.name}.{part}graph.ttl")
                for part in ("premise", "conclusion")
            )
            yield Case(folder.name, "entailment", *graphs)


def _working_group() -> Iterator[Case]:
    suite = Graph().parse(OWL_WORKING_GROUP / "all.rdf")
    for node in sorted(suite.subjects(TEST.profile, TEST.RL)):
        premise = suite.value(node, TEST.rdfXmlPremiseOntology)
        if premise is None:
            continue
        graph = _read(premise)
        for imported in suite.objects(node, TEST.importedOntology):
            text = suite.value(imported, TEST.rdfXmlInputOntology)
            graph += _read(text) if text else Graph()
        name = f"wg-{suite.value(node, TEST.identifier)}"
        for kind in sorted(suite.objects(node, RDF.type)):
            expectation = KINDS.get(kind.fragment)
            conclusion = suite.value(node, CONCLUSIONS.get(expectation))
            if expectation and (
                expectation not in CONCLUSIONS or conclusion is not None
            ):
                expected = _read(conclusion) if expectation in CONCLUSIONS else Graph()
                yield Case(name, expectation, graph, expected)


def _read(text: str) -> Graph:
    return Graph().parse(data=str(text), format="xml", publicID="http://example.org/")


def ours(premise: Graph) -> Closed:
    """Return the closure by the Nemo engine, with the axiomatic triples."""
    saturation = saturate(premise, axioms=True)
    graph = Graph()
    for part in (premise, saturation.new_triples(), saturation.equal_literals(premise)):
        for triple in part:
            graph.add(triple)
    return Closed(graph, not saturation.violated_rules)


def passes(case: Case, closed: Closed) -> bool:
    """Check whether the closure gives the verdict that the case expects."""
    if case.kind == "consistency":
        return closed.is_consistent
    if case.kind == "inconsistency":
        return not closed.is_consistent
    return entails(closed.graph, case.conclusion) is (case.kind == "entailment")


def entails(graph: Graph, conclusion: Graph) -> bool:
    """Check whether a conclusion holds in a closure, blank nodes as variables."""
    index = Graph()
    for triple in graph:
        index.add(tuple(map(_canonical, triple)))
    patterns = [
        tuple(map(_canonical, triple))
        for triple in conclusion
        if triple[1:] != (RDF.type, OWL.Ontology)
        and not (triple[1] == OWL.sameAs and triple[0] == triple[2])
    ]
    return _embeds(index, patterns, {})


def _canonical(term):
    """Return a literal's value in canonical form; other terms unchanged."""
    if not isinstance(term, Literal):
        return term
    try:
        known = literal_value(term)
    except IllTyped:
        return term
    return Literal(repr(known)) if known else term


def _embeds(graph: Graph, patterns: list, bindings: dict) -> bool:
    """Check whether all patterns match under some binding of the blank nodes."""
    if not patterns:
        return True
    read = [tuple(bindings.get(t, t) for t in pattern) for pattern in patterns]
    free = [
        sum(isinstance(t, BNode) and t not in graph_nodes(bindings) for t in p)
        for p in read
    ]
    best = free.index(min(free))
    wanted = tuple(
        None if isinstance(t, BNode) and t not in graph_nodes(bindings) else t
        for t in read[best]
    )
    rest = patterns[:best] + patterns[best + 1 :]
    for found in graph.triples(wanted):
        new = dict(bindings)
        pairs = zip(read[best], wanted, found, strict=True)
        fits = all(w is not None or new.setdefault(t, f) == f for t, w, f in pairs)
        if fits and _embeds(graph, rest, new):
            return True
    return False


def graph_nodes(bindings: dict) -> set:
    """Return the terms bound to blank nodes."""
    return set(bindings.values())
