"""Fork server preload: modules imported once and shared by all workers."""

from __future__ import annotations

import gc

import alaqat.store.pool.dumps
import alaqat.store.pool.parsing  # what tasks import
import alaqat.store.pool.worker  # noqa: F401 # all that a worker imports
from alaqat.store.pool.sandbox import prepare_confinement

prepare_confinement()
# The garbage collector writes to every object that it visits, and a page that has been
# written to is no longer shared.
gc.collect()
gc.freeze()
