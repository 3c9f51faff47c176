"""The command line; each command turns arguments into one call and prints."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence

import click

from alaqat.cli.query import alaqat
from alaqat.errors import (
    AlaqatError,
    CannotWrite,
    Category,
)

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
INTERRUPTED = 130  # 128 + SIGINT, as shells tell it


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # we say what is wrong
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command and answer its exit code; no fault gets past it."""
    try:
        return _answered(arguments)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except AlaqatError as error:
        click.echo(error, err=True)
        return error.category.exit_code
    except Exception as error:  # the last wall before the terminal
        if isinstance(error, OSError) and error.errno in FULL:
            return _no_room(error)
        if "--debug" in arguments:
            raise
        return _unexpected(error)


def _answered(arguments: Sequence[str]) -> int:
    """The exit code of a command, once all that it printed is out."""
    code = int(alaqat.main(list(arguments), standalone_mode=False) or 0)
    sys.stdout.flush()  # while it can still be told that there is no room
    return code


def _unexpected(error: Exception) -> int:
    """Tell a fault of ours in one line."""
    click.echo(
        f"Something went wrong that should not: {type(error).__name__}: {error}. "
        "Please report it, with what `alaqat --debug …` prints.",
        err=True,
    )
    return Category.INTERNAL.exit_code


def _reader_left() -> int:
    """Stop quietly when the reader of a pipe, such as ``head``, has what it needs."""
    _let_go()
    return 0


def _no_room(error: OSError) -> int:
    """Tell that what is printed finds no room: no fault of ours, and none of theirs."""
    _let_go()
    told = CannotWrite(
        f"The output cannot be written: {error.strerror}.",
        remedy="Make room there, or write it elsewhere.",
    )
    click.echo(told, err=True)
    return told.category.exit_code


def _let_go() -> None:
    """Write to nowhere what is left, or Python would fail with it as it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
