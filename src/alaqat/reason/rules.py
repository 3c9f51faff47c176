"""Rules: what one axiom lets follow from what, by the rules of OWL 2 Profiles §4.3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import Literal, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rdflib import Graph
    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]
    Bindings = Mapping[Node, Node]


@dataclass(frozen=True, slots=True)
class Rule:
    """One axiom read as one rule: where the body holds, the head does.

    `name` is the rule's name in the specification ("prp-spo2"), `axiom` the triples
    of the schema that were read, all of them ground; `body` and `head` are triples in
    which rdflib Variables stand for anything. A head of None is a contradiction.
    """

    name: str
    axiom: tuple[Triple, ...]
    body: tuple[Triple, ...]
    head: Triple | None

    def __str__(self) -> str:
        """The rule in one line, for error messages and tests."""
        head = _line(self.head) if self.head else "false"
        return f"{self.name}: {head} <- {', '.join(map(_line, self.body)) or 'true'}"


def _line(triple: Triple) -> str:
    return " ".join(term.n3() for term in triple)


def put(atom: Triple, bindings: Bindings) -> Triple:
    """The atom with its variables replaced, as far as the bindings go."""
    one, two, three = atom
    return (
        bindings.get(one, one),
        bindings.get(two, two),
        bindings.get(three, three),
    )


def unify(atom: Triple, triple: Triple, bindings: Bindings) -> Bindings | None:
    """The bindings, and those that make the atom the triple; None if none do."""
    found = dict(bindings)
    for term, value in zip(atom, triple, strict=True):
        if isinstance(term, Variable):
            if found.setdefault(term, value) != value:
                return None
        elif term != value:
            return None
    return found


def joins(
    atoms: tuple[Triple, ...], bindings: Bindings, graph: Graph
) -> Iterator[Bindings]:
    """Every way to find all atoms in a graph; the most bound atom goes first."""
    if not atoms:
        yield bindings
        return
    patterns = [put(atom, bindings) for atom in atoms]
    first = min(patterns, key=_freedom)
    patterns.remove(first)
    one, two, three = (None if isinstance(t, Variable) else t for t in first)
    for triple in graph.triples((one, two, three)):
        found = unify(first, triple, bindings)
        if found is not None:
            yield from joins(tuple(patterns), found, graph)


def _freedom(pattern: Triple) -> tuple[int, bool]:
    """How many terms are free; a class alone binds less than a thing does."""
    free = [isinstance(term, Variable) for term in pattern]
    return sum(free), free[0] or isinstance(pattern[0], Literal)
