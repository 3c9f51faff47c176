"""How long the command line takes to start: python bench/start.py [--runs N].

Each command runs in a process of its own over a dataset that is built; what is printed
is the fastest and the middle of its runs, in seconds by the clock, and how long Python
takes to do nothing.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

COMMANDS = (
    ("--version",),
    ("--help",),
    ("query", "--help"),
    ("query", "embassies-by-city"),
    ("query", "members-of-an-organization", "--param", "organization=org:osce"),
    ("info",),
)
ALAQAT = str(Path(sys.executable).with_name("alaqat"))


def seconds(command: tuple[str, ...]) -> float:
    """How long a command takes, which must succeed."""
    began = perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - began


def main() -> None:
    """Print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    runs = range(parser.parse_args().runs)
    print(" least  middle  command")
    for command in ((sys.executable, "-c", ""), *((ALAQAT, *c) for c in COMMANDS)):
        times = [seconds(command) for _ in runs]
        shown = " ".join((Path(command[0]).name, *command[1:]))
        print(f"{min(times):6.3f} {statistics.median(times):7.3f}  {shown}")


if __name__ == "__main__":
    main()
