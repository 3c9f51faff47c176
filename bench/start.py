"""Start-up time of the command line: python bench/start.py [--runs N].

Each command runs in a process of its own, over a built dataset. Prints the minimum and
the median wall time in seconds; the first line is Python alone.
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
    """Return the seconds that a command takes; it must succeed."""
    began = perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - began


def main() -> None:
    """Print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    runs = range(parser.parse_args().runs)
    print("   min  median  command")
    for command in ((sys.executable, "-c", ""), *((ALAQAT, *c) for c in COMMANDS)):
        times = [seconds(command) for _ in runs]
        shown = " ".join((Path(command[0]).name, *command[1:]))
        print(f"{min(times):6.3f} {statistics.median(times):7.3f}  {shown}")


if __name__ == "__main__":
    main()
