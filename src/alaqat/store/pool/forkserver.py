"""Fork server preload: modules imported once and shared by all workers."""

from __future__ import annotations

import gc

from alaqat.log import capture_output

capture_output()  # before a library is imported

import alaqat.store.pool.dumps  # noqa: E402
import alaqat.store.pool.parsing  # noqa: E402 # what tasks import
import alaqat.store.pool.worker  # noqa: E402, F401 # all that a worker imports
from alaqat.store.pool.sandbox import prepare_confinement  # noqa: E402

prepare_confinement()
# The garbage collector writes to every object that it visits, and a page that has been
# written to is no longer shared.
gc.collect()
gc.freeze()
