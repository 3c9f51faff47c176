"""A store that can be written: each commit is a new snapshot that never changes."""

from __future__ import annotations

from alaqat.store.working.archive import back_up
from alaqat.store.working.commits import Committer
from alaqat.store.working.editor import WorkingStore
from alaqat.store.working.founding import create, restore
from alaqat.store.working.snapshots import opened
from alaqat.store.working.values import InferenceHook, Request

__all__ = [
    "Committer",
    "InferenceHook",
    "Request",
    "WorkingStore",
    "back_up",
    "create",
    "opened",
    "restore",
]
