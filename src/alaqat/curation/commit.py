"""Commits: each change is one transaction on a writable store.

The change is applied to a private copy of the current snapshot, checked by the hook,
recorded in the changelog and published as the next snapshot. What it changed follows
from the quads, never from its text. Whatever fails on the way leaves the current
snapshot as it is, and a copy that is not published is discarded.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from alaqat.curation.changelog_graph import activity_iri, describe_change
from alaqat.curation.graph_cache import GraphCache
from alaqat.curation.history_chain import HistoryHead, append_entry
from alaqat.curation.model import (
    DEFAULT_COMMIT_TIMEOUT,
    SYSTEM_GRAPHS,
    CommitRequest,
    InferenceHook,
    check_writable,
    update_graph_sizes,
)
from alaqat.curation.snapshots import Snapshots, no_store_error, unwritable_error
from alaqat.errors import Conflict
from alaqat.store import differences
from alaqat.store.differences import DEFAULT_GRAPH_KEY, Difference, GraphContent
from alaqat.store.interface import Add, CommitResult, Drop, Mutation, Replace, Update
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import (
    apply_to_graph,
    creates_graph,
    graph_name,
    parse_quads,
    to_sparql_update,
)
from alaqat.store.releases import Release, open_store
from alaqat.store.write_log import LogPosition, WriteLog
from alaqat.terms import HISTORY_GRAPH, INFERRED_GRAPH, META_GRAPH

MAX_COMPARED_TRIPLES = 100_000
"""The changelog records no differences of a graph with more, but its new content."""

Differences = Mapping[str, Difference | GraphContent]


@dataclass
class _WorkingCopy:
    """A private copy of a version, reused by the next commit of this process."""

    base: Release
    folder: Path
    store: OxigraphStore
    cache: GraphCache
    log: WriteLog

    @property
    def version(self) -> str:
        """The version that it is a copy of."""
        return self.base.version


@dataclass(frozen=True)
class _Effect:
    """The effect of a change on the store.

    Attributes:
        differences: by graph; the content after it where a graph is too large.
        is_new: whether it created the graph that it names.
        is_noop: whether it changed nothing at all.
    """

    differences: Differences
    is_new: bool
    is_noop: bool


class Committer:
    """The commits of one process.

    Args:
        folder: the folder of the writable store.
        hook: materialises inferences and validates; None for a store without either.
        name: the name of this process, unique among the writers.
    """

    def __init__(self, folder: Path, hook: InferenceHook | None, name: str) -> None:
        self._snapshots = Snapshots(folder)
        self._hook = hook
        self._name = name
        self._copy_numbers = count()
        self._log = WriteLog()
        self._copy: _WorkingCopy | None = None
        self._cache: GraphCache | None = None  # of a version, also without a copy
        self._cached_version = ""
        self._open_copy = ExitStack()

    def commit(self, request: CommitRequest) -> CommitResult:
        """Carry out a change in one transaction, completely or not at all.

        Raises:
            As ``Writer.commit`` does; also
            ReadOnly: the change affects a system graph.
            CannotWrite: the disk is full, or the folder is not writable.
        """
        try:
            with self._snapshots.locked(DEFAULT_COMMIT_TIMEOUT):
                base = self._base(request.expected)
                return self._commit(request, self._copy_of(base))
        except OSError as error:
            raise unwritable_error(error, self._snapshots.folder) from error

    def warm_up(self) -> None:
        """Copy the current snapshot and prepare the hook before the first commit."""
        with self._snapshots.locked(DEFAULT_COMMIT_TIMEOUT):
            copy = self._copy_of(self._base(None))
        names = copy.store.graphs()
        if self._hook and self._hook.applies_to(names):
            self._hook.warm_up(copy.cache.graphs(names))

    def close(self) -> None:
        """Discard the working copy, and what is known about it."""
        self._copy = self._cache = None
        self._open_copy.close()

    def _base(self, expected: str | None) -> Release:
        """Return the current snapshot; raise Conflict unless it is as expected."""
        base = self._snapshots.current()
        if base is None:
            raise no_store_error(self._snapshots.folder)
        if expected not in (None, base.version):
            raise Conflict(
                "The dataset has been changed in the meantime.",
                remedy="Read it again, and repeat the change if it still makes sense.",
            )
        return base

    def _commit(self, request: CommitRequest, copy: _WorkingCopy) -> CommitResult:
        """Apply a change to the copy and publish it; else discard the copy."""
        try:
            effect = self._apply(request.change, copy)
            if effect.is_noop:
                self._discard_copy()
                return CommitResult(copy.version, effect.is_new)
            self._materialise(copy, effect.differences)
            self._publish(request, copy, effect.differences)
        except BaseException:
            self.close()
            raise
        return CommitResult(copy.version, effect.is_new)

    def _copy_of(self, base: Release) -> _WorkingCopy:
        """Return the working copy, replaced unless it has the version of the base."""
        if self._copy is not None and self._copy.version == base.version:
            return self._copy
        cache = self._cache if self._cached_version == base.version else None
        self.close()
        # A new name, because the engine may still hold the previous copy.
        name = f"{self._name}-{next(self._copy_numbers)}"
        copied = self._snapshots.private_copy(base.store, name)
        store = self._open_copy.enter_context(copied)
        if cache is None:
            manifest = base.manifest
            cache = GraphCache(store, manifest["triples"], manifest.get("set"))
        else:
            cache.rebind(store)
        folder = self._snapshots.copy_folder(name)
        self._copy = _WorkingCopy(base, folder, store, cache, self._log)
        self._cache = cache
        self._cached_version = base.version
        return self._copy

    def _discard_copy(self) -> None:
        """Discard the working copy; what was read of its version is still true."""
        cache, self._cache = self._cache, None
        self.close()
        self._cache = cache

    def _apply(self, change: Mutation, copy: _WorkingCopy) -> _Effect:
        """Apply a change to the copy and return its effect.

        Raises:
            ReadOnly: the change altered a system graph.
        """
        cache, store = copy.cache, copy.store
        before, is_new = frozenset(store.graphs()), False
        if isinstance(change, Update):
            found = _update(change, copy)
        else:
            check_writable([change.graph or DEFAULT_GRAPH_KEY])
            is_new = creates_graph(store, change)
            found = _change_graph(change, copy)
        after = frozenset(store.graphs())
        check_writable({*found, *map(str, before ^ after)})
        for name, difference in found.items():
            if isinstance(difference, Difference):
                cache.apply(name, difference)
            else:
                cache.replace_content(name, difference)
        cache.forget_dropped(map(str, before - after))
        return _Effect(found, is_new, not found and before == after)

    def _materialise(self, copy: _WorkingCopy, found: Differences) -> None:
        """Run the hook and store the graphs that it infers."""
        names, cache, hook = copy.store.graphs(), copy.cache, self._hook
        if not hook or not hook.applies_to(names):
            return
        is_affected = INFERRED_GRAPH not in names or any(
            map(hook.affects_inference, found)
        )
        inferred = None if is_affected else cache.graph(INFERRED_GRAPH)
        given = cache.graphs(name for name in names if name not in SYSTEM_GRAPHS)
        for name, graph in hook.materialise(given, inferred).items():
            cache.replace(name, graph)

    def _publish(
        self, request: CommitRequest, copy: _WorkingCopy, found: Differences
    ) -> None:
        """Record the change in the copy and publish it as the current snapshot."""
        cache, previous = copy.cache, copy.version
        version = request.version_after(previous)
        entry = describe_change(
            request.change, request.author, request.at, (previous, version), found
        )
        head, recorded = append_entry(
            copy.store, activity_iri(version), entry, HistoryHead.of(copy.base.manifest)
        )
        cache.apply(str(HISTORY_GRAPH), recorded)
        if META_GRAPH in copy.store.graphs():
            meta = cache.graph(META_GRAPH)
            cache.replace(META_GRAPH, update_graph_sizes(meta, cache.measure()))
        manifest = {
            "version": version,
            "history": head._asdict(),
            "previous": previous,
            "request": request.digest,
            "triples": cache.measure(),
            "set": cache.default_graph_disjoint(),
        }
        copy.base = self._snapshots.publish(copy.store, manifest)
        self._cached_version = copy.version


def _change_graph(change: Replace | Add | Drop, copy: _WorkingCopy) -> Differences:
    """Apply a change to the one graph that it names, and return what it changed."""
    store, cache = copy.store, copy.cache
    if isinstance(change, Add):
        graph = graph_name(change.graph)
        quads = parse_quads(change.ntriples, graph)
        return differences.insert(store, quads, [graph])
    name = change.graph or DEFAULT_GRAPH_KEY
    is_kept = cache.size(name) <= MAX_COMPARED_TRIPLES
    before = differences.scan(store, name, is_kept=True) if is_kept else None
    apply_to_graph(store, change)
    after = differences.scan(store, name, is_kept=is_kept)
    if before is None or after.triples > MAX_COMPARED_TRIPLES:
        return {name: after}
    difference = differences.compare(before, after)
    return {name: difference} if difference else {}


def _update(change: Update, copy: _WorkingCopy) -> Differences:
    """Carry out an update and return what it changed, in any graph."""
    listed = differences.read_quad_data(change)
    if listed is None:
        return _update_and_compare(change, copy)
    if listed.is_removed:
        return differences.remove(copy.store, listed.quads)
    return differences.insert(copy.store, listed.quads, listed.graphs)


def _update_and_compare(change: Update, copy: _WorkingCopy) -> Differences:
    """Carry out an update and compare what it wrote with what was there before."""
    store, position = copy.store, LogPosition.of(copy.folder)
    names = {str(name) for name in store.graphs()}
    store.update(to_sparql_update(change), change.analysis)
    names.update(map(str, store.graphs()))
    written = copy.log.written_graphs(position, names)
    if written is None:  # any of them may be changed
        written = frozenset((DEFAULT_GRAPH_KEY, *names))
    found: dict[str, Difference | GraphContent] = {}
    base = open_store(copy.base.store) if written else store
    for name in sorted(written):
        is_kept = copy.cache.sizes.get(name, 0) <= MAX_COMPARED_TRIPLES
        after = differences.scan(store, name, is_kept=is_kept)
        is_kept = is_kept and after.triples <= MAX_COMPARED_TRIPLES
        before = differences.scan(base, name, is_kept=is_kept)
        if before.sha256 != after.sha256:
            found[name] = differences.compare(before, after) if is_kept else after
    return found
