"""The command that serves the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alaqat.cli import options
from alaqat.cli.commands import alaqat
from alaqat.cli.writing import writing


@alaqat.command(
    epilog="alaqat serve\n"
    "alaqat serve --port 8001\n"
    "alaqat serve --writable --token-file tokens.txt"
)
@writing
@click.option("--host", default="127.0.0.1", show_default=True, help="The address.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port; 0 takes a free one.",
)
@options.workers
@options.timeout
@options.memory
@options.root
@options.output
def serve(
    host: str,
    port: int,
    workers: int,
    timeout: float,
    memory: int,
    root: Path,
    output: Path,
    writing: Any,
) -> None:
    """Serve the graph by SPARQL, and a page to query it.

    The address is printed once it answers; Ctrl-C ends it.
    """
    from alaqat.store.pool import Limits
    from alaqat.web.server import serve as run

    limits = Limits(seconds=timeout, memory=memory << 20)
    run(
        *(output, root),
        host=host,
        port=port,
        workers=workers,
        limits=limits,
        writing=writing,
        ready=click.echo,
    )
