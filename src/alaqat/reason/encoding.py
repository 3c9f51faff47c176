"""Facts encoded as rows of integers, for the rules that can use them.

Also the vocabulary of schemas, axiomatic triples, and facts about literals.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal

from alaqat.rdf.graphs import new_graph
from alaqat.reason import datalog
from alaqat.reason.compiler import (
    SAME_AS,
    TYPES,
    atom_columns,
    live_rules,
    relation_of,
)
from alaqat.reason.datatypes import (
    DATATYPES,
    certainly_excludes,
    datatype_contains,
    is_ill_typed,
    is_subtype,
    values_differ,
)
from alaqat.reason.rules import EQUALITY_RULES, Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from rdflib.term import Node

    from alaqat.reason.compiler import Relation
    from alaqat.reason.datalog import DatalogResult
    from alaqat.reason.literals import ValueDictionary
    from alaqat.reason.rules import Triple

    Groups = dict[Node, list[tuple[Node, Node]]]

# Properties of RDFS and OWL that are about individuals, or that no rule reads.
_NO_AXIOM_PROPERTIES = frozenset(
    {
        RDFS.comment,
        RDFS.isDefinedBy,
        RDFS.label,
        RDFS.member,
        RDFS.seeAlso,
        OWL.deprecated,
        OWL.differentFrom,
        OWL.imports,
        OWL.priorVersion,
        OWL.sameAs,
        OWL.versionIRI,
        OWL.versionInfo,
    }
)
_NO_AXIOM_CLASSES = frozenset(
    {OWL.NamedIndividual, OWL.Nothing, OWL.Thing, RDFS.Resource}
)
_LISTS = frozenset({RDF.first, RDF.rest})

ANNOTATIONS = (
    RDFS.label,
    RDFS.comment,
    RDFS.seeAlso,
    RDFS.isDefinedBy,
    OWL.deprecated,
    OWL.versionInfo,
    OWL.priorVersion,
    OWL.backwardCompatibleWith,
    OWL.incompatibleWith,
)


def is_axiom_property(node: Node) -> bool:
    """Check whether triples with this property belong to the schema."""
    if node in _LISTS:
        return True
    return node not in _NO_AXIOM_PROPERTIES and str(node).startswith(
        (str(RDFS), str(OWL))
    )


def is_axiom_class(node: Node) -> bool:
    """Check whether the members of this class are terms of the schema."""
    if node == RDF.Property:
        return True
    is_schema_term = str(node).startswith((str(RDFS), str(OWL)))
    return is_schema_term and node not in _NO_AXIOM_CLASSES and node != RDFS.Literal


def axiomatic_triples() -> Iterator[Triple]:
    """Yield what holds in every graph (prp-ap, cls-thing, cls-nothing1, dt-type1).

    Includes the subclass relation of the datatypes.
    """
    for name in ANNOTATIONS:
        yield name, RDF.type, OWL.AnnotationProperty
    for kind in (OWL.Thing, OWL.Nothing):
        yield kind, RDF.type, OWL.Class
    for datatype in DATATYPES:
        yield datatype, RDF.type, RDFS.Datatype
        for other in DATATYPES:
            if other != datatype and is_subtype(datatype, other):
                yield datatype, RDFS.subClassOf, other


_DIFFERENT: Relation = (OWL.differentFrom, None)
_GENERAL = frozenset(row.name for row in EQUALITY_RULES)
_FREE = frozenset({None, XSD.string})  # datatypes that allow any text


def group_by_predicate(triples: Iterable[Triple]) -> Groups:
    """Return the triples by their property."""
    groups: Groups = defaultdict(list)
    for subject, predicate, value in triples:
        groups[predicate].append((subject, value))
    return groups


def extract_axioms(groups: Groups) -> Graph:
    """Return the triples that belong to the schema."""
    schema = new_graph()
    for predicate in filter(is_axiom_property, list(groups)):
        for subject, value in groups[predicate]:
            schema.add((subject, predicate, value))
    for subject, kind in groups.get(RDF.type, ()):
        if is_axiom_class(kind):
            schema.add((subject, RDF.type, kind))
    pairs = groups.get(OWL.sameAs, ())
    names = vocabulary_of(groups, schema) if pairs else set()
    for one, other in pairs:
        if one in names or other in names:
            schema.add((one, OWL.sameAs, other))
    return schema


def vocabulary_of(groups: Groups, schema: Iterable[Triple]) -> set[Node]:
    """Return the terms used as properties or classes, and the subjects of axioms."""
    kinds = {kind for _, kind in groups.get(RDF.type, ())}
    axioms = (end for one, _, other in schema for end in (one, other))
    return {*groups, *kinds, *axioms}


class EncodedFacts:
    """The given triples that rules can use, and more, as rows of integers."""

    def __init__(
        self,
        given: Groups,
        more: Iterable[Triple],
        terms: ValueDictionary,
        *,
        everything: bool = False,
    ) -> None:
        self._given, self._terms, self._everything = given, terms, everything
        self._kinds = _members_by_class(given)
        self._facts: dict[Relation, set[tuple[int, ...]]] = defaultdict(set)
        self.extras = self._not_given(set(more))

    def run(self, rules: tuple[Rule, ...]) -> DatalogResult:
        """Run the rules over the triples, except those with an empty body."""
        rules = tuple(rule for rule in rules if rule.body)
        mentioned = {relation_of(atom) for rule in rules for atom in rule.body}
        live = live_rules(rules, self._populated(mentioned))
        use = _RelationUse(live, self._given.get(OWL.sameAs, ()))
        for predicate, pairs in self._given.items():
            if predicate != RDF.type:
                self._encode((predicate, None), pairs, use)
        for kind, members in self._kinds.items():
            self._encode((RDF.type, kind), members, use)
        self._add_literals(mentioned)
        for relation, rows in self.extras.items():
            self._facts[relation] |= rows
        return datalog.run(live, self._facts, self._terms.encode)

    def violated_datatype_rules(self, derived: DatalogResult) -> Iterator[Rule]:
        """Yield the rules on datatypes whose head is `false` and that fire."""
        pairs = (*self._facts[SAME_AS], *derived.new_rows.get(SAME_AS, ()))
        decode = self._terms.decode
        if any(values_differ(decode(one), decode(other)) for one, other in pairs):
            yield Rule("dt-diff", (), (), None)
        if any(self._outside_datatype(derived)) or self._has_ill_typed():
            yield Rule("dt-not-type", (), (), None)

    def _populated(self, mentioned: set[Relation]) -> set[Relation]:
        """Return the relations that may have facts."""
        populated: set[Relation] = {(p, None) for p in self._given if p != RDF.type}
        populated |= {(RDF.type, kind) for kind in self._kinds}
        populated |= {relation for relation in mentioned if relation[1] in DATATYPES}
        if self._everything:
            populated |= {_DIFFERENT, *((RDF.type, datatype) for datatype in DATATYPES)}
        return populated | set(self.extras)

    def _encode(
        self, relation: Relation, rows: Collection[tuple[Node, ...]], use: _RelationUse
    ) -> None:
        """Encode the rows of a relation that a rule may use."""
        if relation in use.whole or (relation[1] is not None and use.all_classes):
            chosen: Iterable[tuple[Node, ...]] = rows
        elif relation in use.replaced:
            chosen = (row for row in rows if not use.equal_terms.isdisjoint(row))
        else:
            return
        encode = self._terms.encode
        self._facts[relation] = {tuple(map(encode, row)) for row in chosen}

    def _not_given(self, new: set[Triple]) -> dict[Relation, set[tuple[int, ...]]]:
        """Return the triples that were not given, as rows by relation."""
        for predicate in {predicate for _, predicate, _ in new}:
            pairs = self._given.get(predicate, ())
            new.difference_update((one, predicate, other) for one, other in pairs)
        extras: dict[Relation, set[tuple[int, ...]]] = defaultdict(set)
        for triple in new:
            columns = tuple(map(self._terms.encode, atom_columns(triple)))
            extras[relation_of(triple)].add(columns)
        return extras

    def _add_literals(self, mentioned: set[Relation]) -> None:
        """Apply RULE dt-type2 to mentioned datatypes; with `everything`, dt-diff."""
        decode = self._terms.decode
        literals = [n for n in self._terms.literals if not is_ill_typed(decode(n))]
        for datatype in DATATYPES:
            relation = (RDF.type, datatype)
            if self._everything or relation in mentioned:
                found = {
                    (n,) for n in literals if datatype_contains(datatype, decode(n))
                }
                self.extras[relation] |= found
        if self._everything:
            for one, other in permutations(literals, 2):
                if values_differ(decode(one), decode(other)):
                    self.extras[_DIFFERENT].add((one, other))

    def _outside_datatype(self, derived: DatalogResult) -> Iterator[bool]:
        """Check every literal that is typed by a datatype (RULE dt-not-type)."""
        for part in (self._facts, derived.new_rows):
            for (_, kind), rows in part.items():
                if kind is not None and kind in DATATYPES:
                    literals = (self._terms.decode(id_) for (id_,) in rows)
                    yield from (
                        certainly_excludes(kind, literal) for literal in literals
                    )

    def _has_ill_typed(self) -> bool:
        """Check whether any given literal is ill-typed."""
        seen = set()
        for pairs in self._given.values():
            for _, value in pairs:
                if isinstance(value, Literal) and value.datatype not in _FREE:
                    key = str(value), value.datatype
                    if key not in seen and is_ill_typed(value):
                        return True
                    seen.add(key)
        return False


class _RelationUse:
    """The relations that rules need whole, and those they need for equal terms only."""

    def __init__(self, rules: list[Rule], same: Iterable[tuple[Node, Node]]) -> None:
        plain: list[Rule] = []
        replacing: list[Rule] = []
        for rule in rules:
            is_general = rule.name.startswith("eq-rep") and not rule.axiom
            (replacing if is_general else plain).append(rule)
        self.whole = _relations_of(plain)
        self.replaced = _relations_of(replacing)
        self.equal_terms = {term for pair in same for term in pair}
        derives_equality = any(
            rule.head
            and relation_of(rule.head) == SAME_AS
            and rule.name not in _GENERAL
            for rule in plain
        )
        if derives_equality or any(isinstance(t, Literal) for t in self.equal_terms):
            self.whole |= self.replaced
        self.all_classes = TYPES in self.whole


def _relations_of(rules: list[Rule]) -> set[Relation]:
    return {relation_of(a) for r in rules for a in (*r.body, r.head) if a is not None}


def _members_by_class(given: Groups) -> dict[Node, list[tuple[Node]]]:
    """Return the members of each class, as rows."""
    kinds: dict[Node, list[tuple[Node]]] = defaultdict(list)
    for subject, kind in given.get(RDF.type, ()):
        kinds[kind].append((subject,))
    return kinds
