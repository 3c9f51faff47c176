"""Alaqat: documents about foreign relations as proof-carrying knowledge graphs.

>>> import alaqat
>>> kg = alaqat.open("build/dataset")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alaqat.api import KnowledgeGraph, open  # noqa: A004 # as gzip.open

__version__ = "0.1.0"
__all__ = ["KnowledgeGraph", "__version__", "open"]


def __getattr__(name: str) -> object:
    """What Python's face has, read when it is first asked for: that takes a while."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from alaqat import api

    return getattr(api, name)
