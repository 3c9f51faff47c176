"""The options of a server that lets those with a token write."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

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
        output: Path,
        root: Path,
        **others: Any,
    ) -> None:
        made = None
        if writable is not None:
            made = _open(
                writable, None if empty else output, token_file, root, validates
            )
        elif token_file or empty:
            raise click.UsageError("Without --writable nobody may write.")
        serve(output=writable or output, root=root, writing=made, **others)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _open(
    folder: Path, source: Path | None, file: Path | None, root: Path, validates: bool
) -> Any:
    """The working store in a folder, made if it is not there, and who may write."""
    from alaqat.store.published import CURRENT, current
    from alaqat.store.working import Rules
    from alaqat.web.authorization import Tokens
    from alaqat.web.writing import Writing

    tokens = Tokens.read(file) if file else Tokens.parse(_token())
    made = Writing(tokens, Rules(root.absolute(), validates))
    is_new = not (folder / CURRENT).exists()
    made.create(folder, current(source) if source and is_new else None)
    return made


def _token() -> str:
    """The tokens of the environment; they are no option, which others could read."""
    if token := os.environ.get("ALAQAT_TOKEN"):
        return token
    raise click.UsageError("To write takes a token: --token-file, or ALAQAT_TOKEN.")
