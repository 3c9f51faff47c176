"""The inference rules of OWL 2 RL (OWL 2 Profiles §4.3), as rows of a table.

A row has a name, a pattern for the schema (the axiom), a body that must hold in the
data, and a head that follows; the head `false` means a contradiction. Keywords read
lists:

    ?c in ?l              ?c is a member of the list
    ?a before ?b in ?l    both are members, ?a comes first
    along ?l              a path of the list's properties leads from ?x to ?y
    agree ?l              ?x and ?y share a value of each of the list's properties
    each ?l               ?x is a member of every class in the list
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, Literal, Variable
from rdflib.namespace import XSD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rdflib import Graph
    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]
    Bindings = Mapping[Node, Node]


@dataclass(frozen=True, slots=True)
class Rule:
    """An axiom compiled to a rule: where the body holds, the head follows.

    Attributes:
        name: of the rule in the specification, such as "prp-spo2".
        axiom: the triples of the schema that were read, without variables.
        body: triples that may hold rdflib Variables.
        head: such a triple; None is a contradiction.
    """

    name: str
    axiom: tuple[Triple, ...]
    body: tuple[Triple, ...]
    head: Triple | None

    def __str__(self) -> str:
        """Return the rule in one line, for error messages and tests."""
        head = _format_atom(self.head) if self.head else "false"
        body = ", ".join(map(_format_atom, self.body)) or "true"
        return f"{self.name}: {head} <- {body}"


def _format_atom(triple: Triple) -> str:
    return " ".join(term.n3() for term in triple)


def substitute(atom: Triple, bindings: Bindings) -> Triple:
    """Replace the variables of an atom that are bound."""
    one, two, three = atom
    return (
        bindings.get(one, one),
        bindings.get(two, two),
        bindings.get(three, three),
    )


def unify(atom: Triple, triple: Triple, bindings: Bindings) -> Bindings | None:
    """Extend the bindings so that the atom equals the triple; None if it cannot."""
    found = dict(bindings)
    for term, value in zip(atom, triple, strict=True):
        if isinstance(term, Variable):
            if found.setdefault(term, value) != value:
                return None
        elif term != value:
            return None
    return found


def match_atoms(
    atoms: tuple[Triple, ...], bindings: Bindings, graph: Graph
) -> Iterator[Bindings]:
    """Yield every way to match all atoms in a graph, the most selective first."""
    if not atoms:
        yield bindings
        return
    patterns = [substitute(atom, bindings) for atom in atoms]
    first = min(patterns, key=_free_terms)
    patterns.remove(first)
    one, two, three = (None if isinstance(t, Variable) else t for t in first)
    for triple in graph.triples((one, two, three)):
        found = unify(first, triple, bindings)
        if found is not None:
            yield from match_atoms(tuple(patterns), found, graph)


def _free_terms(pattern: Triple) -> tuple[int, bool]:
    """Count the free terms; a pattern with a free subject comes after its equals."""
    free = [isinstance(term, Variable) for term in pattern]
    return sum(free), free[0] or isinstance(pattern[0], Literal)


_NAMESPACES = {"rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD}
_NUMBERS = {number: Literal(int(number)) for number in "01"}

# name | schema | body | head
_AXIOM_TABLE = """
prp-dom | ?p rdfs:domain ?c | ?x ?p ?y | ?x a ?c
prp-rng | ?p rdfs:range ?c | ?x ?p ?y | ?y a ?c
prp-fp | ?p a owl:FunctionalProperty | ?x ?p ?y , ?x ?p ?z | ?y owl:sameAs ?z
prp-ifp | ?p a owl:InverseFunctionalProperty | ?x ?p ?z , ?y ?p ?z | ?x owl:sameAs ?y
prp-irp | ?p a owl:IrreflexiveProperty | ?x ?p ?x | false
prp-symp | ?p a owl:SymmetricProperty | ?x ?p ?y | ?y ?p ?x
prp-asyp | ?p a owl:AsymmetricProperty | ?x ?p ?y , ?y ?p ?x | false
prp-trp | ?p a owl:TransitiveProperty | ?x ?p ?y , ?y ?p ?z | ?x ?p ?z
prp-spo1 | ?p rdfs:subPropertyOf ?q | ?x ?p ?y | ?x ?q ?y
prp-spo2 | ?p owl:propertyChainAxiom ?l | along ?l | ?x ?p ?y
prp-eqp1 | ?p owl:equivalentProperty ?q | ?x ?p ?y | ?x ?q ?y
prp-eqp2 | ?p owl:equivalentProperty ?q | ?x ?q ?y | ?x ?p ?y
prp-pdw | ?p owl:propertyDisjointWith ?q | ?x ?p ?y , ?x ?q ?y | false
prp-adp | ?a a owl:AllDisjointProperties , ?a owl:members ?l , ?p before ?q in ?l \
| ?x ?p ?y , ?x ?q ?y | false
prp-inv1 | ?p owl:inverseOf ?q | ?x ?p ?y | ?y ?q ?x
prp-inv2 | ?p owl:inverseOf ?q | ?x ?q ?y | ?y ?p ?x
prp-key | ?c owl:hasKey ?l | ?x a ?c , ?y a ?c , agree ?l | ?x owl:sameAs ?y
prp-npa1 | ?a owl:sourceIndividual ?s , ?a owl:assertionProperty ?p , \
?a owl:targetIndividual ?o | ?s ?p ?o | false
prp-npa2 | ?a owl:sourceIndividual ?s , ?a owl:assertionProperty ?p , \
?a owl:targetValue ?o | ?s ?p ?o | false
cls-nothing2 | | ?x a owl:Nothing | false
cls-int1 | ?c owl:intersectionOf ?l | each ?l | ?x a ?c
cls-int2 | ?c owl:intersectionOf ?l , ?d in ?l | ?x a ?c | ?x a ?d
cls-uni | ?c owl:unionOf ?l , ?d in ?l | ?x a ?d | ?x a ?c
cls-com | ?c owl:complementOf ?d | ?x a ?c , ?x a ?d | false
cls-svf1 | ?r owl:someValuesFrom ?c , ?r owl:onProperty ?p \
| ?x ?p ?y , ?y a ?c | ?x a ?r
cls-svf2 | ?r owl:someValuesFrom owl:Thing , ?r owl:onProperty ?p | ?x ?p ?y | ?x a ?r
cls-avf | ?r owl:allValuesFrom ?c , ?r owl:onProperty ?p | ?x a ?r , ?x ?p ?y | ?y a ?c
cls-hv1 | ?r owl:hasValue ?y , ?r owl:onProperty ?p | ?x a ?r | ?x ?p ?y
cls-hv2 | ?r owl:hasValue ?y , ?r owl:onProperty ?p | ?x ?p ?y | ?x a ?r
cls-maxc1 | ?r owl:maxCardinality 0 , ?r owl:onProperty ?p | ?x a ?r , ?x ?p ?y | false
cls-maxc2 | ?r owl:maxCardinality 1 , ?r owl:onProperty ?p \
| ?x a ?r , ?x ?p ?y , ?x ?p ?z | ?y owl:sameAs ?z
cls-maxqc1 | ?r owl:maxQualifiedCardinality 0 , ?r owl:onProperty ?p , \
?r owl:onClass ?c | ?x a ?r , ?x ?p ?y , ?y a ?c | false
cls-maxqc2 | ?r owl:maxQualifiedCardinality 0 , ?r owl:onProperty ?p , \
?r owl:onClass owl:Thing | ?x a ?r , ?x ?p ?y | false
cls-maxqc3 | ?r owl:maxQualifiedCardinality 1 , ?r owl:onProperty ?p , \
?r owl:onClass ?c | ?x a ?r , ?x ?p ?y , ?y a ?c , ?x ?p ?z , ?z a ?c | ?y owl:sameAs ?z
cls-maxqc4 | ?r owl:maxQualifiedCardinality 1 , ?r owl:onProperty ?p , \
?r owl:onClass owl:Thing | ?x a ?r , ?x ?p ?y , ?x ?p ?z | ?y owl:sameAs ?z
cls-oo | ?c owl:oneOf ?l , ?y in ?l | | ?y a ?c
cax-sco | ?c rdfs:subClassOf ?d | ?x a ?c | ?x a ?d
cax-eqc1 | ?c owl:equivalentClass ?d | ?x a ?c | ?x a ?d
cax-eqc2 | ?c owl:equivalentClass ?d | ?x a ?d | ?x a ?c
cax-dw | ?c owl:disjointWith ?d | ?x a ?c , ?x a ?d | false
cax-adc | ?a a owl:AllDisjointClasses , ?a owl:members ?l , ?c before ?d in ?l \
| ?x a ?c , ?x a ?d | false
eq-rep-p | ?p owl:sameAs ?q | ?x ?p ?y | ?x ?q ?y
eq-rep-o | ?c owl:sameAs ?d | ?x a ?c | ?x a ?d
eq-diff2 | ?a a owl:AllDifferent , ?a owl:members ?l , ?y before ?z in ?l \
| ?y owl:sameAs ?z | false
eq-diff3 | ?a a owl:AllDifferent , ?a owl:distinctMembers ?l , ?y before ?z in ?l \
| ?y owl:sameAs ?z | false
scm-int | ?c owl:intersectionOf ?l , ?d in ?l | | ?c rdfs:subClassOf ?d
scm-uni | ?c owl:unionOf ?l , ?d in ?l | | ?d rdfs:subClassOf ?c
"""

# The same, with the schema as the data. The last rows are scm-svf1 and scm-avf1 for the
# two classes that every graph declares (cls-thing, cls-nothing1).
_SCHEMA_TABLE = """
scm-cls | | ?c a owl:Class | ?c rdfs:subClassOf ?c
scm-cls | | ?c a owl:Class | ?c owl:equivalentClass ?c
scm-cls | | ?c a owl:Class | ?c rdfs:subClassOf owl:Thing
scm-cls | | ?c a owl:Class | owl:Nothing rdfs:subClassOf ?c
scm-sco | | ?c rdfs:subClassOf ?d , ?d rdfs:subClassOf ?e | ?c rdfs:subClassOf ?e
scm-eqc1 | | ?c owl:equivalentClass ?d | ?c rdfs:subClassOf ?d
scm-eqc1 | | ?c owl:equivalentClass ?d | ?d rdfs:subClassOf ?c
scm-eqc2 | | ?c rdfs:subClassOf ?d , ?d rdfs:subClassOf ?c | ?c owl:equivalentClass ?d
scm-op | | ?p a owl:ObjectProperty | ?p rdfs:subPropertyOf ?p
scm-op | | ?p a owl:ObjectProperty | ?p owl:equivalentProperty ?p
scm-dp | | ?p a owl:DatatypeProperty | ?p rdfs:subPropertyOf ?p
scm-dp | | ?p a owl:DatatypeProperty | ?p owl:equivalentProperty ?p
scm-spo | | ?p rdfs:subPropertyOf ?q , ?q rdfs:subPropertyOf ?r \
| ?p rdfs:subPropertyOf ?r
scm-eqp1 | | ?p owl:equivalentProperty ?q | ?p rdfs:subPropertyOf ?q
scm-eqp1 | | ?p owl:equivalentProperty ?q | ?q rdfs:subPropertyOf ?p
scm-eqp2 | | ?p rdfs:subPropertyOf ?q , ?q rdfs:subPropertyOf ?p \
| ?p owl:equivalentProperty ?q
scm-dom1 | | ?p rdfs:domain ?c , ?c rdfs:subClassOf ?d | ?p rdfs:domain ?d
scm-dom2 | | ?q rdfs:domain ?c , ?p rdfs:subPropertyOf ?q | ?p rdfs:domain ?c
scm-rng1 | | ?p rdfs:range ?c , ?c rdfs:subClassOf ?d | ?p rdfs:range ?d
scm-rng2 | | ?q rdfs:range ?c , ?p rdfs:subPropertyOf ?q | ?p rdfs:range ?c
scm-hv | | ?c owl:hasValue ?i , ?c owl:onProperty ?p , ?d owl:hasValue ?i , \
?d owl:onProperty ?q , ?p rdfs:subPropertyOf ?q | ?c rdfs:subClassOf ?d
scm-svf1 | | ?c owl:someValuesFrom ?y , ?c owl:onProperty ?p , \
?d owl:someValuesFrom ?z , ?d owl:onProperty ?p , ?y rdfs:subClassOf ?z \
| ?c rdfs:subClassOf ?d
scm-svf2 | | ?c owl:someValuesFrom ?y , ?c owl:onProperty ?p , \
?d owl:someValuesFrom ?y , ?d owl:onProperty ?q , ?p rdfs:subPropertyOf ?q \
| ?c rdfs:subClassOf ?d
scm-avf1 | | ?c owl:allValuesFrom ?y , ?c owl:onProperty ?p , \
?d owl:allValuesFrom ?z , ?d owl:onProperty ?p , ?y rdfs:subClassOf ?z \
| ?c rdfs:subClassOf ?d
scm-avf2 | | ?c owl:allValuesFrom ?y , ?c owl:onProperty ?p , \
?d owl:allValuesFrom ?y , ?d owl:onProperty ?q , ?p rdfs:subPropertyOf ?q \
| ?d rdfs:subClassOf ?c
scm-svf1 | | ?c owl:someValuesFrom owl:Thing , ?c owl:onProperty ?p , \
?d owl:someValuesFrom owl:Thing , ?d owl:onProperty ?p | ?c rdfs:subClassOf ?d
scm-svf1 | | ?c owl:someValuesFrom owl:Nothing , ?c owl:onProperty ?p , \
?d owl:someValuesFrom owl:Nothing , ?d owl:onProperty ?p | ?c rdfs:subClassOf ?d
scm-svf1 | | ?c owl:someValuesFrom owl:Nothing , ?c owl:onProperty ?p , \
?d owl:someValuesFrom owl:Thing , ?d owl:onProperty ?p | ?c rdfs:subClassOf ?d
scm-avf1 | | ?c owl:allValuesFrom owl:Thing , ?c owl:onProperty ?p , \
?d owl:allValuesFrom owl:Thing , ?d owl:onProperty ?p | ?c rdfs:subClassOf ?d
scm-avf1 | | ?c owl:allValuesFrom owl:Nothing , ?c owl:onProperty ?p , \
?d owl:allValuesFrom owl:Nothing , ?d owl:onProperty ?p | ?c rdfs:subClassOf ?d
scm-avf1 | | ?c owl:allValuesFrom owl:Nothing , ?c owl:onProperty ?p , \
?d owl:allValuesFrom owl:Thing , ?d owl:onProperty ?p | ?c rdfs:subClassOf ?d
"""

_EQUALITY_TABLE = """
eq-sym | | ?x owl:sameAs ?y | ?y owl:sameAs ?x
eq-trans | | ?x owl:sameAs ?y , ?y owl:sameAs ?z | ?x owl:sameAs ?z
eq-rep-s | | ?x owl:sameAs ?y , ?x ?p ?z | ?y ?p ?z
eq-rep-o | | ?x owl:sameAs ?y , ?z ?p ?x | ?z ?p ?y
eq-diff1 | | ?x owl:sameAs ?y , ?x owl:differentFrom ?y | false
eq-diff1 | | ?x owl:differentFrom ?x | false
"""

Phrase = tuple["Node | str", ...]


@dataclass(frozen=True, slots=True)
class SpecificationRow:
    """A rule of the specification; its phrases are triples or keywords on lists."""

    name: str
    schema: tuple[Phrase, ...]
    body: tuple[Phrase, ...]
    head: Phrase | None


def _parse_term(word: str) -> Node | str:
    if word == "a":
        return RDF.type
    if word.startswith("?"):
        return Variable(word[1:])
    if word in _NUMBERS:
        return _NUMBERS[word]
    prefix, _, name = word.partition(":")
    return _NAMESPACES[prefix][name] if name else word


def _parse_phrases(text: str) -> tuple[Phrase, ...]:
    parts = (part.split() for part in text.split(","))
    return tuple(tuple(map(_parse_term, words)) for words in parts if words)


def _parse_table(table: str) -> tuple[SpecificationRow, ...]:
    rows = []
    for line in table.replace("\\\n", "").strip().splitlines():
        name, schema, body, head = line.split("|")
        follows = None if head.strip() == "false" else _parse_phrases(head)[0]
        rows.append(
            SpecificationRow(
                name.strip(), _parse_phrases(schema), _parse_phrases(body), follows
            )
        )
    return tuple(rows)


AXIOM_RULES = _parse_table(_AXIOM_TABLE)
SCHEMA_RULES = _parse_table(_SCHEMA_TABLE)
EQUALITY_RULES = _parse_table(_EQUALITY_TABLE)
