"""The query command: saved questions, and SPARQL from a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from alaqat.cli import options
from alaqat.cli.options import command
from alaqat.errors import InvalidQuery
from alaqat.rdf.formats import Kind, formats_for

if TYPE_CHECKING:
    from alaqat.store.interface import Store


def _format_names(kind: Kind) -> str:
    """Return the names of the formats for a kind of result."""
    return ", ".join(form.name for form in formats_for(kind))


@command(
    epilog="alaqat query\n"
    "alaqat query embassies-by-city\n"
    "alaqat query embassies-by-city --format json\n"
    "alaqat query --file my.rq --format csv"
)
@click.argument("name", required=False)
@click.option(
    *("--file", "-f"),
    type=click.File(encoding="utf-8"),
    help="A file with a SPARQL query; - reads stdin.",
)
@click.option(
    *("--param", "-p", "params"),
    multiple=True,
    metavar="NAME=VALUE",
    help="Bind a parameter of a saved question; may be repeated.",
)
@click.option(
    "--format",
    "form",
    default="table",
    show_default=True,
    help=f"table, {_format_names('bindings')}; for graphs {_format_names('graph')}.",
)
@options.language
@options.root
@options.output
def query(
    name: str | None,
    file: TextIO | None,
    params: Sequence[str],
    form: str,
    language: str,
    root: Path,
    output: Path,
) -> None:
    """Run a saved question, or a SPARQL query from a file.

    Without either, list the saved questions. The value of a parameter is a label in any
    language, a code, a prefixed name, an IRI, a date or a number; an omitted parameter
    matches everything. A table shows labels in one language; other formats have a
    column for each.
    """
    if name and file:
        raise click.UsageError("Give either a name or --file, not both.")
    from alaqat.cli.output import show_library, show_result
    from alaqat.dataset import Dataset
    from alaqat.parameters import Parameters
    from alaqat.queries.library import open_library
    from alaqat.sparql.rewrite import with_label_columns

    library = open_library(root / "queries")
    if file:
        show_result(_open(output).query(_read(file)), form)
    elif name:
        saved = library.get(name)
        dataset = Dataset(_open(output))
        bindings = Parameters(library).terms(dataset, saved, _param_values(params))
        result = dataset.store.query(with_label_columns(saved).text, bindings=bindings)
        show_result(result, form, title=saved.title(language), language=language)
    else:
        show_library(library, language)


def _read(file: TextIO) -> str:
    """Return the text of a query file.

    Raises:
        InvalidQuery: it is not UTF-8.
    """
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise InvalidQuery(
            f"{file.name} is not UTF-8: see byte {error.start}.",
            remedy="Save it as UTF-8.",
        ) from None


def _param_values(params: Sequence[str]) -> dict[str, str]:
    """Return the values of parameters by name.

    Raises:
        InvalidQuery: one is not of the form NAME=VALUE, or a name is given twice.
    """
    from alaqat.parameters import single_values

    for param in params:
        if "=" not in param:
            raise InvalidQuery(
                f"The parameter {param} has no value.",
                remedy="Write --param NAME=VALUE.",
            )
    return single_values(
        (name, value) for name, _, value in (param.partition("=") for param in params)
    )


def _open(output: Path) -> Store:
    """Open the store of the current dataset."""
    from alaqat.store.releases import current_release

    return current_release(output).open()
