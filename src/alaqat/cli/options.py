"""The options that several commands share; only here is the environment read."""

from __future__ import annotations

from pathlib import Path

import click

from alaqat.sources import root as knowledge

output = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/dataset"),
    show_default=True,
    envvar="ALAQAT_OUTPUT",
    help="The folder that datasets are published in.",
)

root = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=knowledge,
    show_default="what came with the program",
    envvar="ALAQAT_ROOT",
    help="The folder that holds ontology, data and queries.",
)

language = click.option(
    "--language",
    type=click.Choice(["ar", "en"]),
    default="en",
    show_default=True,
    envvar="ALAQAT_LANGUAGE",
    help="The language of questions and messages.",
)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
