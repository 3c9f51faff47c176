"""The selftest command: attack one's own server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from alaqat.cli import options
from alaqat.cli.options import command

if TYPE_CHECKING:
    from alaqat_selftest import Report


class MissingExtra(click.ClickException):
    """An optional package is not installed."""

    exit_code = 3


@command(
    epilog="alaqat selftest --attack http://127.0.0.1:8000\n"
    "alaqat selftest --attack http://127.0.0.1:8000 --json"
)
@click.option("--attack", "url", required=True, help="The address of your server.")
@click.option(
    "--limit",
    default=40.0,
    show_default=True,
    type=click.FloatRange(1, 600),
    help="Seconds within which each attack must be answered; more than the server's "
    "own timeout.",
)
@click.option("--anywhere", is_flag=True, help="Allow a server on another machine.")
@options.as_json
def selftest(url: str, limit: float, anywhere: bool, as_json: bool) -> None:
    """Attack your own server and report whether it holds.

    Some sixty bounded attacks: queries that never end, floods by one client, malformed
    requests, files and addresses that must not be read. The exit code is 1 if one
    succeeds, and 3 if the self-test is not installed: it comes with the extra
    alaqat[selftest].
    """
    from alaqat.cli.output import progress, show_json, show_table

    attack = _load_attack()
    with progress() as report_attack:
        report = attack(url, limit=limit, anywhere=anywhere, progress=report_attack)
    if as_json:
        rows = [vars(result) for result in report.results]
        show_json({"attacks": rows, "light_p99_seconds": report.light_p99})
    else:
        show_table(
            ("attack", "status", "seconds", "flaws"),
            [
                (one.name, str(one.status), f"{one.seconds:.2f}", "; ".join(one.flaws))
                for one in report.results
            ],
        )
        click.echo(f"light requests meanwhile: {report.light_p99 * 1000:.0f} ms (p99)")
    click.get_current_context().exit(0 if report.is_sound else 1)


def _load_attack() -> Callable[..., Report]:
    """Return the function that attacks a server.

    Raises:
        MissingExtra: its package is not installed.
    """
    try:
        from alaqat_selftest import attack
    except ModuleNotFoundError as error:
        if error.name != "alaqat_selftest":
            raise
        raise MissingExtra(
            "The self-test is not installed.\n"
            "  Install it with: pip install 'alaqat[selftest]'"
        ) from None
    return attack
