"""System call filter of a worker (seccomp): no socket, no program, no new process.

The calls that libseccomp knows are allowed, except for those listed here. All others
are newer than the library, and are answered as by an older kernel (ENOSYS), which the C
library expects. A list of only what is needed would be stricter; but what is needed
depends on the versions of engine, C library and processor, and a call that it lacked
would fail in the middle of a query. Which files may be opened is for Landlock to say.

libseccomp resolves the names of calls, whose numbers differ between processors.
"""

from __future__ import annotations

import ctypes
import sys
from errno import ENOSYS, EPERM
from functools import cache
from typing import Any

_SOCKETS = {
    *("socket", "socketpair", "socketcall", "connect", "bind", "listen"),
    *("accept", "accept4", "sendto", "sendmsg", "sendmmsg", "recvmsg", "recvmmsg"),
    # A ring carries out all of these unseen.
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
}
_PROGRAMS = {"execve", "execveat", "fork", "vfork"}
_OTHER_PROCESSES = {
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp"),
    *("pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kill", "tkill"),
    *("rt_sigqueueinfo", "rt_tgsigqueueinfo", "process_mrelease"),
}
_FILES_BY_HANDLE = {"open_by_handle_at", "name_to_handle_at", "fanotify_init"}
_NAMESPACES = {
    *("unshare", "setns", "chroot", "pivot_root", "mount", "umount", "umount2"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree"),
    *("mount_setattr", "quotactl", "quotactl_fd", "swapon", "swapoff"),
}
_KERNEL = {
    *("bpf", "perf_event_open", "userfaultfd", "personality", "modify_ldt"),
    *("keyctl", "add_key", "request_key", "init_module", "finit_module"),
    *("delete_module", "kexec_load", "kexec_file_load", "reboot", "syslog", "acct"),
    *("iopl", "ioperm", "vm86", "vm86old", "settimeofday", "stime"),
    *("clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname"),
}
_FORBIDDEN = frozenset().union(
    *(_SOCKETS, _PROGRAMS, _OTHER_PROCESSES, _FILES_BY_HANDLE, _NAMESPACES, _KERNEL)
)
_NUMBERS = range(1024)  # which hold every call of the processors with 64 bits
_CLONE_THREAD = 0x00010000  # clone(2)
_PR_GET_SECCOMP = 21  # prctl(2)


def is_available() -> bool:
    """Return whether this machine has libseccomp, and a kernel that filters calls."""
    return _filter(_FORBIDDEN) is not None and _kernel_filters()


def forbid_system_calls(*, network: bool = False) -> bool:
    """Forbid this thread, and all threads that it starts, the calls listed above.

    They fail with EPERM. There is no way back.

    Args:
        network: whether sockets remain allowed.

    Returns:
        whether they are forbidden; False if the filter is not available.

    Raises:
        OSError: the filter is available but could not be set.
    """
    if not is_available():
        return False
    _filter(_FORBIDDEN - _SOCKETS if network else _FORBIDDEN).load()
    return True


@cache
def _filter(names: frozenset[str]) -> Any:
    """Return a filter that forbids some calls, or None without libseccomp."""
    if sys.platform != "linux":
        return None
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError):
        return None
    allowed = seccomp.SyscallFilter(seccomp.ERRNO(ENOSYS))
    # Calls of another processor mode, such as those with 32 bits.
    allowed.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    forbidden = seccomp.ERRNO(EPERM)
    is_thread = (0, seccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD)
    is_process = (0, seccomp.MASKED_EQ, _CLONE_THREAD, 0)
    for number in _NUMBERS:
        try:
            name = seccomp.resolve_syscall(seccomp.Arch.NATIVE, number).decode()
        except ValueError:
            continue
        if name == "clone":
            allowed.add_rule(seccomp.ALLOW, number, seccomp.Arg(*is_thread))
            allowed.add_rule(forbidden, number, seccomp.Arg(*is_process))
        elif name != "clone3":  # has its flags in memory; the C library falls back
            action = forbidden if name in names else seccomp.ALLOW
            allowed.add_rule(action, number)
    return allowed


def _kernel_filters() -> bool:
    return int(ctypes.CDLL(None).prctl(_PR_GET_SECCOMP, 0, 0, 0, 0)) >= 0
