"""Rules and facts as a Datalog program over numbers, run by Nemo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from nmo_python import NemoEngine, load_string
from rdflib import Variable

from alaqat.reason.compiler import (
    SAME,
    TYPES,
    Relation,
    relation,
    rule_terms,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple

    Rows = Collection[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class DatalogResult:
    """What a program derived, by relation, and the rules that ended in `false`."""

    news: Mapping[Relation, Rows]
    broken: tuple[Rule, ...]


def run(
    rules: Collection[Rule],
    facts: Mapping[Relation, Rows],
    number: Callable[[Node], int],
) -> DatalogResult:
    """All that follows from the facts and is none of them."""
    program = _Program(rules, facts, number)
    with TemporaryDirectory(prefix="alaqat-") as folder:
        engine = NemoEngine(load_string(program.write(Path(folder))))
        engine.reason()
    news = {
        about: tuple(map(tuple, engine.result(name)))
        for about, name in program.results.items()
    }
    broken = (rule for rule, name in program.ends if next(engine.result(name), None))
    return DatalogResult({a: rows for a, rows in news.items() if rows}, tuple(broken))


class _Program:
    """The text of a program: imports, rules, and what to read from it."""

    def __init__(
        self,
        rules: Collection[Rule],
        facts: Mapping[Relation, Rows],
        number: Callable[[Node], int],
    ) -> None:
        self._rules, self._facts, self._number = rules, facts, number
        self._heads = {relation(rule.head) for rule in rules if rule.head}
        bodies = {relation(atom) for rule in rules for atom in rule.body}
        self._used = self._heads | bodies
        self._types = TYPES in self._used
        if self._types:
            kinds = {r for r in {*self._used, *facts} if r[1] is not None}
            self._heads |= kinds | {TYPES}
            self._used |= self._heads
        self._imports: list[str] = []
        self.results: dict[Relation, str] = {}
        self.ends: list[tuple[Rule, str]] = []

    def write(self, folder: Path) -> str:
        """The program, whose facts are in files of the folder."""
        lines = [self._rule(rule) for rule in self._rules]
        if self._types:
            lines += self._bridges()
        for about in sorted(self._used, key=self._name):
            lines += self._relation(about, folder)
        return "\n".join(lines + self._outputs())

    def _outputs(self) -> list[str]:
        """All relations as outputs.

        Nemo 0.10 merges an import with the rules that read nothing else, wrongly
        where they differ in their columns, unless the import is an output itself.
        """
        names = {*self._imports, *self.results.values(), *(f for _, f in self.ends)}
        names |= {self._name(about) for about in self._heads}
        return [f"@output {name}." for name in sorted(names)]

    def _name(self, about: Relation, letter: str = "r") -> str:
        predicate, kind = about
        if kind is None:
            return f"{letter}p{self._number(predicate)}"
        return f"{letter}c{self._number(kind)}"

    def _relation(self, about: Relation, folder: Path) -> list[str]:
        """The import of a relation's facts, and what tells its news from them."""
        rows, name = self._facts.get(about, ()), self._name(about)
        if not rows:
            if about in self._heads:
                self.results[about] = name
            return []
        columns = "?x,?y" if about[1] is None else "?x"
        given = self._name(about, "e") if about in self._heads else name
        path = folder / f"{given}.csv"
        path.write_text("".join(map(_LINES[len(columns)], rows)), "ascii")
        types = ",".join("int" for _ in columns.split(","))
        self._imports.append(given)
        text = f'@import {given} :- csv{{resource="{path}",format=({types})}}.'
        if about not in self._heads:
            return [text]
        new = self.results[about] = self._name(about, "n")
        return [
            text,
            f"{name}({columns}) :- {given}({columns}).",
            f"{new}({columns}) :- {name}({columns}), ~{given}({columns}).",
        ]

    def _rule(self, rule: Rule) -> str:
        body = [self._atom(atom) for atom in rule.body]
        if rule.head is None:
            name = f"f{len(self.ends)}"
            self.ends.append((rule, name))
            return f"{name}(1) :- {', '.join(body)}."
        if relation(rule.head) == SAME:
            one, _, other = map(self._term, rule.head)
            body.append(f"{one} != {other}")
        return f"{self._atom(rule.head)} :- {', '.join(body)}."

    def _atom(self, atom: Triple) -> str:
        columns = ",".join(map(self._term, rule_terms(atom)))
        return f"{self._name(relation(atom))}({columns})"

    def _term(self, node: Node) -> str:
        return f"?{node}" if isinstance(node, Variable) else str(self._number(node))

    def _bridges(self) -> list[str]:
        """Class by class, the relation that holds all classes, and back."""
        kinds = [about for about in self._heads if about[1] is not None]
        names = [(self._name(about), self._number(about[1])) for about in kinds]  # type: ignore[arg-type]
        every = self._name(TYPES)
        down = [f"{name}(?x) :- {every}(?x,{kind})." for name, kind in names]
        return down + [f"{every}(?x,{kind}) :- {name}(?x)." for name, kind in names]


# by the width of the columns' names: how a row is written
_LINES = {
    2: lambda row: f"{row[0]}\n",
    5: lambda row: f"{row[0]},{row[1]}\n",
}
