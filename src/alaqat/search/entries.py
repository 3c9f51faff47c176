"""What can be found: everything that has a name or words, with both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.term import Node

from alaqat.formats.graphs import default_graph, new_graph
from alaqat.library import Query
from alaqat.terms import (
    AL,
    ENTITIES_GRAPH,
    OA,
    ONTOLOGY_GRAPH,
    OWN_GRAPH,
    document_graph,
    short,
)

Kind = Literal["entity", "fact", "sentence", "question", "term"]

KINDS: tuple[Kind, ...] = ("entity", "fact", "sentence", "question", "term")
"""What can be found, in the order in which it is shown."""

Role = Literal["label", "other", "code", "words"]

_NAMES: dict[Node, Role] = {
    RDFS.label: "label",
    SKOS.prefLabel: "label",
    SKOS.altLabel: "other",
    SKOS.hiddenLabel: "other",
    SKOS.notation: "code",
}

# What is read of everything, property by property.
_READ = (*_NAMES, RDF.type, RDFS.subClassOf, OA.hasBody, OA.exact)


@dataclass(frozen=True, slots=True)
class Text:
    """Words by which something can be found.

    Attributes:
        text: the words.
        language: of the words; empty if they have none.
        role: what it is called, another name, a code, or words of a document.
    """

    text: str
    language: str
    role: Role


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found.

    Attributes:
        kind: what sort of thing.
        name: its IRI; of a saved question, its name.
        labels: what it is called, by language.
        about: the IRI of what it is: a class, or the document of a sentence.
        texts: by which it is found.
        weight: how often others speak of it.
    """

    kind: Kind
    name: str
    labels: Mapping[str, str]
    about: str
    texts: tuple[Text, ...]
    weight: int = 0


def entries_of(graphs: Mapping[URIRef, Graph]) -> Iterator[Entry]:
    """The entities, facts, sentences and terms of a dataset."""
    default = default_graph(graphs)
    spoken = Counter(default.objects())
    known = new_graph(t for one in _READ for t in default.triples((None, one, None)))
    quotes = _quotes(known)
    seen: set[Node] = set()
    for kind, subjects in (
        ("fact", quotes.keys()),
        ("entity", _named(graphs.get(ENTITIES_GRAPH, Graph()))),
        ("term", _named(graphs.get(ONTOLOGY_GRAPH, Graph()))),
        ("entity", _named(graphs.get(OWN_GRAPH, Graph()))),
    ):
        for node in sorted(set(subjects) - seen, key=str):
            seen.add(node)
            texts = (*_names(known, node), *quotes.get(node, ()))
            if isinstance(node, URIRef) and texts:
                yield Entry(
                    kind=kind,  # type: ignore[arg-type] # one of the three above
                    name=str(node),
                    labels=_labels(texts),
                    about=_class(known, node),
                    texts=(*texts, Text(short(node), "", "code")),
                    weight=spoken[node],
                )
    yield from _sentences(graphs)


def questions(saved: Iterable[Query]) -> Iterator[Entry]:
    """The saved questions, found by their texts in every language and their name."""
    for query in saved:
        texts = [Text(text, code, "label") for code, text in query.summary.items()]
        texts += [Text(text, code, "words") for code, text in query.description.items()]
        texts += [Text(query.name, "", "other")]
        texts += [Text(query.name.replace("-", " "), "", "other")]
        yield Entry("question", query.name, query.summary, "", tuple(texts))


def _named(graph: Graph) -> set[Node]:
    """What a graph gives a name."""
    return {node for name in _NAMES for node in graph.subjects(name)}


def _names(graph: Graph, node: Node) -> Iterator[Text]:
    """The names of a node, what it is called first."""
    for name, role in _NAMES.items():
        for text in sorted(graph.objects(node, name), key=str):
            if isinstance(text, RdfLiteral):
                yield Text(str(text), text.language or "", role)


def _labels(texts: Iterable[Text]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        if text.role == "label":
            found.setdefault(text.language, text.text)
    return found


def _class(graph: Graph, node: Node) -> str:
    """A class of a node that has a name; an asserted or narrow one goes first."""
    classes = [
        one
        for one in graph.objects(node, RDF.type)
        if isinstance(one, URIRef) and (one, RDFS.label, None) in graph
    ]
    above = {
        other
        for one in classes
        for other in graph.transitive_objects(one, RDFS.subClassOf)
        if other != one
    }
    narrow = sorted(set(classes) - above - {OWL.NamedIndividual}, key=str)
    return str(narrow[0]) if narrow else ""


def _quotes(graph: Graph) -> dict[Node, tuple[Text, ...]]:
    """By fact: the words that state it."""
    found: dict[Node, dict[str, Text]] = {}
    for claim, fact in graph.subject_objects(OA.hasBody):
        words = str(graph.value(URIRef(f"{claim}#quote"), OA.exact) or "")
        found.setdefault(fact, {})[words] = Text(words, "", "words")
    return {fact: tuple(texts.values()) for fact, texts in found.items()}


def _sentences(graphs: Mapping[URIRef, Graph]) -> Iterator[Entry]:
    """The sentences of every document."""
    for name in sorted(graphs):
        if not name.startswith(document_graph("")):
            continue
        graph = graphs[name]
        for node in sorted(graph.subjects(RDF.type, AL.Sentence), key=str):
            words = graph.value(node, RDF.value)
            if isinstance(words, RdfLiteral):
                text = Text(str(words), words.language or "", "words")
                about = str(node).partition("/sentence/")[0]
                yield Entry("sentence", str(node), {}, about, (text,))
