"""The pages of things and of graphs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, request
from markupsafe import Markup
from rdflib import RDF, URIRef

from alaqat.dataset import Dataset
from alaqat.describe import Derived, Speaker, Thing, ThingPages, plain, resting
from alaqat.describe.schema_org import as_schema_org
from alaqat.explain import Citation
from alaqat.i18n import LANGUAGES
from alaqat.protocol.linked import TRIPLES
from alaqat.terms import BASE, DOC
from alaqat.web.addresses import absolute, document_of
from alaqat.web.recent import Recent
from alaqat.web.rendering import language_of_request, render
from alaqat.web.representations import descriptions

_NOT_IN_SCRIPTS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def telling(dataset: Dataset, language: str) -> ThingPages:
    """What makes the pages of a version in a language."""
    known, explainer = descriptions(dataset), dataset.explainer
    return dataset.made(_telling).get(
        language, lambda: ThingPages(known, explainer, Speaker(known, language))
    )


def _telling(_: Dataset) -> Recent[ThingPages]:
    return Recent(len(LANGUAGES))


def embedded(value: Mapping[str, Any]) -> Markup:
    """JSON that stands within a page; no markup can begin in it."""
    told = json.dumps(value, ensure_ascii=False).translate(_NOT_IN_SCRIPTS)
    return Markup(told)  # noqa: S704 # see above


def data_of(iri: str, ending: str) -> str:
    """The address of a description in a format."""
    return absolute(document_of(iri, ending))


def words_at(citation: Citation) -> str:
    """The address of quoted words on the page of their document."""
    slug = str(citation.document or "").removeprefix(str(DOC))
    where = f"?char={citation.start},{citation.end}#char-{citation.start}"
    return f"{request.script_root}/document/{quote(slug)}{where}"


class Things:
    """Makes pages of what a dataset describes.

    Args:
        dataset: gives the version that is current.
    """

    def __init__(self, dataset: Callable[[], Dataset]) -> None:
        self._dataset = dataset

    def page(self, iri: URIRef) -> Response:
        """The page of a thing."""
        current, language = self._dataset(), language_of_request()
        pages, known = telling(current, language), descriptions(current)
        thing = pages.thing(iri)
        address = absolute(document_of(iri))
        return render(
            "thing.html",
            iri=iri,
            thing=thing,
            heading=thing.name.text,
            summary=_summary(thing),
            resting=self._resting(iri, pages) if thing.fact else (),
            replaced=known.replacements(iri),
            embedded=embedded(as_schema_org(known.said, thing, language, address)),
            rdf_type=RDF.type,
            **self.around(language),
        )

    def graph(self, iri: URIRef) -> Response:
        """The page of a named graph."""
        current, language = self._dataset(), language_of_request()
        graph, speaker = current.graphs[iri], telling(current, language).speaker
        counts = Counter(graph.objects(None, RDF.type))
        rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        return render(
            "graph.html",
            iri=iri,
            heading=iri.removeprefix(BASE),
            size=len(graph),
            classes=[(speaker.name(kind), count) for kind, count in rows],
            **self.around(language),
        )

    def around(self, language: str) -> dict[str, Any]:
        """What the templates of descriptions use."""
        return {
            "formats": TRIPLES,
            "data_of": data_of,
            "words_at": words_at,
            "words": self._dataset().words(language),
            "plain": plain,
        }

    def _resting(self, iri: URIRef, pages: ThingPages) -> list[Derived]:
        known = descriptions(self._dataset())
        rows = resting(known, known.claims(iri), iri)
        return [Derived(row, pages.speaker.triple(*row)) for row in rows]


def _summary(thing: Thing) -> str:
    """A line on a thing for lists of pages."""
    if thing.fact:
        return plain(thing.fact.sentence)
    if thing.definition:
        return thing.definition
    facts = [fact for group in thing.groups + thing.denied for fact in group.facts]
    return " ".join(plain(fact.sentence) for fact in facts[:3]) or thing.name.text
