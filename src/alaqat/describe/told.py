"""What a page tells of a thing, as plain values for a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rdflib import URIRef

    from alaqat.describe.grammar import Part, Sentence
    from alaqat.explain import Citation, Doubt
    from alaqat.reason.rules import Triple


@dataclass(frozen=True, slots=True)
class Row:
    """A property and its values; some of them if there are many.

    Attributes:
        name: of the property.
        values: of which there may be more than stand here.
        total: how many there are.
    """

    name: Part
    values: tuple[Part, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as a page tells it.

    Attributes:
        iri: of the fact.
        sentence: what it says.
        short: the same without its time, for lists that tell the time beside it.
        form: the class that the sentence's form is for.
        time: when it was, in words; empty if the text does not say.
        attested: the day that its present tense means, in words; empty if none.
        details: what of it the sentence does not say.
        citations: the words that state it.
        doubts: notes on it that are about none of these words.
    """

    iri: URIRef
    sentence: Sentence
    short: Sentence
    form: str
    time: str
    attested: str
    details: tuple[Row, ...]
    citations: tuple[Citation, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of one kind."""

    name: Part
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """A triple that follows from others, and how it reads."""

    triple: Triple
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Silence:
    """Something that the text does not say of a thing.

    Attributes:
        key: which; pages have a text for each.
        about: what it is not said of, if not of the whole thing.
    """

    key: str
    about: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """Everything that the page of a thing tells.

    Attributes:
        iri: of the thing.
        name: what it is called in the language of the page.
        names: what else it is called: language and name.
        classes: what it is, the nearest first; each derived or not.
        definition: what it means, if it is a concept.
        codes: the code system and the code.
        matches: the same thing in other datasets.
        place: latitude and longitude, if they are known.
        groups: what the text says, by kind of fact.
        denied: what it denies.
        derived: what follows.
        denials: what follows that is a denial.
        silences: what the text does not say.
        notes: the curator's, on the thing itself.
        fact: the thing itself as a fact, if it is one.
        rows: its other properties.
        referring: what else leads to it.
    """

    iri: URIRef
    name: Part
    names: tuple[Part, ...]
    classes: tuple[tuple[Part, bool], ...]
    definition: str
    codes: tuple[tuple[Part, str], ...]
    matches: tuple[str, ...]
    place: tuple[str, str] | None
    groups: tuple[Group, ...]
    denied: tuple[Group, ...]
    derived: tuple[Derived, ...]
    denials: tuple[Derived, ...]
    silences: tuple[Silence, ...]
    notes: tuple[Doubt, ...]
    fact: Fact | None
    rows: Sequence[Row]
    referring: Sequence[Row]
