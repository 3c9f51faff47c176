"""Internationalization: fallbacks, translations, and a third language as a file."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from alaqat.i18n import (
    DIRECTIONS,
    LANGUAGE_NAMES,
    LANGUAGES,
    LOCALES,
    bidi_isolate,
    fallback_chain,
    guess_language,
    localized,
    read_texts,
    texts,
    translate,
)
from conftest import Built

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "alaqat"
FOLDERS = ("texts", "describe/grammar", "web/texts")
FILES = sorted(path for folder in FOLDERS for path in (SRC / folder).glob("*.toml"))

# A third language, which runs right to left and has only a few translations.
TOY = """
name = "Toyu"
direction = "rtl"
locale = "en"
fallback = "en"

[site]
title = "Alaqatu"

[columns]
column_city = "urbu"

[facts]
Membership = "{holder} membu {with}[ {time}]."

[proofs]
follows = "sequu {axiom} ({rule})"

[verdicts]
yes = "Ia: {}"
day = "Tenu {}"

[queries.embassies-by-city]
summary = "Ubi embassadu?"
"""

PAGES = (
    *("/", "/queries", "/sparql", "/why", "/as-of", "/as-of/2010-06-15", "/map"),
    *("/timeline", "/network", "/missions", "/figures", "/ontology", "/shapes"),
    *("/ontology/kinds", "/coverage", "/notes", "/validation", "/catalog"),
    *("/document/kazakhstan", "/doc/state/AZE", "/search?q=kazakhstan", "/nowhere"),
    *("/map.svg", "/timeline.svg", "/network.svg", "/figures.svg"),
    "/queries/lookup/embassies-by-city",
    "/queries/stance/plans",
    "/queries/time/missions-as-of?date=2008-01-01",
    "/why?s=Kazakhstan&p=memberOf&o=OSCE",
    "/sparql?query=SELECT+*+%7B+%3Fs+a+%3Fo+%7D+LIMIT+3",
)

FETCH = """
import json, sys
from pathlib import Path
from alaqat.queries.library import read_library
from alaqat.store.releases import open_store
from alaqat.web.app import create_app

store, root, pages = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
app = create_app(open_store(Path(store)), read_library(root / "queries"))
client = app.test_client()
found = {}
for page in pages:
    reply = client.get(f"/xx{page}", headers={"Accept": "text/html"})
    found[page] = reply.status_code, reply.text
print(json.dumps(found))
"""


def test_a_language_has_a_name_a_direction_and_a_locale() -> None:
    """The first one is the default, to which others fall back."""
    assert LANGUAGES == ("en", "ar")
    assert DIRECTIONS == {"en": "ltr", "ar": "rtl"}
    assert LANGUAGE_NAMES == {"en": "English", "ar": "العربية"}
    assert LOCALES == {"en": "en_GB", "ar": "ar"}


def test_a_missing_translation_falls_back() -> None:
    """First to the language's fallbacks, then to any other language."""
    assert fallback_chain("ar") == ("ar", "en")
    assert fallback_chain("fr") == ("fr", "en", "ar")
    assert localized({"en": "one", "ar": "واحد"}, "ar") == "واحد"
    assert localized({"en": "one"}, "ar") == "one"
    assert localized({"ar": "واحد"}, "en") == "واحد"
    assert localized({}, "ar") == ""
    assert translate("verdicts", "day", "en", "2010") == "What held on 2010"


def test_the_script_determines_the_direction() -> None:
    """A text that runs right to left is wrapped in bidi isolates."""
    assert (guess_language("Baku"), guess_language("باكو")) == ("en", "ar")
    assert bidi_isolate("Baku") == "Baku"
    assert bidi_isolate("باكو") == "\u2068باكو\u2069"


def test_files_of_texts_have_different_names() -> None:
    """The name of a file is that of its area."""
    assert len(FILES) >= 25
    assert max(Counter(path.stem for path in FILES).values()) == 1


@pytest.mark.parametrize("area", [path.stem for path in FILES])
def test_every_text_is_translated(area: str) -> None:
    """No page in English or Arabic falls back."""
    rows = read_texts(area)
    assert rows
    assert {key for key, row in rows.items() if set(row) != set(LANGUAGES)} == set()
    assert all(set(texts(area, code)) == set(rows) for code in LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_only_translates_known_texts(code: str) -> None:
    """Its file has no unknown area, key or question."""
    table = tomllib.loads((SRC / "languages" / f"{code}.toml").read_text("utf-8"))
    known = {path.stem: set(read_texts(path.stem)) for path in FILES}
    known["queries"] = {path.stem for path in (ROOT / "queries").rglob("*.rq")}
    for area, rows in table.items():
        if isinstance(rows, dict):
            assert rows.keys() <= known[area]


def test_python_has_no_translations() -> None:
    """They are only in TOML files."""
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys = {one.value for one in node.keys if isinstance(one, ast.Constant)}
                assert not set(LANGUAGES) <= keys, f"{path}:{node.lineno}"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a copy of the package with a third language."""
    folder = tmp_path_factory.mktemp("toy")
    skip = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(SRC, folder / "alaqat", ignore=skip)
    if (SRC / "web" / "static").exists():
        (folder / "alaqat" / "web" / "static").symlink_to(SRC / "web" / "static")
    (folder / "alaqat" / "languages" / "xx.toml").write_text(TOY, encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(folder)}


def python(environment: dict[str, str], code: str, *arguments: str) -> str:
    """Return the output of a Python script."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def pages(environment: dict[str, str], built: Built) -> dict[str, tuple[int, str]]:
    """Return status and text of each page in the third language."""
    arguments = [str(built.folder / "store"), str(ROOT), json.dumps(PAGES)]
    output = python(environment, FETCH, *arguments)
    found: dict[str, tuple[int, str]] = json.loads(output)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_page_exists_in_a_third_language(
    pages: dict[str, tuple[int, str]], page: str
) -> None:
    """It has its own texts, and English ones for the rest."""
    status, text = pages[page]
    assert status == (404 if page == "/nowhere" else 200), text[-2000:]
    if ".svg" in page:
        return
    assert '<html lang="xx" dir="rtl"' in text
    assert "Alaqatu" in text
    assert texts("site", "en")["skip"] in text
    assert 'hreflang="ar"' in text


def test_a_third_language_has_its_own_texts(
    pages: dict[str, tuple[int, str]],
) -> None:
    """Questions, columns and facts are translated; labels fall back to English."""
    question = pages["/queries/lookup/embassies-by-city"][1]
    assert "Ubi embassadu?" in question
    assert "urbu" in question
    assert "Astana" in question
    assert texts("columns", "en")["column_sender"] in question
    assert "Ubi embassadu?" in pages["/queries"][1]
    assert "Tenu" not in pages["/as-of"][1]
    assert "member of" in pages["/why?s=Kazakhstan&p=memberOf&o=OSCE"][1]


RUN = """
import io, json, sys
from contextlib import redirect_stdout
from alaqat.cli.main import run
found = []
for arguments in json.loads(sys.argv[1]):
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")) as printed:
        assert run(arguments) == 0, arguments
    printed.flush()
    found.append(printed.buffer.getvalue().decode())
print(json.dumps(found))
"""
COMMANDS = {
    "query": ("query",),
    "table": ("query", "embassies-by-city"),
    "csv": ("query", "embassies-by-city", "--format", "csv"),
    "why": ("why", "Kazakhstan", "memberOf", "OSCE"),
    "check": ("check", "Kazakhstan", "memberOf", "OSCE"),
    "as-of": ("as-of", "2010-06-15"),
}


@pytest.fixture(scope="module")
def printed(environment: dict[str, str], built: Built) -> dict[str, str]:
    """Return the output of each command in the third language."""
    options = ["--language", "xx", "--output", str(built.output)]
    arguments = [
        [*words, *options, *(["--root", str(ROOT)] if words[0] == "query" else [])]
        for words in COMMANDS.values()
    ]
    outputs = json.loads(python(environment, RUN, json.dumps(arguments)))
    return dict(zip(COMMANDS, outputs, strict=True))


def test_commands_answer_in_a_third_language(printed: dict[str, str]) -> None:
    """In questions, answers, proofs, verdicts and views of days."""
    assert "Ubi embassadu?" in printed["query"]
    assert "city_xx" in printed["table"]
    assert "city_en" not in printed["table"]
    assert "Baku" in printed["table"]
    assert "sequu" in printed["why"]
    assert "stated in the text" in printed["why"]
    assert "Ia:" in printed["check"]
    assert "Tenu 2010-06-15" in printed["as-of"]


def test_csv_has_columns_of_a_third_language(printed: dict[str, str]) -> None:
    """In the order of the codes; a cell without a label is empty."""
    header, *rows = printed["csv"].splitlines()
    assert "city,city_ar,city_en,city_xx" in header
    place = header.split(",").index("city_xx")
    assert {row.split(",")[place] for row in rows} == {""}
