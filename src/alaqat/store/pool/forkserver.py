"""Modules that the fork server imports, so that the workers it forks share them."""

from __future__ import annotations

import gc

from alaqat.store.pool import worker

__all__ = ["worker"]

# The garbage collector writes into every object that it looks at, and a page that is
# written to is not shared any more.
gc.collect()
gc.freeze()
