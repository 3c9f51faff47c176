"""The notes of curators on a document, in the order of its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rdflib import DCTERMS, RDF, Graph, URIRef
from rdflib.term import Node

from alaqat.document import Span
from alaqat.edition.values import Remark
from alaqat.i18n import by_language
from alaqat.terms import AL, OA, SCHEMA, document_graph, notes_graph


def remarks(graphs: Mapping[URIRef, Graph], slug: str) -> tuple[Remark, ...]:
    """Every note on a document: first those on words, as these stand in the text.

    Args:
        graphs: all named graphs of a dataset.
        slug: the document's name.
    """
    notes = graphs.get(notes_graph(slug), Graph())
    layout = graphs[document_graph(slug)]
    found = [
        _remark(iri, notes, layout)
        for iri in notes.subjects(RDF.type, AL.Note)
        if isinstance(iri, URIRef)
    ]
    return tuple(sorted(found, key=_order))


def _remark(iri: URIRef, notes: Graph, layout: Graph) -> Remark:
    """One note."""
    position, quote = URIRef(f"{iri}#position"), URIRef(f"{iri}#quote")
    start, end = (notes.value(position, one) for one in (OA.start, OA.end))
    about = tuple(sorted(notes.objects(iri, AL.about), key=str))
    sentence = notes.value(iri, AL.inSentence)
    number = layout.value(sentence, SCHEMA.position) if sentence else None
    return Remark(
        iri=iri,
        kind=_iri(notes.value(iri, AL.kind)),
        texts=by_language(notes.objects(iri, DCTERMS.description)),
        reading=by_language(notes.objects(iri, AL.proposedReading)),
        span=None if start is None else Span(int(str(start)), int(str(end))),
        quote=str(notes.value(quote, OA.exact) or ""),
        sentence=None if number is None else int(str(number)),
        section=_iri(notes.value(iri, AL.inSection)) or _section(about, layout),
        about=about,
    )


def _section(about: Iterable[Node], layout: Graph) -> URIRef | None:
    """The section that a note is about, or that holds what it is about."""
    for node in about:
        if (node, RDF.type, AL.Section) in layout:
            return _iri(node)
        if (node, RDF.type, AL.Reference) in layout:
            item = layout.value(node, DCTERMS.isPartOf)
            return _iri(layout.value(item, DCTERMS.isPartOf))
    return None


def _order(remark: Remark) -> tuple[bool, Span, str]:
    return remark.span is None, remark.span or Span(0, 0), remark.iri


def _iri(node: Node | None) -> URIRef | None:
    return node if isinstance(node, URIRef) else None
