"""Memory of the server process: what the allocator keeps of what was freed."""

from __future__ import annotations

import ctypes
import gc
import sys

_M_ARENA_MAX = -8  # mallopt(3)
_ARENAS = 2


def limit_arenas() -> None:
    """Let threads share heaps: by default, each keeps what it freed in its own."""
    if sys.platform == "linux":
        _call("mallopt", _M_ARENA_MAX, _ARENAS)


def release_memory() -> None:
    """Give back to the system what is not used any more."""
    gc.collect()
    if sys.platform == "linux":
        _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    """Call a function of the C library, if it has it: glibc does."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function:
        function(*arguments)
