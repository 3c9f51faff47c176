"""The write-ahead log of an Oxigraph store: the graphs that a transaction wrote.

The engine (RocksDB) appends each write to a log before it applies it. The keys in the
log show which graphs were written, at a cost that grows with the change and not with
the store. This is the engine's own account, whatever the text of the update says. If
anything in a log is not as it was in a trial store, the answer is that any graph may
have been written.
"""

from __future__ import annotations

import struct
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from alaqat.store.differences import DEFAULT_GRAPH_KEY

# https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format
_BLOCK, _HEADER = 32_768, struct.Struct("<IHBI")  # checksum, size, kind, log number
_FULL, _FIRST, _MIDDLE, _LAST = range(5, 9)
_BATCH_HEADER = struct.Struct("<QI")
_DELETE, _PUT, _FAMILY_DELETE, _FAMILY_PUT, _FAMILY_RANGE = 0, 1, 4, 5, 14

_FILES = (".log", ".sst")
_HASH_BYTES = 16  # of a name, by which the keys of quads refer to it
_MAX_SHORT_KEY = 17  # a name's hash with the type of the term; quads have longer keys
_TRIALS = 3  # to learn from a trial store
_MAX_WRITES = 60_000  # that are looked at; after more, all graphs are compared


class UnknownLayoutError(Exception):
    """A log is not as expected."""


class _Write(NamedTuple):
    """One key that was put or deleted, in a column family of the engine."""

    family: int
    key: bytes
    value: bytes


@dataclass(frozen=True)
class _Layout:
    """The column families that hold the quads of the default and of named graphs."""

    default: frozenset[int]
    named: frozenset[int]


@dataclass(frozen=True)
class LogPosition:
    """The state of a store's files between two transactions.

    Attributes:
        folder: of the store, which no other process has open.
        files: the sizes of the older logs and of the tables, which no write changes.
        newest: the log that is written to.
        content: of that log. Behind its own records it may have some of an earlier log,
            since the engine uses files again.
    """

    folder: Path
    files: Mapping[Path, int]
    newest: Path
    content: bytes

    @classmethod
    def of(cls, folder: Path) -> LogPosition:
        """Return the present position of the store in a folder."""
        files = {}
        for path in folder.iterdir():
            if path.suffix in _FILES:
                with suppress(FileNotFoundError):  # the engine has just removed it
                    files[path] = path.stat().st_size
        logs = (path for path in files if path.suffix == _FILES[0])
        newest = max(logs, key=_number, default=folder / f"0{_FILES[0]}")
        content = newest.read_bytes() if files.pop(newest, 0) else b""
        return cls(folder, files, newest, content)

    def writes_since(self) -> Iterator[_Write]:
        """Yield what was written since then.

        Raises:
            UnknownLayoutError: a log is not as expected.
        """
        now = LogPosition.of(self.folder)
        has_new_files = not now.files.items() <= self.files.items()
        if has_new_files or now.newest != self.newest:
            raise UnknownLayoutError  # the log may have been replaced, or bypassed
        old, new, end = self.content, now.content, 0
        unchanged = _common_length(old, new)
        for batch, end in _batches(new, _number(now.newest)):
            if end > unchanged:
                yield from _parse_batch(batch)
        if new[end:] != old[end:]:
            raise UnknownLayoutError  # there is something new that is no record


def _number(log: Path) -> int:
    """Return the number of a log, which is its name."""
    return int(log.stem)


def _common_length(one: bytes, two: bytes) -> int:
    """Return how many bytes two contents have in common from their start."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == two[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class WriteLog:
    """Reads the logs of the stores that one process writes, one after the other."""

    def __init__(self) -> None:
        self._layout: _Layout | None = None
        self._hashes: dict[str, bytes] = {}  # of the names of graphs

    def written_graphs(
        self, since: LogPosition, names: Collection[str]
    ) -> frozenset[str] | None:
        """Return the graphs that one transaction may have written, among some.

        Args:
            since: the position before the transaction.
            names: of the named graphs before and after it.

        Returns:
            Their names, ``DEFAULT_GRAPH_KEY`` for the default graph; None if any graph
            may have been written.
        """
        try:
            writes = list(islice(since.writes_since(), _MAX_WRITES + 1))
            layout = self._learn(set(names), since.folder.parent)
            codes = {self._hashes[name]: name for name in names}
            return frozenset(_written(writes, layout, codes))
        except (UnknownLayoutError, OSError, ValueError, struct.error, IndexError):
            return None

    def _learn(self, names: set[str], place: Path) -> _Layout:
        """Return the layout of keys, and learn the hashes of names.

        Args:
            names: of graphs.
            place: a folder for trial stores.
        """
        missing = names - self._hashes.keys()
        for _ in range(_TRIALS):
            if self._layout is not None and not missing:
                break
            with suppress(UnknownLayoutError):  # the engine may still prepare its files
                self._layout, hashes = _try_out(missing, place)
                self._hashes.update(hashes)
                missing = names - self._hashes.keys()
        if self._layout is None or missing:
            raise UnknownLayoutError
        return self._layout


def _try_out(names: set[str], place: Path) -> tuple[_Layout, Mapping[str, bytes]]:
    """Return the layout of keys, and the hashes of names, from a trial store."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        store = ox.Store(folder)
        _await_rest(Path(folder))
        layout = _learn_layout(store, Path(folder))
        before = LogPosition.of(Path(folder))
        for name in names:
            store.add_graph(ox.NamedNode(name))
        found = {write.value: write.key for write in before.writes_since()}
    hashes = {name: found.get(name.encode(), b"") for name in names}
    return layout, {n: code for n, code in hashes.items() if len(code) == _HASH_BYTES}


def _await_rest(folder: Path) -> None:
    """Wait until the engine has prepared the files of a new store, for a second."""
    for _ in range(20):
        before = LogPosition.of(folder)
        time.sleep(0.05)
        if LogPosition.of(folder) == before:
            return


def _learn_layout(store: ox.Store, folder: Path) -> _Layout:
    """Learn the column families from quads that are written to a trial store."""
    subject, predicate, value, graph = (ox.NamedNode(f"urn:x:{n}") for n in "spog")
    families = []
    for quad in (
        ox.Quad(subject, predicate, value),
        ox.Quad(subject, predicate, value, graph),
    ):
        for write in (store.add, store.remove):
            before = LogPosition.of(folder)
            write(quad)
            keys = [w for w in before.writes_since() if len(w.key) > _MAX_SHORT_KEY]
            families.append(frozenset(w.family for w in keys))
    default, removed, named, removed_named = families
    is_known = default and named and not default & named
    if not is_known or (default, named) != (removed, removed_named):
        raise UnknownLayoutError
    return _Layout(default, named)


def _written(
    writes: list[_Write], layout: _Layout, codes: Mapping[bytes, str]
) -> Iterator[str]:
    """Yield the graphs that keys belong to, and others whose names are in them."""
    if len(writes) > _MAX_WRITES:
        raise UnknownLayoutError
    for write in writes:
        if write.family in layout.default:
            yield DEFAULT_GRAPH_KEY
        elif write.family in layout.named:
            found = _names_in(write.key, codes)
            if not found:  # a range, or a graph that was created and dropped again
                raise UnknownLayoutError
            yield from found
        elif len(write.key) > _MAX_SHORT_KEY:
            raise UnknownLayoutError


def _names_in(key: bytes, codes: Mapping[bytes, str]) -> list[str]:
    """Return the graphs whose hash is anywhere in a key."""
    ends = range(_HASH_BYTES, len(key) + 1)
    return [codes[code] for e in ends if (code := key[e - _HASH_BYTES : e]) in codes]


def _batches(log: bytes, number: int) -> Iterator[tuple[bytes, int]]:
    """Yield the write batches at the start of a log, each with the offset of its end.

    A batch may be in several fragments. Each has the number of its log: behind the last
    one there may be fragments of an earlier log.
    """
    start, batch, is_open = 0, b"", False
    while start + _HEADER.size <= len(log):
        left = _BLOCK - start % _BLOCK
        if left < _HEADER.size:  # the end of a block is filled up
            start += left
            continue
        _, size, kind, owner = _HEADER.unpack_from(log, start)
        start += _HEADER.size + size
        is_first = kind in (_FULL, _FIRST)
        is_valid = start <= len(log) and _FULL <= kind <= _LAST and owner == number
        if not is_valid or is_first == is_open:
            return
        fragment = log[start - size : start]
        batch = fragment if is_first else batch + fragment
        is_open = kind in (_FIRST, _MIDDLE)
        if not is_open:
            yield batch, start


def _parse_batch(batch: bytes) -> Iterator[_Write]:
    """Yield the writes of a batch; a range of keys that is deleted counts as no key."""
    _, count = _BATCH_HEADER.unpack_from(batch)
    offset = _BATCH_HEADER.size
    for _ in range(count):
        kind, family, value, offset = batch[offset], 0, b"", offset + 1
        if kind not in (_DELETE, _PUT, _FAMILY_DELETE, _FAMILY_PUT, _FAMILY_RANGE):
            raise UnknownLayoutError
        if kind in (_FAMILY_DELETE, _FAMILY_PUT, _FAMILY_RANGE):
            family, offset = _parse_number(batch, offset)
        key, offset = _parse_text(batch, offset)
        if kind in (_PUT, _FAMILY_PUT, _FAMILY_RANGE):
            value, offset = _parse_text(batch, offset)
        yield _Write(family, b"" if kind == _FAMILY_RANGE else key, value)
    if offset != len(batch):
        raise UnknownLayoutError


def _parse_number(batch: bytes, offset: int) -> tuple[int, int]:
    """Return a number of 7 bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte, offset = batch[offset], offset + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, offset


def _parse_text(batch: bytes, offset: int) -> tuple[bytes, int]:
    """Return bytes that follow their number, and where they end."""
    size, offset = _parse_number(batch, offset)
    if offset + size > len(batch):
        raise UnknownLayoutError
    return batch[offset : offset + size], offset + size
