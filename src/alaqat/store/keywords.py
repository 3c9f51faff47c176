"""SPARQL keywords (SPARQL 1.1 Query §19.8), by what they are for.

The table is `keywords.json`, from which the query editor completes too. Keywords are in
capitals here, as tokens have them.
"""

from __future__ import annotations

import json
from importlib.resources import files

_TABLE = json.loads(
    (files("alaqat.store") / "keywords.json").read_text(encoding="utf-8")
)
BY_PURPOSE: dict[str, tuple[str, ...]] = {
    purpose: tuple(map(str.upper, words)) for purpose, words in _TABLE.items()
}
KEYWORDS = frozenset(word for words in BY_PURPOSE.values() for word in words)
