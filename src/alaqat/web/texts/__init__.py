"""What pages say: a file for each part of the site, a table for each text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from alaqat.errors import InvalidData
from alaqat.i18n import localized, read_texts


@cache
def every() -> Mapping[str, Mapping[str, str]]:
    """Every text, by its key and language.

    Raises:
        InvalidData: two files have a text of the same key.
    """
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(files(__name__).iterdir(), key=lambda one: one.name):
        if path.name.endswith(".toml"):
            texts = read_texts(path.name.removesuffix(".toml"))
            if twice := sorted(found.keys() & texts.keys()):
                raise InvalidData(
                    f"The texts {', '.join(twice)} stand in two files.",
                    path=path.name,
                    remedy="Give one of them another key.",
                )
            found |= texts
    return found


@cache
def texts(language: str) -> Mapping[str, str]:
    """Every text in one language, or in the one that it falls back to."""
    return {key: localized(row, language) for key, row in every().items()}
