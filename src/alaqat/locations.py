"""Where the ontology, the data and the saved queries are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def knowledge_root() -> Path:
    """Return the folder of ontology, data and queries, in the wheel or a checkout."""
    packaged = _PACKAGE / "knowledge"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1]
