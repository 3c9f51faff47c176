"""The W3C's test suites: where they are, and the skip of what needs one that is absent.

They are no part of the project. The environment variable ALAQAT_W3C names the folder
that holds them; without it, they are looked for in shared/w3c beside the checkout.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(
    os.environ.get("ALAQAT_W3C") or Path(__file__).parents[2] / "shared" / "w3c"
)
SPARQL = FOLDER / "rdf-tests" / "sparql"
OWL_RDF_BASED = FOLDER / "owl2-rdfbased"
OWL_WORKING_GROUP = FOLDER / "owl2-wg"


def require(title: str, *folders: Path) -> None:
    """Skip the module that calls this, once and by name, unless its suites are here."""
    if not all(folder.is_dir() for folder in folders):
        pytest.skip(
            f"{title}: no such suite in {FOLDER} (set ALAQAT_W3C)",
            allow_module_level=True,
        )
