"""The hash chain of the history: a change to an entry, or a missing one, is detected.

An entry is the description of one change in ``graph/history``. Its hash is the SHA-256
of its lines of N-Triples, sorted by bytes and each ended by a line feed, without the
line that states the hash. One of those lines states the hash of the entry before, and
the manifest of a snapshot states the hash of the last entry. The first entry of a chain
states the hash of all entries from before there was a chain, usually none.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from rdflib import PROV, RDF, RDFS, Literal, URIRef

from alaqat.errors import InvalidData
from alaqat.store import differences
from alaqat.store.differences import parse_ntriples
from alaqat.store.interface import Triple
from alaqat.store.oxigraph import OxigraphStore
from alaqat.terms import AL, BASE, HISTORY_GRAPH

CHANGE, AGENT = f"{BASE}id/change/", f"{BASE}id/agent/"
"""How the names of changes and of their agents begin."""

_ENTRY_SUBJECT = re.compile(
    rf"<({re.escape(CHANGE)}[0-9a-f]{{64}})(?:/\d+/(?:added|removed|changed))?>".encode()
)
_AGENT_SUBJECT = f"<{AGENT}".encode()
_ENTRY_HASH = f"<{AL.entryHash}>".encode()
_REMEDY = "Restore a backup whose history is whole: alaqat restore FILE --replace"


class _Entry(NamedTuple):
    """One chained entry: its hashes as stated, and its hash as computed."""

    name: str
    stated: str
    previous: str
    computed: str
    author: str
    at: str


@dataclass(frozen=True)
class HistoryChain:
    """A chain that has been checked.

    Attributes:
        head: the hash of its last entry; empty if it has none.
        entries: how many entries it has.
        unchained: how many changes were recorded before there was a chain.
    """

    head: str
    entries: int
    unchained: int


def hash_lines(lines: Iterable[bytes]) -> str:
    """Return the SHA-256 of lines sorted by bytes, each ended by a line feed."""
    return hashlib.sha256(b"".join(line + b"\n" for line in sorted(lines))).hexdigest()


def link(activity: URIRef, previous: str) -> Triple:
    """Return the triple by which an entry refers to the hash of the entry before."""
    return activity, AL.previousEntryHash, Literal(previous)


def seal(activity: URIRef, lines: Iterable[bytes]) -> tuple[Triple, str]:
    """Return the triple that states the hash of an entry, and the hash.

    Args:
        activity: the change that the entry describes.
        lines: of N-Triples, as the store holds them; those of the agent may be among
            them.
    """
    own = (line for line in lines if not line.startswith(_AGENT_SUBJECT))
    sha256 = hash_lines(own)
    return (activity, AL.entryHash, Literal(sha256)), sha256


def start_of_chain(lines: Iterable[bytes]) -> str:
    """Return the hash that the first entry of a chain refers to.

    Args:
        lines: of the history so far.
    """
    return hash_lines(line for line in lines if not line.startswith(_AGENT_SUBJECT))


def check_history(store: OxigraphStore, head: str) -> HistoryChain:
    """Check the history of a store, as ``check_chain`` does."""
    content = differences.scan(store, str(HISTORY_GRAPH), is_kept=True)
    return check_chain(content.lines, head)


def check_chain(lines: Iterable[bytes], head: str) -> HistoryChain:
    """Check the history of a store against the hash of its last entry.

    Args:
        lines: of N-Triples, all of the history.
        head: the hash that the manifest states; empty if it states none.

    Raises:
        InvalidData: the history was changed; the message names the first broken entry.
    """
    by_change, agents, rest = _group(lines)
    _check_agents(agents)
    chained = {}
    for name, own in by_change.items():
        entry = _read_entry(name, own)
        if entry is None:
            rest += own
        else:
            chained[name] = entry
    start = hash_lines(rest)
    last = _follow(chained, start, bool(rest))
    reached = last.stated if last else ""
    if reached != head:
        raise _broken("does not end with the entry that the manifest states", last)
    return HistoryChain(head, len(chained), len(by_change) - len(chained))


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


def _read_entry(name: str, lines: list[bytes]) -> _Entry | None:
    """Return an entry; None if it is from before there was a chain."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    for subject, predicate, value in parse_ntriples(lines):
        if str(subject) == name:
            values[str(predicate)].append(str(value))
    own = [line for line in lines if line.split(b" ", 2)[1] != _ENTRY_HASH]
    stated, previous = values[str(AL.entryHash)], values[str(AL.previousEntryHash)]
    if not stated and not previous:
        return None
    author, at = values[str(PROV.wasAssociatedWith)], values[str(PROV.endedAtTime)]
    return _Entry(
        name,
        stated[0] if len(stated) == 1 else "",
        previous[0] if len(previous) == 1 else "",
        hash_lines(own),
        unquote("".join(author).removeprefix(AGENT)),
        "".join(at),
    )


def _follow(
    entries: Mapping[str, _Entry], start: str, is_preceded: bool
) -> _Entry | None:
    """Follow the chain from its start to its last entry, and return that.

    Raises:
        InvalidData: an entry does not match its hash, or is not reached.
    """
    by_previous: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in entries.values():
        by_previous[entry.previous].append(entry)
    last, position, reached = None, start, 0
    while following := by_previous.get(position):
        if len(following) > 1:
            raise _broken(
                "has two entries where one belongs", min(following, key=_when)
            )
        last = following[0]
        if last.computed != last.stated:
            raise _broken("has an entry that does not match its hash", last)
        position, reached = last.stated, reached + 1
    if reached == len(entries):
        return last
    known = {entry.stated for entry in entries.values()}
    lost = [entry for entry in entries.values() if entry.previous not in known]
    candidate = min(lost or entries.values(), key=_when)
    if last is None and is_preceded:
        raise _broken("was changed before its chain begins", candidate)
    raise _broken("lacks the entry that comes before this one", candidate)


def _when(entry: _Entry) -> tuple[str, str]:
    return entry.at, entry.name


def _broken(what: str, entry: _Entry | None) -> InvalidData:
    """Return the error of a broken history, which names an entry if there is one."""
    where = f" ({entry.name}, by {entry.author}, {entry.at})" if entry else ""
    return InvalidData(f"The history is broken: it {what}{where}.", remedy=_REMEDY)
