"""What the editor completes: prefixes, and terms by their names and labels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from flask import Blueprint, Response

from alaqat.dataset import Dataset
from alaqat.library import Library
from alaqat.protocol.representation import (
    JSON_TYPE,
    NO_CACHE,
    Representation,
    content_tag,
)
from alaqat.terms import PREFIXES, short
from alaqat.web.values import send

# What is a prefixed name without an escape, whatever else is one (SPARQL 1.1 §19.8).
_PREFIXED = re.compile(r"[a-z][\w-]*:[A-Za-z0-9][\w-]*", re.ASCII)


def completions_blueprint(
    library: Library, dataset: Callable[[], Dataset]
) -> Blueprint:
    """The route that tells an editor what it may complete."""
    blueprint = Blueprint("completions", __name__)

    @blueprint.get("/terms.json")
    def terms() -> Response:
        return send(dataset().cached(_represent, library))

    return blueprint


def _represent(dataset: Dataset, library: Library) -> Representation:
    """The terms with their kinds and labels, as JSON."""
    terms: dict[str, dict[str, object]] = {}
    labels: dict[str, list[str]] = {}
    for kind, term, label in dataset.store.query(library.get("completions").text):
        iri = str(term)
        labels.setdefault(iri, []).append(str(label))
        terms[iri] = {"kind": str(kind), "term": _term(iri), "labels": labels[iri]}
    told = {"prefixes": PREFIXES, "terms": list(terms.values())}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return Representation(
        body, JSON_TYPE, tag=content_tag(body), cache_control=NO_CACHE, vary=()
    )


def _term(iri: str) -> str:
    """An IRI as a query may hold it."""
    name = short(iri)
    return name if _PREFIXED.fullmatch(name) else f"<{iri}>"
