"""The command that serves, and what can be set about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from alaqat.cli import options
from alaqat.cli.teaching import command
from alaqat.cli.writing import writing

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
    writing: Any,
) -> None:
    """Serve the graph: pages for people, SPARQL and files for programs.

    The address is printed once it answers; Ctrl-C ends it.
    """
    from alaqat.store.pool import Limits
    from alaqat.web import Settings
    from alaqat.web.server import serve as run

    services = frozenset(service_allow)
    limits = Limits(seconds=timeout, memory=memory * options.MIB, services=services)
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
        writing=writing,
        ready=click.echo,
    )


def _or(given: float | None, default: float) -> float:
    """What is given, which may be 0."""
    return default if given is None else given
