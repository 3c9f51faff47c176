"""Benchmark of the SPARQL endpoint: throughput, latency under load, memory.

    python bench/endpoint.py [--triples 100000] [--seconds 8]

Publishes synthetic facts, serves them on loopback and prints: requests per second of a
light query from several clients; the latency of light queries and of /health while
eight queries run that never end; the memory of the process that answers while a result
of a million rows is downloaded.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from alaqat.locations import knowledge_root
from alaqat.rdf.graphs import new_graph
from alaqat.store.releases import publish_release
from alaqat.terms import facts_graph
from synthetic import facts

LIGHT = "SELECT ?o { <https://w3id.org/alaqat/id/state/%d> ?p ?o } LIMIT 10 # %d"
DEATH = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
MILLION = "SELECT * { ?s ?p ?o . ?x a ?y } LIMIT 1000000"
START = (
    "import sys; from pathlib import Path; from alaqat.web.server import serve; "
    "serve(Path(sys.argv[1]), Path(sys.argv[2]), port=0, "
    "ready=lambda address: print(address, flush=True))"
)


class Client:
    """A persistent connection."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(
            address.removeprefix("http://"), timeout=60
        )

    def get(self, path: str) -> tuple[int, int]:
        """Return the status and the size of a response, whose body is discarded."""
        self._connection.request("GET", path)
        reply = self._connection.getresponse()
        size = 0
        while piece := reply.read(1 << 16):
            size += len(piece)
        return reply.status, size


def query(text: str, **more: str) -> str:
    """Return the path of a query."""
    return "/sparql?" + urlencode({"query": text, **more})


def report(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def light(number: int) -> str:
    """Return the path of a light query that is unique, so never cached."""
    return query(LIGHT % (number % 2000, number))


def timed(client: Client, path: str) -> float:
    """Return the seconds of a request; exit if its status is not 200."""
    start = time.perf_counter()
    status, _ = client.get(path)
    if status != 200:
        raise SystemExit(f"{path[:60]} answered {status}")
    return time.perf_counter() - start


def load(address: str, clients: int, seconds: float) -> list[float]:
    """Send light queries from several clients; return the seconds of each."""
    end = time.monotonic() + seconds

    def ask(number: int) -> list[float]:
        client, times = Client(address), []
        while time.monotonic() < end:
            number += clients
            times.append(timed(client, light(number)))
        return times

    with ThreadPoolExecutor(clients) as crowd:
        return [one for times in crowd.map(ask, range(clients)) for one in times]


def report_times(name: str, times: list[float]) -> None:
    """Print the median, 99th percentile and maximum in milliseconds."""
    times = sorted(times)
    p99 = times[int(len(times) * 0.99)]
    report(
        f"{name}: {len(times)} answers, median {statistics.median(times) * 1000:.1f}, "
        f"p99 {p99 * 1000:.1f}, maximum {times[-1] * 1000:.1f} ms"
    )


def beside_deaths(address: str, seconds: float) -> None:
    """Measure light queries and /health while eight queries run that never end."""
    limit = str(seconds + 3)
    with ThreadPoolExecutor(8) as crowd:
        deaths = [
            crowd.submit(Client(address).get, query(f"{DEATH} # {n}", timeout=limit))
            for n in range(8)
        ]
        time.sleep(2)  # until they count as long
        client, health, lookups = Client(address), [], []
        end = time.monotonic() + seconds
        number = 1_000_000  # none was sent before
        while time.monotonic() < end:
            number += 1
            lookups.append(timed(client, light(number)))
            health.append(timed(client, "/health"))
            time.sleep(0.005)
        running = sum(not death.done() for death in deaths)
        report_times(f"light query beside {running} queries of death", lookups)
        report_times(f"/health beside {running} queries of death", health)
        answered = sorted({int(death.result()[0]) for death in deaths})
        report(f"statuses of the queries of death: {answered}")


def resident(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / (1 << 20)


def peak_memory(pid: int, act: Callable[[], object]) -> tuple[float, float]:
    """Run something; return a process's memory before and its peak, in MiB."""
    before = most = resident(pid)
    done = threading.Event()
    thread = threading.Thread(target=lambda: (act(), done.set()))
    thread.start()
    while not done.wait(0.02):
        most = max(most, resident(pid))
    thread.join()
    return before, most


def child(pid: int) -> int:
    """Return the first child of a process."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0])


def main() -> None:
    """Publish, serve and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        graph = new_graph(facts(options.triples))
        publish_release({facts_graph("synthetic"): graph}, Path(folder), {})
        server = subprocess.Popen(  # our own
            [sys.executable, "-c", START, folder, str(knowledge_root())],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            if server.stdout is None:
                raise SystemExit("the server has no output")
            address = server.stdout.readline().strip()
            for clients in (1, 1, 8):  # first during the warm-up, then after
                times = load(address, clients, options.seconds)
                report(
                    f"{clients} clients: {len(times) / options.seconds:.0f} per second"
                )
                report_times("light query", times)
            beside_deaths(address, options.seconds)
            sizes: list[tuple[int, int]] = []
            before, most = peak_memory(
                child(server.pid),
                lambda: sizes.append(Client(address).get(query(MILLION, format="csv"))),
            )
            report(f"a million rows: {sizes}, {before:.0f} MiB before, peak {most:.0f}")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


if __name__ == "__main__":
    main()
