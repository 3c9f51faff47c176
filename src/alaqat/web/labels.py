"""What things are called, in the language of a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import Literal

from alaqat.dataset import Dataset
from alaqat.i18n import preference
from alaqat.library import Library
from alaqat.terms import BASE, short


@dataclass(frozen=True)
class Name:
    """What something is called.

    Attributes:
        text: a label, or the short form of its IRI.
        language: of the label; empty for an IRI.
    """

    text: str
    language: str = ""


class Labels:
    """The labels of a dataset.

    Args:
        labels: of each IRI by their language.
    """

    def __init__(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        self._labels = labels

    def of(self, iri: str, language: str) -> Name:
        """The label in a language, else in another of ours, else the IRI in short."""
        labels = self._labels.get(str(iri), {})  # a term is equal to no plain text
        for code in preference(language):
            if code in labels:
                return Name(labels[code], code)
        return Name(short(iri).removeprefix(f"{BASE}id/"))

    def every(self, iri: str) -> Mapping[str, str]:
        """Every label of an IRI by its language."""
        return self._labels.get(iri, {})


def labels_of(dataset: Dataset, library: Library) -> Labels:
    """Return the labels of a version of the dataset."""
    return dataset.cached(_read, library)


def _read(dataset: Dataset, library: Library) -> Labels:
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for thing, label in dataset.store.query(library.get("labels").text):
        if isinstance(label, Literal):
            labels[str(thing)].setdefault(label.language or "", str(label))
    return Labels(labels)
