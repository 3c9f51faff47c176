"""The options of a server that lets those with a token write.

The command that serves, and what can be set about it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alaqat.cli import options
from alaqat.cli.options import command

if TYPE_CHECKING:
    from alaqat.web.middleware.auth import TokenTable
    from alaqat.web.settings import WriteSettings


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
    """Give a command these options, as its one argument ``write_settings``.

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
            from alaqat.curation.inference_hook import ReasoningHook
            from alaqat.web.settings import WriteSettings

            hook = ReasoningHook(root.absolute()) if validates else None
            made = WriteSettings(_tokens(token_file), hook, seconds)
            _make(made, writable, None if empty else output)
        elif token_file or empty:
            raise click.UsageError("Without --writable nobody may write.")
        serve(output=writable or output, root=root, write_settings=made, **others)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _make(writing: WriteSettings, folder: Path, source: Path | None) -> None:
    """Make the working store in a folder, if it is not there."""
    from alaqat.store.releases import CURRENT, current_release

    is_new = not (folder / CURRENT).exists()
    writing.create(folder, current_release(source) if source and is_new else None)


def _tokens(file: Path | None) -> TokenTable:
    """Who may write."""
    from alaqat.web.middleware.auth import TokenTable

    return TokenTable.read(file) if file else TokenTable.parse(_token())


def _token() -> str:
    """The tokens of the environment; they are no option, which others could read."""
    if token := os.environ.get("ALAQAT_TOKEN"):
        return token
    raise click.UsageError("To write takes a token: --token-file, or ALAQAT_TOKEN.")


# What a client from elsewhere may ask for in a minute, unless told otherwise.
_REQUESTS, _SECONDS = 600.0, 60.0


@command(
    epilog="alaqat serve\n"
    "alaqat serve --port 8001\n"
    "alaqat serve --timeout 10 --log-requests --behind-proxy 1\n"
    "alaqat serve --writable --token-file tokens.txt"
)
@writing
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="ALAQAT_HOST",
    help="The address to listen at.",
)
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar="ALAQAT_PORT",
    help="The port; 0 takes a free one.",
)
@options.workers
@options.timeout
@options.memory
@click.option(
    "--requests-per-minute",
    type=click.FloatRange(0),
    envvar="ALAQAT_REQUESTS_PER_MINUTE",
    help="How many requests a client may make, 0 for no bound. By default "
    f"{_REQUESTS:.0f}, and no bound for clients on this machine.",
)
@click.option(
    "--seconds-per-minute",
    type=click.FloatRange(0),
    envvar="ALAQAT_SECONDS_PER_MINUTE",
    help="How many seconds of a processor a client may use, 0 for no bound. By "
    f"default {_SECONDS:.0f}, and no bound for clients on this machine.",
)
@click.option(
    "--service-allow",
    multiple=True,
    metavar="URL",
    envvar="ALAQAT_SERVICE_ALLOW",
    help="An endpoint that queries may call by SERVICE; may be repeated. None is, "
    "unless it is named here.",
)
@click.option(
    "--behind-proxy",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    envvar="ALAQAT_BEHIND_PROXY",
    help="How many proxies stand before it and set X-Forwarded-For and the like.",
)
@click.option(
    "--log-requests",
    is_flag=True,
    envvar="ALAQAT_LOG_REQUESTS",
    help="Tell every request on stderr, as a line of JSON.",
)
@options.root
@options.output
def serve(
    host: str,
    port: int,
    workers: int,
    timeout: float,
    memory: int,
    requests_per_minute: float | None,
    seconds_per_minute: float | None,
    service_allow: Sequence[str],
    behind_proxy: int,
    log_requests: bool,
    root: Path,
    output: Path,
    write_settings: Any,
) -> None:
    """Serve the graph: pages for people, SPARQL and files for programs.

    The address is printed once it answers; Ctrl-C ends it.
    """
    from alaqat.store.pool.messages import QueryLimits
    from alaqat.web.server import serve as run
    from alaqat.web.settings import Settings

    services = frozenset(service_allow)
    limits = QueryLimits(
        seconds=timeout, memory=memory * options.MIB, services=services
    )
    is_given = (requests_per_minute, seconds_per_minute) != (None, None)
    settings = Settings(
        proxies=behind_proxy,
        services=services,
        requests_per_minute=_or(requests_per_minute, _REQUESTS),
        seconds_per_minute=_or(seconds_per_minute, _SECONDS),
        spares_loopback=not is_given,
        log_requests=log_requests,
    )
    run(
        *(output, root),
        host=host,
        port=port,
        workers=workers,
        limits=limits,
        settings=settings,
        write_settings=write_settings,
        ready=click.echo,
    )


def _or(given: float | None, default: float) -> float:
    """What is given, which may be 0."""
    return default if given is None else given
