"""A dataset version, and the cache of what is computed once per version."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from alaqat.i18n import LANGUAGES
from alaqat.rdf.graphs import StoredGraphs
from alaqat.terms import STORE_DEFAULT_GRAPH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rdflib import Graph, URIRef

    from alaqat.asof.intervals import Intervals
    from alaqat.proofs.prover import Prover
    from alaqat.proofs.resolver import EntityResolver
    from alaqat.proofs.wording import TermWording
    from alaqat.store.interface import Store
    from alaqat.store.releases import CurrentSnapshot, Snapshot


T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Dataset:
    """One immutable version of a dataset.

    Args:
        store: the store to query.
        version: identifies the content; no other content has the same.
        folder: of its snapshot on disk; None for a store in memory.
    """

    def __init__(
        self, store: Store, version: str = "", folder: Path | None = None
    ) -> None:
        self.store = store
        self.version = version
        self.folder = folder
        self._lock = Lock()
        self._cache: dict[tuple[Any, ...], _Entry] = {}

    def cached(self, create: Callable[[Dataset, *Ts], T], *arguments: *Ts) -> T:
        """Return the result of a function of this version and some arguments.

        The function is called once per version, whatever the number of threads. The
        result lives as long as the version, so that arguments must have few values.
        Exceptions are not cached.
        """
        key = (create, *arguments)
        with self._lock:
            entry = self._cache.setdefault(key, _Entry())
        with entry.lock:
            if not entry.is_set:
                try:
                    entry.value, entry.is_set = create(self, *arguments), True
                except BaseException:
                    with self._lock:
                        self._cache.pop(key, None)
                    raise
            value: T = entry.value
            return value

    @property
    def graphs(self) -> Mapping[URIRef, Graph]:
        """The graphs by name, with the store's unnamed graph unless it is empty.

        They read from the store on access; nothing is copied.
        """
        return self.cached(_graphs)

    @property
    def prover(self) -> Prover:
        """The prover of the dataset's triples."""
        return self.cached(_prover)

    @property
    def intervals(self) -> Intervals:
        """The intervals in which each triple held."""
        return self.cached(_intervals)

    @property
    def resolver(self) -> EntityResolver:
        """The resolver of typed names to terms."""
        return self.cached(_resolver)

    def wording(self, language: str) -> TermWording:
        """Return the wording of terms, triples and rules in a language."""
        return self.cached(_wordings)[language]

    @property
    def plain_wordings(self) -> Mapping[str, TermWording]:
        """The wording in every language, without bidi isolates, for programs."""
        return self.cached(_plain_wordings)


@dataclass
class _Entry:
    """A cached value, and the lock held by the thread that creates it."""

    lock: RLock = field(default_factory=RLock)
    is_set: bool = False
    value: Any = None


# Imported on first use: most commands need only a few of these.


def _graphs(dataset: Dataset) -> Mapping[URIRef, Graph]:
    return StoredGraphs(dataset.store, STORE_DEFAULT_GRAPH)


def _prover(dataset: Dataset) -> Prover:
    from alaqat.proofs.prover import Prover

    return Prover(dataset.graphs)


def _intervals(dataset: Dataset) -> Intervals:
    from alaqat.asof.intervals import Intervals

    return Intervals(dataset.prover)


def _resolver(dataset: Dataset) -> EntityResolver:
    from alaqat.proofs.resolver import EntityResolver

    return EntityResolver(dataset.graphs)


def _wordings(dataset: Dataset) -> Mapping[str, TermWording]:
    from alaqat.proofs.wording import TermWording

    return {code: TermWording(dataset.graphs, code) for code in LANGUAGES}


def _plain_wordings(dataset: Dataset) -> Mapping[str, TermWording]:
    from alaqat.proofs.wording import TermWording

    return TermWording.for_programs(dataset.graphs)


class Datasets:
    """Tracks the current dataset version, which follows the current snapshot."""

    def __init__(self, snapshot: CurrentSnapshot) -> None:
        self._snapshot = snapshot
        self._lock = RLock()
        self._current: tuple[Snapshot, Dataset] | None = None

    def current(self) -> Dataset:
        """Return the current dataset; older ones remain usable by their holders."""
        snapshot = self._snapshot.current()
        with self._lock:
            if self._current is None or self._current[0] is not snapshot:
                dataset = Dataset(snapshot.store, snapshot.version, snapshot.folder)
                self._current = snapshot, dataset
            return self._current[1]

    def version(self) -> str:
        """Return the current version."""
        return self._snapshot.current().version
