"""Arabic and English: which one a person reads, and how they stand side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rdflib import Literal
from rdflib.term import Node

LANGUAGES = ("en", "ar")
DIRECTIONS = {"en": "ltr", "ar": "rtl"}
NAMES = {"en": "English", "ar": "العربية"}


def choose(asked: str | None, accepted: str | None) -> str:
    """The language of a page: the one asked for, else one accepted, else English."""
    return next((code for code in (asked, accepted) if code in LANGUAGES), LANGUAGES[0])


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


def by_language(values: Iterable[Node]) -> dict[str, str]:
    """Return literals by language, in a fixed order; the empty key is for none."""
    literals = (value for value in values if isinstance(value, Literal))
    return dict(sorted((value.language or "", str(value)) for value in literals))
