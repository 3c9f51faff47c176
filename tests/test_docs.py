"""The documentation: every file, module and link that it names exists."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "alaqat"
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
# Words that begin like this are files of the repository, as are names of modules.
FOLDERS = (
    *("bench/", "data/", "deploy/", "docs/", "ontology/", "queries/"),
    *("src/", "tests/", "web/"),
)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def read(page: Path) -> str:
    """Return the text of a page without its blocks of code."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def code(page: Path) -> set[str]:
    """Return what a page has between backticks."""
    return set(re.findall(r"`([^`\n]+)`", read(page)))


def is_file_name(word: str) -> bool:
    """Return whether a word names a file or folder of the repository."""
    is_path = re.fullmatch(r"[\w./-]+", word) is not None
    return is_path and (word.startswith(FOLDERS) or word.endswith(".py"))


def anchors(page: Path) -> set[str]:
    """Return the fragments of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", read(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@every_page
def test_files_exist(page: Path) -> None:
    """Below the top folder or below the package."""
    names = filter(is_file_name, code(page))
    homes = ROOT, PACKAGE
    assert not [n for n in names if not any((home / n).exists() for home in homes)]


@every_page
def test_modules_exist(page: Path) -> None:
    """And so does what is named in a module."""
    for name in filter(re.compile(r"alaqat(\.\w+)+").fullmatch, code(page)):
        pkgutil.resolve_name(name)


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    """To a file, and to a heading if they name one."""
    for name, anchor in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", read(page)):
        target = page.parent / name if name else page
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), f"{name}#{anchor}"


def test_names_are_found() -> None:
    """The pages above have files, modules and links to check."""
    words = set().union(*map(code, PAGES))
    assert sum(map(is_file_name, words)) >= 100
    assert any(word.startswith("alaqat.") for word in words)
    assert "a-language" in anchors(ROOT / "docs" / "authoring.md")
