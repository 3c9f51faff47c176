"""Which graphs an update may touch, seen in its text, so that only they are compared.

What is told here is never too little: every IRI that the text names may be a graph.
Where that cannot be seen in the text, it is said so, and all graphs are compared.

One commit: a change carried out in a private copy, checked, recorded, published.
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

from alaqat.curation.graph_cache import DEFAULT, GraphCache
from alaqat.curation.history import Difference, record
from alaqat.curation.model import (
    DEFAULT_COMMIT_TIMEOUT,
    SYSTEM_GRAPHS,
    CommitRequest,
    InferenceHook,
    check_writable,
    recounted,
)
from alaqat.curation.snapshots import (
    Snapshots,
    missing,
    unwritable,
)
from alaqat.errors import Conflict
from alaqat.sparql.analysis import QueryAnalysis
from alaqat.sparql.lexer import Token
from alaqat.store import oxigraph_writer
from alaqat.store.interface import (
    CommitResult,
    Mutation,
    Update,
)
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import OxigraphWriter
from alaqat.store.releases import Release
from alaqat.terms import (
    HISTORY_GRAPH,
    INFERRED_GRAPH,
    META_GRAPH,
)

_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:(?!.*/\.)")


class _UnseenError(Exception):
    """The text does not show which graphs it touches."""


def affected_graphs(update: QueryAnalysis) -> frozenset[str] | None:
    """The IRIs in an update, with the default graph; None if it may touch any graph."""
    if "\\u" in update.text or "\\U" in update.text:
        return None  # escapes may stand for anything, even for parts of names
    tokens = update.tokens
    try:
        _check_names_are_told(tokens)
        return frozenset((DEFAULT, *_iris(tokens)))
    except _UnseenError:
        return None


def _check_names_are_told(tokens: Sequence[Token]) -> None:
    """No graph is named by a variable, by a keyword, or from a base."""
    for before, token in pairwise([Token("sign", "", 0, 0), *tokens]):
        is_variable = token.kind == "variable" and before.may_contain("GRAPH")
        if is_variable or any(map(token.may_contain, ("ALL", "NAMED", "BASE"))):
            raise _UnseenError


def _iris(tokens: Sequence[Token]) -> Iterator[str]:
    """Every IRI that the tokens can stand for."""
    spaces: defaultdict[str, set[str]] = defaultdict(set)
    for before, token in pairwise(tokens):
        if before.kind == "name" and token.kind == "iri":
            spaces[before.prefix].add(token.text[1:-1])
    for token in tokens:
        if token.kind == "iri":
            if not _ABSOLUTE.match(token.text):
                raise _UnseenError
            yield token.text[1:-1]
        elif token.kind == "name":
            local = token.text.partition(":")[2].replace("\\", "")
            if local.startswith((".", "/")) or "/." in local:
                raise _UnseenError
            yield from (space + local for space in spaces[token.prefix])


@dataclass
class _Copy:
    """A private copy of a version, kept from commit to commit."""

    version: str
    store: OxigraphStore
    contents: GraphCache


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

    def commit(self, request: CommitRequest) -> CommitResult:
        """Carry out a change, wholly or not at all.

        Raises:
            As ``Writer.commit`` does; also
            ReadOnly: it touches what the store keeps itself.
            CannotWrite: the disk is full, or the folder cannot be written.
        """
        try:
            with self._snapshots.locked(DEFAULT_COMMIT_TIMEOUT):
                base = self._base(request.expected)
                return self._commit(request, self._copy_of(base))
        except OSError as error:
            raise unwritable(error, self._snapshots.folder) from error

    def prepare(self) -> None:
        """Have ready what the first commit needs, so that it does not wait for it."""
        with self._snapshots.locked(DEFAULT_COMMIT_TIMEOUT):
            copy = self._copy_of(self._base(None))
        names = copy.store.graphs()
        if self._hook and self._hook.applies_to(names):
            self._hook.prepare(copy.contents.named(names))

    def close(self) -> None:
        """Give up the private copy."""
        self._copy = None
        self._held.close()

    def _base(self, expected: str | None) -> Release:
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

    def _commit(self, request: CommitRequest, copy: _Copy) -> CommitResult:
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

    def _copy_of(self, base: Release) -> _Copy:
        """The private copy, made anew unless it is of that version."""
        if self._copy is None or self._copy.version != base.version:
            self.close()
            copied = self._snapshots.copied(base.store, self._next_name())
            store = self._held.enter_context(copied)
            told = base.manifest
            contents = GraphCache(store, told["triples"], told.get("set"))
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
        is_new = OxigraphWriter(store).commit(change, author="").is_new
        check_writable(
            n for n in guarded if oxigraph_writer.digest(store, n)[1] != seals[n]
        )
        moved = {str(name) for name in graphs ^ frozenset(store.graphs())}
        check_writable(moved)
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
        given = contents.named(name for name in names if name not in SYSTEM_GRAPHS)
        for name, graph in hook.infer(given, inferred).items():
            contents.put(name, graph)

    def _publish(
        self, request: CommitRequest, copy: _Copy, differences: Mapping[str, Difference]
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
        check_writable(names)
        return names, set()
    told = affected_graphs(change.analysis)
    names = {DEFAULT, *map(str, graphs)}
    names &= names if told is None else told
    kept = {name for name in names if URIRef(name) in SYSTEM_GRAPHS}
    return names - kept, kept
