"""Alaqat: documents about foreign relations as proof-carrying knowledge graphs.

>>> import alaqat
>>> kg = alaqat.open("build/dataset")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alaqat.api import KnowledgeGraph, open  # noqa: A004 # like gzip.open

__version__ = "0.1.0"
__all__ = ["KnowledgeGraph", "__version__", "open"]


def __getattr__(name: str) -> object:
    """Import the Python API on first use, because its libraries are slow to import."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from alaqat import api

    return getattr(api, name)
