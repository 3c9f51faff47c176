"""The hash chain of the history: a changed or missing entry is detected.

An entry is the description of one change in ``graph/history``. Its hash
(``spdx:checksumValue``) is the SHA-256 of the hash of the entry before, in hexadecimal
and ended by a line feed, and of the entry's lines of N-Triples, sorted by bytes and
each ended by a line feed, without the line that states the hash. The entry before is
named by ``prov:wasInformedBy``; a manifest states the last one and its hash. What the
first entry of a chain takes for the hash before is the hash of all entries from before
there was a chain, usually none.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote

from rdflib import PROV, RDF, RDFS, Literal, URIRef

from alaqat.errors import InvalidData
from alaqat.store import differences
from alaqat.store.differences import Difference, parse_ntriples
from alaqat.store.interface import Triple
from alaqat.store.oxigraph import OxigraphStore
from alaqat.terms import BASE, HISTORY_GRAPH

CHECKSUM = URIRef("http://spdx.org/rdf/terms#checksumValue")
"""The property that states a hash, in hexadecimal."""

CHANGE, AGENT = f"{BASE}id/change/", f"{BASE}id/agent/"
"""How the names of changes and of their agents begin."""

_ENTRY_SUBJECT = re.compile(
    rf"<({re.escape(CHANGE)}[0-9a-f]{{64}})(?:/\d+/(?:added|removed|changed))?>".encode()
)
_AGENT_SUBJECT = f"<{AGENT}".encode()
_REMEDY = "Restore a backup whose history is whole: alaqat restore FILE --replace"


class HistoryHead(NamedTuple):
    """The last entry of a chain, as a manifest states it; empty without a chain."""

    change: str = ""
    sha256: str = ""

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> HistoryHead:
        """Return the head that the manifest of a snapshot or a backup states."""
        stated = manifest.get("history")
        if not isinstance(stated, Mapping):
            return cls()
        return cls(str(stated.get("change", "")), str(stated.get("sha256", "")))


class _ChainedEntry(NamedTuple):
    """One chained entry."""

    change: str
    stated: Sequence[str]
    previous: Sequence[str]
    lines: Sequence[bytes]
    author: str
    at: str


@dataclass(frozen=True)
class HistoryChain:
    """A chain that has been checked.

    Attributes:
        head: its last entry.
        entries: how many entries it has.
        unchained: how many changes were recorded before there was a chain.
    """

    head: HistoryHead
    entries: int
    unchained: int


def hash_lines(lines: Iterable[bytes], previous: str = "") -> str:
    """Return the SHA-256 of lines sorted by bytes, each ended by a line feed.

    Args:
        lines: without their ends.
        previous: the hash of the entry before, which becomes the first line; empty for
            none.
    """
    first = [previous.encode()] if previous else []
    text = b"".join(line + b"\n" for line in (*first, *sorted(lines)))
    return hashlib.sha256(text).hexdigest()


def append_entry(
    store: OxigraphStore, activity: URIRef, entry: Iterable[Triple], head: HistoryHead
) -> tuple[HistoryHead, Difference]:
    """Append an entry to the history of a store, chained to the one before.

    Args:
        store: is changed.
        activity: the change that the entry describes.
        entry: its description.
        head: the entry before; empty if the chain begins here.

    Returns:
        The new head, and what was added to the history.
    """
    name, previous = str(HISTORY_GRAPH), head.sha256
    triples = [*entry]
    if head.change:
        triples.append((activity, PROV.wasInformedBy, URIRef(head.change)))
    else:
        lines = differences.scan(store, name, is_kept=True).lines
        previous = hash_lines(_without_agents(lines))
    added = differences.append_triples(store, name, triples).added
    sha256 = hash_lines(_without_agents(added), previous)
    seal = (activity, CHECKSUM, Literal(sha256))
    sealed = differences.append_triples(store, name, [seal]).added
    return HistoryHead(str(activity), sha256), Difference(added=added | sealed)


def _without_agents(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield all lines but those of agents, which several entries share."""
    return (line for line in lines if not line.startswith(_AGENT_SUBJECT))


def check_history(store: OxigraphStore, head: HistoryHead) -> HistoryChain:
    """Check the history of a store, as ``check_chain`` does."""
    content = differences.scan(store, str(HISTORY_GRAPH), is_kept=True)
    return check_chain(content.lines, head)


def check_chain(lines: Iterable[bytes], head: HistoryHead) -> HistoryChain:
    """Check the history of a store against its last entry.

    Args:
        lines: of N-Triples, all of the history.
        head: that the manifest states.

    Raises:
        InvalidData: the history was changed; the message names the first broken entry.
    """
    by_change, agents, rest = _group(lines)
    _check_agents(agents)
    entries = []
    for change, own in by_change.items():
        entry = _read_entry(change, own)
        if entry.stated:
            entries.append(entry)
        else:
            rest += own
    reached = _follow(entries, hash_lines(rest))
    if reached != head:
        last = next((e for e in entries if e.change == reached.change), None)
        raise _broken("does not end with the entry that the manifest states", last)
    return HistoryChain(head, len(entries), len(by_change) - len(entries))


def _group(
    lines: Iterable[bytes],
) -> tuple[dict[str, list[bytes]], list[bytes], list[bytes]]:
    """Return the lines of each change, those of agents, and all others."""
    by_change: defaultdict[str, list[bytes]] = defaultdict(list)
    agents, others = [], []
    for line in lines:
        if found := _ENTRY_SUBJECT.match(line):
            by_change[found[1].decode()].append(line)
        elif line.startswith(_AGENT_SUBJECT):
            agents.append(line)
        else:
            others.append(line)
    return dict(by_change), agents, others


def _check_agents(lines: Iterable[bytes]) -> None:
    """Check that agents are described by their type and by the name in their IRI."""
    for agent, predicate, value in parse_ntriples(lines):
        expected = {
            RDF.type: str(PROV.Agent),
            RDFS.label: unquote(str(agent).removeprefix(AGENT)),
        }.get(URIRef(str(predicate)))
        if str(value) != expected:
            raise InvalidData(
                f"The history is broken: {agent} is not described as it was recorded.",
                remedy=_REMEDY,
            )


def _read_entry(change: str, lines: Sequence[bytes]) -> _ChainedEntry:
    """Return an entry; one from before there was a chain states no hash."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for subject, predicate, value in parse_ntriples(lines):
        if str(subject) == change:
            found[str(predicate)].append(str(value))
    start = f"<{change}> <{CHECKSUM}> ".encode()
    return _ChainedEntry(
        change,
        found[str(CHECKSUM)],
        found[str(PROV.wasInformedBy)],
        [line for line in lines if not line.startswith(start)],
        unquote("".join(found[str(PROV.wasAssociatedWith)]).removeprefix(AGENT)),
        "".join(found[str(PROV.endedAtTime)]),
    )


def _follow(entries: Sequence[_ChainedEntry], start: str) -> HistoryHead:
    """Follow the chain from its start to its last entry, and return that.

    Args:
        entries: all that are chained.
        start: the hash of all entries from before the chain.

    Raises:
        InvalidData: an entry does not match its hash, or is not reached.
    """
    known = {entry.change for entry in entries}
    following: defaultdict[str, list[_ChainedEntry]] = defaultdict(list)
    for entry in sorted(entries, key=_when):
        previous = [change for change in entry.previous if change in known]
        if len(entry.previous) > len(previous):
            raise _broken("lacks the entry that comes before this one", entry)
        following[previous[0] if previous else ""].append(entry)
    head, sha256, reached = HistoryHead(), start, 0
    while found := following[head.change]:
        entry, *others = found
        sha256 = hash_lines(entry.lines, sha256)
        if [sha256] != entry.stated:
            what = "has an entry that does not match its hash, or was changed before it"
            raise _broken(what, entry)
        if others:
            raise _broken("has an entry that is not in the chain", others[0])
        head, reached = HistoryHead(entry.change, sha256), reached + 1
    if reached < len(entries):
        raise _broken("has entries that follow each other in a circle", None)
    return head


def _when(entry: _ChainedEntry) -> tuple[str, str]:
    return entry.at, entry.change


def _broken(what: str, entry: _ChainedEntry | None) -> InvalidData:
    """Return the error of a broken history, which names an entry if there is one."""
    where = f" ({entry.change}, by {entry.author}, {entry.at})" if entry else ""
    return InvalidData(f"The history is broken: it {what}{where}.", remedy=_REMEDY)
