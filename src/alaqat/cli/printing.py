"""What the terminal shows: tables with Arabic as it stands, and progress."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rdflib import URIRef
from rdflib.term import Node
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alaqat.terms import short

# A right-to-left value in a row of values is isolated, or it would carry its
# neighbours along (Unicode UAX #9, FSI and PDI).
_ISOLATE, _END = "\u2068", "\u2069"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_WIDE = 10_000  # columns when no terminal sets a width: nothing is cut or wrapped


def show_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = ""
) -> int:
    """Print rows under their columns, and answer how many there were."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(isolated(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(isolated(value)) for value in row))
    console = _console(sys.stdout)
    if title:
        console.print(Text(title, style="bold"))
    console.print(table)
    return table.row_count


def show_json(value: Any) -> None:
    """Print a value for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def shown(term: Node | None) -> str:
    """An RDF term for people: a prefixed name, a literal's text, nothing if unbound."""
    if term is None:
        return ""
    return short(term) if isinstance(term, URIRef) else str(term)


def isolated(text: str) -> str:
    """Text that leaves its neighbours in place when it runs right to left."""
    return f"{_ISOLATE}{text}{_END}" if _RIGHT_TO_LEFT.search(text) else text


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Tells on stderr which step runs: in place in a terminal, else line by line."""
    console = _console(sys.stderr)
    if not console.is_terminal:
        yield lambda step: click.echo(f"{step} …", err=True)
        return
    with console.status("…") as status:
        yield lambda step: status.update(f"{step} …")


def _console(file: Any) -> Console:
    """A console as wide as the terminal, or without bounds where there is none."""
    return Console(
        file=file,
        width=None if file.isatty() else _WIDE,
        highlight=False,
        markup=False,
        emoji=False,
    )
