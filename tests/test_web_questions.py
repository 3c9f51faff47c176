"""The library of questions: its pages, its API, and what it tells about itself."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

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

HTML = {"Accept": "text/html"}
CITIES = "/queries/lookup/embassies-by-city"


class Elements(HTMLParser):
    """The attributes of every element of a page, by tag, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text = ""
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element's attributes."""
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def store(dataset: Dataset) -> Store:
    """The store of the project's own dataset."""
    return dataset.store


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_listed_and_has_its_page(
    client: FlaskClient, library: Library, language: str
) -> None:
    """In the language of the page, with what its columns are called in it."""
    index = Elements(client.get(f"/{language}/queries", headers=HTML).text)
    listed = {str(a["href"]) for a in index.of("a")}
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
        assert question.title(language) in Elements(page.text).text


def test_every_column_and_topic_has_a_name_in_both_languages(
    store: Store, library: Library
) -> None:
    """So that no variable stands on the page of a question."""
    known = all_texts().keys()
    for question in library.of("questions"):
        assert {f"topic_{topic_of(question)}", f"about_{topic_of(question)}"} <= known
        columns = {*store.query(question.text).variables, *question.params}
        assert not {name for name in columns if f"column_{name}" not in known}


def test_a_question_has_one_column_for_each_thing(client: FlaskClient) -> None:
    """With its label in the language of the page, which leads to its page."""
    page = Elements(client.get(f"/ar{CITIES}", headers=HTML).text)
    names = [a["data-name"] for a in page.of("th")]
    assert names == ["city", "sender", "host", ""]
    assert "أذربيجان" in page.text
    assert "Azerbaijan" not in page.text
    assert "/ar/doc/state/AZE" in {a["href"] for a in page.of("a")}


def test_a_row_stands_beside_the_words_that_state_it(client: FlaskClient) -> None:
    """Just those of the fact that the question went through."""
    reply = client.get(f"/en{CITIES}?host=Azerbaijan", headers=HTML)
    page = Elements(reply.text)
    (quote,) = (a for a in page.of("a") if "/doc/fact/" in str(a["href"]))
    assert "باكو" in str(quote["title"])
    (words,) = page.of("q")[:1]
    assert words["lang"] == "ar"


def test_rows_that_are_computed_have_no_words(store: Store, library: Library) -> None:
    """A count is stated nowhere."""
    dataset = Dataset(store)
    words = fact_quotes(dataset, library)
    counted = library.get("missions-by-city")
    assert counted.with_all_variables() is None
    evidence = RowEvidence.of_query(words, counted, {}, store)
    assert not any(evidence.quotes(row) for row in store.query(counted.text))


def test_a_query_for_every_variable_gives_the_same_rows(
    store: Store, library: Library
) -> None:
    """So the words beside a row are those of that row."""
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
    """Whichever people have."""
    reply = client.get(f"{CITIES}.csv", query_string={"host": value})
    rows = rows_of(reply.text)
    assert rows
    assert {row["host"] for row in rows} == {f"{BASE}id/state/AZE"}


def test_what_is_known_may_have_no_answer(client: FlaskClient) -> None:
    """A party without an embassy there is no mistake."""
    reply = client.get(f"{CITIES}.csv", query_string={"host": "org:osce"})
    assert reply.status_code == 200
    assert not rows_of(reply.text)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"hots": "state:AZE"}, "host"),
        ({"host": "Azerbaijn"}, "state:AZE"),
        ({"host": "state:AZR"}, "state:AZE"),
        ({"host": "sate:AZE"}, "state:AZE"),
        ({"host": "Atlantis"}, "Leave host out"),
    ],
)
def test_a_wrong_parameter_is_told_with_what_is_near(
    client: FlaskClient, query: dict[str, str], told: str
) -> None:
    """As a problem to programs and on the page of the question."""
    reply = client.get(f"{CITIES}.json", query_string=query)
    assert reply.status_code == 400
    assert told in reply.get_json(force=True)["remedy"]
    page = client.get(f"/ar{CITIES}", query_string=query, headers=HTML)
    assert page.status_code == 400
    assert told in page.text
    assert all_texts()["wrong_value"]["ar"] in page.text


def test_a_form_offers_the_values_by_their_labels(client: FlaskClient) -> None:
    """And keeps what was chosen."""
    reply = client.get(f"/ar{CITIES}?host=state:AZE", headers=HTML)
    page = Elements(reply.text)
    assert {a["name"] for a in page.of("select")} == {"city", "sender", "host"}
    (chosen,) = (a["value"] for a in page.of("option") if "selected" in a)
    assert chosen == "state:AZE"
    day = client.get("/en/queries/time/missions-as-of?date=2008-01-01", headers=HTML)
    (field,) = (a for a in Elements(day.text).of("input") if a["name"] == "date")
    assert (field["type"], field["value"]) == ("date", "2008-01-01")


@pytest.mark.parametrize("form", formats_for("bindings"), ids=lambda form: form.name)
def test_an_ending_names_the_format(client: FlaskClient, form: object) -> None:
    """So does the Accept header where there is no ending."""
    assert hasattr(form, "name")
    reply = client.get(f"{CITIES}.{form.name}")
    assert reply.mimetype == form.media_type
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    asked = client.get(CITIES, headers={"Accept": form.media_type})
    assert asked.data == reply.data


def test_a_format_that_does_not_fit_is_told(client: FlaskClient) -> None:
    """With those that do."""
    reply = client.get(f"{CITIES}.ttl")
    assert reply.status_code == 406
    assert "csv" in reply.get_json(force=True)["remedy"]


def test_a_question_under_another_topic_leads_to_its_own(client: FlaskClient) -> None:
    """With its parameters and its ending."""
    reply = client.get("/ar/queries/time/embassies-by-city.csv?host=state:AZE")
    assert reply.status_code == 308
    assert reply.headers["Location"] == f"/ar{CITIES}.csv?host=state%3AAZE"
    assert client.get("/queries/nothing", headers=HTML).status_code == 404


@pytest.mark.parametrize("headers", [HTML, {}], ids=["page", "problem"])
def test_a_parameter_has_one_value(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    """Of two, neither would be the answer to what was asked."""
    reply = client.get(f"{CITIES}?host=state:AZE&host=state:ARM", headers=headers)
    assert reply.status_code == 400
    assert "host is given more than once" in reply.text


@pytest.mark.parametrize("ending", ["x%0d%0aSet-Cookie:a=b", "csv%0d%0a", "word"])
def test_an_ending_that_is_made_up_leads_nowhere(
    client: FlaskClient, ending: str
) -> None:
    """Or it would stand in a header."""
    reply = client.get(f"/queries/wrong/embassies-by-city.{ending}")
    assert reply.status_code == 404
    assert "Set-Cookie" not in reply.headers


def test_the_api_is_described(client: FlaskClient, library: Library) -> None:
    """Each question in each format, with its parameters, and no reference dangles."""
    told = client.get("/openapi.json").get_json()
    assert told["openapi"].startswith("3.1.")
    assert told["info"]["title"]
    assert told["info"]["version"]
    (server,) = told["servers"]
    operations = {path: item["get"] for path, item in told["paths"].items()}
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
    assert "Problem" in told["components"]["schemas"]
    assert client.get(f"{server['url']}{CITIES}.json").status_code == 200


def test_an_editor_completes_names_and_labels(client: FlaskClient) -> None:
    """Classes and properties, and things in both languages; kept until they change."""
    reply = client.get("/terms.json")
    told = reply.get_json()
    terms = {one["term"]: one for one in told["terms"]}
    assert terms["al:Embassy"]["kind"] == "class"
    assert terms["al:with"]["kind"] == "property"
    assert {"Azerbaijan", "أذربيجان"} <= set(terms["state:AZE"]["labels"])
    assert told["prefixes"]["al"] == f"{BASE}ontology#"
    tag = {"If-None-Match": reply.headers["ETag"]}
    assert client.get("/terms.json", headers=tag).status_code == 304


def test_a_query_shows_labels_and_numbers_of_the_language(
    client: FlaskClient,
) -> None:
    """With the term itself on demand and for sorting."""
    asked = "SELECT ?party (1234567.5 AS ?amount) { VALUES ?party { <%s> } }"
    query = {"query": asked % URIRef(f"{BASE}id/state/AZE")}
    page = Elements(client.get("/en/sparql", query_string=query, headers=HTML).text)
    assert "Azerbaijan" in page.text
    assert "1,234,567.5" in page.text
    cells = {a["data-kind"]: a.get("data-value") for a in page.of("td")}
    assert cells == {"iri": f"{BASE}id/state/AZE", "number": "1234567.5"}
    (link,) = (a for a in page.of("a") if a.get("title") == "state:AZE")
    assert link["href"] == "/en/doc/state/AZE"


def test_a_query_can_be_cited(client: FlaskClient) -> None:
    """By the hash of its text and its address."""
    query = {"query": "ASK { ?s ?p ?o }"}
    page = Elements(client.get("/en/sparql", query_string=query, headers=HTML).text)
    assert re.search(r"sha256:[0-9a-f]{16}", page.text)
    assert "http://localhost/en/sparql?query=ASK" in page.text


def test_a_section_that_is_not_there_is_not_linked(client: FlaskClient) -> None:
    """And every one that is linked is there, with where the reader is."""
    page = Elements(client.get("/ar/sparql", headers=HTML).text)
    links = [str(a["href"]) for a in page.of("a")]
    ours = {link for link in links if link.startswith("/")}
    assert "/ar/sparql" in ours
    for link in ours:
        with client.get(link, headers=HTML, follow_redirects=True) as reply:
            assert reply.status_code == 200
    here = [a["href"] for a in page.of("a") if a.get("aria-current") == "page"]
    assert here == ["/ar/sparql"]


def test_the_first_page_opens_every_door(client: FlaskClient) -> None:
    """And shows some questions with the size of their answers, and a fact's words."""
    page = Elements(client.get("/ar/", headers=HTML).text)
    links = [str(a["href"]) for a in page.of("a")]
    assert {"/ar/queries", "/ar/sparql"} <= set(links)
    reply = client.get("/queries/time/timeline.csv")
    count = len(rows_of(reply.text))
    assert all_texts()["answers"]["ar"].format(count) in page.text
    (words,) = page.of("blockquote")
    assert (words["lang"], words["dir"]) == ("ar", "rtl")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT ?s { ?s a ?o } LIMIT 1", ["pandas.read_csv", "read.csv", "results"]),
        ("ASK {}", ["json.load", "fromJSON", "boolean"]),
        ("CONSTRUCT WHERE { ?s a ?o } LIMIT 1", ["parse(", "rdf_parse", "text()"]),
    ],
)
def test_samples_read_what_the_query_answers(
    client: FlaskClient, query: str, said: list[str]
) -> None:
    """Rows, a truth or a graph, in each language of programming."""
    page = client.get("/en/sparql", query_string={"query": query}, headers=HTML).text
    found = re.findall(
        r'aria-labelledby="sample-\w+"><code>(.*?)</code>', page, re.DOTALL
    )
    samples = dict(zip(["curl", "python", "r", "js"], found, strict=True))
    for sample, words in zip(("python", "r", "js"), said, strict=True):
        assert words in samples[sample]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_what_python_calls_something(
    client: FlaskClient, language: str
) -> None:
    """A key of the texts may be called as a method of a dictionary is."""
    query = {"query": "ASK {}"}
    page = client.get(f"/{language}/sparql", query_string=query, headers=HTML).text
    assert "built-in" not in page
    assert all_texts()["copy"][language] in page
