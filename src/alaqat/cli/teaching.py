"""Help that teaches: what a command does, then lines that can be copied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


class Taught(click.Command):
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
) -> Callable[[Callable[..., Any]], Taught]:
    """Make a command of a function, with examples in the epilog."""
    return click.command(name, cls=Taught, epilog=epilog)


class Teacher(click.Group):
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
