"""The pictures: map, timeline, network, missions and figures, as pages and files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from rdflib.term import Node

from alaqat.formats import CSV
from alaqat.i18n import script_of
from alaqat.protocol.representation import represent
from alaqat.visuals import INK, THEMES, Scale, theme, world
from alaqat.web import figures
from alaqat.web.pictures import Pictures
from alaqat.web.rendering import language_of_request, render
from alaqat.web.topics import topic_of
from alaqat.web.values import send

_SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Shown:
    """What one picture shows.

    Attributes:
        picture: its values; None if there is nothing to draw.
        query: the saved query behind it.
        bound: the values of its parameters.
        more: what its template needs besides.
    """

    picture: object
    query: str
    bound: dict[str, Node] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


def _map(pictures: Pictures) -> Shown:
    chosen = theme(request.args.get("theme", THEMES[0].name))
    party = pictures.centre(request.args.get("party", ""))
    more = {"themes": THEMES, "parties": pictures.parties(), "world": world()}
    if party is None:
        return Shown(None, chosen.query, more=more)
    return Shown(pictures.map(chosen, party), chosen.query, {"party": party}, more)


def _timeline(pictures: Pictures) -> Shown:
    asked, strips = request.args.getlist("kind"), pictures.strips()
    groups = [one for one in strips.groups if not asked or str(one[0]) in asked]
    years, whole = _years(strips.scale), strips.scale
    start = whole.at(date(years.first, 1, 1))
    view = start, whole.after(date(years.last, 12, 31)) - start
    more = {"chosen": asked, "groups": groups, "years": years, "view": view}
    return Shown(strips, "facts-in-time", more=more)


def _years(whole: Scale) -> Scale:
    """The years that are asked for, as far as there are any in that order."""
    first = request.args.get("from", whole.first, type=int)
    last = request.args.get("to", whole.last, type=int)
    is_within = whole.first <= first <= last <= whole.last
    return Scale(first, last) if is_within else whole


def _network(pictures: Pictures) -> Shown:
    party = pictures.centre(request.args.get("party", ""))
    picture = pictures.orbits(party) if party else None
    more = {"parties": pictures.parties()}
    return Shown(picture, "network-of-ties", more=more)


def _missions(pictures: Pictures) -> Shown:
    return Shown(pictures.matrix(), "who-has-missions-where")


def _figures(pictures: Pictures) -> Shown:
    return Shown(pictures.charts(), "figures-and-doubts")


# What shows each picture, and whether it can be had as SVG; a matrix is a table.
_PICTURES: dict[str, tuple[Callable[[Pictures], Shown], bool]] = {
    "map": (_map, True),
    "timeline": (_timeline, True),
    "network": (_network, True),
    "missions": (_missions, False),
    "figures": (_figures, True),
}


def visuals_blueprint(pictures: Pictures) -> Blueprint:
    """The routes of the pictures: each a page, a drawing, and the rows of its query."""
    blueprint = Blueprint("visuals", __name__)
    for name, (show, is_drawn) in _PICTURES.items():
        _add(blueprint, name, pictures, show)
        if is_drawn:
            _add_drawing(blueprint, name, pictures, show)
    return blueprint


def _add(
    blueprint: Blueprint,
    name: str,
    pictures: Pictures,
    show: Callable[[Pictures], Shown],
) -> None:
    @blueprint.get(f"/{name}", endpoint=name)
    def page() -> Response:
        return picture_page(pictures, f"visuals/{name}.html", show(pictures))

    @blueprint.get(f"/{name}.csv", endpoint=f"{name}_rows")
    def rows() -> Response:
        shown = show(pictures)
        answer = pictures.answer(shown.query, **shown.bound)
        made = represent(CSV, lambda out: answer.write(out, CSV))
        return send(replace(made, vary=()))


def _add_drawing(
    blueprint: Blueprint,
    name: str,
    pictures: Pictures,
    show: Callable[[Pictures], Shown],
) -> None:
    @blueprint.get(f"/{name}.svg", endpoint=f"{name}_drawing")
    def drawing() -> Response:
        reply = picture_page(pictures, f"visuals/{name}.svg", show(pictures), INK)
        reply.mimetype = _SVG
        return reply


def picture_page(
    pictures: Pictures, template: str, shown: Shown, ink: dict[str, str] | None = None
) -> Response:
    """A page with a picture, or with ``ink`` the picture alone as a file.

    Templates find ``picture``, the ``label`` of a node, ``when`` something was, the
    words of a ``short_number``, an ``amount`` and a ``unit``, the ``query_address`` of
    what is behind it all, and ``script_of`` a text.
    """
    language = language_of_request()
    words = pictures.dataset().words(language)
    return render(
        template,
        picture=shown.picture,
        label=words.term,
        when=lambda period: figures.period(period, language),
        amount=lambda bar: figures.amount(bar, language),
        short_number=lambda value: figures.short_number(value, language),
        unit=lambda chart: figures.unit(chart, words),
        query_address=query_address(pictures, shown),
        script_of=script_of,
        ink=ink,
        **shown.more,
    )


def query_address(pictures: Pictures, shown: Shown) -> str:
    """The page of the saved query behind a picture."""
    query = pictures.query(shown.query)
    bound = {name: str(value) for name, value in shown.bound.items()}
    address = url_for("questions.question", topic=topic_of(query), name=query.name)
    return f"{address}?{urlencode(bound)}" if bound else address
