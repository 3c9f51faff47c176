"""One version of a dataset, and the cache of what is computed once per version."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from alaqat.i18n import LANGUAGES
from alaqat.rdf.graphs import StoredGraphs
from alaqat.terms import STORE_DEFAULT_GRAPH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    """A dataset that does not change; a change makes another version.

    Args:
        store: what is queried.
        version: names the content; no other content ever has it.
    """

    def __init__(self, store: Store, version: str = "") -> None:
        self.store = store
        self.version = version
        self._lock = Lock()
        self._cache: dict[tuple[Any, ...], _Entry] = {}

    def cached(self, create: Callable[[Dataset, *Ts], T], *arguments: *Ts) -> T:
        """Return what a function creates from this version and some arguments.

        It is called once per version, however many threads ask; the result is kept as
        long as the version, so arguments must have few values. An error is not cached.
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
        """The graphs by name, the store's own default graph if it holds anything.

        They read the store as they are walked; nothing is copied.
        """
        return self.cached(_graphs)

    @property
    def prover(self) -> Prover:
        """Proves what the dataset holds."""
        return self.cached(_prover)

    @property
    def intervals(self) -> Intervals:
        """What held on every day."""
        return self.cached(_intervals)

    @property
    def resolver(self) -> EntityResolver:
        """From what people type to what it names."""
        return self.cached(_resolver)

    def wording(self, language: str) -> TermWording:
        """Terms, triples and rules in words of a language, with their directions."""
        return self.cached(_wordings)[language]

    @property
    def plain_wordings(self) -> Mapping[str, TermWording]:
        """The words of every language, for programs."""
        return self.cached(_plain_wordings)


@dataclass
class _Entry:
    """A cached value, and the lock of the thread that creates it."""

    lock: RLock = field(default_factory=RLock)
    is_set: bool = False
    value: Any = None


# What a query does not need is imported by the one function that makes it.


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
    """The dataset that is current: another one as soon as another snapshot is.

    Args:
        latest: the snapshot that is looked up each time.
    """

    def __init__(self, latest: CurrentSnapshot) -> None:
        self._latest = latest
        self._lock = RLock()
        self._newest: tuple[Snapshot, Dataset] | None = None

    def current(self) -> Dataset:
        """The current dataset; whoever holds an older one may go on with it."""
        snapshot = self._latest.current()
        with self._lock:
            if self._newest is None or self._newest[0] is not snapshot:
                self._newest = snapshot, Dataset(snapshot.store, snapshot.version)
            return self._newest[1]

    def version(self) -> str:
        """The version that is current."""
        return self._latest.current().version
