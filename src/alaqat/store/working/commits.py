"""One commit: a change carried out in a private copy, checked, recorded, published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rdflib import URIRef

from alaqat.errors import Conflict
from alaqat.store.embedded import EmbeddedStore, files
from alaqat.store.embedded.editor import EmbeddedEditor
from alaqat.store.interface import CommitResult, Mutation, Update
from alaqat.store.published import Published
from alaqat.store.working.contents import DEFAULT, Contents
from alaqat.store.working.history import Difference, record
from alaqat.store.working.kept import KEPT, check_free, recounted
from alaqat.store.working.snapshots import Snapshots, missing, unwritable
from alaqat.store.working.touched import graphs_named
from alaqat.store.working.values import PATIENCE, InferenceHook, Request
from alaqat.terms import HISTORY_GRAPH, INFERRED_GRAPH, META_GRAPH


@dataclass
class _Copy:
    """A private copy of a version, kept from commit to commit."""

    version: str
    store: EmbeddedStore
    contents: Contents


@dataclass(frozen=True)
class _Effect:
    """What a change did: to which graphs, if that was looked at, or nothing at all."""

    is_new: bool
    differences: Mapping[str, Difference] | None
    is_none: bool = False


class Committer:
    """Makes the commits of one process.

    Args:
        folder: of the working store.
        hook: infers and validates; None if nothing does.
        name: of this process among the writers.
    """

    def __init__(self, folder: Path, hook: InferenceHook | None, name: str) -> None:
        self._snapshots = Snapshots(folder)
        self._hook = hook
        self._name = name
        self._numbers = count()
        self._copy: _Copy | None = None
        self._held = ExitStack()

    def commit(self, request: Request) -> CommitResult:
        """Carry out a change, wholly or not at all.

        Raises:
            As ``Writer.commit`` does; also
            ReadOnly: it touches what the store keeps itself.
            CannotWrite: the disk is full, or the folder cannot be written.
        """
        try:
            with self._snapshots.locked(PATIENCE):
                base = self._base(request.expected)
                return self._commit(request, self._copy_of(base))
        except OSError as error:
            raise unwritable(error, self._snapshots.folder) from error

    def prepare(self) -> None:
        """Have ready what the first commit needs, so that it does not wait for it."""
        with self._snapshots.locked(PATIENCE):
            copy = self._copy_of(self._base(None))
        names = copy.store.graphs()
        if self._hook and self._hook.applies_to(names):
            self._hook.prepare(copy.contents.named(names))

    def close(self) -> None:
        """Give up the private copy."""
        self._copy = None
        self._held.close()

    def _base(self, expected: str | None) -> Published:
        """The current snapshot, if it is the one that is expected."""
        base = self._snapshots.current()
        if base is None:
            raise missing(self._snapshots.folder)
        if expected not in (None, base.version):
            raise Conflict(
                "The dataset was changed meanwhile.",
                remedy="Get it again, and repeat the change if it still makes sense.",
            )
        return base

    def _commit(self, request: Request, copy: _Copy) -> CommitResult:
        """Carry out a change in the copy, which is given up if that fails."""
        try:
            effect = self._carry_out(request.change, copy)
            if not effect.is_none:
                self._refresh(copy, effect.differences)
                self._publish(request, copy, effect.differences or {})
        except BaseException:
            self.close()
            raise
        return CommitResult(copy.version, effect.is_new)

    def _copy_of(self, base: Published) -> _Copy:
        """The private copy, made anew unless it is of that version."""
        if self._copy is None or self._copy.version != base.version:
            self.close()
            copied = self._snapshots.copied(base.store, self._next_name())
            store = self._held.enter_context(copied)
            told = base.manifest
            contents = Contents(store, told["triples"], told.get("set"))
            self._copy = _Copy(base.version, store, contents)
        return self._copy

    def _carry_out(self, change: Mutation, copy: _Copy) -> _Effect:
        """Apply a change, and see what it did."""
        contents, store = copy.contents, copy.store
        graphs = frozenset(store.graphs())
        names, guarded = _touched(change, graphs)
        seals = contents.seal(guarded)
        is_small = contents.is_small(names)
        if is_small:
            contents.look(names)
        is_new = EmbeddedEditor(store).commit(change, author="").is_new
        check_free(n for n in guarded if files.seal(store, n)[1] != seals[n])
        moved = {str(name) for name in graphs ^ frozenset(store.graphs())}
        check_free(moved)
        if not is_small:
            contents.lose(names | moved)
            return _Effect(is_new, None)
        differences = contents.differences(names | moved)
        return _Effect(is_new, differences, is_none=not (differences or moved))

    def _refresh(
        self, copy: _Copy, differences: Mapping[str, Difference] | None
    ) -> None:
        """Make anew what follows, if the dataset has an ontology to follow from."""
        names, contents, hook = copy.store.graphs(), copy.contents, self._hook
        if not hook or not hook.applies_to(names):
            return
        is_same = differences is not None and INFERRED_GRAPH in names
        if is_same and not any(map(hook.bears_on, differences or ())):
            inferred = contents.graph(INFERRED_GRAPH)
        else:
            inferred = None
        given = contents.named(name for name in names if name not in KEPT)
        for name, graph in hook.infer(given, inferred).items():
            contents.put(name, graph)

    def _publish(
        self, request: Request, copy: _Copy, differences: Mapping[str, Difference]
    ) -> None:
        """Record the change in the copy, and make that the current snapshot."""
        contents, previous = copy.contents, copy.version
        version = request.version_after(previous)
        told = record(
            request.change,
            request.author,
            request.at,
            (previous, version),
            {name or None: told for name, told in differences.items()},
        )
        contents.append(HISTORY_GRAPH, set(told))
        if META_GRAPH in copy.store.graphs():
            meta = contents.graph(META_GRAPH)
            contents.put(META_GRAPH, recounted(meta, contents.sizes))
        manifest = {
            "version": version,
            "previous": previous,
            "request": request.digest,
            "triples": dict(sorted(contents.sizes.items())),
            "set": contents.is_set(),
        }
        self._snapshots.publish(copy.store, manifest)
        copy.version = version

    def _next_name(self) -> str:
        """A name for a copy; the engine may still hold the copy before."""
        return f"{self._name}-{next(self._numbers)}"


def _touched(change: Mutation, graphs: Iterable[URIRef]) -> tuple[set[str], set[str]]:
    """The graphs that a change may touch: those that are free, and those that are not.

    Raises:
        ReadOnly: it is to touch one that is not.
    """
    if not isinstance(change, Update):
        names = {change.graph or DEFAULT}
        check_free(names)
        return names, set()
    told = graphs_named(change.outline)
    names = {DEFAULT, *map(str, graphs)}
    names &= names if told is None else told
    kept = {name for name in names if URIRef(name) in KEPT}
    return names - kept, kept
