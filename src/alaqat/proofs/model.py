"""What a proof is made of: steps down to asserted triples, and what those rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rdflib import URIRef

    from alaqat.reason.rules import Rule, Triple


#: What an asserted triple rests on: words of a document, a package that says so, an
#: axiom (itself), the text's own layout, a curator's note, or a curator's hand.
EvidenceKind = Literal["words", "package", "axiom", "text", "note", "curator"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A curator's note; texts and reading by language."""

    iri: URIRef
    kind: URIRef | None
    texts: Mapping[str, str]
    reading: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CitedReference:
    """A work that the document cites for the words, by its number in the text."""

    iri: URIRef
    number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A claim: the words that state a fact, and where they stand.

    Attributes:
        iri: of the claim.
        quote: the exact words.
        language: of the document; empty if it has none.
        document: the text, with `start` and `end` in code points, end exclusive.
        line: 1-based, of the sentence.
        sentence: that holds the words, and its whole text.
        section: the innermost one, and its headings by language.
        edtf: the date that these words state.
        said_by: whom the document has say it.
        references: the works cited for it.
        doubts: notes on it.
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
    """Where a part of a document stands: code points, end exclusive, 1-based line."""

    document: URIRef | None
    start: int
    end: int
    line: int | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one asserted triple rests on, and the graph it stands in.

    Attributes:
        kind: which of the other fields say more.
        graph: the named graph.
        citations: the words that state it.
        packages: that verified it.
        doubts: notes on the fact that are about none of the words cited.
        place: of the part of the text that the triple describes.
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
        rule: the last step; None for an asserted triple.
        premises: proofs of the rule's body, in its order.
        axioms: proofs of the axiom's triples.
        evidence: of an asserted triple.
    """

    triple: Triple
    rule: Rule | None = None
    premises: tuple[Proof, ...] = ()
    axioms: tuple[Proof, ...] = ()
    evidence: Evidence | None = None

    @property
    def size(self) -> int:
        """How many rules are applied in the whole tree."""
        below = sum(proof.size for proof in (*self.premises, *self.axioms))
        return below + (self.rule is not None)

    def leaves(self) -> Iterator[Proof]:
        """The asserted triples that it all rests on, axioms too, from left to right."""
        if self.rule is None:
            yield self
        for proof in (*self.premises, *self.axioms):
            yield from proof.leaves()

    def citations(self) -> tuple[Citation, ...]:
        """The words that it all rests on, each once."""
        leaves = (leaf.evidence for leaf in self.leaves())
        found = (c for evidence in leaves if evidence for c in evidence.citations)
        return tuple({citation.iri: citation for citation in found}.values())
