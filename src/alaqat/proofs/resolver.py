"""From what a person types to what it names: IRIs, prefixed names, labels, codes."""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import get_close_matches
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, SKOS, Literal, URIRef

from alaqat.errors import AmbiguousName, UnknownName
from alaqat.queries.query import LITERAL
from alaqat.rdf.graphs import union
from alaqat.terms import (
    AL,
    PREFIXES,
    PROOFS_GRAPH,
    document_prefixes,
    document_slugs,
    is_default_graph,
    short,
)
from alaqat.text.normalize import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.reason.rules import Triple

    _Test = Callable[[URIRef], bool]

_LABELS = (
    RDFS.label,
    SKOS.prefLabel,
    SKOS.altLabel,
    SKOS.hiddenLabel,
    SKOS.notation,
)
_PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
_PREFIXED = re.compile(r"([A-Za-z][\w-]*):([\w./%-]*)")
_IRI = re.compile(r"<?(https?://[^<>\"{}|^`\\\s]+)>?")


class EntityResolver:
    """Looks up what the terms of a dataset are called.

    Args:
        graphs: all named graphs. Only those that a plain query reads give names.
    """

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        self._labels: dict[str, set[URIRef]] = defaultdict(set)
        self._properties = {RDF.type}
        self._slugs = document_slugs(graphs)
        self._known = union(g for name, g in graphs.items() if name != PROOFS_GRAPH)
        for name, graph in graphs.items():
            if is_default_graph(name):
                self._read(graph)

    def triple(self, subject: str, predicate: str, value: str) -> Triple:
        """The triple that three texts name.

        Raises:
            UnknownName: nothing is called that.
            AmbiguousName: several things are; the error lists them.
        """
        return self.resource(subject), self.property(predicate), self.value(value)

    def resource(self, text: str) -> URIRef:
        """What a text names that is no property."""
        return self._find(text, lambda iri: iri not in self._properties)

    def one_of(self, text: str, things: Container[Node]) -> URIRef:
        """Which of some things a text names; an IRI or a prefixed name is taken as is.

        Raises:
            UnknownName: none is called that.
            AmbiguousName: several are; the error lists them.
        """
        return self._find(text, things.__contains__)

    def similar(self, text: str, things: Container[Node]) -> list[URIRef]:
        """Those of some things whose labels look like a text."""
        return self._similar(text, things.__contains__)

    def property(self, text: str) -> URIRef:
        """The property that a text names; `a` is rdf:type."""
        if text.strip() == "a":
            return RDF.type
        return self._find(text, self._properties.__contains__)

    def value(self, text: str) -> URIRef | Literal:
        """What a text names that may be a literal, written as in Turtle."""
        literal = LITERAL.fullmatch(text.strip())
        return self._literal(literal) if literal else self.resource(text)

    def _read(self, graph: Graph) -> None:
        for label in _LABELS:
            for iri, text in graph.subject_objects(label):
                if isinstance(iri, URIRef):
                    self._labels[fold(str(text))].add(iri)
        for kind in _PROPERTIES:
            for iri in graph.subjects(RDF.type, kind):
                if isinstance(iri, URIRef):
                    self._properties.add(iri)
                    self._labels[fold(iri.removeprefix(str(AL)))].add(iri)

    def _find(self, text: str, fits: _Test) -> URIRef:
        text = text.strip()
        if whole := _IRI.fullmatch(text):
            return URIRef(whole[1])
        if prefixed := _PREFIXED.fullmatch(text):
            expanded = list(self._expanded(prefixed[1], prefixed[2]))
            if expanded:
                return self._only(text, expanded)
        named = sorted(filter(fits, self._labels.get(fold(text), ())))
        return self._only(text, named, fits)

    def _expanded(self, prefix: str, name: str) -> Iterator[URIRef]:
        """The IRIs that a prefixed name stands for: one, or one in each document."""
        if prefix in PREFIXES:
            yield URIRef(PREFIXES[prefix] + name)
            return
        tables = [document_prefixes(slug) for slug in self._slugs]
        iris = [URIRef(t[prefix] + name) for t in tables if prefix in t]
        yield from [iri for iri in iris if self._is_known(iri)] or iris[:1]

    def _is_known(self, iri: URIRef) -> bool:
        """Whether anything is said of a thing, or leads to it."""
        patterns = (iri, None, None), (None, None, iri)
        return any(pattern in self._known for pattern in patterns)

    def _only(
        self, text: str, found: list[URIRef], fits: _Test = lambda _: True
    ) -> URIRef:
        """The one thing found, or the error that tells what else there is."""
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousName(
                f"“{text}” names several things: {', '.join(map(short, found))}.",
                remedy="Give one of these names.",
            )
        raise UnknownName(
            f"Nothing here is called “{text}”.", remedy=self._near(text, fits)
        )

    def _near(self, text: str, fits: _Test) -> str:
        """Names that look like a text that is none."""
        near = self._similar(text, fits)
        if not near:
            return "Give an IRI, a prefixed name such as al:memberOf, or a label."
        return f"Did you mean {', '.join(map(short, near))}?"

    def _similar(self, text: str, fits: _Test) -> list[URIRef]:
        labels = [key for key, iris in self._labels.items() if any(map(fits, iris))]
        near = get_close_matches(fold(text), labels, n=3)
        return sorted(
            {iri for label in near for iri in self._labels[label] if fits(iri)}
        )

    def _literal(self, found: re.Match[str]) -> Literal:
        """A literal written as in Turtle; a number is not written out in full."""
        text, language, datatype = found.groups()
        return Literal(
            text.replace('\\"', '"'),
            lang=language,
            datatype=self.resource(datatype) if datatype else None,
            normalize=False,
        )
