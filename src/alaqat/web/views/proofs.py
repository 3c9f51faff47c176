"""Why a triple holds, and whether it does: for programs, and as pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from rdflib import OWL, RDF, RDFS, Literal

from alaqat.asof.verdict import check
from alaqat.dataset import Dataset
from alaqat.describe.literals import time_words
from alaqat.errors import AlaqatError
from alaqat.http.proofs import CHECK_PARAMETERS as CHECK_MORE
from alaqat.http.proofs import (
    TRIPLE_PARAMETERS,
    TripleRequest,
    check_response,
    read_triple_request,
    why_response,
)
from alaqat.http.proofs import WHY_PARAMETERS as WHY_MORE
from alaqat.proofs.model import Citation, Proof
from alaqat.proofs.prover import (
    MAX_PROOFS,
    Prover,
    why,
)
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
from alaqat.web.views.resources import telling

_EXAMPLES = 8


@dataclass(frozen=True)
class QuotedWords:
    """A sentence with the words that a claim quotes in it.

    Attributes:
        before: what stands before them.
        words: those words.
        after: what stands after them.
    """

    before: str
    words: str
    after: str


class ProofPages:
    """The pages on one triple.

    Args:
        dataset: gives the version that is current.
        editions: of its documents, for the sentences that words stand in.
    """

    def __init__(self, dataset: Callable[[], Dataset], editions: Editions) -> None:
        self._dataset = dataset
        self._editions = editions

    def why(self) -> Response:
        """The proof of a triple, or the form that asks for one."""
        return self._page("why.html", WHY_MORE, self._proved)

    def check(self) -> Response:
        """Whether a triple is so, or the form that asks."""
        return self._page("check.html", CHECK_MORE, self._decided)

    def _page(
        self,
        template: str,
        more: frozenset[str],
        answer: Callable[[Dataset, TripleRequest], dict[str, Any]],
    ) -> Response:
        """The answer to what is asked; else the form, with the fault if any."""
        now, language = self._dataset(), request_language()
        speaker = telling(now, language).speaker
        values = {
            name: request.args.get(name, "") for name in (*TRIPLE_PARAMETERS, "at")
        }
        common: dict[str, Any] = {
            "values": values,
            "words": now.wording(language),
            "can_tell": speaker.can_tell,
            "as_sentence": speaker.triple,
            "examples": now.cached(_examples),
            "properties": now.cached(_properties),
            "quoted": self._quoted,
            "steps_of": steps_of,
            "is_literal": lambda term: isinstance(term, Literal),
            "local": local,
            "short": short,
            "time_words": time_words,
        }
        if not any(values[part].strip() for part in TRIPLE_PARAMETERS):
            return render(template, **common)
        try:
            found = answer(now, read_triple_request(protocol_request(), more))
        except AlaqatError as error:
            return render(template, error.category.status, error=error, **common)
        return render(template, found.pop("status"), **common, **found)

    def _proved(self, now: Dataset, asked: TripleRequest) -> dict[str, Any]:
        triple = asked.triple(now.resolver)
        answer = why(now.prover, triple, MAX_PROOFS if asked.all_proofs else 1)
        return {
            "status": 200 if answer.proofs else 404,
            "answer": answer,
            "verdict": check(now.prover, triple),
            "every": asked.all_proofs,
            "parts": _parts(triple),
        }

    def _decided(self, now: Dataset, asked: TripleRequest) -> dict[str, Any]:
        triple, day = asked.triple(now.resolver), asked.day
        return {
            "status": 200,
            "verdict": check(
                now.prover, triple, now.intervals.at(day) if day else None
            ),
            "parts": _parts(triple),
        }

    def _quoted(self, citation: Citation) -> QuotedWords:
        """The words of a claim in their sentence."""
        now = self._dataset()
        slug = local(citation.document or "")
        if document_graph(slug) in now.graphs and citation.sentence:
            document = self._editions.of(now, slug).edition.document
            found = document.sentence_at(citation.start)
            if found:
                text = document.text
                return QuotedWords(
                    text[found.span.start : citation.start],
                    text[citation.start : citation.end],
                    text[citation.end : found.span.end],
                )
        return QuotedWords("", citation.quote, "")


def why_blueprint(dataset: Callable[[], Dataset], editions: Editions) -> Blueprint:
    """The routes that tell why a triple holds, and whether it does."""
    blueprint = Blueprint("why", __name__)
    proofs = ProofPages(dataset, editions)

    @blueprint.get("/why")
    def why() -> Response:
        if wants_page():
            return proofs.why()
        return flask_response(why_response(protocol_request(), dataset()))

    @blueprint.get("/check")
    def check() -> Response:
        if wants_page():
            return proofs.check()
        return flask_response(check_response(protocol_request(), dataset()))

    @blueprint.app_template_global()
    def why_address(triple: Triple, **more: str) -> str:
        """The address of the proof of a triple."""
        values: dict[str, Any] = {**_parts(triple), **more}
        return url_for("why.why", **values)

    @blueprint.app_template_global()
    def words_address(citation: Citation) -> str:
        """The address of the words of a claim in their document."""
        start, end = citation.start, citation.end
        return url_for(
            "document.text",
            slug=local(citation.document or ""),
            char=f"{start},{end}",
            _anchor=f"char-{start}",
        )

    return blueprint


def _parts(triple: Triple) -> dict[str, str]:
    """A triple as parameters name it."""
    subject, predicate, value = triple
    told = value.n3() if isinstance(value, Literal) else str(value)
    return dict(
        zip(TRIPLE_PARAMETERS, (str(subject), str(predicate), told), strict=True)
    )


def _examples(dataset: Dataset) -> list[Triple]:
    """Some derived triples, each with another property, to begin with."""
    found: dict[Any, Triple] = {}
    for triple in sorted(dataset.prover.inferred):
        if triple[1] not in (RDF.type, OWL.sameAs):
            found.setdefault(triple[1], triple)
    return list(found.values())[:_EXAMPLES]


def _properties(dataset: Dataset) -> list[Any]:
    """The properties that triples of the dataset have, for completion."""
    return sorted(_predicates(dataset.prover))


def _predicates(prover: Prover) -> set[Any]:
    used = {predicate for _, predicate, _ in prover.premises}
    return (used | set(prover.inferred.predicates())) - {RDFS.label}


def steps_of(proof: Proof) -> list[Proof]:
    """The applications of rules in a proof, each axiom once, the last step first."""
    found: dict[str, Proof] = {}
    waiting = [proof]
    while waiting:
        one = waiting.pop(0)
        if one.rule:
            found.setdefault(f"{one.rule.name} {one.rule.axiom}", one)
        waiting += [*one.premises, *one.axioms]
    return list(found.values())
