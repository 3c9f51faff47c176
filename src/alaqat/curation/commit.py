"""Commits: each change is one transaction on a writable store.

The change is applied to a private copy of the current snapshot, checked by the hook,
recorded in the changelog and published as the next snapshot. Whatever fails on the way
leaves the current snapshot as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path

from rdflib import URIRef

from alaqat.curation.changelog_graph import Difference, describe_change
from alaqat.curation.graph_cache import DEFAULT_GRAPH_KEY, GraphCache
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
from alaqat.sparql.analysis import QueryAnalysis
from alaqat.sparql.lexer import Token
from alaqat.store import oxigraph_writer
from alaqat.store.interface import CommitResult, Mutation, Update
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import OxigraphWriter
from alaqat.store.releases import Release
from alaqat.terms import HISTORY_GRAPH, INFERRED_GRAPH, META_GRAPH


@dataclass
class _WorkingCopy:
    """A private copy of a version, reused by the next commit of this process."""

    version: str
    store: OxigraphStore
    cache: GraphCache


@dataclass(frozen=True)
class _Effect:
    """The effect of a change on the store.

    Attributes:
        is_new: whether it created the graph that it names.
        differences: by graph; None if the graphs were too large to compare.
        is_noop: whether it changed nothing at all.
    """

    is_new: bool
    differences: Mapping[str, Difference] | None
    is_noop: bool = False


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
        self._copy: _WorkingCopy | None = None
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
        """Discard the working copy."""
        self._copy = None
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
        """Apply a change to the copy and publish it; discard the copy on failure."""
        try:
            effect = self._apply(request.change, copy)
            if not effect.is_noop:
                self._materialise(copy, effect.differences)
                self._publish(request, copy, effect.differences or {})
        except BaseException:
            self.close()
            raise
        return CommitResult(copy.version, effect.is_new)

    def _copy_of(self, base: Release) -> _WorkingCopy:
        """Return the working copy, replaced unless it has the version of the base."""
        if self._copy is None or self._copy.version != base.version:
            self.close()
            # A new name, because the engine may still hold the previous copy.
            name = f"{self._name}-{next(self._copy_numbers)}"
            copied = self._snapshots.private_copy(base.store, name)
            store = self._open_copy.enter_context(copied)
            manifest = base.manifest
            cache = GraphCache(store, manifest["triples"], manifest.get("set"))
            self._copy = _WorkingCopy(base.version, store, cache)
        return self._copy

    def _apply(self, change: Mutation, copy: _WorkingCopy) -> _Effect:
        """Apply a change to the copy and return its effect.

        Raises:
            ReadOnly: the change altered a system graph.
        """
        cache, store = copy.cache, copy.store
        graphs = frozenset(store.graphs())
        names, system = _split_affected(change, graphs)
        digests = cache.digests(system)
        is_comparable = cache.is_comparable(names)
        if is_comparable:
            cache.capture(names)
        is_new = OxigraphWriter(store).commit(change, author="").is_new
        check_writable(
            n for n in system if oxigraph_writer.digest(store, n)[1] != digests[n]
        )
        created_or_dropped = {str(name) for name in graphs ^ frozenset(store.graphs())}
        check_writable(created_or_dropped)
        names |= created_or_dropped
        if not is_comparable:
            cache.invalidate(names)
            return _Effect(is_new, None)
        differences = cache.differences(names)
        is_noop = not (differences or created_or_dropped)
        return _Effect(is_new, differences, is_noop)

    def _materialise(
        self, copy: _WorkingCopy, differences: Mapping[str, Difference] | None
    ) -> None:
        """Run the hook and store the graphs that it infers."""
        names, cache, hook = copy.store.graphs(), copy.cache, self._hook
        if not hook or not hook.applies_to(names):
            return
        is_known = differences is not None and INFERRED_GRAPH in names
        is_unaffected = is_known and not any(
            map(hook.affects_inference, differences or ())
        )
        inferred = cache.graph(INFERRED_GRAPH) if is_unaffected else None
        given = cache.graphs(name for name in names if name not in SYSTEM_GRAPHS)
        for name, graph in hook.materialise(given, inferred).items():
            cache.replace(name, graph)

    def _publish(
        self,
        request: CommitRequest,
        copy: _WorkingCopy,
        differences: Mapping[str, Difference],
    ) -> None:
        """Record the change in the copy and publish it as the current snapshot."""
        cache, previous = copy.cache, copy.version
        version = request.version_after(previous)
        entry = describe_change(
            request.change,
            request.author,
            request.at,
            (previous, version),
            {name or None: difference for name, difference in differences.items()},
        )
        cache.append(HISTORY_GRAPH, set(entry))
        if META_GRAPH in copy.store.graphs():
            meta = cache.graph(META_GRAPH)
            cache.replace(META_GRAPH, update_graph_sizes(meta, cache.sizes))
        manifest = {
            "version": version,
            "previous": previous,
            "request": request.digest,
            "triples": dict(sorted(cache.sizes.items())),
            "set": cache.default_graph_disjoint(),
        }
        self._snapshots.publish(copy.store, manifest)
        copy.version = version


def _split_affected(
    change: Mutation, graphs: Iterable[URIRef]
) -> tuple[set[str], set[str]]:
    """Return the graphs that a change may affect: ordinary ones, and system graphs.

    Raises:
        ReadOnly: the change names a system graph as its target.
    """
    if not isinstance(change, Update):
        names = {change.graph or DEFAULT_GRAPH_KEY}
        check_writable(names)
        return names, set()
    affected = affected_graphs(change.analysis)
    names = {DEFAULT_GRAPH_KEY, *map(str, graphs)}
    names &= names if affected is None else affected
    system = {name for name in names if URIRef(name) in SYSTEM_GRAPHS}
    return names - system, system


_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:(?!.*/\.)")


class _UnknownGraphsError(Exception):
    """The text of an update does not show which graphs it affects."""


def affected_graphs(update: QueryAnalysis) -> frozenset[str] | None:
    """Return the graphs that an update may affect, judged by its text.

    Every IRI in the text may name a graph, so there may be more than are changed, but
    never fewer; the default graph is always among them. None if any graph may be
    affected.
    """
    if "\\u" in update.text or "\\U" in update.text:
        return None  # an escape may stand for any character of a name
    tokens = update.tokens
    try:
        _check_graphs_are_named(tokens)
        return frozenset((DEFAULT_GRAPH_KEY, *_possible_iris(tokens)))
    except _UnknownGraphsError:
        return None


def _check_graphs_are_named(tokens: Sequence[Token]) -> None:
    """Check that no graph is named by a variable, a keyword or a relative IRI."""
    for before, token in pairwise([Token("sign", "", 0, 0), *tokens]):
        is_variable = token.kind == "variable" and before.may_contain("GRAPH")
        if is_variable or any(map(token.may_contain, ("ALL", "NAMED", "BASE"))):
            raise _UnknownGraphsError


def _possible_iris(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield every IRI that the tokens can stand for."""
    namespaces: defaultdict[str, set[str]] = defaultdict(set)
    for before, token in pairwise(tokens):
        if before.kind == "name" and token.kind == "iri":
            namespaces[before.prefix].add(token.text[1:-1])
    for token in tokens:
        if token.kind == "iri":
            if not _ABSOLUTE.match(token.text):
                raise _UnknownGraphsError
            yield token.text[1:-1]
        elif token.kind == "name":
            local = token.text.partition(":")[2].replace("\\", "")
            if local.startswith((".", "/")) or "/." in local:
                raise _UnknownGraphsError
            yield from (namespace + local for namespace in namespaces[token.prefix])
