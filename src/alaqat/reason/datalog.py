"""Datalog programs for Nemo: rules and facts over integers that stand for terms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from nmo_python import NemoEngine, load_string
from rdflib import Variable

from alaqat.reason.compiler import (
    SAME_AS,
    TYPES,
    Relation,
    atom_columns,
    relation_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple

    Rows = Collection[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class DatalogResult:
    """The new rows by relation, and the rules with the head `false` that fired."""

    new_rows: Mapping[Relation, Rows]
    violated_rules: tuple[Rule, ...]


def run(
    rules: Collection[Rule],
    facts: Mapping[Relation, Rows],
    encode: Callable[[Node], int],
) -> DatalogResult:
    """Derive all rows that follow from the facts and are not among them."""
    program = _Program(rules, facts, encode)
    with TemporaryDirectory(prefix="alaqat-") as folder:
        engine = NemoEngine(load_string(program.text(Path(folder))))
        engine.reason()
    new_rows = {
        relation: tuple(map(tuple, engine.result(name)))
        for relation, name in program.results.items()
    }
    violated_rules = tuple(
        rule for rule, name in program.constraints if next(engine.result(name), None)
    )
    return DatalogResult(
        {relation: rows for relation, rows in new_rows.items() if rows}, violated_rules
    )


class _Program:
    """A program: imports, rules, and the names of its results."""

    def __init__(
        self,
        rules: Collection[Rule],
        facts: Mapping[Relation, Rows],
        encode: Callable[[Node], int],
    ) -> None:
        self._rules, self._facts, self._encode = rules, facts, encode
        self._heads = {relation_of(rule.head) for rule in rules if rule.head}
        bodies = {relation_of(atom) for rule in rules for atom in rule.body}
        self._used = self._heads | bodies
        self._reads_types = TYPES in self._used
        if self._reads_types:
            kinds = {r for r in {*self._used, *facts} if r[1] is not None}
            self._heads |= kinds | {TYPES}
            self._used |= self._heads
        self._imports: list[str] = []
        self.results: dict[Relation, str] = {}
        self.constraints: list[tuple[Rule, str]] = []

    def text(self, folder: Path) -> str:
        """Return the text of the program, and write its facts to files in a folder."""
        lines = [self._rule(rule) for rule in self._rules]
        if self._reads_types:
            lines += self._bridges()
        for relation in sorted(self._used, key=self._name):
            lines += self._relation(relation, folder)
        return "\n".join(lines + self._outputs())

    def _outputs(self) -> list[str]:
        """Declare all relations as outputs.

        Nemo 0.10 merges an import with the rules that read nothing else, wrongly
        where they differ in their columns, unless the import is an output itself.
        """
        names = {*self._imports, *self.results.values()}
        names |= {name for _, name in self.constraints}
        names |= {self._name(relation) for relation in self._heads}
        return [f"@output {name}." for name in sorted(names)]

    def _name(self, relation: Relation, letter: str = "r") -> str:
        predicate, kind = relation
        if kind is None:
            return f"{letter}p{self._encode(predicate)}"
        return f"{letter}c{self._encode(kind)}"

    def _relation(self, relation: Relation, folder: Path) -> list[str]:
        """Import the facts of a relation, and derive its new rows separately."""
        rows, name = self._facts.get(relation, ()), self._name(relation)
        if not rows:
            if relation in self._heads:
                self.results[relation] = name
            return []
        columns = "?x,?y" if relation[1] is None else "?x"
        given = self._name(relation, "e") if relation in self._heads else name
        path = folder / f"{given}.csv"
        if relation[1] is None:
            lines = (f"{one},{other}\n" for one, other in rows)
        else:
            lines = (f"{member}\n" for (member,) in rows)
        path.write_text("".join(lines), "ascii")
        types = ",".join("int" for _ in columns.split(","))
        self._imports.append(given)
        text = f'@import {given} :- csv{{resource="{path}",format=({types})}}.'
        if relation not in self._heads:
            return [text]
        new = self.results[relation] = self._name(relation, "n")
        return [
            text,
            f"{name}({columns}) :- {given}({columns}).",
            f"{new}({columns}) :- {name}({columns}), ~{given}({columns}).",
        ]

    def _rule(self, rule: Rule) -> str:
        body = [self._atom(atom) for atom in rule.body]
        if rule.head is None:
            name = f"f{len(self.constraints)}"
            self.constraints.append((rule, name))
            return f"{name}(1) :- {', '.join(body)}."
        if relation_of(rule.head) == SAME_AS:
            one, _, other = map(self._term, rule.head)
            body.append(f"{one} != {other}")
        return f"{self._atom(rule.head)} :- {', '.join(body)}."

    def _atom(self, atom: Triple) -> str:
        columns = ",".join(map(self._term, atom_columns(atom)))
        return f"{self._name(relation_of(atom))}({columns})"

    def _term(self, node: Node) -> str:
        return f"?{node}" if isinstance(node, Variable) else str(self._encode(node))

    def _bridges(self) -> list[str]:
        """Derive the relation of each class from that of all types, and back."""
        classes = [relation for relation in self._heads if relation[1] is not None]
        names = [(self._name(each), self._encode(each[1])) for each in classes]  # type: ignore[arg-type]
        every = self._name(TYPES)
        down = [f"{name}(?x) :- {every}(?x,{kind})." for name, kind in names]
        return down + [f"{every}(?x,{kind}) :- {name}(?x)." for name, kind in names]
