"""Pages and API of the saved questions, the query page and the home page."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from rdflib import URIRef

from alaqat.dataset import Dataset
from alaqat.i18n import LANGUAGES
from alaqat.queries.library import Library, topic_of
from alaqat.rdf.formats import formats_for
from alaqat.sparql.rewrite import with_label_columns
from alaqat.store.interface import Store
from alaqat.terms import BASE
from alaqat.web.rendering import all_texts
from alaqat.web.tables import RowEvidence, fact_quotes
from test_web import Page

HTML = {"Accept": "text/html"}
CITIES = "/queries/lookup/embassies-by-city"


@pytest.fixture(scope="module")
def store(dataset: Dataset) -> Store:
    """Return the store of the project's own dataset."""
    return dataset.store


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_listed_and_has_its_page(
    client: FlaskClient, library: Library, language: str
) -> None:
    """Its title is in the language of the page."""
    index = Page(client.get(f"/{language}/queries", headers=HTML).text)
    listed = {str(a["href"]) for a in index.attributes("a")}
    questions = library.of("questions")
    assert len(questions) >= 100
    for question in questions:
        path = f"/{language}/queries/{topic_of(question)}/{question.name}"
        assert path in listed
        assert question.title(language) in index.text
    for question in questions[::20]:
        path = f"/{language}/queries/{topic_of(question)}/{question.name}"
        page = client.get(path, headers=HTML)
        assert page.status_code == 200
        assert question.title(language) in Page(page.text).text


def test_every_column_and_topic_has_a_name_in_both_languages(
    store: Store, library: Library
) -> None:
    """So the page of a question shows no bare variable."""
    known = all_texts().keys()
    for question in library.of("questions"):
        assert {f"topic_{topic_of(question)}", f"about_{topic_of(question)}"} <= known
        columns = {*store.query(question.text).variables, *question.params}
        assert not {name for name in columns if f"column_{name}" not in known}


def test_a_result_has_one_column_for_each_resource(client: FlaskClient) -> None:
    """It shows the label in the language of the page and links the page."""
    page = Page(client.get(f"/ar{CITIES}", headers=HTML).text)
    names = [a["data-name"] for a in page.attributes("th")]
    assert names == ["city", "sender", "host", ""]
    assert "أذربيجان" in page.text
    assert "Azerbaijan" not in page.text
    assert "/ar/doc/state/AZE" in {a["href"] for a in page.attributes("a")}


def test_a_row_has_the_quotes_that_state_it(client: FlaskClient) -> None:
    """Only those of the fact that the query matched."""
    reply = client.get(f"/en{CITIES}?host=Azerbaijan", headers=HTML)
    page = Page(reply.text)
    (quote,) = (a for a in page.attributes("a") if "/doc/fact/" in str(a["href"]))
    assert "باكو" in str(quote["title"])
    (words,) = page.attributes("q")[:1]
    assert words["lang"] == "ar"


def test_computed_rows_have_no_quotes(store: Store, library: Library) -> None:
    """No sentence states a count."""
    dataset = Dataset(store)
    words = fact_quotes(dataset, library)
    counted = library.get("missions-by-city")
    assert counted.with_all_variables() is None
    evidence = RowEvidence.of_query(words, counted, {}, store)
    assert not any(evidence.quotes(row) for row in store.query(counted.text))


def test_a_query_with_every_variable_has_the_same_rows(
    store: Store, library: Library
) -> None:
    """So the quotes beside a row are those of that row."""
    wholes = 0
    for question in map(with_label_columns, library.of("questions")):
        if whole := question.with_all_variables():
            answer = store.query(whole.text)
            at = {name: place for place, name in enumerate(answer.variables)}
            there = {tuple(row[at[name]] for name in whole.columns) for row in answer}
            assert there == set(store.query(question.text)), question.name
            wholes += 1
    assert wholes >= 60


@pytest.mark.parametrize(
    "value",
    ["state:AZE", f"{BASE}id/state/AZE", "Azerbaijan", "azerbaijan", "أذربيجان"],
)
def test_a_parameter_takes_an_iri_or_a_label(client: FlaskClient, value: str) -> None:
    """Whichever the client has."""
    reply = client.get(f"{CITIES}.csv", query_string={"host": value})
    rows = rows_of(reply.text)
    assert rows
    assert {row["host"] for row in rows} == {f"{BASE}id/state/AZE"}


def test_a_known_value_may_have_an_empty_result(client: FlaskClient) -> None:
    """A party without an embassy is not an error."""
    reply = client.get(f"{CITIES}.csv", query_string={"host": "org:osce"})
    assert reply.status_code == 200
    assert not rows_of(reply.text)


@pytest.mark.parametrize(
    ("query", "remedy"),
    [
        ({"hots": "state:AZE"}, "host"),
        ({"host": "Azerbaijn"}, "state:AZE"),
        ({"host": "state:AZR"}, "state:AZE"),
        ({"host": "sate:AZE"}, "state:AZE"),
        ({"host": "Atlantis"}, "Leave host out"),
    ],
)
def test_a_wrong_parameter_has_suggestions(
    client: FlaskClient, query: dict[str, str], remedy: str
) -> None:
    """As a problem for programs and on the page of the question."""
    reply = client.get(f"{CITIES}.json", query_string=query)
    assert reply.status_code == 400
    assert remedy in reply.get_json(force=True)["remedy"]
    page = client.get(f"/ar{CITIES}", query_string=query, headers=HTML)
    assert page.status_code == 400
    assert remedy in page.text
    assert all_texts()["wrong_value"]["ar"] in page.text


def test_a_form_lists_the_values_by_label(client: FlaskClient) -> None:
    """The given value is selected."""
    reply = client.get(f"/ar{CITIES}?host=state:AZE", headers=HTML)
    page = Page(reply.text)
    assert {a["name"] for a in page.attributes("select")} == {"city", "sender", "host"}
    (selected,) = (a["value"] for a in page.attributes("option") if "selected" in a)
    assert selected == "state:AZE"
    day = client.get("/en/queries/time/missions-as-of?date=2008-01-01", headers=HTML)
    (field,) = (a for a in Page(day.text).attributes("input") if a["name"] == "date")
    assert (field["type"], field["value"]) == ("date", "2008-01-01")


@pytest.mark.parametrize("form", formats_for("bindings"), ids=lambda form: form.name)
def test_an_extension_selects_the_format(client: FlaskClient, form: object) -> None:
    """So does the Accept header where there is none."""
    assert hasattr(form, "name")
    reply = client.get(f"{CITIES}.{form.name}")
    assert reply.mimetype == form.media_type
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    negotiated = client.get(CITIES, headers={"Accept": form.media_type})
    assert negotiated.data == reply.data


def test_a_format_of_another_result_kind_is_refused(client: FlaskClient) -> None:
    """With 406 and the formats that fit."""
    reply = client.get(f"{CITIES}.ttl")
    assert reply.status_code == 406
    assert "csv" in reply.get_json(force=True)["remedy"]


def test_a_question_under_another_topic_redirects_to_its_own(
    client: FlaskClient,
) -> None:
    """With its parameters and its extension."""
    reply = client.get("/ar/queries/time/embassies-by-city.csv?host=state:AZE")
    assert reply.status_code == 308
    assert reply.headers["Location"] == f"/ar{CITIES}.csv?host=state%3AAZE"
    assert client.get("/queries/nothing", headers=HTML).status_code == 404


@pytest.mark.parametrize("headers", [HTML, {}], ids=["page", "problem"])
def test_a_parameter_has_one_value(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    """Of two, neither would be what the client wants."""
    reply = client.get(f"{CITIES}?host=state:AZE&host=state:ARM", headers=headers)
    assert reply.status_code == 400
    assert "host is given more than once" in reply.text


@pytest.mark.parametrize("ending", ["x%0d%0aSet-Cookie:a=b", "csv%0d%0a", "word"])
def test_an_unknown_extension_is_not_found(client: FlaskClient, ending: str) -> None:
    """A redirect would put it into the Location header."""
    reply = client.get(f"/queries/wrong/embassies-by-city.{ending}")
    assert reply.status_code == 404
    assert "Set-Cookie" not in reply.headers


def test_the_openapi_description(client: FlaskClient, library: Library) -> None:
    """It has each question in each format with its parameters."""
    api = client.get("/openapi.json").get_json()
    assert api["openapi"].startswith("3.1.")
    assert api["info"]["title"]
    assert api["info"]["version"]
    (server,) = api["servers"]
    operations = {path: item["get"] for path, item in api["paths"].items()}
    names = [operation["operationId"] for operation in operations.values()]
    assert len(names) == len(set(names))
    for question in library.of("questions"):
        for form in formats_for("bindings"):
            path = f"/queries/{topic_of(question)}/{question.name}.{form.name}"
            operation = operations.pop(path)
            parameters = operation["parameters"]
            assert [one["name"] for one in parameters] == list(question.params)
            assert all(one["in"] == "query" and one["schema"] for one in parameters)
            assert form.media_type in operation["responses"]["200"]["content"]
            problem = operation["responses"]["400"]["content"]
            (reference,) = (one["schema"]["$ref"] for one in problem.values())
            assert reference == "#/components/schemas/Problem"
    assert not operations
    assert "Problem" in api["components"]["schemas"]
    assert client.get(f"{server['url']}{CITIES}.json").status_code == 200


def test_completions_have_names_and_labels(client: FlaskClient) -> None:
    """Of classes, properties and entities, in both languages, with an ETag."""
    reply = client.get("/terms.json")
    completions = reply.get_json()
    terms = {one["term"]: one for one in completions["terms"]}
    assert terms["al:Embassy"]["kind"] == "class"
    assert terms["al:with"]["kind"] == "property"
    assert {"Azerbaijan", "أذربيجان"} <= set(terms["state:AZE"]["labels"])
    assert completions["prefixes"]["al"] == f"{BASE}ontology#"
    tag = {"If-None-Match": reply.headers["ETag"]}
    assert client.get("/terms.json", headers=tag).status_code == 304


def test_a_result_is_shown_in_the_language_of_the_page(
    client: FlaskClient,
) -> None:
    """Labels and numbers are localized; the term is in attributes, for sorting."""
    text = "SELECT ?party (1234567.5 AS ?amount) { VALUES ?party { <%s> } }"
    query = {"query": text % URIRef(f"{BASE}id/state/AZE")}
    page = Page(client.get("/en/sparql", query_string=query, headers=HTML).text)
    assert "Azerbaijan" in page.text
    assert "1,234,567.5" in page.text
    cells = {a["data-kind"]: a.get("data-value") for a in page.attributes("td")}
    assert cells == {"iri": f"{BASE}id/state/AZE", "number": "1234567.5"}
    (link,) = (a for a in page.attributes("a") if a.get("title") == "state:AZE")
    assert link["href"] == "/en/doc/state/AZE"


def test_a_query_can_be_cited(client: FlaskClient) -> None:
    """By the digest of its text and its address."""
    query = {"query": "ASK { ?s ?p ?o }"}
    page = Page(client.get("/en/sparql", query_string=query, headers=HTML).text)
    assert re.search(r"sha256:[0-9a-f]{16}", page.text)
    assert "http://localhost/en/sparql?query=ASK" in page.text


def test_every_link_of_a_page_works(client: FlaskClient) -> None:
    """The current section is marked."""
    page = Page(client.get("/ar/sparql", headers=HTML).text)
    links = [str(a["href"]) for a in page.attributes("a")]
    ours = {link for link in links if link.startswith("/")}
    assert "/ar/sparql" in ours
    for link in ours:
        with client.get(link, headers=HTML, follow_redirects=True) as reply:
            assert reply.status_code == 200
    here = [a["href"] for a in page.attributes("a") if a.get("aria-current") == "page"]
    assert here == ["/ar/sparql"]


def test_the_home_page(client: FlaskClient) -> None:
    """It links all sections, and shows questions with their row counts and a quote."""
    page = Page(client.get("/ar/", headers=HTML).text)
    links = [str(a["href"]) for a in page.attributes("a")]
    assert {"/ar/queries", "/ar/sparql"} <= set(links)
    reply = client.get("/queries/time/timeline.csv")
    count = len(rows_of(reply.text))
    assert all_texts()["answers"]["ar"].format(count) in page.text
    (quote,) = page.attributes("blockquote")
    assert (quote["lang"], quote["dir"]) == ("ar", "rtl")


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ("SELECT ?s { ?s a ?o } LIMIT 1", ["pandas.read_csv", "read.csv", "results"]),
        ("ASK {}", ["json.load", "fromJSON", "boolean"]),
        ("CONSTRUCT WHERE { ?s a ?o } LIMIT 1", ["parse(", "rdf_parse", "text()"]),
    ],
)
def test_code_samples_fit_the_kind_of_result(
    client: FlaskClient, query: str, calls: list[str]
) -> None:
    """They read rows, a boolean or a graph, in each programming language."""
    page = client.get("/en/sparql", query_string={"query": query}, headers=HTML).text
    found = re.findall(
        r'aria-labelledby="sample-\w+"><code>(.*?)</code>', page, re.DOTALL
    )
    samples = dict(zip(["curl", "python", "r", "js"], found, strict=True))
    for sample, call in zip(("python", "r", "js"), calls, strict=True):
        assert call in samples[sample]


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_keys_may_equal_dict_methods(client: FlaskClient, language: str) -> None:
    """Templates show the text of `copy`, not the method."""
    query = {"query": "ASK {}"}
    page = client.get(f"/{language}/sparql", query_string=query, headers=HTML).text
    assert "built-in" not in page
    assert all_texts()["copy"][language] in page
