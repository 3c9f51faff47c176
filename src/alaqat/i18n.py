"""Internationalization (i18n): languages, translations, fallbacks, bidi isolates.

An area is a TOML file of translations: a table for each key, with a text for each
language. A language is a file ``languages/CODE.toml``: its name, direction and fallback
and, by area and key, the texts that the files of the areas lack. In the area
``queries``, a key is a saved query, and a text its summary and description.
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
    """A language of the user interface.

    Attributes:
        code: its language tag (BCP 47).
        name: its name in the language itself.
        direction: ltr or rtl.
        locale: Babel's locale for numbers and dates; the code if empty.
        fallback: the language used where it has no translation; empty for the default.
        texts: translations by area and key, besides those in the areas' own files.
    """

    code: str
    name: str
    direction: str
    locale: str = ""
    fallback: str = ""
    texts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)


def _read_languages() -> Iterator[Language]:
    for path in (_PACKAGE / "languages").glob("*.toml"):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        areas = {key: rows for key, rows in table.items() if isinstance(rows, dict)}
        about = {key: table[key] for key in table.keys() - areas.keys()}
        yield Language(path.stem, texts=areas, **about)


# The default language, which has no fallback, comes first.
_BY_CODE = {
    one.code: one
    for one in sorted(_read_languages(), key=lambda one: (one.fallback != "", one.code))
}
LANGUAGES: tuple[str, ...] = tuple(_BY_CODE)
DIRECTIONS = {code: one.direction for code, one in _BY_CODE.items()}
LANGUAGE_NAMES = {code: one.name for code, one in _BY_CODE.items()}
LOCALES = {code: one.locale or code for code, one in _BY_CODE.items()}

# The folders of translations, whose files all have different names.
_FOLDERS = ("texts", "describe/grammar", "web/texts")


def choose_language(requested: str | None, accepted: str | None) -> str:
    """Return the requested language, else the accepted one, else the default."""
    codes = (code for code in (requested, accepted) if code in LANGUAGES)
    return next(codes, LANGUAGES[0])


def fallback_chain(language: str) -> tuple[str, ...]:
    """Return a language and its fallbacks, then all other languages."""
    chain = [language]
    while (one := _BY_CODE.get(chain[-1])) and one.fallback not in ("", *chain):
        chain.append(one.fallback)
    return tuple(dict.fromkeys((*chain, *LANGUAGES)))


def localized(texts: Mapping[str, str], language: str) -> str:
    """Return the text in a language or its nearest fallback; empty if there is none."""
    return next((texts[code] for code in fallback_chain(language) if code in texts), "")


@cache
def read_texts(area: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the translations of an area, by key and language."""
    found: dict[str, dict[str, Any]] = {}
    for folder in _FOLDERS:
        path = _PACKAGE / folder / f"{area}.toml"
        if path.is_file():
            found = tomllib.loads(path.read_text(encoding="utf-8"))
    for code in LANGUAGES:
        for key, text in _BY_CODE[code].texts.get(area, {}).items():
            found.setdefault(key, {})[code] = text
    return found


@cache
def texts(area: str, language: str) -> Mapping[str, Any]:
    """Return the translations of an area in a language or its fallbacks, by key."""
    codes = fallback_chain(language)
    rows = read_texts(area).items()
    return {key: next(row[code] for code in codes if code in row) for key, row in rows}


def translate(area: str, key: str, language: str, *values: str, **named: str) -> str:
    """Return the translation of a key in a language, its placeholders filled."""
    text: str = texts(area, language)[key]
    return text.format(*values, **named)


# Without isolates, a right-to-left value reorders its neighbours (UAX #9, FSI and PDI).
FSI, PDI = "\u2068", "\u2069"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def guess_language(text: str) -> str:
    """Return the first language that has the direction of a text's script."""
    direction = "rtl" if _RIGHT_TO_LEFT.search(text) else "ltr"
    return next((c for c in LANGUAGES if DIRECTIONS[c] == direction), LANGUAGES[0])


def bidi_isolate(text: str) -> str:
    """Wrap a right-to-left text in bidi isolates; return any other as it is."""
    return f"{FSI}{text}{PDI}" if _RIGHT_TO_LEFT.search(text) else text


def by_language(values: Iterable[Node]) -> dict[str, str]:
    """Return literals by language, sorted; those without one have an empty key."""
    from rdflib import Literal  # slow to import, and not every caller needs it

    literals = (value for value in values if isinstance(value, Literal))
    return dict(sorted((value.language or "", str(value)) for value in literals))
