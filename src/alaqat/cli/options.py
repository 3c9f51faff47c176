"""Options shared by several commands, and help that ends with examples."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from alaqat.i18n import LANGUAGES
from alaqat.timeout import DEFAULT_TIMEOUT

MIB = 1 << 20


class ExampleCommand(click.Command):
    """A command whose epilog is its examples, one per line."""

    def format_epilog(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the examples, which are not wrapped."""
        _write_section(formatter, "Examples", (self.epilog or "").splitlines())


class ExampleGroup(click.Group):
    """The group of all commands, whose epilog is the list of exit codes."""

    def format_epilog(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the exit codes, which are not wrapped."""
        _write_section(formatter, "Exit codes", (self.epilog or "").splitlines())


def command(
    name: str | None = None, *, epilog: str
) -> Callable[[Callable[..., Any]], ExampleCommand]:
    """Decorate a function as a command, with its examples as the epilog."""
    return click.command(name, cls=ExampleCommand, epilog=epilog)


def _write_section(
    formatter: click.HelpFormatter, title: str, lines: Sequence[str]
) -> None:
    formatter.write(f"\n{title}:\n")
    for line in lines:
        formatter.write(f"  {line}\n")


class LimitDefault:
    """The default of a query limit, read from ``QueryLimits`` when used or shown.

    Args:
        name: the attribute of ``QueryLimits``.
        unit: what the option counts the limit in.
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


def _default_root() -> Path:
    """Return the folder of ontology, data and queries."""
    from alaqat.locations import knowledge_root

    return knowledge_root()


output = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/dataset"),
    show_default=True,
    envvar="ALAQAT_OUTPUT",
    help="The folder that datasets are published to.",
)

root = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=_default_root,
    show_default="the one installed with the program",
    envvar="ALAQAT_ROOT",
    help="The folder with ontology, data and queries.",
)

language = click.option(
    "--language",
    type=click.Choice(sorted(LANGUAGES)),
    default=LANGUAGES[0],
    show_default=True,
    envvar="ALAQAT_LANGUAGE",
    help="The language of labels and messages.",
)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

workers = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=max(2, os.cpu_count() or 1),
    show_default="one per processor, at least 2",
    envvar="ALAQAT_WORKERS",
    help="The number of worker processes that evaluate queries.",
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
    help="MiB of memory after which a query is stopped.",
)
