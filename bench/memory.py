"""Memory of an idle server, process by process.

``make build && .venv/bin/python bench/memory.py [FOLDER]`` serves the current dataset
of a folder, waits until its caches are warm and it is idle, and prints the memory of
each of its processes: the proportional set size (PSS) of Linux, whose sum is what the
server takes.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).parents[1]
PAUSE = 0.5  # seconds between two samples
QUIET = 8  # idle samples in a row
BUSY = 0.02  # CPU seconds between two samples that count as idle
TICKS = os.sysconf("SC_CLK_TCK")


def processes(parent: int) -> Iterator[int]:
    """Yield a process and all its descendants."""
    yield parent
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from processes(int(child))


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def megabytes(pid: int, name: str) -> float:
    """Return a field of a process's memory map in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.findall(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)[0]) / 1000


def command(pid: int) -> str:
    """Return the start of a process's command line."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return " ".join(words)[:60]


def wait_until_idle(parent: int) -> None:
    """Wait until the server has been idle for a while."""
    quiet, before = 0, 0.0
    while quiet < QUIET:
        sleep(PAUSE)
        now = sum(map(cpu_seconds, processes(parent)))
        quiet, before = (quiet + 1 if now - before < BUSY else 0), now


def main() -> None:
    """Serve, wait, measure and print."""
    output = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "dataset")
    program = Path(sys.executable).with_name("alaqat")
    line = [program, "serve", "--port", "0", "--output", output]
    began = monotonic()
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            if not server.stdout.readline():
                sys.exit("The server did not come up.")
            answered = monotonic() - began
            wait_until_idle(server.pid)
            idle = monotonic() - began - QUIET * PAUSE
            row = "{:60} {:>8} {:>8} {:>8}"
            print(row.format("process", "threads", "PSS, MB", "own, MB"))
            total = 0.0
            for pid in processes(server.pid):
                size, own = (megabytes(pid, one) for one in ("Pss", "Private_Dirty"))
                threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
                print(row.format(command(pid), threads, f"{size:.1f}", f"{own:.1f}"))
                total += size
            print(row.format("total", "", f"{total:.1f}", ""))
            print(f"answers after {answered:.1f} s, warm after {idle:.1f} s")
        finally:
            server.send_signal(signal.SIGINT)


if __name__ == "__main__":
    main()
