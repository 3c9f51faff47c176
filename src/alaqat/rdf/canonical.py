"""Canonical order of N-Quads: RDF Dataset Canonicalization (RDFC-1.0), bounded.

Its work grows exponentially with the number of blank nodes that look alike, so it is
counted, and given up at a limit that depends on the data alone. Then the blank nodes
keep their labels, and the result says so.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import pyoxigraph as ox

MAX_WORK = 500_000
"""Steps of canonicalization after which it is given up: at most a few seconds."""

_MAX_DEPTH = 200  # of recursion, below Python's own limit
_Parts = tuple[str, str, str, str]
_POSITIONS = ((0, "s"), (2, "o"), (3, "g"))


@dataclass(frozen=True)
class SortedQuads:
    """A dataset as sorted N-Quads.

    Attributes:
        content: its lines, sorted by their bytes.
        is_canonical: whether isomorphic datasets have the same content; if not, the
            blank nodes have the labels that they came with.
    """

    content: bytes
    is_canonical: bool


def sort_nquads(nquads: bytes, work: int = MAX_WORK) -> SortedQuads:
    """Return N-Quads without duplicates, sorted, with canonical blank node labels.

    Args:
        nquads: as the engine writes them.
        work: the steps after which canonicalization is given up.
    """
    lines = set(nquads.splitlines(keepends=True))
    marked = {line for line in lines if b"_:" in line}
    quads = list(ox.parse(b"".join(marked), ox.RdfFormat.N_QUADS))
    labels = canonical_labels(quads, work)
    if labels is None:
        return SortedQuads(b"".join(sorted(lines)), is_canonical=False)
    renamed = (_rename(quad, labels) for quad in quads)
    written = ox.serialize(renamed, format=ox.RdfFormat.N_QUADS) or b""
    lines = (lines - marked) | set(written.splitlines(keepends=True))
    return SortedQuads(b"".join(sorted(lines)), is_canonical=True)


def canonical_labels(
    quads: Iterable[ox.Quad], work: int = MAX_WORK
) -> Mapping[str, str] | None:
    """Return the canonical label of each blank node (RDFC-1.0 §4.4).

    None if that takes more work, or if a blank node is in a triple term, of which the
    recommendation knows nothing.
    """
    canonicalization = _Canonicalization(work)
    try:
        for quad in quads:
            canonicalization.add(quad)
        return canonicalization.labels()
    except _GivenUpError:
        return None


class _GivenUpError(Exception):
    """Canonicalization takes too much work."""


class _Issuer:
    """Issues labels in the order in which blank nodes are named (§4.5)."""

    def __init__(self, prefix: str, issued: Mapping[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = dict(issued or {})

    def issue(self, node: str) -> str:
        """Return the label of a node, a new one if it has none."""
        return self.issued.setdefault(node, f"{self.prefix}{len(self.issued)}")

    def copy(self) -> _Issuer:
        """Return an issuer that has issued the same labels."""
        return _Issuer(self.prefix, self.issued)


class _Canonicalization:
    """The state of one canonicalization (§4.2)."""

    def __init__(self, work: int) -> None:
        self._work = work
        self._quads: defaultdict[str, list[_Parts]] = defaultdict(list)
        self._first_degree: dict[str, str] = {}
        self._canonical = _Issuer("_:c14n")

    def add(self, quad: ox.Quad) -> None:
        """Add a quad to those of its blank nodes."""
        if isinstance(quad.object, ox.Triple):
            raise _GivenUpError
        subject, predicate, value = map(str, quad.triple)
        is_default = isinstance(quad.graph_name, ox.DefaultGraph)
        parts = subject, predicate, value, "" if is_default else str(quad.graph_name)
        for node in dict.fromkeys(_nodes(parts)):
            self._quads[node].append(parts)

    def labels(self) -> Mapping[str, str]:
        """Return the canonical labels of all blank nodes (§4.4.3)."""
        by_hash: defaultdict[str, list[str]] = defaultdict(list)
        for node in self._quads:
            self._first_degree[node] = self._hash_first_degree(node)
            by_hash[self._first_degree[node]].append(node)
        ordered = sorted(by_hash.items())
        for _, nodes in ordered:
            if len(nodes) == 1:
                self._canonical.issue(nodes[0])
        for _, nodes in ordered:
            if len(nodes) > 1:
                self._label_alike(nodes)
        return {
            node.removeprefix("_:"): label.removeprefix("_:")
            for node, label in self._canonical.issued.items()
        }

    def _label_alike(self, nodes: Sequence[str]) -> None:
        """Label nodes whose own quads do not tell them apart."""
        results = []
        for node in nodes:
            if node not in self._canonical.issued:
                issuer = _Issuer("_:b")
                issuer.issue(node)
                results.append(self._hash_n_degree(node, issuer, 1))
        for _, issuer in sorted(results, key=lambda result: result[0]):
            for node in issuer.issued:
                self._canonical.issue(node)

    def _hash_first_degree(self, node: str) -> str:
        """Return the hash of a node's own quads (§4.6)."""
        return _hash("".join(sorted(self._masked_lines(node))))

    def _masked_lines(self, node: str) -> Iterator[str]:
        for subject, predicate, value, graph in self._quads[node]:
            words = [_mask(subject, node), predicate, _mask(value, node)]
            if graph:
                words.append(_mask(graph, node))
            yield f"{' '.join(words)} .\n"

    def _hash_related(self, node: str, parts: _Parts, place: str, own: _Issuer) -> str:
        """Return the hash of a node that is related by a quad (§4.7)."""
        label = self._canonical.issued.get(node) or own.issued.get(node)
        predicate = "" if place == "g" else parts[1]
        return _hash(f"{place}{predicate}{label or self._first_degree[node]}")

    def _hash_n_degree(
        self, node: str, issuer: _Issuer, depth: int
    ) -> tuple[str, _Issuer]:
        """Return the hash of a node by those around it, and the labels used (§4.8)."""
        if depth > _MAX_DEPTH:
            raise _GivenUpError
        related: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for parts in self._quads[node]:
            self._spend(1)
            for index, place in _POSITIONS:
                other = parts[index]
                if other.startswith("_:") and other != node:
                    key = self._hash_related(other, parts, place, issuer)
                    related[key][other] = None
        data = []
        for key, nodes in sorted(related.items()):
            path, issuer = self._shortest_path(tuple(nodes), issuer, depth)
            data += [key, path]
        return _hash("".join(data)), issuer

    def _shortest_path(
        self, nodes: Sequence[str], issuer: _Issuer, depth: int
    ) -> tuple[str, _Issuer]:
        """Return the least path through nodes in any order (§4.8.3, step 5.4)."""
        chosen = "", issuer
        for order in permutations(nodes):
            self._spend(len(order) + len(issuer.issued) // 8)
            found = self._path(order, issuer.copy(), depth, chosen[0])
            if found and (not chosen[0] or found[0] < chosen[0]):
                chosen = found
        return chosen

    def _path(
        self, order: Sequence[str], issuer: _Issuer, depth: int, least: str
    ) -> tuple[str, _Issuer] | None:
        """Return the path through nodes in an order; None if it is not the least."""
        path, pending = "", []
        for node in order:
            if label := self._canonical.issued.get(node):
                path += label
                continue
            if node not in issuer.issued:
                pending.append(node)
            path += issuer.issue(node)
        if least and len(path) >= len(least) and path > least:
            return None
        for node in pending:
            digest, issuer_after = self._hash_n_degree(node, issuer, depth + 1)
            path += f"{issuer.issue(node)}<{digest}>"
            issuer = issuer_after
            if least and len(path) >= len(least) and path > least:
                return None
        return path, issuer

    def _spend(self, steps: int) -> None:
        """Count steps, and give up at the limit."""
        self._work -= steps
        if self._work < 0:
            raise _GivenUpError


def _nodes(parts: _Parts) -> Iterator[str]:
    """Yield the blank nodes of a quad; only they begin with _:."""
    return (part for part in parts if part.startswith("_:"))


def _mask(part: str, node: str) -> str:
    """Return a part as a first-degree hash sees it."""
    if not part.startswith("_:"):
        return part
    return "_:a" if part == node else "_:z"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _rename(quad: ox.Quad, labels: Mapping[str, str]) -> ox.Quad:
    """Return a quad with its blank nodes renamed."""
    terms = [
        ox.BlankNode(labels[term.value]) if isinstance(term, ox.BlankNode) else term
        for term in (*quad.triple, quad.graph_name)
    ]
    return ox.Quad(*terms)  # type: ignore[arg-type] # each is of the kind that it was
