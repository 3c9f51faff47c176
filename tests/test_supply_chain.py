"""The supply chain: licences of all dependencies, and the bill of materials."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import sbom
from license_expression import get_spdx_licensing
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

ROOT = Path(__file__).parents[1]

# What a release may depend on or contain, and what only builds or tests it.
PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "OFL-1.1"),
    *("PSF-2.0", "Python-2.0", "W3C-20150513", "Zlib"),
}
TOOLS = PERMISSIVE | {
    "MPL-2.0",
    "GPL-2.0-only WITH Classpath-exception-2.0",
}


LICENSING = get_spdx_licensing()


@cache
def licences_in(expression: str) -> frozenset[str]:
    """Return the licences that an expression names, with their exceptions."""
    parsed = LICENSING.parse(expression, validate=True)
    return frozenset(map(str, LICENSING.license_symbols(parsed, decompose=False)))


def are_allowed(licence: str, allowed: set[str]) -> bool:
    """Return whether each licence that an expression names is allowed."""
    return licences_in(licence) <= allowed


def is_silent(name: str) -> bool:
    """Return whether a licence cannot be found."""
    try:
        return not sbom.python_licence(name)
    except LookupError:
        return True


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_python_package_has_a_licence_that_we_accept(lock: str) -> None:
    """Its metadata state it in SPDX terms, or tools/licences.toml does."""
    names = sbom.locked(lock)
    assert len(names) > 30
    licences = {name: sbom.python_licence(name) for name in names}
    assert not {n: one for n, one in licences.items() if not are_allowed(one, TOOLS)}


def test_what_a_release_depends_on_or_contains_is_permissive() -> None:
    """Python packages at run time, and the scripts, styles and fonts of the pages."""
    shipped = [one for one in sbom.components() if one.role != sbom.BUILDS]
    assert {"rdflib", "flask", "cytoscape"} <= {one.name for one in shipped}
    assert "vite" not in {one.name for one in shipped}
    wrong = [one.purl for one in shipped if not are_allowed(one.licence, PERMISSIVE)]
    assert not wrong


def test_every_npm_package_has_a_licence_that_we_accept() -> None:
    """Those that bundle and test the pages, too."""
    parts = [one for one in sbom.components() if one.kind == "npm"]
    assert len(parts) > 50
    assert not [one.purl for one in parts if not are_allowed(one.licence, TOOLS)]


def test_licences_are_listed_by_hand_only_where_metadata_do_not_state_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An entry that is no longer needed goes, and each says where it was read."""
    listed = sbom.listed_licences()
    assert all(entry["read"] for entry in listed.values())
    locked = sbom.locked("requirements-dev.lock") | sbom.locked("requirements.lock")
    monkeypatch.setattr(sbom, "listed_licences", dict)
    silent = {name for name in locked if is_silent(name)}
    assert silent == listed.keys()
    with pytest.raises(LookupError, match=r"Add it to tools/licences\.toml"):
        sbom.python_licence("jinja2")


def test_the_bill_of_materials_is_valid_spdx_and_complete(tmp_path: Path) -> None:
    """It has every locked package once, with version, licence and package URL."""
    path = tmp_path / "alaqat.spdx.json"
    created = datetime(2026, 1, 2, tzinfo=UTC)
    text = json.dumps(sbom.document(list(sbom.components()), created))
    path.write_text(text, encoding="utf-8")
    document = parse_file(str(path))
    assert validate_full_spdx_document(document) == []
    found = {(one.name, one.version) for one in document.packages}
    assert sbom.locked("requirements.lock").items() <= found
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    pages = {
        (re.sub(r".*node_modules/", "", name), entry["version"])
        for name, entry in lock["packages"].items()
        if name
    }
    assert pages <= found
    assert len(document.packages) == len({one.spdx_id for one in document.packages})
    described = [one.external_references for one in document.packages[1:]]
    assert all(references[0].locator.startswith("pkg:") for references in described)
    kinds = {one.relationship_type.name for one in document.relationships}
    assert kinds == {"DESCRIBES", "DEPENDS_ON", "CONTAINS", "BUILD_DEPENDENCY_OF"}


def test_the_same_release_has_the_same_name() -> None:
    """Only the time differs between two bills of one release."""
    parts = list(sbom.components())
    one, other = (
        sbom.document(parts, datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2)
    )
    assert one.pop("creationInfo") != other.pop("creationInfo")
    assert one == other
