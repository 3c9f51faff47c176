"""The pictures: map, timeline, network, missions and figures, as pages and files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, request, url_for
from rdflib.term import Node

from alaqat.formats import CSV
from alaqat.visuals import INK, THEMES, world
from alaqat.visuals import theme as theme_named
from alaqat.web import dates, figures
from alaqat.web.pictures import Pictures
from alaqat.web.rendering import language_of_request, render

_SVG = "image/svg+xml"


def visuals_blueprint(pictures: Pictures) -> Blueprint:
    """The routes of the pictures: each a page, an SVG, and the CSV of its query."""
    blueprint = Blueprint("visuals", __name__)

    def centre() -> Node | None:
        return pictures.centre(request.args.get("party", ""))

    def shown_map(template: str) -> Response:
        theme, party = theme_named(request.args.get("theme", THEMES[0].name)), centre()
        picture = pictures.map(theme, party) if party else None
        shared = {"themes": THEMES, "parties": pictures.parties(), "world": world()}
        return picture_page(pictures, template, picture, query=theme.query, **shared)

    @blueprint.get("/map")
    def map_page() -> Response:
        return shown_map("visuals/map.html")

    @blueprint.get("/map.svg")
    def map_file() -> Response:
        return shown_map("visuals/map.svg")

    @blueprint.get("/map.csv")
    def map_table() -> Response:
        theme = theme_named(request.args.get("theme", THEMES[0].name))
        party = centre()
        return table(pictures, theme.query, **({"party": party} if party else {}))

    def shown_timeline(template: str) -> Response:
        asked = request.args.getlist("kind")
        picture = pictures.strips()
        groups = [one for one in picture.groups if not asked or str(one[0]) in asked]
        shared = {"query": "facts-in-time", "chosen": asked, "groups": groups}
        return picture_page(pictures, template, picture, **shared)

    @blueprint.get("/timeline")
    def timeline_page() -> Response:
        return shown_timeline("visuals/timeline.html")

    @blueprint.get("/timeline.svg")
    def timeline_file() -> Response:
        return shown_timeline("visuals/timeline.svg")

    @blueprint.get("/timeline.csv")
    def timeline_table() -> Response:
        return table(pictures, "facts-in-time")

    def shown_network(template: str) -> Response:
        party = centre()
        picture = pictures.orbits(party) if party else None
        shared = {"parties": pictures.parties(), "query": "network-of-ties"}
        return picture_page(pictures, template, picture, **shared)

    @blueprint.get("/network")
    def network_page() -> Response:
        return shown_network("visuals/network.html")

    @blueprint.get("/network.svg")
    def network_file() -> Response:
        return shown_network("visuals/network.svg")

    @blueprint.get("/network.csv")
    def network_table() -> Response:
        return table(pictures, "network-of-ties")

    return blueprint


def tables_blueprint(pictures: Pictures) -> Blueprint:
    """The routes of the pictures that are tables first: missions and figures."""
    blueprint = Blueprint("tables", __name__)

    @blueprint.get("/missions")
    def missions_page() -> Response:
        query = "who-has-missions-where"
        matrix = pictures.matrix()
        return picture_page(pictures, "visuals/missions.html", matrix, query=query)

    @blueprint.get("/missions.csv")
    def missions_table() -> Response:
        return table(pictures, "who-has-missions-where")

    @blueprint.get("/figures")
    def figures_page() -> Response:
        query = "figures-and-doubts"
        charts = pictures.charts()
        return picture_page(pictures, "visuals/figures.html", charts, query=query)

    @blueprint.get("/figures.svg")
    def figures_file() -> Response:
        return picture_page(pictures, "visuals/figures.svg", pictures.charts())

    @blueprint.get("/figures.csv")
    def figures_table() -> Response:
        return table(pictures, "figures-and-doubts")

    return blueprint


def table(pictures: Pictures, name: str, **values: Node) -> Response:
    """The rows behind a picture, as its saved query answers them."""
    out = BytesIO()
    pictures.answer(name, **values).write(out, CSV)
    return Response(out.getvalue(), content_type=CSV.content_type)


def picture_page(
    pictures: Pictures, template: str, picture: object, query: str = "", **values: Any
) -> Response:
    """A page with a picture, or the picture alone as a file.

    Templates find ``picture``, the ``label`` of a node, ``when`` something was, the
    words of a ``number``, an ``amount`` and a ``unit``, the ``query_address`` of what is
    behind it all, and ``ink`` for files.
    """
    language = language_of_request()
    words = pictures.dataset().words(language)
    is_file = template.endswith(".svg")
    reply = render(
        template,
        picture=picture,
        label=words.term,
        when=lambda period: dates.period(period, language),
        amount=lambda bar: figures.amount(bar, language),
        number=lambda value: figures.number(value, language),
        unit=lambda chart: figures.unit(chart, words),
        query_address=url_for("sparql.sparql", query=pictures.text(query))
        if query
        else "",
        ink=INK if is_file else {},
        **values,
    )
    if is_file:
        reply.mimetype = _SVG
    return reply
