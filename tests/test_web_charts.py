"""Chart and as-of pages over HTTP, compared with the results of saved questions."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, URIRef

from alaqat.asof.intervals import Intervals
from alaqat.asof.text import day_as_json
from alaqat.charts.map import THEMES
from alaqat.charts.palette import COLOURS
from alaqat.dataset import Dataset
from alaqat.i18n import LANGUAGES
from alaqat.queries.library import Library
from alaqat.reason.inference import infer
from alaqat.store.interface import records
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.terms import AL, BASE
from alaqat.web.app import create_app
from alaqat.web.rendering import texts_in
from alaqat.web.views.day import shade_classes
from test_web import HTML, Page

PAGES = (
    *("/map", "/map?theme=missions", "/map?theme=visas", "/timeline", "/network"),
    *("/missions", "/figures", "/as-of", "/as-of/1993-06-01"),
)
DRAWINGS = (
    *("/map.svg", "/map.svg?theme=missions", "/map.svg?theme=visas"),
    *("/timeline.svg", "/network.svg", "/figures.svg"),
)
SVG = "{http://www.w3.org/2000/svg}"
PARTY = f"{BASE}id/state/KAZ"
VIEWS = (
    *("map-of-relations", "map-of-missions", "map-of-visas", "missions-by-coordinates"),
    *("states-by-code", "parties-by-ties", "network-of-ties", "facts-in-time"),
    "figures-and-doubts",
)


@pytest.fixture(scope="module")
def empty(library: Library) -> FlaskClient:
    """Return a client of an application with an empty dataset."""
    return create_app(OxigraphStore(), library).test_client()


def rows(dataset: Dataset, library: Library, name: str) -> list[dict[str, str]]:
    """Return the rows of a saved query as strings."""
    found = records(dataset.store.query(library.get(name).text))
    return [{key: str(value) for key, value in row.items()} for row in found]


def classes(page: Page, tag: str, among: str) -> list[tuple[str, str]]:
    """Return address and classes of every element of a tag with a certain class."""
    return [
        (str(a.get("href")), str(a["class"]))
        for a in page.attributes(tag)
        if among in str(a.get("class", "")).split()
    ]


# Every page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_pages_have_one_heading_and_no_style_of_their_own(
    client: FlaskClient, path: str, language: str
) -> None:
    """Colours are set by classes: the security policy forbids inline styles."""
    reply = client.get(f"/{language}{path}", headers=HTML)
    assert reply.status_code == 200
    page = Page(reply.text)
    assert len(page.attributes("h1")) == 1
    assert not [attributes for _, attributes in page.tags if "style" in attributes]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", [*PAGES, "/as-of/2010-06-15"])
def test_pages_of_an_empty_dataset(empty: FlaskClient, path: str) -> None:
    """They are served, though there is nothing to draw."""
    assert empty.get(f"/en{path}", headers=HTML).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", DRAWINGS)
def test_drawings_are_standalone_files(
    client: FlaskClient, path: str, language: str
) -> None:
    """Well-formed, with a title, coloured by attributes, without styles and scripts."""
    reply = client.get(f"/{language}{path}")
    assert reply.mimetype == "image/svg+xml"
    drawing = ET.fromstring(reply.data)  # noqa: S314 # our own output
    assert drawing.tag == f"{SVG}svg"
    assert drawing.findtext(f"{SVG}title")
    tags = {element.tag for element in drawing.iter()}
    assert not tags & {f"{SVG}style", f"{SVG}script"}
    assert not [one for one in drawing.iter() if "style" in one.attrib]
    inks = {one.attrib["fill"] for one in drawing.iter() if "fill" in one.attrib}
    assert len(inks) >= 3
    assert inks <= {*COLOURS.values(), "none"}


@pytest.mark.parametrize(
    ("path", "name", "bound"),
    [
        *((f"/map.csv?theme={t.name}", t.query, {"party": PARTY}) for t in THEMES),
        ("/timeline.csv", "facts-in-time", {}),
        ("/network.csv", "network-of-ties", {}),
        ("/missions.csv", "who-has-missions-where", {}),
        ("/figures.csv", "figures-and-doubts", {}),
    ],
)
def test_csv_of_a_chart_is_the_result_of_its_query(
    client: FlaskClient, library: Library, path: str, name: str, bound: dict[str, str]
) -> None:
    """The page links the saved query."""
    topic = library.get(name).tags[0]
    expected = client.get(f"/queries/{topic}/{name}.csv", query_string=bound)
    found = client.get(path)
    assert found.mimetype == "text/csv"
    assert found.data == expected.data
    assert len(found.text.splitlines()) >= 8
    page = Page(client.get(f"/en{path.replace('.csv', '')}", headers=HTML).text)
    (address,) = (
        str(a["href"])
        for a in page.attributes("a")
        if str(a.get("href")).startswith(f"/en/queries/{topic}/{name}")
    )
    assert client.get(address, headers=HTML).status_code == 200


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_has_rows(dataset: Dataset, library: Library, name: str) -> None:
    """No view is broken or unused."""
    assert library.get(name).folder == "views"
    assert rows(dataset, library, name)


# Maps


def test_the_map_agrees_with_the_questions(
    client: FlaskClient, dataset: Dataset, library: Library
) -> None:
    """States with relations are related, those without are denied, no others are."""
    page = Page(client.get("/en/map", headers=HTML).text)
    shown = {"related": set[str](), "denied": set[str]()}
    for address, names in classes(page, "a", "area"):
        shown[names.removeprefix("area ")].add(address)
    questions = {
        "related": ("who-has-relations-with-whom", "other"),
        "denied": ("countries-without-relations", "country"),
    }
    undrawn = {"org/european-union", "entity/order-of-malta", "entity/congo-unresolved"}
    for shade, (name, column) in questions.items():
        parties = {
            row[column].removeprefix(f"{BASE}id/")
            for row in rows(dataset, library, name)
            if row["party"] == PARTY
        }
        expected = {f"/en/doc/{party}" for party in parties - undrawn}
        assert len(expected) >= 8
        assert shown[shade] == expected


def test_the_lists_below_the_map_include_what_cannot_be_drawn(
    client: FlaskClient,
) -> None:
    """Parties without a territory are listed as not on the map."""
    page = Page(client.get("/en/map", headers=HTML).text)
    assert page.text.count(texts_in("en")["not_on_map"]) == 3
    assert "European Union" in page.text


def test_missions_are_marked_at_their_cities(
    client: FlaskClient, dataset: Dataset, library: Library
) -> None:
    """There is a marker for each city of the question."""
    page = Page(client.get("/en/map?theme=missions", headers=HTML).text)
    cities = rows(dataset, library, "missions-on-a-map")
    assert len(cities) >= 5
    assert len(classes(page, "g", "city")) == len(cities)


def test_a_map_can_be_seen_from_another_party(client: FlaskClient) -> None:
    """Any party with relations; others, and unknown themes, are 404."""
    page = Page(client.get("/en/map?party=state:CHN", headers=HTML).text)
    assert "China" in page.text
    reply = client.get("/map?party=state:XYZ", headers={"Accept": "*/*"})
    assert reply.status_code == 404
    assert client.get("/map?theme=nothing").status_code == 404


def test_borders_come_with_a_disclaimer(client: FlaskClient) -> None:
    """And with their source, on the page and in the file."""
    for path in ("/en/map", "/en/map.svg", "/en/as-of"):
        text = client.get(path, headers=HTML).text
        assert "Natural Earth" in text
        assert "imply no position" in text


# Timeline, network, missions, figures


def test_the_timeline_has_every_dated_fact(
    client: FlaskClient, dataset: Dataset, library: Library
) -> None:
    """Each links its page and has its date in words."""
    reply = client.get("/en/timeline", headers=HTML)
    facts = {row["fact"] for row in rows(dataset, library, "facts-in-time")}
    linked = {str(a["href"]) for a in Page(reply.text).attributes("a")}
    expected = {f"/en/doc/{one.removeprefix(f'{BASE}id/')}" for one in facts}
    assert len(expected) >= 50
    assert expected <= linked
    assert "27 August 1992" in reply.text


def test_the_timeline_is_filtered_without_scripts(client: FlaskClient) -> None:
    """By kind and by years; invalid years show all."""
    kind = {"kind": str(AL.Agreement)}
    page = client.get("/en/timeline", query_string=kind, headers=HTML).text
    assert page.count('class="group"') == 1
    narrow = client.get("/en/timeline?from=2000&to=2010", headers=HTML).text
    assert "2004</text>" in narrow
    assert "1995</text>" not in narrow
    for wrong in ("from=2010&to=2000", "from=1066", "from=x"):
        whole = client.get(f"/en/timeline?{wrong}", headers=HTML).text
        assert "1995</text>" in whole


def test_the_network_has_every_tie_of_its_party(
    client: FlaskClient, dataset: Dataset, library: Library
) -> None:
    """There is a mark for each party and kind of tie in the query."""
    page = Page(client.get("/en/network", headers=HTML).text)
    ties = {
        (row["party"] if row["other"] == PARTY else row["other"], row["kind"])
        for row in rows(dataset, library, "network-of-ties")
        if PARTY in (row["party"], row["other"])
    }
    assert len(ties) >= 100
    assert len(classes(page, "circle", "tie")) == len(ties)


def test_returned_missions_are_those_of_the_question(
    client: FlaskClient, dataset: Dataset, library: Library
) -> None:
    """The cells of mutual embassies are the pairs of reciprocal-embassies."""
    page = Page(client.get("/en/missions", headers=HTML).text)
    marked = classes(page, "span", "mission")
    mutual = [names for _, names in marked if names == "mission embassy mutual"]
    pairs = {
        (row["party"], row["other"])
        for row in rows(dataset, library, "reciprocal-embassies")
    }
    assert len(pairs) >= 4
    assert len(mutual) == 2 * len(pairs)


def test_figures_have_their_quotes_and_doubts(
    client: FlaskClient, dataset: Dataset, library: Library
) -> None:
    """Every figure is shown once, with its quote and the notes on it."""
    text = client.get("/en/figures", headers=HTML).text
    found = rows(dataset, library, "figures-and-doubts")
    figures = {row["figure"] for row in found}
    assert len(figures) >= 20
    assert text.count('class="figure-words"') == len(figures)
    for words in {row["words"] for row in found}:
        assert f">{words}</q>" in text
    doubtful = {row["figure"] for row in found if "doubt" in row}
    assert text.count('class="doubts"') == len(doubtful)


def test_numbers_are_formatted_for_the_language(client: FlaskClient) -> None:
    """Bounds are in words."""
    assert "5,000 or more" in client.get("/en/figures", headers=HTML).text
    assert "5,000 أو أكثر" in client.get("/ar/figures", headers=HTML).text


# Days


def test_a_day_as_json_is_the_output_of_the_command(
    client: FlaskClient, dataset: Dataset
) -> None:
    """By extension and by Accept, on two days of one interval."""
    for day in ("2010-06-15", "2010-06-16"):
        view = Intervals(dataset.prover).at(date.fromisoformat(day))
        expected = json.loads(json.dumps(day_as_json(view, dataset.plain_wordings)))
        assert client.get(f"/as-of/{day}.json").get_json() == expected
    accepted = client.get("/as-of/2010-06-16", headers={"Accept": "application/json"})
    assert accepted.get_json() == expected


def test_a_day_as_turtle_is_its_snapshot(client: FlaskClient, dataset: Dataset) -> None:
    """It has what is at least presumed, unless `least` says otherwise."""
    view = Intervals(dataset.prover).at(date(2010, 6, 15))
    found = Graph().parse(data=client.get("/as-of/2010-06-15.ttl").data)
    assert set(found) == set(view.snapshot())
    everything = client.get("/as-of/2010-06-15.ttl?least=possible")
    assert len(Graph().parse(data=everything.data)) > len(found)
    assert client.get("/as-of/2010-06-15.ttl?least=hardly").status_code == 400


@pytest.mark.parametrize("day", ["1992-08-27", "2010-06-15", "2014-12-31"])
def test_a_page_of_a_day_shows_what_held(
    client: FlaskClient, dataset: Dataset, day: str
) -> None:
    """Each relation has its certainty; excluded ones are hidden."""
    view = Intervals(dataset.prover).at(date.fromisoformat(day))
    page = Page(client.get(f"/en/as-of/{day}", headers=HTML).text)
    items = [a for a in page.attributes("li") if "data-course" in a]
    shown = [a["class"] for a in items if "hidden" not in a]
    expected = [one.certainty.word for one in view.relations]
    assert len(expected) >= 100
    assert sorted(map(str, shown)) == sorted(expected)
    assert len(items) >= len(shown)
    assert all(a["class"] == "out" for a in items if "hidden" in a)


def test_a_course_has_a_letter_for_each_interval(client: FlaskClient) -> None:
    """On the page and in the file of all days, so that no day needs a request."""
    page = Page(client.get("/en/as-of/2010-06-15", headers=HTML).text)
    (article,) = (a for a in page.attributes("article") if "data-starts" in a)
    count = len(str(article["data-starts"]).split()) + 1
    courses = [str(a["data-course"]) for _, a in page.tags if "data-course" in a]
    assert len(courses) >= 300
    assert {len(course) for course in courses} == {count}
    data = client.get("/as-of/courses.json").get_json()
    assert len(data["starts"]) == count
    assert {len(one["course"]) for one in data["relations"]} == {count}
    assert data["shortcuts"]


def test_the_slider_has_the_bounds_of_the_data(client: FlaskClient) -> None:
    """From the first dated day to today."""
    page = Page(client.get("/en/as-of/2010-06-15", headers=HTML).text)
    (field,) = (a for a in page.attributes("input") if a.get("type") == "date")
    assert field["min"] == "1991-01-01"
    assert field["max"] == date.today().isoformat()
    (slider,) = (a for a in page.attributes("input") if a.get("type") == "range")
    assert slider["min"] == str(date(1991, 1, 1).toordinal())


def test_the_form_of_a_day_needs_no_scripts(client: FlaskClient) -> None:
    """It has a date; without one, the day is the last attested one."""
    reply = client.get("/en/as-of?date=2010-06-15", headers=HTML)
    assert "What held on 15 June 2010" in reply.text
    assert "31 December 2014" in client.get("/en/as-of", headers=HTML).text


@pytest.mark.parametrize("path", ["/as-of/yesterday", "/as-of/2010-02-30.json"])
def test_an_invalid_date_is_refused(client: FlaskClient, path: str) -> None:
    """The remedy shows a valid one."""
    reply = client.get(path, headers={"Accept": "application/json"})
    assert reply.status_code == 400
    assert "2010-06-15" in reply.text


def test_letters_have_shades() -> None:
    """Small letters are relations, capitals denials, ! a conflict."""
    assert {letter: shade_classes(letter) for letter in "cQ.!"} == {
        "c": "related certain",
        "Q": "denied possible",
        ".": "out",
        "!": "contradicted",
    }


def test_contradictions_of_a_day_are_shown(library: Library) -> None:
    """They are shown on the days of the conflict and hidden on others."""
    store = OxigraphStore()
    thing = f"{BASE}id/entity/"
    ontology = Graph().parse(Path(__file__).parents[1] / "ontology" / "alaqat.ttl")
    facts = Graph()
    bounds = (AL.startEarliest, AL.startLatest, AL.endEarliest)
    for name, property_ in (("r", "hasDiplomaticRelation"), ("n", "hasNonRelation")):
        facts.add((URIRef(thing + "a"), AL[property_], URIRef(thing + name)))
        facts.add((URIRef(thing + name), AL["with"], URIRef(thing + "b")))
        for bound, day in zip(bounds, ("2001", "2001", "2003"), strict=True):
            literal = f'"{day}-01-01"^^<http://www.w3.org/2001/XMLSchema#date>'
            facts.parse(data=f"<{thing}{name}> <{bound}> {literal} .", format="nt")
    for party in "ab":
        facts.add((URIRef(thing + party), RDF.type, AL.State))
    amend(store, f"{BASE}graph/ontology", ontology)
    amend(store, f"{BASE}graph/facts/quarrel", facts)
    amend(store, f"{BASE}graph/inferred", infer(ontology + facts))
    client = create_app(store, library).test_client()
    inside = client.get("/en/as-of/2002-01-01", headers=HTML).text
    outside = client.get("/en/as-of/2000-01-01", headers=HTML).text
    title = texts_in("en")["asof_contradictions"]
    assert re.search(r'class="alert wrong contradiction" data-course="[.c]+">', inside)
    assert re.search(r'contradiction" data-course="[.c]+" hidden>', outside)
    assert title in inside


def test_csv_has_a_header(client: FlaskClient) -> None:
    """It has the columns of the query."""
    reader = csv.DictReader(io.StringIO(client.get("/map.csv").text))
    assert reader.fieldnames
    assert {"country", "code", "status"} <= set(reader.fieldnames)


@pytest.mark.parametrize(
    ("address", "accept"),
    [
        ("/ar/network.svg", "image/svg+xml"),
        ("/ar/missions.csv", "text/csv"),
        ("/doc/state/KAZ", "text/turtle"),
        ("/doc/state/KAZ", "application/ld+json"),
    ],
)
def test_arabic_text_is_in_logical_order(
    client: FlaskClient, address: str, accept: str
) -> None:
    """In UTF-8, never as presentation forms in visual order."""
    reply = client.get(address, headers={"Accept": accept}, follow_redirects=True)
    assert reply.mimetype == accept
    text = reply.data.decode("utf-8")
    assert "كازاخستان" in text
    assert "كازاخستان"[::-1] not in text
    assert not re.search("[\ufb50-\ufdff\ufe70-\ufeff]", text)


@pytest.mark.parametrize("day", ["1500-01-01", "1990-12-31", "2015-01-01"])
def test_a_day_outside_the_bounds_has_a_notice(
    client: FlaskClient, dataset: Dataset, day: str
) -> None:
    """Otherwise, what merely is not excluded would look like a finding."""
    bounds = dataset.intervals.bounds
    assert bounds
    within = bounds[0].isoformat()
    (beyond, inside) = (
        next(a for a in page_of(client, one).attributes("p") if "data-beyond" in a)
        for one in (day, within)
    )
    assert "hidden" not in beyond
    assert "hidden" in inside


def page_of(client: FlaskClient, day: str) -> Page:
    """Return the page of a day."""
    return Page(client.get(f"/en/as-of/{day}", headers=HTML).text)


def test_a_day_may_be_written_in_arabic_digits(client: FlaskClient) -> None:
    """As year, month and day; other forms are refused."""
    for path, status in (("٢٠١٠-٠٦-١٥", 200), ("20100615", 400), ("2010-06", 400)):
        reply = client.get(f"/ar/as-of/{path}", headers=HTML)
        assert reply.status_code == status
