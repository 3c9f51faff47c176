"""The options of a server that lets those with a token write."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from alaqat.web.authorization import Tokens
    from alaqat.web.writing import Writing

WORKING = Path("build/working")

_OPTIONS = (
    click.option(
        "--writable",
        is_flag=False,
        flag_value=str(WORKING),
        type=click.Path(file_okay=False, path_type=Path),
        envvar="ALAQAT_WRITABLE",
        help=f"Serve the working store in this folder, by default {WORKING}; it is "
        "made from the dataset if it is not there.",
    ),
    click.option(
        "--empty",
        is_flag=True,
        envvar="ALAQAT_EMPTY",
        help="Make a working store that is not there empty.",
    ),
    click.option(
        "--token-file",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="ALAQAT_TOKEN_FILE",
        help="Who may write: NAME:TOKEN a line; or set ALAQAT_TOKEN.",
    ),
    click.option(
        "--validate/--no-validate",
        "validates",
        default=True,
        show_default=True,
        envvar="ALAQAT_VALIDATE",
        help="Hold changes of a dataset with an ontology to it and to the shapes.",
    ),
    click.option(
        "--write-timeout",
        "seconds",
        type=click.FloatRange(1, 3600),
        default=60.0,
        show_default=True,
        envvar="ALAQAT_WRITE_TIMEOUT",
        help="How many seconds a change may take.",
    ),
)


def writing(serve: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options, as its one argument ``writing``.

    With --writable the command serves the working store as its ``output``.
    """

    @wraps(serve)
    def wrapped(
        *,
        writable: Path | None,
        empty: bool,
        token_file: Path | None,
        validates: bool,
        seconds: float,
        output: Path,
        root: Path,
        **others: Any,
    ) -> None:
        made = None
        if writable is not None:
            from alaqat.store.working.derived import Rules
            from alaqat.web.writing import Writing

            hook = Rules(root.absolute()) if validates else None
            made = Writing(_tokens(token_file), hook, seconds)
            _make(made, writable, None if empty else output)
        elif token_file or empty:
            raise click.UsageError("Without --writable nobody may write.")
        serve(output=writable or output, root=root, writing=made, **others)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _make(writing: Writing, folder: Path, source: Path | None) -> None:
    """Make the working store in a folder, if it is not there."""
    from alaqat.store.published import CURRENT, current

    is_new = not (folder / CURRENT).exists()
    writing.create(folder, current(source) if source and is_new else None)


def _tokens(file: Path | None) -> Tokens:
    """Who may write."""
    from alaqat.web.authorization import Tokens

    return Tokens.read(file) if file else Tokens.parse(_token())


def _token() -> str:
    """The tokens of the environment; they are no option, which others could read."""
    if token := os.environ.get("ALAQAT_TOKEN"):
        return token
    raise click.UsageError("To write takes a token: --token-file, or ALAQAT_TOKEN.")
