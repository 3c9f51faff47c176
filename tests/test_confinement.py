"""Confinement: what the system keeps from each process that reads what others sent.

The processes are real ones, with the entry points of readers and writers; what a
process tries replaces only the work that it would do next.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import URIRef

from alaqat.curation import writer_process
from alaqat.curation.backup import create_writable_store
from alaqat.curation.writer_process import WritableStore
from alaqat.errors import AlaqatError, StoreUnavailable
from alaqat.sparql.analysis import QueryAnalysis, analyse_query, analyse_update
from alaqat.store.interface import Add, Update
from alaqat.store.oxigraph import OxigraphStore, wrap_result
from alaqat.store.pool import landlock, seccomp
from alaqat.store.pool.messages import QueryLimits
from alaqat.store.pool.process import WorkerProcess
from alaqat.store.pool.sandbox import SandboxStatus, restrict_process, sandbox_status
from alaqat.store.pool.store import PooledStore
from alaqat.store.pool.worker import QueryWorker, worker_main
from alaqat.store.releases import CurrentSnapshot, publish_release

ALAQAT = Path(sys.executable).with_name("alaqat")
G = URIRef("http://e/graph")
LIMITS = QueryLimits()
clock = partial(next, (datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in range(60)))

needs_seccomp = pytest.mark.skipif(
    not seccomp.is_available(), reason="there is no seccomp or libseccomp here"
)
needs_landlock = pytest.mark.skipif(
    not landlock.version(), reason="the kernel has no Landlock"
)

SYSTEM_CALLS = (
    *("socket", "connect", "sendto", "sendmsg", "io_uring_setup", "io_uring_enter"),
    *("execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv"),
    *("open_by_handle_at", "bpf", "userfaultfd", "keyctl", "personality"),
    *("unshare", "setns", "mount", "chroot", "kexec_load", "init_module"),
)


# What a process tries. Each function is called in it; an OSError is its answer.


def open_socket() -> None:
    """Open a socket."""
    socket.socket().close()


def open_socket_pair() -> None:
    """Open two connected sockets."""
    for end in socket.socketpair():
        end.close()


def count_sockets() -> None:
    """Count the sockets that are open: only the pipe to the parent is one."""
    modes = []
    for number in range(256):
        with suppress(OSError):
            modes.append(os.fstat(number).st_mode)
    assert sum(map(stat.S_ISSOCK, modes)) == 1


def run_program() -> None:
    """Run a program."""
    subprocess.run(["/bin/true"], check=False)


def fork() -> None:
    """Start a process."""
    if os.fork() == 0:
        os._exit(0)


def signal_parent() -> None:
    """Send a signal to the process that started this one."""
    os.kill(os.getppid(), 0)


def run_threads() -> None:
    """Start threads, and take their results."""
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(abs, range(8))) == 28


def use_pipe() -> None:
    """Write to a pipe, and read from it."""
    reading, writing = os.pipe()
    os.write(writing, b"through")
    assert os.read(reading, 10) == b"through"


def read(path: Path) -> None:
    """Read a file."""
    path.read_bytes()


def write(path: Path) -> None:
    """Write a file."""
    path.write_bytes(b"written")


def call(number: int) -> None:
    """Make a system call with arguments that mean nothing."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 6) < 0:
        raise OSError(ctypes.get_errno(), "system call")


Attempt = Callable[[], object]


def outcome(attempt: Attempt) -> str:
    """Return how an attempt ends: done, or the name of its error."""
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def outcomes(attempts: Mapping[str, Attempt]) -> dict[str, str]:
    """Return how each attempt ends."""
    return {name: outcome(attempt) for name, attempt in attempts.items()}


# Processes, each with its own entry point, which send back the outcomes of attempts.


def trying_reader(pipe: Connection, folder: Path) -> None:
    """Run a reader."""

    def handle(worker: QueryWorker, message: Any) -> None:
        worker.connection.send(outcomes(message))

    QueryWorker.handle = handle  # type: ignore[method-assign] # in this process only
    worker_main(pipe, LIMITS, folder)


def trying_writer(pipe: Connection, folder: Path) -> None:
    """Run a writer."""

    def answer(_: object, message: Any) -> Any:
        return outcomes(message)

    writer_process._commit_or_error = answer
    writer_process._writer_main(pipe, folder, None, 4 << 30)


def trying_task(pipe: Connection, _: Path) -> None:
    """Run a task."""
    restrict_process(1 << 30)
    pipe.send(outcomes(pipe.recv()))


KINDS = {"reader": trying_reader, "writer": trying_writer, "task": trying_task}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a writable store, and a secret beside it."""
    place = tmp_path_factory.mktemp("place")
    (place / "secret").write_text("a secret")
    create_writable_store(place / "store", None, clock())
    return place


def tried(kind: str, place: Path, **attempts: Attempt) -> dict[str, str]:
    """Return the outcomes of attempts in a process of a kind."""
    process = WorkerProcess(KINDS[kind], place / "store")
    try:
        if kind == "writer":
            assert process.receive(60) is True
        process.send(attempts)
        found = process.receive(60)
        assert isinstance(found, dict)
        return found
    finally:
        process.close()


@needs_seccomp
@every_kind
def test_no_socket_no_program_no_process(kind: str, place: Path) -> None:
    """Threads and pipes work, and nothing that reaches out of the process."""
    assert tried(
        kind,
        place,
        socket=open_socket,
        pair=open_socket_pair,
        inherited=count_sockets,
        program=run_program,
        process=fork,
        signal=signal_parent,
        threads=run_threads,
        pipe=use_pipe,
    ) == {
        **dict.fromkeys(("socket", "pair", "program", "process", "signal"), "EPERM"),
        **dict.fromkeys(("inherited", "threads", "pipe"), "done"),
    }


@needs_seccomp
@every_kind
def test_system_calls_are_forbidden_by_name(kind: str, place: Path) -> None:
    """Their numbers are those of this processor; clone3 is as if it did not exist."""
    import pyseccomp

    resolve = partial(pyseccomp.resolve_syscall, pyseccomp.Arch.NATIVE)
    numbers = {name: resolve(name) for name in (*SYSTEM_CALLS, "clone3")}
    attempts = {name: partial(call, n) for name, n in numbers.items() if n >= 0}
    assert len(attempts) > 15  # a processor need not have all
    expected = {**dict.fromkeys(attempts, "EPERM"), "clone3": "ENOSYS"}
    assert tried(kind, place, **attempts) == expected


def call_by_number(pipe: Connection, number: int) -> None:
    """Make a system call in a confined process."""
    restrict_process(1 << 30)
    pipe.send("confined")
    ctypes.CDLL(None).syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 3)


@needs_seccomp
@pytest.mark.skipif(platform.machine() != "x86_64", reason="x86-64 has a second mode")
def test_calls_of_another_mode_end_the_process() -> None:
    """The numbers of x32 do not lead around the filter."""
    process = WorkerProcess(call_by_number, 0x40000000 | 41)
    assert process.receive(60) == "confined"
    assert process.close(grace=60) == -signal.SIGSYS


@needs_landlock
@every_kind
def test_no_file_that_is_not_its_own(kind: str, place: Path, tmp_path: Path) -> None:
    """Readers read the store, writers write it, tasks do neither."""
    store = place / "store"
    (tmp_path / "link").symlink_to(store)
    is_reader, is_writer = kind == "reader", kind == "writer"
    assert tried(
        kind,
        place,
        users=partial(read, Path("/etc/passwd")),
        environment=partial(read, Path("/proc/self/environ")),
        secret=partial(read, place / "secret"),
        upwards=partial(read, store / ".." / "secret"),
        own=partial(read, store / "current" / "manifest.json"),
        created=partial(write, store / f"created by a {kind}"),
        elsewhere=partial(write, tmp_path / "created"),
        library=partial(read, Path(json.__file__)),
    ) == {
        **dict.fromkeys(("users", "environment", "secret", "upwards"), "EACCES"),
        "own": "done" if is_reader or is_writer else "EACCES",
        "created": "done" if is_writer else "EACCES",
        "elsewhere": "EACCES",
        "library": "done",
    }


def older_task(pipe: Connection, number: int) -> None:
    """Run a task on a kernel with an older version of Landlock."""
    landlock.version = lambda: number  # type: ignore[assignment] # in this process only
    status = restrict_process(1 << 30)
    users = partial(read, Path("/etc/passwd"))
    pipe.send((status.files, outcome(users), outcome(use_pipe)))


@needs_landlock
@pytest.mark.parametrize("number", range(2, 8))
def test_older_versions_of_landlock_suffice(number: int) -> None:
    """What a version does not know is not requested of it."""
    if number > landlock.version():
        pytest.skip(f"the kernel has Landlock {landlock.version()}")
    process = WorkerProcess(older_task, number)
    try:
        assert process.receive(60) == (number, "EACCES", "done")
    finally:
        process.close()


def statuses(processes: set[int]) -> set[tuple[str, str]]:
    """Return whether processes have a filter, and may not gain privileges."""
    found = set()
    for process in processes:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        values = dict(line.split(":\t") for line in lines if ":\t" in line)
        found.add((values["Seccomp"], values["NoNewPrivs"]))
    return found


def descendants() -> set[int]:
    """Return the processes that the fork server has started."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        fields = path.read_text().rsplit(")", 1)[1].split()
        parents[int(path.parent.name)] = int(fields[1])
    children = {child for child, parent in parents.items() if parent == os.getpid()}
    return {child for child, parent in parents.items() if parent in children}


@needs_seccomp
def test_running_processes_have_the_filter(place: Path) -> None:
    """The kernel says so of the reader and the writer of a store."""
    before = descendants()
    writer = WritableStore(place / "store", None, clock=clock)
    writer.start()
    store = PooledStore(CurrentSnapshot(place / "store"), workers=1)
    try:
        writer.commit(Add(G, b"<urn:a> <urn:p> <urn:o> ."), author="ada")
        assert list(store.query("SELECT * { GRAPH ?g { ?s ?p ?o } } LIMIT 1"))
        started = descendants() - before
        assert len(started) == 2
        assert statuses(started) == {("2", "1")}
    finally:
        store.close()
        writer.close()


def test_a_reader_follows_each_commit(tmp_path: Path) -> None:
    """One reader reads every snapshot of its store, also those made after its start."""
    folder = tmp_path / "store"
    create_writable_store(folder, None, clock())
    writer = WritableStore(folder, None, clock=clock)
    store = PooledStore(CurrentSnapshot(folder), workers=1)
    try:
        for number in range(3):
            line = f"<urn:{number}> <urn:p> <urn:o> .".encode()
            writer.commit(Add(G, line), author="ada")
            found = store.query(f"SELECT ?s {{ GRAPH <{G}> {{ ?s ?p ?o }} }}")
            assert len(list(found)) == number + 1
        assert store.statistics().started == 1
    finally:
        store.close()
        writer.close()


def test_readers_recover_when_the_folder_was_replaced(tmp_path: Path) -> None:
    """A reader may read one folder; for another one of that name there is another."""
    folder = tmp_path / "published"
    publish_release({}, folder, {"number of the build": "1"})
    store = PooledStore(CurrentSnapshot(folder), workers=1)
    try:
        assert not list(store.query("SELECT * { ?s ?p ?o }"))
        folder.rename(tmp_path / "old")
        publish_release({}, folder, {"number of the build": "2"})
        for attempt in count():
            try:
                assert not list(store.query("SELECT * { ?s ?p ?o }"))
                break
            except AlaqatError:
                assert attempt < 1
    finally:
        store.close()


# The engine, with the first wall switched off


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Yield a socket that nobody may connect to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def url(listener: socket.socket) -> str:
    """Return the URL of a listener."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def was_called(listener: socket.socket) -> bool:
    """Return whether somebody has connected to a listener."""
    listener.settimeout(0.2)
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


def forged(text: str, analysis: QueryAnalysis) -> QueryAnalysis:
    """Return the analysis of a harmless text that claims to be that of another."""
    return replace(analysis, text=text)


def engine_query(store: OxigraphStore, analysis: QueryAnalysis, **_: object) -> Any:
    """Hand the text of a query straight to the engine."""
    return wrap_result(store.data.query(analysis.text), {})


def unchecked_reader(pipe: Connection, limits: QueryLimits, folder: Path) -> None:
    """Run a reader that hands every text straight to the engine."""
    OxigraphStore.query = engine_query  # type: ignore[assignment,method-assign] # in this process only
    worker_main(pipe, limits, folder)


def test_the_listener_notices_calls(listener: socket.socket) -> None:
    """Without confinement the engine calls, and an answer is waited for."""
    query = f"SELECT * {{ SERVICE SILENT <{url(listener)}> {{ ?s ?p ?o }} }}"
    calling = Thread(target=lambda: list(ox.Store().query(query)))
    calling.start()
    assert was_called(listener)
    listener.close()
    calling.join()


@pytest.mark.parametrize(
    "pattern",
    ["SERVICE <{url}> {{ ?s ?p ?o }}", "FILTER(1<2)SERVICE#>\n<{url}> {{ ?s ?p ?o }}"],
)
def test_a_query_in_the_engine_calls_nobody(
    pattern: str,
    place: Path,
    listener: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SERVICE is an error of the query, and the reader answers the next one."""
    monkeypatch.setattr("alaqat.store.pool.scheduler.worker_main", unchecked_reader)
    text = f"SELECT * {{ {pattern.format(url=url(listener))} }}"
    harmless = analyse_query("SELECT * { ?s ?p ?o }")
    snapshots = CurrentSnapshot(place / "store")
    store = PooledStore(snapshots, workers=1, limits=QueryLimits(seconds=10))
    try:
        with pytest.raises(StoreUnavailable):
            list(store.query(forged(text, harmless)))
        assert not list(store.query("SELECT * { <urn:none> ?p ?o }"))
        silent = text.replace("SERVICE", "SERVICE SILENT")
        rows = list(store.query(forged(silent, harmless)))
        assert not any(any(row) for row in rows)
    finally:
        store.close()
    assert not was_called(listener)


UPDATES = {
    "service": "INSERT {{ GRAPH <{g}> {{ ?s ?p ?o }} }} "
    "WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "hidden service": "INSERT {{ GRAPH <{g}> {{ ?s ?p ?o }} }} "
    "WHERE {{ FILTER(1<2)SERVICE#>\n<{url}> {{ ?s ?p ?o }} }}",
    "load": "LOAD <{url}> INTO GRAPH <{g}>",
    "load a file": "LOAD <file:///etc/passwd> INTO GRAPH <{g}>",
    "silent load": "LOAD SILENT <{url}> INTO GRAPH <{g}>",
}


@needs_seccomp
@pytest.mark.parametrize("is_checked", [True, False], ids=["checked", "unchecked"])
@pytest.mark.parametrize("name", UPDATES)
def test_an_update_in_the_engine_calls_nobody(
    name: str, is_checked: bool, tmp_path: Path, listener: socket.socket
) -> None:
    """Whether or not the text was checked, nothing is called and nothing written."""
    folder = tmp_path / "store"
    create_writable_store(folder, None, clock())
    text = UPDATES[name].format(g=G, url=url(listener))
    update = Update(text)
    if not is_checked:
        harmless = analyse_update("INSERT DATA { <urn:s> <urn:p> <urn:o> }")
        vars(update)["analysis"] = forged(text, harmless)
    writer = WritableStore(folder, None, clock=clock, timeout=20)
    try:
        if is_checked or "silent" not in name:
            with pytest.raises(AlaqatError):
                writer.commit(update, author="ada")
        else:
            writer.commit(update, author="ada")
    finally:
        writer.close()
    assert not was_called(listener)
    current = CurrentSnapshot(folder).current().store
    assert not list(current.triples((None, None, None), [G]))


# What is in force


def test_readiness_says_what_is_in_force(client: FlaskClient) -> None:
    """The names of the mechanisms are part of the report; health has none."""
    assert client.get("/ready").json["sandbox"] == sandbox_status().as_json()
    assert "sandbox" not in client.get("/health").json


def test_a_trial_leaves_the_process_as_it_was() -> None:
    """The thread that tried is confined, not the process."""
    sandbox_status.cache_clear()
    expected = SandboxStatus(seccomp.is_available(), landlock.version())
    assert sandbox_status() == expected
    open_socket()
    read(Path(__file__))


@pytest.fixture
def without_libseccomp(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a machine that has no libseccomp."""
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    (shadow / "pyseccomp.py").write_text("raise RuntimeError('no libseccomp')")
    return {**os.environ, "PYTHONPATH": str(shadow), "ALAQAT_TOKEN": f"ada:{'t' * 32}"}


def test_a_writable_server_needs_seccomp(
    tmp_path: Path, without_libseccomp: dict[str, str]
) -> None:
    """It says what is missing and how to go on, and creates nothing."""
    folder = tmp_path / "working"
    refused = subprocess.run(
        [ALAQAT, "serve", "--port", "0", "--empty", "--writable", folder],
        env=without_libseccomp,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 3
    assert "libseccomp2" in refused.stderr
    assert "--allow-unsandboxed" in refused.stderr
    assert not folder.exists()


@pytest.mark.slow
def test_a_server_warns_of_what_is_missing(
    tmp_path: Path, without_libseccomp: dict[str, str]
) -> None:
    """With the option it starts, and readiness reports it."""
    from urllib.request import urlopen

    with subprocess.Popen(
        [
            *(ALAQAT, "serve", "--port", "0", "--empty", "--allow-unsandboxed"),
            *("--writable", tmp_path / "working"),
        ],
        env=without_libseccomp,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        address = process.stdout.readline().strip()
        with urlopen(f"{address}/ready", timeout=10) as response:
            ready = json.load(response)
        process.terminate()
        process.wait(30)
        warning = process.stderr.readline()
    assert ready["sandbox"]["sockets"] == "none"
    assert warning.startswith("Warning:")
    assert "sockets: none" in warning


WITHOUT_LANDLOCK = """
import pyseccomp

hidden = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
name = "landlock_create_ruleset"
hidden.add_rule(pyseccomp.ERRNO({error}), name)
hidden.load()

from pathlib import Path
from alaqat.store.pool.sandbox import sandbox_status
from alaqat.store.pool.store import PooledStore
from alaqat.store.releases import CurrentSnapshot

if __name__ == "__main__":
    store = PooledStore(CurrentSnapshot(Path({folder!r})), workers=1)
    print(sandbox_status().as_json(), len(list(store.query("SELECT * {{}}"))))
    store.close()
"""


@needs_seccomp
@pytest.mark.parametrize("error", [errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM])
def test_queries_run_without_landlock(place: Path, tmp_path: Path, error: int) -> None:
    """An older kernel, or one that has it switched off, is reported as such."""
    script = tmp_path / "older.py"
    script.write_text(WITHOUT_LANDLOCK.format(error=error, folder=str(place / "store")))
    printed = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True
    ).stdout
    assert printed == "{'sockets': 'seccomp', 'files': 'none'} 1\n"
