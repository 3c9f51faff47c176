"""Proof pages: why a triple holds, and whether it does, for people and programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from rdflib import OWL, RDF, RDFS, Literal

from alaqat.asof.verdict import check
from alaqat.dataset import Dataset
from alaqat.describe.literals import format_edtf
from alaqat.errors import AlaqatError
from alaqat.http.proofs import (
    CHECK_PARAMETERS,
    TRIPLE_PARAMETERS,
    WHY_PARAMETERS,
    TripleRequest,
    check_response,
    read_triple_request,
    why_response,
)
from alaqat.proofs.model import Citation, Proof
from alaqat.proofs.prover import MAX_PROOFS, why
from alaqat.store.interface import Triple
from alaqat.terms import (
    document_graph,
    local,
    short,
)
from alaqat.web.rendering import render, request_language
from alaqat.web.responses import (
    flask_response,
    protocol_request,
    wants_page,
)
from alaqat.web.views.document import Editions
from alaqat.web.views.resources import entity_pages

_MAX_EXAMPLES = 8


@dataclass(frozen=True)
class QuoteInSentence:
    """A quote of a claim, and the rest of the sentence around it."""

    before: str
    quote: str
    after: str


class ProofPages:
    """The HTML pages about one triple.

    Args:
        dataset: returns the current version.
        editions: of its documents, for the sentences around quotes.
    """

    def __init__(self, dataset: Callable[[], Dataset], editions: Editions) -> None:
        self._dataset = dataset
        self._editions = editions

    def why(self) -> Response:
        """Render the proofs of a triple, or the form to enter one."""
        return self._page("why.html", WHY_PARAMETERS, self._why)

    def check(self) -> Response:
        """Render the verdict on a triple, or the form to enter one."""
        return self._page("check.html", CHECK_PARAMETERS, self._check)

    def _page(
        self,
        template: str,
        parameters: frozenset[str],
        context_of: Callable[[Dataset, TripleRequest], dict[str, Any]],
    ) -> Response:
        """Render the answer for the requested triple, else the form with any error.

        Args:
            template: of the page.
            parameters: that the request may have besides those of the triple.
            context_of: returns the variables of the answer, and its ``status``.
        """
        current, language = self._dataset(), request_language()
        speaker = entity_pages(current, language).verbalizer
        values = {
            name: request.args.get(name, "") for name in (*TRIPLE_PARAMETERS, "at")
        }
        common: dict[str, Any] = {
            "values": values,
            "words": current.wording(language),
            "can_tell": speaker.has_pattern,
            "as_sentence": speaker.triple,
            "examples": current.cached(_example_triples),
            "properties": current.cached(_properties),
            "in_sentence": self._in_sentence,
            "rule_applications": rule_applications,
            "is_literal": lambda term: isinstance(term, Literal),
            "local": local,
            "short": short,
            "time_words": format_edtf,
        }
        if not any(values[part].strip() for part in TRIPLE_PARAMETERS):
            return render(template, **common)
        try:
            triple_request = read_triple_request(protocol_request(), parameters)
            context = context_of(current, triple_request)
        except AlaqatError as error:
            return render(template, error.category.status, error=error, **common)
        return render(template, context.pop("status"), **common, **context)

    def _why(self, current: Dataset, requested: TripleRequest) -> dict[str, Any]:
        triple = requested.triple(current.resolver)
        answer = why(current.prover, triple, MAX_PROOFS if requested.all_proofs else 1)
        return {
            "status": 200 if answer.proofs else 404,
            "answer": answer,
            "verdict": check(current.prover, triple),
            "every": requested.all_proofs,
            "parameters": _triple_params(triple),
        }

    def _check(self, current: Dataset, requested: TripleRequest) -> dict[str, Any]:
        triple, day = requested.triple(current.resolver), requested.day
        view = current.intervals.at(day) if day else None
        return {
            "status": 200,
            "verdict": check(current.prover, triple, view),
            "parameters": _triple_params(triple),
        }

    def _in_sentence(self, citation: Citation) -> QuoteInSentence:
        """Return a quote with its sentence, or alone if its document is not there."""
        current = self._dataset()
        slug = local(citation.document or "")
        if document_graph(slug) in current.graphs and citation.sentence:
            document = self._editions.of(current, slug).edition.document
            sentence = document.sentence_at(citation.start)
            if sentence:
                text = document.text
                return QuoteInSentence(
                    text[sentence.span.start : citation.start],
                    text[citation.start : citation.end],
                    text[citation.end : sentence.span.end],
                )
        return QuoteInSentence("", citation.quote, "")


def proofs_blueprint(dataset: Callable[[], Dataset], editions: Editions) -> Blueprint:
    """Return the routes /why and /check."""
    blueprint = Blueprint("proofs", __name__)
    pages = ProofPages(dataset, editions)

    @blueprint.get("/why")
    def why() -> Response:
        if wants_page():
            return pages.why()
        return flask_response(why_response(protocol_request(), dataset()))

    @blueprint.get("/check")
    def check() -> Response:
        if wants_page():
            return pages.check()
        return flask_response(check_response(protocol_request(), dataset()))

    @blueprint.app_template_global()
    def why_address(triple: Triple, **parameters: str) -> str:
        """Return the address of the proofs of a triple."""
        values: dict[str, Any] = {**_triple_params(triple), **parameters}
        return url_for("proofs.why", **values)

    return blueprint


def rule_applications(proof: Proof) -> list[Proof]:
    """Return the steps of a proof, the conclusion first, each axiom once."""
    found: dict[str, Proof] = {}
    queue = [proof]
    while queue:
        step = queue.pop(0)
        if step.rule:
            found.setdefault(f"{step.rule.name} {step.rule.axiom}", step)
        queue += [*step.premises, *step.axioms]
    return list(found.values())


def _triple_params(triple: Triple) -> dict[str, str]:
    """Return a triple as the parameters of a request."""
    subject, predicate, value = triple
    text = value.n3() if isinstance(value, Literal) else str(value)
    return dict(
        zip(TRIPLE_PARAMETERS, (str(subject), str(predicate), text), strict=True)
    )


def _example_triples(dataset: Dataset) -> list[Triple]:
    """Return some inferred triples, each with another property."""
    found: dict[Any, Triple] = {}
    for triple in sorted(dataset.prover.inferred):
        if triple[1] not in (RDF.type, OWL.sameAs):
            found.setdefault(triple[1], triple)
    return list(found.values())[:_MAX_EXAMPLES]


def _properties(dataset: Dataset) -> list[Any]:
    """Return the properties used in the dataset, for completion."""
    prover = dataset.prover
    stated = {predicate for _, predicate, _ in prover.premises}
    return sorted((stated | set(prover.inferred.predicates())) - {RDFS.label})
