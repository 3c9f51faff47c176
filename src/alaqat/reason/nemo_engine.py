"""All that follows from a graph, by rules compiled from its own axioms.

The schema is closed first and its axioms are compiled; then the rules run over the
data. Should the data say something about the schema, it starts again with that.

The fast engine: rules compiled from the graph's own axioms, run by Nemo.
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
    SAME,
    compile_rules,
    general_rules,
    ground_rules,
)
from alaqat.reason.encoding import (
    Loading,
    axiomatic_triples,
    axioms_of,
    group,
    is_axiom_class,
    is_axiom_property,
    names_of,
)
from alaqat.reason.literals import ValueDictionary
from alaqat.reason.rules import EQUALITY, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rdflib.term import Node

    from alaqat.reason.compiler import Relation
    from alaqat.reason.datalog import DatalogResult, Rows
    from alaqat.reason.engine import Wanted
    from alaqat.reason.rules import Rule, Triple


@dataclass(frozen=True, slots=True)
class Saturation:
    """What follows from a graph: new triples by relation, and whether it holds up."""

    rules: tuple[Rule, ...]
    broken: tuple[Rule, ...]
    _numbers: ValueDictionary
    _news: Mapping[Relation, Rows]

    def news(
        self, wanted: Callable[[Node, Node | None], bool] = lambda *_: True
    ) -> Iterator[Triple]:
        """The new triples of the wanted properties (and classes, for rdf:type).

        Literals may be subjects here. A thing being itself is not told.
        """
        term = self._numbers.term
        for (predicate, kind), rows in self._news.items():
            if not wanted(predicate, kind):
                continue
            for row in rows:
                yield term(row[0]), predicate, kind or term(row[1])

    def in_other_forms(self, given: Graph) -> Iterator[Triple]:
        """RULE dt-eq: that literals of one value are the same, and RULE eq-rep-o."""
        for number, others in self._numbers.variants.items():
            first = self._numbers.term(number)
            for other in others:
                yield first, OWL.sameAs, other
                yield other, OWL.sameAs, first
                for subject, predicate in given.subject_predicates(other):
                    yield subject, predicate, first


def saturate(triples: Iterable[Triple], *, axioms: bool = False) -> Saturation:
    """All that follows from triples by OWL 2 RL.

    With `axioms`, so does what holds in every graph, such as that owl:Thing is a
    class, and what every literal is; nobody needs that but the official tests.
    """
    given = group(triples)
    numbers, asserted = ValueDictionary(), frozenset(axioms_of(given))
    known = asserted.union(axiomatic_triples() if axioms else ())
    while True:
        schema = _closed(known)
        loading = Loading(given, schema.triples - asserted, numbers, everything=axioms)
        answer = loading.run((*schema.rules, *general_rules(EQUALITY)))
        is_same = SAME in answer.news
        names = names_of(given, schema.triples) if is_same else set()
        more = set(_axioms_in(answer, names, numbers)) - schema.triples
        if not more:
            break
        known = schema.triples | more
    return Saturation(
        rules=(*schema.rules, *general_rules(SCHEMA), *general_rules(EQUALITY)),
        broken=(*schema.broken, *answer.broken, *loading.broken(answer)),
        _numbers=numbers,
        _news=_merged(answer.news, loading.extras),
    )


@dataclass(frozen=True, slots=True)
class _Schema:
    """Axioms and all that follows from them alone, and the rules they give."""

    triples: frozenset[Triple]
    broken: tuple[Rule, ...]
    rules: tuple[Rule, ...]


@lru_cache(maxsize=8)
def _closed(axioms: frozenset[Triple]) -> _Schema:
    """A schema, closed once: facts change far more often than axioms."""
    schema = new_graph(axioms)
    broken = _close(schema, ValueDictionary())
    return _Schema(frozenset(schema), broken, compile_rules(schema))


def _close(schema: Graph, numbers: ValueDictionary) -> tuple[Rule, ...]:
    """Add to a schema what follows from it; the rules that ended in `false`."""
    broken: tuple[Rule, ...] = ()
    while True:
        loading = Loading(group(schema), (), numbers)
        answer = loading.run((*general_rules(SCHEMA), *general_rules(EQUALITY)))
        broken += answer.broken
        _add(schema, _triples(answer.news, numbers))
        size = len(schema)
        _add(schema, (rule.head for rule in ground_rules(schema) if rule.head))
        if len(schema) == size:
            return broken


def _add(graph: Graph, triples: Iterable[Triple]) -> None:
    for triple in triples:
        graph.add(triple)


def _triples(
    news: Mapping[Relation, Rows], numbers: ValueDictionary
) -> Iterator[Triple]:
    for (predicate, kind), rows in news.items():
        for row in rows:
            yield numbers.term(row[0]), predicate, kind or numbers.term(row[1])


def _axioms_in(
    answer: DatalogResult, names: set[Node], numbers: ValueDictionary
) -> Iterator[Triple]:
    """What of an answer is about the schema, whose names are given."""
    for about, rows in answer.news.items():
        found = _triples({about: rows}, numbers)
        if is_axiom_property(about[0]) or (about[1] and is_axiom_class(about[1])):
            yield from found
        elif about == SAME:
            yield from (triple for triple in found if triple[0] in names)


def _merged(*parts: Mapping[Relation, Rows]) -> Mapping[Relation, Rows]:
    """The rows of several answers together."""
    merged: dict[Relation, set[tuple[int, ...]]] = defaultdict(set)
    for about, rows in (item for part in parts for item in part.items()):
        merged[about].update(rows)
    return merged


@dataclass(frozen=True, slots=True)
class _NemoClosure:
    """A graph closed by rules."""

    _given: Graph
    _saturation: Saturation

    @property
    def broken(self) -> tuple[Rule, ...]:
        """The rules that ended in `false`."""
        return self._saturation.broken

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules by which all of it follows."""
        return self._saturation.rules

    def news(self, wanted: Wanted) -> Iterator[Triple]:
        """What follows and was not given, of the wanted properties and classes."""
        return self._saturation.news(wanted)

    def graph(self) -> Graph:
        """The graph given and all that follows, values in each form they came in."""
        news = self._saturation.news()
        forms = self._saturation.in_other_forms(self._given)
        return new_graph(chain(self._given, news, forms))


def close_with_nemo(graph: Graph) -> _NemoClosure:
    """The OWL 2 RL closure of a graph."""
    return _NemoClosure(graph, saturate(graph))
