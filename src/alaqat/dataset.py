"""One version of a dataset, and what is made of it when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, TypeVar

from alaqat.asof import Stretches
from alaqat.explain import Explainer, Names, Words
from alaqat.formats.stored_graphs import StoredGraphs
from alaqat.language import LANGUAGES
from alaqat.terms import OWN_GRAPH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rdflib import Graph, URIRef

    from alaqat.store import Store
    from alaqat.store.latest import Latest, Snapshot


T = TypeVar("T")


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
        self._made: dict[Callable[[Dataset], Any], _Made] = {}

    def made(self, make: Callable[[Dataset], T]) -> T:
        """What a function makes of this version, made when it is first asked for.

        Made once, however many ask at first; who asks for something else does not wait.
        """
        with self._lock:
            one = self._made.setdefault(make, _Made())
        with one.lock:
            if not one.is_made:
                one.value, one.is_made = make(self), True
            found: T = one.value
            return found

    @property
    def graphs(self) -> Mapping[URIRef, Graph]:
        """The graphs by name, the store's own default graph if it holds anything.

        They read the store as they are walked; nothing is copied.
        """
        return self.made(_graphs)

    @property
    def explainer(self) -> Explainer:
        """Proves what the dataset holds."""
        return self.made(_explainer)

    @property
    def stretches(self) -> Stretches:
        """What held on every day."""
        return self.made(_stretches)

    @property
    def names(self) -> Names:
        """From what people type to what it names."""
        return self.made(_names)

    def words(self, language: str) -> Words:
        """Terms, triples and rules in words of a language, with their directions."""
        return self.made(_words)[language]

    @property
    def plain_words(self) -> Mapping[str, Words]:
        """The words of every language, for programs."""
        return self.made(_plain_words)


@dataclass
class _Made:
    """What one function makes, and who may make it now."""

    lock: RLock = field(default_factory=RLock)
    is_made: bool = False
    value: Any = None


def _graphs(dataset: Dataset) -> Mapping[URIRef, Graph]:
    return StoredGraphs(dataset.store, OWN_GRAPH)


def _explainer(dataset: Dataset) -> Explainer:
    return Explainer(dataset.graphs)


def _stretches(dataset: Dataset) -> Stretches:
    return Stretches(dataset.explainer)


def _names(dataset: Dataset) -> Names:
    return Names(dataset.graphs)


def _words(dataset: Dataset) -> Mapping[str, Words]:
    return {code: Words(dataset.graphs, code) for code in LANGUAGES}


def _plain_words(dataset: Dataset) -> Mapping[str, Words]:
    return Words.both(dataset.graphs)


class Datasets:
    """The dataset that is current: another one as soon as another snapshot is.

    Args:
        latest: the snapshot that is looked up each time.
    """

    def __init__(self, latest: Latest) -> None:
        self._latest = latest
        self._lock = RLock()
        self._made: tuple[Snapshot, Dataset] | None = None

    def current(self) -> Dataset:
        """The current dataset; whoever holds an older one may go on with it."""
        snapshot = self._latest.current()
        with self._lock:
            if self._made is None or self._made[0] is not snapshot:
                self._made = snapshot, Dataset(snapshot.store, snapshot.version)
            return self._made[1]

    def version(self) -> str:
        """The version that is current."""
        return self._latest.current().version
