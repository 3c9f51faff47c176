"""Languages and localized texts (i18n): names, directions, fallbacks, bidi isolates.

A language is a file ``languages/CODE.toml``: its name, its direction, the language that
it falls back to, and those texts that do not stand beside those of other languages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Language:
    """A language of pages and texts.

    Attributes:
        code: its tag (BCP 47).
        name: in the language itself.
        direction: ltr or rtl.
        fallback: the language of what has no text in it; empty for the first one.
        texts: by area and key, beside those of the areas' own files.
    """

    code: str
    name: str
    direction: str
    fallback: str = ""
    texts: Mapping[str, Any] = field(default_factory=dict, hash=False)


def _read_languages() -> Iterator[Language]:
    """Read the languages, the one that falls back to no other first."""
    for path in files("alaqat").joinpath("languages").iterdir():
        if path.name.endswith(".toml"):
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            yield Language(path.name.removesuffix(".toml"), **table)


_KNOWN = {
    one.code: one
    for one in sorted(_read_languages(), key=lambda one: (one.fallback != "", one.code))
}
LANGUAGES: tuple[str, ...] = tuple(_KNOWN)
DIRECTIONS = {code: one.direction for code, one in _KNOWN.items()}
NAMES = {code: one.name for code, one in _KNOWN.items()}


def choose(asked: str | None, accepted: str | None) -> str:
    """Return the language asked for, else one accepted, else the first one."""
    return next((code for code in (asked, accepted) if code in LANGUAGES), LANGUAGES[0])


def preference(language: str) -> tuple[str, ...]:
    """Return the languages in the order in which texts are taken for one of them."""
    chain = [language]
    while (one := _KNOWN.get(chain[-1])) and one.fallback not in ("", *chain):
        chain.append(one.fallback)
    return tuple(dict.fromkeys((*chain, *LANGUAGES)))


def localized(texts: Mapping[str, str], language: str) -> str:
    """Return the text in a language or the next in its preference; empty if none."""
    return next((texts[code] for code in preference(language) if texts.get(code)), "")


# A right-to-left value in a row of values is isolated, or it would carry its
# neighbours along (Unicode UAX #9, FSI and PDI).
FSI, PDI = "\u2068", "\u2069"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def script_of(text: str) -> str:
    """The language whose letters a text is written in: Arabic if it has any of them."""
    return "ar" if _RIGHT_TO_LEFT.search(text) else "en"


def isolated(text: str) -> str:
    """Text that leaves its neighbours in place when it runs right to left."""
    return f"{FSI}{text}{PDI}" if _RIGHT_TO_LEFT.search(text) else text
