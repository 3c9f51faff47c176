"""Entry point of the command line: the table of commands, and exit codes.

A module of commands imports only click and what is as light at its top. A command
imports what it needs when it runs, so ``--help`` and the other commands start fast.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections import UserDict
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

import click

from alaqat import __version__
from alaqat.cli.options import ExampleGroup
from alaqat.errors import AlaqatError, CannotWrite, Category

#: The module that defines each command, in a function of the command's name.
COMMANDS = {
    "as-of": "alaqat.cli.explain",
    "backup": "alaqat.cli.store",
    "build": "alaqat.cli.build",
    "check": "alaqat.cli.explain",
    "coverage": "alaqat.cli.build",
    "export": "alaqat.cli.store",
    "info": "alaqat.cli.store",
    "load": "alaqat.cli.store",
    "query": "alaqat.cli.query",
    "reason": "alaqat.cli.reason",
    "restore": "alaqat.cli.store",
    "selftest": "alaqat.cli.selftest",
    "serve": "alaqat.cli.serve",
    "validate": "alaqat.cli.build",
    "verify": "alaqat.cli.store",
    "why": "alaqat.cli.explain",
}

EXIT_CODES = """\
 0  success
 1  the data is invalid, inconsistent or violates a shape
 2  usage error: an option, a name, a query or a format
 3  a store, folder or port is unavailable, or an extra is not installed
 4  a time limit was reached
 5  the triple asked about is not known to hold
70  internal error"""

_INTERRUPTED = 130  # 128 + SIGINT, as in shells
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class LazyCommands(UserDict[str, click.Command]):
    """Commands by name, each imported when it is first looked up.

    Args:
        modules: the module of each command.
    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        super().__init__()
        self._modules = modules

    def __missing__(self, name: str) -> click.Command:
        module = import_module(self._modules[name])
        found: click.Command = getattr(module, name.replace("-", "_"))
        return self.data.setdefault(name, found)

    def __contains__(self, name: object) -> bool:
        return name in self._modules or name in self.data

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._modules, *self.data)))

    def __len__(self) -> int:
        return len(tuple(iter(self)))


@click.group(
    cls=ExampleGroup,
    commands=LazyCommands(COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, message="alaqat %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
def alaqat(debug: bool) -> None:  # read in run()
    """Turn documents about foreign relations into proof-carrying knowledge graphs.

    Start with: alaqat build; then alaqat query, or alaqat serve.
    """


def main() -> None:
    """Run the command given by the arguments, and exit with its code."""
    logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # we report errors ourselves
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; report every error on stderr."""
    try:
        return _run_command(arguments)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:  # such as head, which has read enough
        _discard_stdout()
        return 0
    except AlaqatError as error:
        return _report(error)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_SPACE:
            _discard_stdout()
            return _report(_no_space(error))
        if "--debug" in arguments:
            raise
        return _report_internal(error)


def _run_command(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code once its output is written."""
    code = int(alaqat.main(list(arguments), standalone_mode=False) or 0)
    sys.stdout.flush()  # while a full disk can still be reported
    return code


def _report(error: AlaqatError) -> int:
    """Print an error and return its exit code."""
    click.echo(error, err=True)
    return error.category.exit_code


def _report_internal(error: Exception) -> int:
    """Print an unexpected error on one line and return the exit code."""
    click.echo(
        f"Internal error: {type(error).__name__}: {error}. "
        "Please report it with the output of `alaqat --debug …`.",
        err=True,
    )
    return Category.INTERNAL.exit_code


def _no_space(error: OSError) -> CannotWrite:
    """Return the error for output that finds no room on the disk."""
    return CannotWrite(
        f"The output cannot be written: {error.strerror}.",
        remedy="Free some space, or write it elsewhere.",
    )


def _discard_stdout() -> None:
    """Redirect stdout to nowhere, or Python would fail flushing it on exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
