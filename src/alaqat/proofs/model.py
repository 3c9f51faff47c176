"""Proof trees: derivation steps down to asserted triples, and their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rdflib import URIRef

    from alaqat.reason.rules import Rule, Triple


#: The evidence for an asserted triple: words of a document, a package that verified it,
#: an axiom (itself), the layout of the text, a curator's note, or the curator alone.
EvidenceKind = Literal["words", "package", "axiom", "text", "note", "curator"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A curator's note, with its text and proposed reading by language."""

    iri: URIRef
    kind: URIRef | None
    texts: Mapping[str, str]
    reading: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CitedReference:
    """A work that the document cites for a quote, by its number in the text."""

    iri: URIRef
    number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A claim: the quote that states a fact, and its place in the document.

    Attributes:
        iri: that of the claim.
        quote: the exact words.
        language: that of the document; empty if it has none.
        document: the source; `start` and `end` count its code points, end exclusive.
        line: the 1-based line of the sentence.
        sentence: the one that contains the quote; `sentence_text` is its whole text.
        section: the innermost one; `headings` are its labels by language.
        edtf: the date that the quote states.
        said_by: whom the document attributes the quote to.
        references: the works that the document cites for it.
        doubts: the curator's notes on it.
    """

    iri: URIRef
    quote: str
    language: str
    document: URIRef | None
    start: int
    end: int
    line: int | None
    sentence: URIRef | None
    sentence_text: str
    section: URIRef | None
    headings: Mapping[str, str]
    edtf: str
    said_by: tuple[URIRef, ...]
    references: tuple[CitedReference, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A software package that verified an identity, at one version."""

    iri: URIRef
    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a document: offsets in code points, end exclusive, and 1-based line."""

    document: URIRef | None
    start: int
    end: int
    line: int | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence (provenance) for one asserted triple.

    Attributes:
        kind: what sort of evidence it is.
        graph: the named graph that asserts the triple.
        citations: the quotes that state it.
        packages: the packages that verified it.
        doubts: notes on the fact, without those on the quotes cited.
        place: the part of the text that the triple describes.
    """

    kind: EvidenceKind
    graph: URIRef
    citations: tuple[Citation, ...] = ()
    packages: tuple[Package, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A triple, and why it holds: by a rule from premises, or by evidence.

    Attributes:
        triple: what is proved.
        rule: the rule of the last step; None for an asserted triple.
        premises: proofs of the rule's body, in its order.
        axioms: proofs of the axiom's triples.
        evidence: only for an asserted triple.
    """

    triple: Triple
    rule: Rule | None = None
    premises: tuple[Proof, ...] = ()
    axioms: tuple[Proof, ...] = ()
    evidence: Evidence | None = None

    @property
    def size(self) -> int:
        """The number of rule applications in the whole tree."""
        below = sum(proof.size for proof in (*self.premises, *self.axioms))
        return below + (self.rule is not None)

    def leaves(self) -> Iterator[Proof]:
        """Yield the asserted triples at the leaves, axioms too, from left to right."""
        if self.rule is None:
            yield self
        for proof in (*self.premises, *self.axioms):
            yield from proof.leaves()

    def citations(self) -> tuple[Citation, ...]:
        """Return the citations of all leaves, each once."""
        leaves = (leaf.evidence for leaf in self.leaves())
        found = (c for evidence in leaves if evidence for c in evidence.citations)
        return tuple({citation.iri: citation for citation in found}.values())
