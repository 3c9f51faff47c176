"""The Nemo engine, the default: saturation by rules compiled from the graph's axioms.

The schema is saturated first and its axioms are compiled to rules, which then run over
the data. If new axioms follow from the data, this starts again with them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from rdflib import OWL, Graph

from alaqat.rdf.graphs import new_graph
from alaqat.reason.compiler import (
    SAME_AS,
    compile_rules,
    general_rules,
    ground_rules,
)
from alaqat.reason.encoding import (
    EncodedFacts,
    axiomatic_triples,
    extract_axioms,
    group_by_predicate,
    is_axiom_class,
    is_axiom_property,
    vocabulary_of,
)
from alaqat.reason.literals import ValueDictionary
from alaqat.reason.rules import EQUALITY_RULES, SCHEMA_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib.term import Node

    from alaqat.reason.compiler import Relation
    from alaqat.reason.datalog import DatalogResult, Rows
    from alaqat.reason.engine import OutputFilter
    from alaqat.reason.rules import Rule, Triple


@dataclass(frozen=True, slots=True)
class Saturation:
    """The new rows that follow from a graph, and the rules with the head `false`."""

    rules: tuple[Rule, ...]
    violated_rules: tuple[Rule, ...]
    _terms: ValueDictionary
    _new_rows: Mapping[Relation, Rows]

    def new_triples(
        self, output_filter: OutputFilter = lambda *_: True
    ) -> Iterator[Triple]:
        """Yield the new triples whose property and class pass the filter.

        Subjects may be literals. No term is stated to be the same as itself.
        """
        passing = {
            relation: rows
            for relation, rows in self._new_rows.items()
            if output_filter(*relation)
        }
        return _decode(passing, self._terms)

    def equal_literals(self, given: Graph) -> Iterator[Triple]:
        """Apply RULE dt-eq to literals of one value, then RULE eq-rep-o."""
        for number, others in self._terms.variants.items():
            first = self._terms.decode(number)
            for other in others:
                yield first, OWL.sameAs, other
                yield other, OWL.sameAs, first
                for subject, predicate in given.subject_predicates(other):
                    yield subject, predicate, first


def saturate(triples: Iterable[Triple], *, axioms: bool = False) -> Saturation:
    """Return everything that follows from triples by OWL 2 RL.

    With `axioms`, that includes what holds in every graph, such as that owl:Thing is a
    class, and the datatypes of every literal; only the W3C tests need it.
    """
    given = group_by_predicate(triples)
    terms, asserted = ValueDictionary(), frozenset(extract_axioms(given))
    known = asserted.union(axiomatic_triples() if axioms else ())
    while True:
        schema = _close_schema(known)
        facts = EncodedFacts(given, schema.triples - asserted, terms, everything=axioms)
        derived = facts.run((*schema.rules, *general_rules(EQUALITY_RULES)))
        is_same = SAME_AS in derived.new_rows
        names = vocabulary_of(given, schema.triples) if is_same else set()
        more = set(_derived_axioms(derived, names, terms)) - schema.triples
        if not more:
            break
        known = schema.triples | more
    return Saturation(
        rules=(
            *schema.rules,
            *general_rules(SCHEMA_RULES),
            *general_rules(EQUALITY_RULES),
        ),
        violated_rules=(
            *schema.violated_rules,
            *derived.violated_rules,
            *facts.violated_datatype_rules(derived),
        ),
        _terms=terms,
        _new_rows=_merge_rows(derived.new_rows, facts.extras),
    )


@dataclass(frozen=True, slots=True)
class _Schema:
    """Axioms, everything that follows from them alone, and the rules they give."""

    triples: frozenset[Triple]
    violated_rules: tuple[Rule, ...]
    rules: tuple[Rule, ...]


@lru_cache(maxsize=8)
def _close_schema(axioms: frozenset[Triple]) -> _Schema:
    """Return the saturated schema, cached: axioms change far less than facts."""
    schema = new_graph(axioms)
    violated_rules = _saturate_schema(schema, ValueDictionary())
    return _Schema(frozenset(schema), violated_rules, compile_rules(schema))


def _saturate_schema(schema: Graph, terms: ValueDictionary) -> tuple[Rule, ...]:
    """Add to a schema what follows from it; return the violated rules."""
    violated_rules: tuple[Rule, ...] = ()
    while True:
        facts = EncodedFacts(group_by_predicate(schema), (), terms)
        derived = facts.run(
            (*general_rules(SCHEMA_RULES), *general_rules(EQUALITY_RULES))
        )
        violated_rules += derived.violated_rules
        _add_all(schema, _decode(derived.new_rows, terms))
        size = len(schema)
        _add_all(schema, (rule.head for rule in ground_rules(schema) if rule.head))
        if len(schema) == size:
            return violated_rules


def _add_all(graph: Graph, triples: Iterable[Triple]) -> None:
    for triple in triples:
        graph.add(triple)


def _decode(
    relations: Mapping[Relation, Rows], terms: ValueDictionary
) -> Iterator[Triple]:
    decode = terms.decode
    for (predicate, kind), rows in relations.items():
        for row in rows:
            # A literal may stand for a class, and an empty one is false.
            value = decode(row[1]) if kind is None else kind
            yield decode(row[0]), predicate, value


def _derived_axioms(
    derived: DatalogResult, vocabulary: set[Node], terms: ValueDictionary
) -> Iterator[Triple]:
    """Yield the derived axioms, given the vocabulary of the schema."""
    for relation, rows in derived.new_rows.items():
        found = _decode({relation: rows}, terms)
        if is_axiom_property(relation[0]) or (
            relation[1] is not None and is_axiom_class(relation[1])
        ):
            yield from found
        elif relation == SAME_AS:
            yield from (triple for triple in found if triple[0] in vocabulary)


def _merge_rows(*parts: Mapping[Relation, Rows]) -> Mapping[Relation, Rows]:
    """Return the rows of all parts by relation."""
    merged: dict[Relation, set[tuple[int, ...]]] = defaultdict(set)
    for relation, rows in (item for part in parts for item in part.items()):
        merged[relation].update(rows)
    return merged


@dataclass(frozen=True, slots=True)
class _NemoClosure:
    """A graph and its saturation."""

    _given: Graph
    _saturation: Saturation

    @property
    def violated_rules(self) -> tuple[Rule, ...]:
        """The rules with the head `false` that fired."""
        return self._saturation.violated_rules

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that derived it."""
        return self._saturation.rules

    def new_triples(self, output_filter: OutputFilter) -> Iterator[Triple]:
        """Yield what follows and was not given, as far as it passes the filter."""
        return self._saturation.new_triples(output_filter)

    def graph(self) -> Graph:
        """Return the graph and all that follows, with every form of equal literals."""
        derived = self._saturation.new_triples()
        equal = self._saturation.equal_literals(self._given)
        return new_graph(chain(self._given, derived, equal))


def close_with_nemo(graph: Graph) -> _NemoClosure:
    """Return the OWL 2 RL closure of a graph."""
    return _NemoClosure(graph, saturate(graph))
