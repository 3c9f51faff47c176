"""The words by which a schema speaks, and what is true of them in every graph.

Which triples the rules need, and what else is to be known about their literals.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal

from alaqat.rdf.graphs import new_graph
from alaqat.reason import datalog
from alaqat.reason.compiler import (
    SAME,
    TYPES,
    live_rules,
    relation,
    rule_terms,
)
from alaqat.reason.datatypes import (
    DATATYPES,
    differ,
    has,
    is_ill_typed,
    is_outside,
    is_part,
)
from alaqat.reason.rules import EQUALITY, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    from alaqat.reason.rules import Triple


# Properties of RDFS and OWL that are about things, or that no rule reads.
_NO_AXIOMS = frozenset(
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
_NO_KINDS = frozenset({OWL.NamedIndividual, OWL.Nothing, OWL.Thing, RDFS.Resource})
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
    """Whether triples with this property belong to the schema."""
    if node in _LISTS:
        return True
    return node not in _NO_AXIOMS and str(node).startswith((str(RDFS), str(OWL)))


def is_axiom_class(node: Node) -> bool:
    """Whether being of this class is said of terms of the schema."""
    if node == RDF.Property:
        return True
    ours = str(node).startswith((str(RDFS), str(OWL)))
    return ours and node not in _NO_KINDS and node != RDFS.Literal


def axiomatic_triples() -> Iterator[Triple]:
    """What holds even in the empty graph (prp-ap, cls-thing, cls-nothing1, dt-type1).

    Also, which datatypes are part of which.
    """
    for name in ANNOTATIONS:
        yield name, RDF.type, OWL.AnnotationProperty
    for kind in (OWL.Thing, OWL.Nothing):
        yield kind, RDF.type, OWL.Class
    for datatype in DATATYPES:
        yield datatype, RDF.type, RDFS.Datatype
        for other in DATATYPES:
            if other != datatype and is_part(datatype, other):
                yield datatype, RDFS.subClassOf, other


if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from rdflib.term import Node

    from alaqat.reason.compiler import Relation
    from alaqat.reason.datalog import DatalogResult
    from alaqat.reason.literals import ValueDictionary
    from alaqat.reason.rules import Triple

    Groups = dict[Node, list[tuple[Node, Node]]]

_DIFFERENT: Relation = (OWL.differentFrom, None)
_GENERAL = frozenset(row.name for row in EQUALITY)
_FREE = frozenset({None, XSD.string})  # datatypes that allow any text


def group(triples: Iterable[Triple]) -> Groups:
    """The triples by their property."""
    groups: Groups = defaultdict(list)
    for subject, predicate, value in triples:
        groups[predicate].append((subject, value))
    return groups


def axioms_of(groups: Groups) -> Graph:
    """The triples that belong to the schema."""
    schema = new_graph()
    for predicate in filter(is_axiom_property, list(groups)):
        for subject, value in groups[predicate]:
            schema.add((subject, predicate, value))
    for subject, kind in groups.get(RDF.type, ()):
        if is_axiom_class(kind):
            schema.add((subject, RDF.type, kind))
    pairs = groups.get(OWL.sameAs, ())
    names = names_of(groups, schema) if pairs else set()
    for one, other in pairs:
        if one in names or other in names:
            schema.add((one, OWL.sameAs, other))
    return schema


def names_of(groups: Groups, schema: Iterable[Triple]) -> set[Node]:
    """The terms that are used as properties or classes, or that axioms are about."""
    kinds = {kind for _, kind in groups.get(RDF.type, ())}
    axioms = (end for one, _, other in schema for end in (one, other))
    return {*groups, *kinds, *axioms}


class Loading:
    """Runs rules over those of the given triples that they can use, and some more."""

    def __init__(
        self,
        given: Groups,
        more: Iterable[Triple],
        numbers: ValueDictionary,
        *,
        everything: bool = False,
    ) -> None:
        self._given, self._numbers, self._everything = given, numbers, everything
        self._kinds = _kinds(given)
        self._facts: dict[Relation, set[tuple[int, ...]]] = defaultdict(set)
        self.extras = self._not_given(set(more))

    def run(self, rules: tuple[Rule, ...]) -> DatalogResult:
        """What the rules derive from the triples; what needs none is in the schema."""
        rules = tuple(rule for rule in rules if rule.body)
        mentioned = {relation(atom) for rule in rules for atom in rule.body}
        live = live_rules(rules, self._known(mentioned))
        needs = _Needs(live, self._given.get(OWL.sameAs, ()))
        for predicate, pairs in self._given.items():
            if predicate != RDF.type:
                self._load((predicate, None), pairs, needs)
        for kind, members in self._kinds.items():
            self._load((RDF.type, kind), members, needs)
        self._add_literals(mentioned)
        for about, rows in self.extras.items():
            self._facts[about] |= rows
        return datalog.run(live, self._facts, self._numbers.number)

    def broken(self, answer: DatalogResult) -> Iterator[Rule]:
        """The rules on datatypes that end in `false`, given what was derived."""
        pairs = (*self._facts[SAME], *answer.news.get(SAME, ()))
        term = self._numbers.term
        if any(differ(term(one), term(other)) for one, other in pairs):
            yield Rule("dt-diff", (), (), None)
        if any(self._outsiders(answer)) or self._has_ill_typed():
            yield Rule("dt-not-type", (), (), None)

    def _known(self, mentioned: set[Relation]) -> set[Relation]:
        """The relations of which there may be facts."""
        known: set[Relation] = {(p, None) for p in self._given if p != RDF.type}
        known |= {(RDF.type, kind) for kind in self._kinds}
        known |= {about for about in mentioned if about[1] in DATATYPES}
        if self._everything:
            known |= {_DIFFERENT, *((RDF.type, datatype) for datatype in DATATYPES)}
        return known | set(self.extras)

    def _load(
        self, about: Relation, rows: Collection[tuple[Node, ...]], needs: _Needs
    ) -> None:
        """Number the rows of a relation that a rule may use."""
        if about in needs.whole or (about[1] and needs.all_classes):
            chosen: Iterable[tuple[Node, ...]] = rows
        elif about in needs.touched:
            chosen = (row for row in rows if not needs.likes.isdisjoint(row))
        else:
            return
        number = self._numbers.number
        self._facts[about] = {tuple(map(number, row)) for row in chosen}

    def _not_given(self, new: set[Triple]) -> dict[Relation, set[tuple[int, ...]]]:
        """Those of some triples that were not given, as rows."""
        for predicate in {predicate for _, predicate, _ in new}:
            pairs = self._given.get(predicate, ())
            new.difference_update((one, predicate, other) for one, other in pairs)
        extras: dict[Relation, set[tuple[int, ...]]] = defaultdict(set)
        for triple in new:
            columns = tuple(map(self._numbers.number, rule_terms(triple)))
            extras[relation(triple)].add(columns)
        return extras

    def _add_literals(self, mentioned: set[Relation]) -> None:
        """RULE dt-type2, for the datatypes that matter; RULE dt-diff, if asked for."""
        term = self._numbers.term
        literals = [n for n in self._numbers.literals if not is_ill_typed(term(n))]
        for datatype in DATATYPES:
            about = (RDF.type, datatype)
            if self._everything or about in mentioned:
                found = {(n,) for n in literals if has(datatype, term(n))}
                self.extras[about] |= found
        if self._everything:
            for one, other in permutations(literals, 2):
                if differ(term(one), term(other)):
                    self.extras[_DIFFERENT].add((one, other))

    def _outsiders(self, answer: DatalogResult) -> Iterator[bool]:
        """Literals said to be of a datatype that they are not of (RULE dt-not-type)."""
        for part in (self._facts, answer.news):
            for (_, kind), rows in part.items():
                if kind is not None and kind in DATATYPES:
                    literals = (self._numbers.term(number) for (number,) in rows)
                    yield from (is_outside(kind, literal) for literal in literals)

    def _has_ill_typed(self) -> bool:
        """Whether a datatype does not allow a given literal's text."""
        seen = set()
        for pairs in self._given.values():
            for _, value in pairs:
                if isinstance(value, Literal) and value.datatype not in _FREE:
                    key = str(value), value.datatype
                    if key not in seen and is_ill_typed(value):
                        return True
                    seen.add(key)
        return False


class _Needs:
    """Of which relations the rules need all rows, and of which those about likes."""

    def __init__(self, rules: list[Rule], same: Iterable[tuple[Node, Node]]) -> None:
        plain: list[Rule] = []
        spreading: list[Rule] = []
        for rule in rules:
            is_general = rule.name.startswith("eq-rep") and not rule.axiom
            (spreading if is_general else plain).append(rule)
        self.whole = _relations(plain)
        self.touched = _relations(spreading)
        self.likes = {term for pair in same for term in pair}
        grows = any(
            rule.head and relation(rule.head) == SAME and rule.name not in _GENERAL
            for rule in plain
        )
        if grows or any(isinstance(term, Literal) for term in self.likes):
            self.whole |= self.touched
        self.all_classes = TYPES in self.whole


def _relations(rules: list[Rule]) -> set[Relation]:
    return {relation(a) for r in rules for a in (*r.body, r.head) if a is not None}


def _kinds(given: Groups) -> dict[Node, list[tuple[Node]]]:
    """The members of each class, as rows."""
    kinds: dict[Node, list[tuple[Node]]] = defaultdict(list)
    for subject, kind in given.get(RDF.type, ()):
        kinds[kind].append((subject,))
    return kinds
