"""Languages and translations (i18n): localized texts, directions, bidi isolates.

A language is a file ``languages/CODE.toml``: its name, its direction, the language that
it falls back to and, by area and key, those texts that the areas do not have already.
An area is a TOML file with a table for each key, which has a text for each language.
The area ``queries`` has a table with summary and description for each saved query.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node


_PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Language:
    """A language of pages and texts.

    Attributes:
        code: its tag (BCP 47).
        name: in the language itself.
        direction: ltr or rtl.
        locale: by which numbers and dates are written, as Babel names it; the code if
            it is empty.
        fallback: the language of what has no text in it; empty for the first one.
        texts: by area and key, beside those of the areas' own files.
    """

    code: str
    name: str
    direction: str
    locale: str = ""
    fallback: str = ""
    texts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)


def _read_languages() -> Iterator[Language]:
    """Read the files of the languages."""
    for path in (_PACKAGE / "languages").glob("*.toml"):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        areas = {key: rows for key, rows in table.items() if isinstance(rows, dict)}
        about = {key: table[key] for key in table.keys() - areas.keys()}
        yield Language(path.stem, texts=areas, **about)


# The one that falls back to no other comes first.
_KNOWN = {
    one.code: one
    for one in sorted(_read_languages(), key=lambda one: (one.fallback != "", one.code))
}
LANGUAGES: tuple[str, ...] = tuple(_KNOWN)
DIRECTIONS = {code: one.direction for code, one in _KNOWN.items()}
LANGUAGE_NAMES = {code: one.name for code, one in _KNOWN.items()}
LOCALES = {code: one.locale or code for code, one in _KNOWN.items()}

# Where the files of texts are, which all have different names.
_FOLDERS = ("texts", "describe/grammar", "web/texts")


def choose_language(asked: str | None, accepted: str | None) -> str:
    """Return the language asked for, else one accepted, else the first one."""
    return next((code for code in (asked, accepted) if code in LANGUAGES), LANGUAGES[0])


def fallback_chain(language: str) -> tuple[str, ...]:
    """Return the languages in the order in which texts are taken for one of them."""
    chain = [language]
    while (one := _KNOWN.get(chain[-1])) and one.fallback not in ("", *chain):
        chain.append(one.fallback)
    return tuple(dict.fromkeys((*chain, *LANGUAGES)))


def localized(texts: Mapping[str, str], language: str) -> str:
    """Return the text in a language or the next in its preference; empty if none."""
    return next((texts[code] for code in fallback_chain(language) if code in texts), "")


@cache
def read_texts(area: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the texts of an area, by key and language."""
    found: dict[str, dict[str, Any]] = {}
    for folder in _FOLDERS:
        path = _PACKAGE / folder / f"{area}.toml"
        if path.is_file():
            found = tomllib.loads(path.read_text(encoding="utf-8"))
    for code in LANGUAGES:
        for key, text in _KNOWN[code].texts.get(area, {}).items():
            found.setdefault(key, {})[code] = text
    return found


@cache
def texts(area: str, language: str) -> Mapping[str, Any]:
    """Return the texts of an area in a language, with those of its fallbacks."""
    codes = fallback_chain(language)
    rows = read_texts(area).items()
    return {key: next(row[code] for code in codes if code in row) for key, row in rows}


def translate(area: str, key: str, language: str, *values: str, **named: str) -> str:
    """Return a text in a language, its gaps filled."""
    text: str = texts(area, language)[key]
    return text.format(*values, **named)


# A right-to-left value in a row of values is isolated, or it would carry its
# neighbours along (Unicode UAX #9, FSI and PDI).
FSI, PDI = "\u2068", "\u2069"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def guess_language(text: str) -> str:
    """Return the first language that runs as the letters of a text do."""
    direction = "rtl" if _RIGHT_TO_LEFT.search(text) else "ltr"
    return next((c for c in LANGUAGES if DIRECTIONS[c] == direction), LANGUAGES[0])


def bidi_isolate(text: str) -> str:
    """Return a text that leaves its neighbours in place when it runs right to left."""
    return f"{FSI}{text}{PDI}" if _RIGHT_TO_LEFT.search(text) else text


def by_language(values: Iterable[Node]) -> dict[str, str]:
    """Return literals by language, in a fixed order; the empty key is for none."""
    from rdflib import Literal  # takes long to import, and not every caller needs it

    literals = (value for value in values if isinstance(value, Literal))
    return dict(sorted((value.language or "", str(value)) for value in literals))
