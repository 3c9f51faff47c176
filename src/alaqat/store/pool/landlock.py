"""File access of a worker (Landlock): only the folders that it is given.

The numbers of the system calls are the same on all processors, and so is the layout of
their arguments; see landlock(7).
"""

from __future__ import annotations

import ctypes
import os
import site
import stat
import sys
import sysconfig
from collections.abc import Iterable
from enum import IntFlag, auto
from functools import cache
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_QUERY_VERSION = 1  # landlock_create_ruleset(2)
_PATH_BENEATH = 1  # landlock_add_rule(2)
_PR_SET_NO_NEW_PRIVS = 38  # prctl(2)

# For resolving names and checking certificates. Files in /etc are replaced at times, so
# that a rule for each of them would not last.
_NETWORK_FILES = tuple(
    map(
        Path,
        (
            *("/etc", "/usr/share/ca-certificates", "/run/systemd/resolve"),
            *("/run/NetworkManager", "/run/resolvconf"),
        ),
    )
)

# The first version in which files can be linked and renamed between folders.
_MIN_VERSION = 2
_ALL_TCP, _TCP_VERSION = 0b11, 4  # bind and connect
_ALL_SCOPES, _SCOPES_VERSION = 0b11, 6  # abstract sockets and signals


class _Access(IntFlag):
    """Access rights, in the order of their bits."""

    EXECUTE = auto()
    WRITE_FILE = auto()
    READ_FILE = auto()
    READ_DIR = auto()
    REMOVE_DIR = auto()
    REMOVE_FILE = auto()
    MAKE_CHAR = auto()
    MAKE_DIR = auto()
    MAKE_REG = auto()
    MAKE_SOCK = auto()
    MAKE_FIFO = auto()
    MAKE_BLOCK = auto()
    MAKE_SYM = auto()
    REFER = auto()
    TRUNCATE = auto()
    IOCTL_DEV = auto()


_ALL = _Access((1 << len(_Access)) - 1)
_READ = _Access.READ_FILE | _Access.READ_DIR
_WRITE = (
    _READ
    | _Access.WRITE_FILE
    | _Access.REMOVE_DIR
    | _Access.REMOVE_FILE
    | _Access.MAKE_DIR
    | _Access.MAKE_REG
    | _Access.MAKE_SYM
    | _Access.REFER
    | _Access.TRUNCATE
)
_OF_FILES = _Access.WRITE_FILE | _Access.READ_FILE | _Access.TRUNCATE
# The first version of rights that came later.
_SINCE = {_Access.TRUNCATE: 3, _Access.IOCTL_DEV: 5}


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


@cache
def version() -> int:
    """Return the version of Landlock that the kernel has; 0 if none that suffices."""
    if sys.platform != "linux":
        return 0
    try:
        found = _call(_CREATE_RULESET, None, 0, _QUERY_VERSION)
    except OSError:
        return 0
    return found if found >= _MIN_VERSION else 0


def restrict_files(
    readable: Iterable[Path], writable: Iterable[Path], *, network: bool = False
) -> int:
    """Restrict this thread, and all that it starts, to some files and folders.

    Python and the system's libraries can be read in any case. Nothing can be executed,
    no TCP connection be opened, and no process outside be sent a signal. Files that are
    open remain so. There is no way back.

    Args:
        readable: files, and folders with all below them; missing ones are ignored.
        writable: the same for reading, writing, creating and removing.
        network: whether TCP connections can be opened, and the configuration of the
            system, by which names are resolved, be read.

    Returns:
        the version of Landlock in force; 0 if there is none.

    Raises:
        OSError: the kernel has Landlock but refused.
    """
    if not (newest := version()):
        return 0
    absent = sum(right for right, since in _SINCE.items() if newest < since)
    handled = _ALL & ~_Access(absent)
    tcp = _ALL_TCP if newest >= _TCP_VERSION and not network else 0
    scopes = _ALL_SCOPES if newest >= _SCOPES_VERSION else 0
    rules = _Ruleset(handled, tcp, scopes)
    ruleset = _call(_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    try:
        for path in (*runtime_files(), *readable, *(_NETWORK_FILES if network else ())):
            _allow(ruleset, path, _READ & handled)
        for path in writable:
            _allow(ruleset, path, _WRITE & handled)
        _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return newest


@cache
def runtime_files() -> frozenset[Path]:
    """Return the folders of Python, its packages and the libraries of the system."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {
        *(Path(sysconfig.get_path(name)) for name in names),
        *map(Path, site.getsitepackages()),
        Path(sys.base_prefix) / "lib",
        Path(__file__).parents[2],  # this package, which may be installed elsewhere
        *map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")),
        *map(Path, ("/etc/ld.so.cache", "/usr/share/zoneinfo")),
    }
    if site.ENABLE_USER_SITE:
        folders.add(Path(site.getusersitepackages()))
    return frozenset(folders)


def _allow(ruleset: int, path: Path, access: _Access) -> None:
    """Add a rule for a file, or for a folder and all below it."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            access &= _OF_FILES
        rule = _PathBeneath(access, opened)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    """Make a system call and return its result.

    Raises:
        OSError: it failed.
    """
    passed = (ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)
    result = int(_libc().syscall(ctypes.c_long(number), *passed))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
