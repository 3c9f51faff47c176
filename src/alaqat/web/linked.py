"""Linked data: what an IRI names is described at an address of its own."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, request
from rdflib import URIRef

from alaqat.dataset import Dataset
from alaqat.protocol.linked import HTML, Choice, choose
from alaqat.protocol.representation import empty_reply
from alaqat.terms import BASE
from alaqat.web.addresses import document_of, mount
from alaqat.web.representations import described, descriptions
from alaqat.web.things import Things
from alaqat.web.values import response


def linked_blueprint(dataset: Callable[[], Dataset], things: Things) -> Blueprint:
    """The routes of things and of graphs."""
    blueprint = Blueprint("linked", __name__)

    @blueprint.get("/id/<path:name>")
    def thing(name: str) -> Response:
        choice = chosen(dataset(), f"id/{name}")
        descriptions(dataset()).check(URIRef(BASE + choice.name))
        return see_other(choice)

    @blueprint.get("/doc/<path:name>")
    def document(name: str) -> Response:
        choice = chosen(dataset(), f"id/{name}")
        return described(dataset(), choice, things.page)

    @blueprint.get("/graph/<path:name>")
    def graph(name: str) -> Response:
        choice = chosen(dataset(), f"graph/{name}")
        return described(dataset(), choice, things.graph)

    return blueprint


def chosen(dataset: Dataset, path: str) -> Choice:
    """What a path below the base asks for: a description, in a format."""
    known = descriptions(dataset)
    accept = request.headers.get("Accept", "")
    return choose(path, accept, lambda name: BASE + name in known)


def see_other(choice: Choice) -> Response:
    """The way from a thing to its description (httpRange-14: 303).

    People are led to the address that negotiates, in the language of the path;
    programs to the one of the format they like, in no language.
    """
    is_page = choice.form is HTML
    ending = choice.form.extension if choice.is_fixed or not is_page else ""
    root = request.script_root if is_page else mount()
    location = f"{root}/{document_of(BASE + choice.name, ending)}"
    vary = () if choice.is_fixed else ("Accept",)
    return response(empty_reply(HTTPStatus.SEE_OTHER, location=location, vary=vary))
