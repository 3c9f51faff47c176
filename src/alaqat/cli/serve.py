"""The serve command, and the options of a writable server."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alaqat.cli import options
from alaqat.cli.options import command
from alaqat.errors import CannotServe
from alaqat.web.settings import FrontLimits

if TYPE_CHECKING:
    from alaqat.web.middleware.auth import TokenTable
    from alaqat.web.write_settings import WriteSettings


WORKING_STORE = Path("build/working")

# What a client from another machine may use per minute, unless set otherwise.
_REQUESTS, _SECONDS = 600.0, 60.0

_WRITE_OPTIONS = (
    click.option(
        "--writable",
        is_flag=False,
        flag_value=str(WORKING_STORE),
        type=click.Path(file_okay=False, path_type=Path),
        envvar="ALAQAT_WRITABLE",
        help=f"Serve the writable store in this folder, by default {WORKING_STORE}; "
        "created from the dataset if it does not exist.",
    ),
    click.option(
        "--empty",
        is_flag=True,
        envvar="ALAQAT_EMPTY",
        help="Create a new writable store empty.",
    ),
    click.option(
        "--token-file",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="ALAQAT_TOKEN_FILE",
        help="Who may write: one NAME:TOKEN per line; or set ALAQAT_TOKEN.",
    ),
    click.option(
        "--validate/--no-validate",
        "validates",
        default=True,
        show_default=True,
        envvar="ALAQAT_VALIDATE",
        help="Check each change against the shapes and the ontology.",
    ),
    click.option(
        "--write-timeout",
        "write_seconds",
        type=click.FloatRange(1, 3600),
        default=60.0,
        show_default=True,
        envvar="ALAQAT_WRITE_TIMEOUT",
        help="Seconds after which a write is stopped.",
    ),
    click.option(
        "--allow-unsandboxed",
        is_flag=True,
        envvar="ALAQAT_ALLOW_UNSANDBOXED",
        help="Accept writes even where the system cannot keep the process that writes "
        "from opening connections.",
    ),
)


def write_options(serve: Callable[..., None]) -> Callable[..., None]:
    """Decorate a command with the options above, passed as ``write_settings``.

    With --writable its ``output`` is the folder of the writable store.
    """

    @wraps(serve)
    def wrapped(
        *,
        writable: Path | None,
        empty: bool,
        token_file: Path | None,
        validates: bool,
        write_seconds: float,
        allow_unsandboxed: bool,
        output: Path,
        root: Path,
        **others: Any,
    ) -> None:
        if writable is None and (token_file or empty or allow_unsandboxed):
            raise click.UsageError(
                "--token-file, --empty and --allow-unsandboxed need --writable."
            )
        _check_sandbox(is_required=writable is not None and not allow_unsandboxed)
        write_settings = None
        if writable is not None:
            from alaqat.curation.inference_hook import ReasoningHook
            from alaqat.web.write_settings import WriteSettings

            hook = ReasoningHook(root.absolute()) if validates else None
            write_settings = WriteSettings(_tokens(token_file), hook, write_seconds)
            _create_store(write_settings, writable, None if empty else output)
        serve(
            output=writable or output,
            root=root,
            write_settings=write_settings,
            **others,
        )

    for option in reversed(_WRITE_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _check_sandbox(*, is_required: bool) -> None:
    """Warn if the system confines worker processes in part only.

    Raises:
        CannotServe: it cannot keep them from opening connections, and must.
    """
    from alaqat.store.pool.sandbox import sandbox_status

    status = sandbox_status()
    if is_required and not status.sockets:
        raise CannotServe(
            "The process that writes cannot be kept from opening connections: "
            "libseccomp is not installed, or the system has no seccomp.",
            remedy="Install it (on Debian: apt-get install libseccomp2), or accept "
            "that only the check of the text keeps writes from calling others: "
            "--allow-unsandboxed",
        )
    if not status.is_complete:
        found = ", ".join(f"{what}: {how}" for what, how in status.as_json().items())
        click.echo(
            f"Warning: the system confines worker processes only in part ({found}); "
            "see docs/security.md.",
            err=True,
        )


def _create_store(writing: WriteSettings, folder: Path, source: Path | None) -> None:
    """Create the writable store in a folder unless there is one."""
    from alaqat.store.releases import CURRENT, current_release

    is_new = not (folder / CURRENT).exists()
    writing.create(folder, current_release(source) if source and is_new else None)


def _check_endpoints(
    _context: click.Context, _option: click.Parameter, iris: Sequence[str]
) -> Sequence[str]:
    """Return the IRIs of endpoints, which must be such that they can be called."""
    from alaqat.store.pool.endpoint_client import RemoteEndpoint

    for iri in iris:
        try:
            RemoteEndpoint.parse(iri)
        except ValueError as error:
            raise click.BadParameter(f"{iri} cannot be called: {error}.") from None
    return iris


def _tokens(file: Path | None) -> TokenTable:
    """Return the tokens of a file, or of the environment.

    ALAQAT_TOKEN has no option: other users can read command lines.
    """
    from alaqat.web.middleware.auth import TokenTable

    if file:
        return TokenTable.read(file)
    if token := os.environ.get("ALAQAT_TOKEN"):
        return TokenTable.parse(token)
    raise click.UsageError("--writable needs a token: --token-file, or ALAQAT_TOKEN.")


@command(
    epilog="alaqat serve\n"
    "alaqat serve --port 8001\n"
    "alaqat serve --timeout 10 --log-requests --behind-proxy 1\n"
    "alaqat serve --writable --token-file tokens.txt"
)
@write_options
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="ALAQAT_HOST",
    help="The address to listen on.",
)
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar="ALAQAT_PORT",
    help="The port; 0 picks a free one.",
)
@options.workers
@options.timeout
@options.memory
@click.option(
    "--requests-per-minute",
    type=click.FloatRange(0),
    envvar="ALAQAT_REQUESTS_PER_MINUTE",
    help="Requests allowed per client and minute; 0 is unlimited. By default "
    f"{_REQUESTS:.0f}, and unlimited for clients on this machine.",
)
@click.option(
    "--seconds-per-minute",
    type=click.FloatRange(0),
    envvar="ALAQAT_SECONDS_PER_MINUTE",
    help="CPU seconds allowed per client and minute; 0 is unlimited. By default "
    f"{_SECONDS:.0f}, and unlimited for clients on this machine.",
)
@click.option(
    "--requests-at-once",
    type=click.IntRange(1, 1000),
    envvar="ALAQAT_REQUESTS_AT_ONCE",
    help="Requests that a client may have in flight. By default "
    f"{FrontLimits.requests_per_client}, and "
    f"{FrontLimits.requests_per_local} for clients on this machine.",
)
@click.option(
    "--connections",
    type=click.IntRange(16, 60_000),
    default=FrontLimits.connections,
    show_default=True,
    envvar="ALAQAT_CONNECTIONS",
    help="Connections that may be open at once; beyond, idle ones are closed.",
)
@click.option(
    "--service-allow",
    multiple=True,
    metavar="URL",
    envvar="ALAQAT_SERVICE_ALLOW",
    callback=_check_endpoints,
    help="An endpoint that queries may call with SERVICE; may be repeated. By "
    "default none.",
)
@click.option(
    "--behind-proxy",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    envvar="ALAQAT_BEHIND_PROXY",
    help="The number of proxies in front that set the X-Forwarded headers.",
)
@click.option(
    "--public-url",
    metavar="URL",
    default="",
    envvar="ALAQAT_PUBLIC_URL",
    help="The address at which others reach the server, such as https://example.org; "
    "links, headers and catalogues have it, whatever host a request claims.",
)
@click.option(
    "--log-requests",
    is_flag=True,
    envvar="ALAQAT_LOG_REQUESTS",
    help="Log every request to stderr, one JSON object per line.",
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
    requests_at_once: int | None,
    connections: int,
    service_allow: Sequence[str],
    behind_proxy: int,
    public_url: str,
    log_requests: bool,
    root: Path,
    output: Path,
    write_settings: Any,
) -> None:
    """Serve the dataset over HTTP: pages, linked data, SPARQL.

    The address is printed once the server answers; Ctrl-C stops it.
    """
    from alaqat.store.pool.messages import QueryLimits
    from alaqat.web.server import serve as run_server
    from alaqat.web.settings import Settings

    services = frozenset(service_allow)
    is_limited = (requests_per_minute, seconds_per_minute) != (None, None)
    settings = Settings(
        proxies=behind_proxy,
        public_url=_checked_url(public_url),
        services=services,
        requests_per_minute=_default(requests_per_minute, _REQUESTS),
        seconds_per_minute=_default(seconds_per_minute, _SECONDS),
        spares_loopback=not is_limited,
        front=FrontLimits(
            connections=connections,
            requests_per_client=requests_at_once or FrontLimits.requests_per_client,
            spares_loopback=requests_at_once is None,
        ),
        log_requests=log_requests,
    )
    run_server(
        *(output, root),
        host=host,
        port=port,
        workers=workers,
        limits=QueryLimits(timeout, memory * options.MIB, services=services),
        settings=settings,
        write_settings=write_settings,
        ready=click.echo,
    )


def _checked_url(public_url: str) -> str:
    from alaqat.web.middleware.public_address import is_public_url

    if public_url and not is_public_url(public_url):
        raise click.UsageError("--public-url needs an address: https://example.org")
    return public_url


def _default(value: float | None, default: float) -> float:
    """Return a value, which may be 0, or the default if it is None."""
    return default if value is None else value
