"""Languages are data: a third one is a file of texts, and falls back to English."""

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
    LANGUAGES,
    LOCALES,
    NAMES,
    fill,
    isolated,
    localized,
    preference,
    read_texts,
    script_of,
    texts,
)
from conftest import Built

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "alaqat"
FOLDERS = ("texts", "describe/grammar", "web/texts")
FILES = sorted(path for folder in FOLDERS for path in (SRC / folder).glob("*.toml"))

# A third language: it runs right to left, and has but a handful of texts.
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
    """The first one is what others fall back to."""
    assert LANGUAGES == ("en", "ar")
    assert DIRECTIONS == {"en": "ltr", "ar": "rtl"}
    assert NAMES == {"en": "English", "ar": "العربية"}
    assert LOCALES == {"en": "en_GB", "ar": "ar"}


def test_a_text_is_taken_from_the_next_language_that_has_it() -> None:
    """First the language itself, then its fallbacks, then any other."""
    assert preference("ar") == ("ar", "en")
    assert preference("fr") == ("fr", "en", "ar")
    assert localized({"en": "one", "ar": "واحد"}, "ar") == "واحد"
    assert localized({"en": "one"}, "ar") == "one"
    assert localized({"ar": "واحد"}, "en") == "واحد"
    assert localized({}, "ar") == ""
    assert fill("verdicts", "day", "en", "2010") == "What held on 2010"


def test_letters_tell_the_direction() -> None:
    """What runs right to left is kept apart from its neighbours."""
    assert (script_of("Baku"), script_of("باكو")) == ("en", "ar")
    assert isolated("Baku") == "Baku"
    assert isolated("باكو") == "\u2068باكو\u2069"


def test_files_of_texts_have_different_names() -> None:
    """So that the name of a file names its area."""
    assert len(FILES) >= 25
    assert max(Counter(path.stem for path in FILES).values()) == 1


@pytest.mark.parametrize("area", [path.stem for path in FILES])
def test_every_text_is_in_every_language(area: str) -> None:
    """No page of ours falls back."""
    rows = read_texts(area)
    assert rows
    assert {key for key, row in rows.items() if set(row) != set(LANGUAGES)} == set()
    assert all(set(texts(area, code)) == set(rows) for code in LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_translates_what_there_is(code: str) -> None:
    """Its file names no area, text or question that nothing shows."""
    table = tomllib.loads((SRC / "languages" / f"{code}.toml").read_text("utf-8"))
    known = {path.stem: set(read_texts(path.stem)) for path in FILES}
    known["queries"] = {path.stem for path in (ROOT / "queries").rglob("*.rq")}
    for area, rows in table.items():
        if isinstance(rows, dict):
            assert rows.keys() <= known[area]


def test_python_holds_no_texts_by_language() -> None:
    """They are in the files of texts alone."""
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys = {one.value for one in node.keys if isinstance(one, ast.Constant)}
                assert not set(LANGUAGES) <= keys, f"{path}:{node.lineno}"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a copy of the package with one more file of texts."""
    folder = tmp_path_factory.mktemp("toy")
    skip = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(SRC, folder / "alaqat", ignore=skip)
    if (SRC / "web" / "static").exists():
        (folder / "alaqat" / "web" / "static").symlink_to(SRC / "web" / "static")
    (folder / "alaqat" / "languages" / "xx.toml").write_text(TOY, encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(folder)}


def python(environment: dict[str, str], code: str, *arguments: str) -> str:
    """What Python prints when it runs a code."""
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
    """The pages of the site in the third language."""
    arguments = [str(built.folder / "store"), str(ROOT), json.dumps(PAGES)]
    told = python(environment, FETCH, *arguments)
    found: dict[str, tuple[int, str]] = json.loads(told)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_there_in_a_third_language(
    pages: dict[str, tuple[int, str]], page: str
) -> None:
    """With its own texts, and English ones where it has none."""
    status, text = pages[page]
    assert status == (404 if page == "/nowhere" else 200), text[-2000:]
    if ".svg" in page:
        return
    assert '<html lang="xx" dir="rtl"' in text
    assert "Alaqatu" in text
    assert texts("site", "en")["skip"] in text
    assert 'hreflang="ar"' in text


def test_a_third_language_has_its_texts_where_it_has_some(
    pages: dict[str, tuple[int, str]],
) -> None:
    """Of questions, columns and facts; labels fall back to English."""
    question = pages["/queries/lookup/embassies-by-city"][1]
    assert "Ubi embassadu?" in question
    assert "urbu" in question
    assert "Astana" in question
    assert texts("columns", "en")["column_sender"] in question
    assert "Ubi embassadu?" in pages["/queries"][1]
    assert "Tenu" not in pages["/as-of"][1]
    assert "member of" in pages["/why?s=Kazakhstan&p=memberOf&o=OSCE"][1]


def run(environment: dict[str, str], built: Built, *words: str) -> str:
    """What a command prints in the third language."""
    options = ["--language", "xx", "--output", str(built.output)]
    options += ["--root", str(ROOT)] if words[0] == "query" else []
    command = "from alaqat.cli.main import main; main()"
    return python(environment, command, *words, *options)


def test_commands_speak_a_third_language(
    environment: dict[str, str], built: Built
) -> None:
    """Questions, answers, proofs, verdicts and days."""
    assert "Ubi embassadu?" in run(environment, built, "query")
    table = run(environment, built, "query", "embassies-by-city")
    assert "city_xx" in table
    assert "city_en" not in table
    assert "Baku" in table
    told = run(environment, built, "why", "Kazakhstan", "memberOf", "OSCE")
    assert "sequu" in told
    assert "stated in the text" in told
    told = run(environment, built, "check", "Kazakhstan", "memberOf", "OSCE")
    assert "Ia:" in told
    assert "Tenu 2010-06-15" in run(environment, built, "as-of", "2010-06-15")


def test_files_of_answers_have_columns_of_a_third_language(
    environment: dict[str, str], built: Built
) -> None:
    """In the order of the codes; without a label the cell is empty."""
    answer = run(environment, built, "query", "embassies-by-city", "--format", "csv")
    header, *rows = answer.splitlines()
    assert "city,city_ar,city_en,city_xx" in header
    place = header.split(",").index("city_xx")
    assert {row.split(",")[place] for row in rows} == {""}
