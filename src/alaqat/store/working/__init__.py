"""A store that can be written: each commit is a new snapshot that never changes."""

from __future__ import annotations

from alaqat.store.working.commits import Committer, Request, Rules
from alaqat.store.working.editor import WorkingStore

__all__ = ["Committer", "Request", "Rules", "WorkingStore"]
