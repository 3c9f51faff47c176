"""One version of a dataset, and what is made of it when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from alaqat.asof import Stretches
from alaqat.explain import Explainer, Names, Words
from alaqat.language import LANGUAGES

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
        self._lock = RLock()
        self._made: dict[Callable[[Dataset], Any], Any] = {}

    @property
    def graphs(self) -> Mapping[URIRef, Graph]:
        """All named graphs, read once however many ask at first."""
        with self._lock:
            return self._graphs

    @property
    def explainer(self) -> Explainer:
        """Proves what the dataset holds."""
        with self._lock:
            return self._explainer

    @property
    def stretches(self) -> Stretches:
        """What held on every day."""
        with self._lock:
            return self._stretches

    @property
    def names(self) -> Names:
        """From what people type to what it names."""
        with self._lock:
            return self._names

    def made(self, make: Callable[[Dataset], T]) -> T:
        """What a function makes of this version, made when it is first asked for."""
        with self._lock:
            if make not in self._made:
                self._made[make] = make(self)
            found: T = self._made[make]
            return found

    def words(self, language: str) -> Words:
        """Terms, triples and rules in words of a language, with their directions."""
        with self._lock:
            return self._words[language]

    @property
    def plain_words(self) -> Mapping[str, Words]:
        """The words of every language, for programs."""
        with self._lock:
            return self._plain_words

    @cached_property
    def _graphs(self) -> Mapping[URIRef, Graph]:
        return {name: self.store.read(name) for name in self.store.graphs()}

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.graphs)

    @cached_property
    def _stretches(self) -> Stretches:
        return Stretches(self.explainer)

    @cached_property
    def _names(self) -> Names:
        return Names(self.graphs)

    @cached_property
    def _words(self) -> Mapping[str, Words]:
        return {code: Words(self.graphs, code) for code in LANGUAGES}

    @cached_property
    def _plain_words(self) -> Mapping[str, Words]:
        return Words.both(self.graphs)


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
