"""Kill a writer at random moments, again and again, and look for what is lost.

    python bench/kill_writes.py --kills 200

A program writes pairs of numbered triples into a working store and tells each number
once the write is acknowledged. It is killed with all its processes (SIGKILL), at any
moment. Afterwards the store must be whole, hold every acknowledged pair, no half of
one, and at most the one write more that was under way. The exit code is 1 otherwise.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rdflib import PROV, RDF

from alaqat import sources
from alaqat.store import open_store
from alaqat.store.changes import Add
from alaqat.store.published import current
from alaqat.store.working import Committer, Rules, WorkingStore
from alaqat.terms import HISTORY_GRAPH

GRAPH = "urn:x-test:numbers"
RULES = Rules(sources.root(), validates=False)


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def write(folder: Path, first: int) -> None:
    """Write number after number, and tell each once it is acknowledged."""
    store = WorkingStore(folder, RULES, clock=now)
    number = first
    while True:
        line = f'<urn:x-test:n{number}> <urn:x-test:%s> "{number}" .\n'
        pair = (line % "one" + line % "two").encode()
        store.edit(Add(GRAPH, pair), author=f"writer {os.getpid()}")
        print(number, flush=True)
        number += 1


def numbers(folder: Path) -> list[int]:
    """The numbers that the store holds, after checking that it is whole."""
    published = current(folder)  # checks the hash of every file
    graphs = open_store(published.store)
    if GRAPH not in map(str, graphs.graphs()):
        return []
    pairs: dict[int, int] = {}
    for _, _, value in graphs.read(GRAPH):
        pairs[int(str(value))] = pairs.get(int(str(value)), 0) + 1
    assert set(pairs.values()) <= {2}, "half a write is there"
    history = graphs.read(str(HISTORY_GRAPH))
    activities = set(history.subjects(RDF.type, PROV.Activity))
    assert len(activities) == len(pairs), "the history tells other writes"
    return sorted(pairs)


def kill_once(folder: Path, first: int, moment: float) -> list[int]:
    """Run a writer, kill it at a moment, and answer what it told."""
    command = [sys.executable, __file__, "--write", str(folder), "--first", str(first)]
    process = subprocess.Popen(  # noqa: S603 # our own command
        command, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    told = []
    if moment >= 0:
        told = [process.stdout.readline()]
    time.sleep(abs(moment))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    told += process.stdout.read().splitlines()
    process.wait()
    return [int(line) for line in told if line.strip()]


def kill(kills: int, seed: int) -> int:
    """Kill a writer so many times; how many acknowledged writes there were."""
    chance = random.Random(seed)  # noqa: S311 # no secret
    acknowledged = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        Committer(folder, RULES, "first").create(None, now())
        for _ in range(kills):
            before = numbers(folder)
            # Below zero: counted from the start, before the first acknowledgement.
            moment = chance.uniform(-0.8, 1.2)
            told = kill_once(folder, len(before), moment)
            after = numbers(folder)
            assert after == list(range(len(after))), "a write in the middle is lost"
            assert len(before) + len(told) <= len(after), "an acknowledged one is lost"
            assert len(after) <= len(before) + len(told) + 1, "more than was asked"
            acknowledged += len(told)
    return acknowledged


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.write, arguments.first)
    began = time.perf_counter()
    acknowledged = kill(arguments.kills, arguments.seed)
    seconds = time.perf_counter() - began
    print(
        f"{arguments.kills} kills, {acknowledged} acknowledged writes, 0 lost, "
        f"0 stores damaged, {seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
