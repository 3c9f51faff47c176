"""Kill a writer at random moments, again and again, and look for what is lost.

    python bench/kill_writes.py --kills 200          # the process that commits
    python bench/kill_writes.py --kills 20 --whole   # a program, and that process

A process writes pairs of numbered triples into a writable store and tells each number
once the write is acknowledged. It is killed (SIGKILL) at a moment that is drawn evenly
from its start to some commits later, so every part of a commit is met in proportion to
the time that it takes. Then the store must open, hold every acknowledged pair, no half
of one, and at most the one write more that was under way. What the killed left behind
tells how far they had come. The exit code is 1 if anything is amiss.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from rdflib import PROV, RDF

from alaqat.curation.backup import create_writable_store
from alaqat.curation.commit import Committer
from alaqat.curation.model import CommitRequest
from alaqat.curation.writer_process import WritableStore
from alaqat.errors import AlaqatError
from alaqat.store.interface import Add
from alaqat.store.releases import current_release, open_store
from alaqat.terms import HISTORY_GRAPH

GRAPH = "urn:x-test:numbers"
CONTEXT = multiprocessing.get_context("forkserver")
COMMITS = 2  # that most writers make before they are killed
FIRST = 1.0  # seconds that the first writer has at most; later ones as it turns out
LONGEST = 60.0  # seconds in which a writer must have begun


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def pair(number: int) -> Add:
    """The change that writes a number, twice."""
    line = f'<urn:x-test:n{number}> <urn:x-test:%s> "{number}" .\n'
    return Add(GRAPH, (line % "one" + line % "two").encode())


def write(pipe: Connection, folder: Path, first: int, whole: bool) -> None:
    """Write number after number, and tell each once it is acknowledged."""
    os.setpgid(0, 0)  # so that all processes of a program are killed at once
    store = WritableStore(folder, None, clock=now) if whole else None
    committer = Committer(folder, None, str(os.getpid()))
    pipe.send(None)
    number = first
    while True:
        if store:
            store.commit(pair(number), author="bench")
        else:
            committer.commit(CommitRequest(pair(number), "bench", now()))
        pipe.send(number)
        number += 1


class Run:
    """A series of kills of writers to one store.

    Args:
        folder: of the store.
        whole: whether the writers are programs with a process that commits.
        chance: draws the moments.
    """

    def __init__(self, folder: Path, chance: random.Random, *, whole: bool) -> None:
        self.folder, self.whole, self._chance = folder, whole, chance
        self.found: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self._longest = FIRST
        self._held = 0

    def kill(self) -> None:
        """Kill one writer, and look at what is there."""
        told = self._killed()
        self.found["kills"] += 1
        self.found["acknowledged"] += len(told)
        self.left[self._leftover()] += 1
        self._longest *= 1.1 if len(told) < COMMITS else 0.9
        try:
            numbers = self._numbers()
        except AlaqatError as error:
            print(error, file=sys.stderr)
            self.found["unopened"] += 1
            return
        wanted = range(self._held + len(told))
        self.found["lost"] += len(set(wanted) - set(numbers))
        self.found["unasked"] += len(set(numbers) - {*wanted, len(wanted)})
        self._held = len(numbers)

    def _killed(self) -> list[int]:
        """Run a writer, kill it at a moment, and answer what it told."""
        ours, theirs = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(
            target=write, args=(theirs, self.folder, self._held, self.whole)
        )
        process.start()
        theirs.close()
        assert ours.poll(LONGEST), "the writer does not begin"
        ours.recv()
        time.sleep(self._chance.uniform(0, self._longest))
        os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
        told = []
        try:
            while True:
                told.append(ours.recv())
        except EOFError:
            return told

    def _leftover(self) -> str:
        """How far the killed writer had come, by what it left."""
        newest = (self.folder / "current").resolve().name
        names = sorted(path.name for path in self.folder.iterdir())
        if any(name.startswith(".partial-") for name in names):
            return "writing a snapshot"
        if any(name[0].isdigit() and name > newest for name in names):
            return "before the link moved"
        if any(name.startswith(".copy-") for name in names):
            return "in or beside its copy"
        return "before it had a copy"

    def _numbers(self) -> list[int]:
        """The numbers that the store holds, after checking that it is whole."""
        published = current_release(self.folder)  # checks the hash of every file
        graphs = open_store(published.store)
        if GRAPH not in map(str, graphs.graphs()):
            return []
        pairs = Counter(int(str(value)) for _, _, value in graphs.read(GRAPH))
        history = graphs.read(str(HISTORY_GRAPH))
        activities = set(history.subjects(RDF.type, PROV.Activity))
        halves = sum(count != 2 for count in pairs.values())
        self.found["half"] += halves + abs(len(activities) - len(pairs))
        return sorted(pairs)


def told(run: Run, seconds: float) -> str:
    """What came of it, in words."""
    found = run.found
    return (
        f"{found['kills']} kills, {found['acknowledged']} acknowledged writes, "
        f"{found['lost']} lost, {found['half']} half, "
        f"{found['unasked']} not asked for, "
        f"{found['unopened']} stores that did not open, {seconds:.0f} s\n"
        + ", ".join(f"{number} {where}" for where, number in run.left.most_common())
    )


def main() -> int:
    """Read the arguments, and kill until it is enough or time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1800, help="at most")
    parser.add_argument("--whole", action="store_true")
    arguments = parser.parse_args()
    CONTEXT.set_forkserver_preload(["alaqat.curation.commit"])
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        create_writable_store(Path(place), None, now())
        chance = random.Random(arguments.seed)  # no secret
        run = Run(Path(place), chance, whole=arguments.whole)
        for _ in range(arguments.kills):
            if time.monotonic() - began < arguments.seconds:
                run.kill()
    print(told(run, time.monotonic() - began))
    amiss = sum(run.found[each] for each in ("lost", "half", "unasked", "unopened"))
    return 1 if amiss or run.found["kills"] < arguments.kills else 0


if __name__ == "__main__":
    sys.exit(main())
