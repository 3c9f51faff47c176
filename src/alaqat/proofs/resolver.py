"""Entity resolution: from typed IRIs, prefixed names, labels and codes to terms."""

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

    _Filter = Callable[[URIRef], bool]

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
    """Resolves text to terms of a dataset.

    Every method that returns one term raises UnknownName if nothing has that name, with
    similar names, and AmbiguousName if several terms have it, with all of them.

    Args:
        graphs: all named graphs; labels are read from those of the default graph.
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
        """Return the triple that three texts name."""
        return self.resource(subject), self.property(predicate), self.value(value)

    def resource(self, text: str) -> URIRef:
        """Return the resource that a text names, other than a property."""
        return self._find(text, lambda iri: iri not in self._properties)

    def one_of(self, text: str, candidates: Container[Node]) -> URIRef:
        """Return the candidate that a text names; any IRI or prefixed name will do."""
        return self._find(text, candidates.__contains__)

    def similar(self, text: str, candidates: Container[Node]) -> list[URIRef]:
        """Return the candidates whose labels are similar to a text."""
        return self._similar(text, candidates.__contains__)

    def property(self, text: str) -> URIRef:
        """Return the property that a text names; `a` is rdf:type."""
        if text.strip() == "a":
            return RDF.type
        return self._find(text, self._properties.__contains__)

    def value(self, text: str) -> URIRef | Literal:
        """Return the resource that a text names, or a literal written as in Turtle."""
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

    def _find(self, text: str, fits: _Filter) -> URIRef:
        text = text.strip()
        if whole := _IRI.fullmatch(text):
            return URIRef(whole[1])
        if prefixed := _PREFIXED.fullmatch(text):
            expanded = list(self._expanded(prefixed[1], prefixed[2]))
            if expanded:
                return self._only(text, expanded)
        found = sorted(filter(fits, self._labels.get(fold(text), ())))
        return self._only(text, found, fits)

    def _expanded(self, prefix: str, name: str) -> Iterator[URIRef]:
        """Yield the IRIs of a prefixed name: one, or one in each document."""
        if prefix in PREFIXES:
            yield URIRef(PREFIXES[prefix] + name)
            return
        tables = [document_prefixes(slug) for slug in self._slugs]
        iris = [URIRef(t[prefix] + name) for t in tables if prefix in t]
        yield from [iri for iri in iris if self._is_known(iri)] or iris[:1]

    def _is_known(self, iri: URIRef) -> bool:
        """Return whether a resource is the subject or the object of any triple."""
        patterns = (iri, None, None), (None, None, iri)
        return any(pattern in self._known for pattern in patterns)

    def _only(
        self, text: str, found: list[URIRef], fits: _Filter = lambda _: True
    ) -> URIRef:
        """Return the only term found, or raise."""
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousName(
                f"“{text}” is ambiguous: {', '.join(map(short, found))}.",
                remedy="Give one of these names.",
            )
        similar = ", ".join(map(short, self._similar(text, fits)))
        raise UnknownName(
            f"Nothing here is called “{text}”.",
            remedy=f"Did you mean {similar}?"
            if similar
            else "Give an IRI, a prefixed name such as al:memberOf, or a label.",
        )

    def _similar(self, text: str, fits: _Filter) -> list[URIRef]:
        labels = [key for key, iris in self._labels.items() if any(map(fits, iris))]
        matches = get_close_matches(fold(text), labels, n=3)
        return sorted(
            {iri for label in matches for iri in self._labels[label] if fits(iri)}
        )

    def _literal(self, found: re.Match[str]) -> Literal:
        """Return a literal in its given form: 1E999999999 is not expanded."""
        text, language, datatype = found.groups()
        return Literal(
            text.replace('\\"', '"'),
            lang=language,
            datatype=self.resource(datatype) if datatype else None,
            normalize=False,
        )
