"""Help that teaches: what a command does, then lines that can be copied.

The options that several commands share; only here is the environment read.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from alaqat.i18n import LANGUAGES
from alaqat.timeout import DEFAULT_TIMEOUT


class ExampleCommand(click.Command):
    """A command whose epilog is its examples, one a line."""

    @property
    def examples(self) -> tuple[str, ...]:
        """Command lines that work after a build."""
        return tuple((self.epilog or "").splitlines())

    def format_epilog(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the examples as they stand, not wrapped."""
        _write(formatter, "Examples", self.examples)


def command(
    name: str | None = None, *, epilog: str
) -> Callable[[Callable[..., Any]], ExampleCommand]:
    """Make a command of a function, with examples in the epilog."""
    return click.command(name, cls=ExampleCommand, epilog=epilog)


class ExampleGroup(click.Group):
    """The group of commands, whose epilog is where to begin and what exit codes say."""

    def format_epilog(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the exit codes as they stand, not wrapped."""
        _write(formatter, "Exit codes", (self.epilog or "").splitlines())


def _write(
    formatter: click.HelpFormatter, title: str, lines: tuple[str, ...] | list[str]
) -> None:
    """Write lines under a title, each on its own."""
    formatter.write(f"\n{title}:\n")
    for line in lines:
        formatter.write(f"  {line}\n")


MIB = 1 << 20


class LimitDefault:
    """The default of a limit, read from ``Limits`` when it is used or shown.

    Args:
        name: of the limit.
        unit: what the option counts it in.
    """

    def __init__(self, name: str, unit: int = 1) -> None:
        self._name = name
        self._unit = unit

    def __call__(self) -> Any:
        """Return the default."""
        from alaqat.store.pool.messages import QueryLimits

        value = getattr(QueryLimits, self._name)
        return value if self._unit == 1 else value // self._unit

    def __str__(self) -> str:
        return f"{self():g}"


def _knowledge() -> Path:
    """Return the folder of ontology, data and queries."""
    from alaqat.sources import knowledge_root

    return knowledge_root()


output = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/dataset"),
    show_default=True,
    envvar="ALAQAT_OUTPUT",
    help="The folder that datasets are published in.",
)

root = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=_knowledge,
    show_default="what came with the program",
    envvar="ALAQAT_ROOT",
    help="The folder that holds ontology, data and queries.",
)

language = click.option(
    "--language",
    type=click.Choice(sorted(LANGUAGES)),
    default=LANGUAGES[0],
    show_default=True,
    envvar="ALAQAT_LANGUAGE",
    help="The language of questions and messages.",
)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

workers = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=max(2, os.cpu_count() or 1),
    show_default="as many as processors, at least 2",
    envvar="ALAQAT_WORKERS",
    help="How many processes are kept ready to evaluate queries.",
)

timeout = click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=DEFAULT_TIMEOUT,
    show_default=True,
    envvar="ALAQAT_TIMEOUT",
    help="Seconds after which a query is stopped.",
)

memory = click.option(
    "--memory",
    type=click.IntRange(256),
    default=LimitDefault("memory", MIB),
    show_default=True,
    envvar="ALAQAT_MEMORY",
    help="MiB that a query may need; one that needs more is stopped.",
)
