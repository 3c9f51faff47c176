"""The pages and the endpoint, through the application in this process."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import NoReturn

import pytest
from flask.testing import FlaskClient
from rdflib import Literal, Namespace, URIRef

from alaqat.errors import StoreUnavailable, TooMany
from alaqat.i18n import LANGUAGES, choose
from alaqat.queries.library import Library
from alaqat.store.interface import QueryResult, Store
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import OxigraphWriter, amend
from alaqat.terms import AL, facts_graph
from alaqat.timeout import timed_out
from alaqat.web import app
from alaqat.web.app import create_app
from alaqat.web.rendering import all_texts, texts_in
from alaqat.web.settings import Settings
from alaqat.web.tables import format_number

E = Namespace("http://e/")
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
QUESTION = "/queries/lookup/embassies-by-city"
FOLDER = Path(app.__file__).parent
SELECT = "SELECT ?o { <http://e/s> <http://e/p> ?o } ORDER BY ?o"


class Page(HTMLParser):
    """What a page holds: its texts, its attributes by tag, and its open tags."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element's attributes."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.text += data

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def store() -> Store:
    """A store with texts in both directions and one that tries to be markup."""
    store = OxigraphStore()
    values = (
        Literal("سلام", lang="ar"),
        Literal("<script>alert(1)</script>"),
        Literal("1992-08-27", datatype="http://www.w3.org/2001/XMLSchema#date"),
        AL.Fact,
        URIRef("http://e/?a=1&b='2'"),
    )
    amend(store, facts_graph("x"), [(E.s, E.p, value) for value in values])
    return store


@pytest.fixture
def client(store: Store, library: Library) -> FlaskClient:
    """A client of the application."""
    return create_app(store, library, Settings(shown_rows=3)).test_client()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_the_language_asked_for(
    client: FlaskClient, language: str
) -> None:
    """Language and direction stand on the page, and the other language is offered."""
    reply = client.get(f"/{language}/", headers=HTML)
    page = Page(reply.text)
    assert reply.headers["Content-Language"] == language
    (html,) = page.attributes("html")
    assert html == {"lang": language, "dir": {"ar": "rtl", "en": "ltr"}[language]}
    offered = {a["hreflang"] for a in page.attributes("a") if "hreflang" in a}
    assert offered == set(LANGUAGES) - {language}
    assert all_texts()["tagline"][language] in page.text


def test_the_browser_chooses_the_language(client: FlaskClient) -> None:
    """If nobody asked for one; English for those who read neither."""
    for accepted, language in (("ar-EG,ar;q=0.9", "ar"), ("en", "en"), ("fr", "en")):
        reply = client.get("/", headers={"Accept-Language": accepted})
        assert reply.headers["Content-Language"] == language


def test_every_text_is_in_both_languages() -> None:
    """None is empty, and no language is missing."""
    assert len(all_texts()) >= 30
    for row in all_texts().values():
        assert set(row) == set(LANGUAGES)
        assert all(row.values())
    assert choose("xx", None) == choose(None, "en") == "en"
    assert set(texts_in("ar")) == set(all_texts())


def test_the_page_lists_the_questions_and_answers_one(
    client: FlaskClient, library: Library
) -> None:
    """Each in the language of the page; the chosen one stands in the field."""
    questions = library.of("questions")
    assert questions
    page = Page(client.get("/ar/sparql", headers=HTML).text)
    for question in questions:
        assert question.title("ar") in page.text
    chosen = questions[-1]
    address = {"question": chosen.name}
    shown = client.get("/sparql", query_string=address, headers=HTML).text
    assert chosen.sparql in Page(shown).text
    assert "#+ summary" not in shown


def test_a_question_that_is_not_saved_is_told(client: FlaskClient) -> None:
    """As a page to people and as a problem to programs."""
    reply = client.get("/sparql?question=embasies-by-city", headers=HTML)
    assert reply.status_code == 404
    assert "embassies-by-city" in reply.text
    reply = client.get("/queries/lookup/nothing", headers={"Accept": "text/csv"})
    assert reply.get_json(force=True)["status"] == 404


def test_without_questions_the_page_shows_the_figures(
    store: Store, library: Library
) -> None:
    """A new dataset has a page too."""
    views = Library({query.name: query for query in library.of("views")})
    client = create_app(store, views).test_client()
    reply = client.get("/en/sparql", headers=HTML)
    assert all_texts()["no_questions"]["en"] in reply.text
    assert "?triples" in reply.text
    assert client.get("/en/", headers=HTML).status_code == 200


def test_an_answer_is_shown_with_every_value_apart(client: FlaskClient) -> None:
    """Values are isolated for their direction; markup in them stays text."""
    query = {"query": "SELECT ?o { ?s ?p ?o FILTER(isLiteral(?o)) }"}
    reply = client.get("/sparql", query_string=query, headers=HTML)
    page = Page(reply.text)
    assert "<script>alert" not in reply.text
    assert "<script>alert(1)</script>" in page.text
    values = [a for a in page.attributes("bdi") if a.get("dir") == "auto"]
    assert len(values) == 3
    assert {"dir": "auto"} in values
    assert any(a.get("title") == "1992-08-27 (xsd:date)" for a in values)
    assert "August 27, 1992" not in page.text
    assert "27 August 1992" in page.text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1e30", f"1{'0' * 30}"),
        (f"'{'9' * 33}'^^xsd:integer", "9" * 33),
        (f"'0.{'0' * 30}1'^^xsd:decimal", f"0.{'0' * 30}1"),
        ("'123456789012345678.125'^^xsd:decimal", "123,456,789,012,345,678.125"),
        ("0", "0"),
    ],
)
def test_a_number_may_be_of_any_length(
    client: FlaskClient, value: str, shown: str
) -> None:
    """One that is too long to be read in groups of digits is as it is written."""
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
    text = f"{prefix} SELECT ({value} AS ?x) {{}}"
    reply = client.get("/en/sparql", query_string={"query": text}, headers=HTML)
    assert reply.status_code == 200
    (cell,) = (a for a in Page(reply.text).attributes("td") if "data-kind" in a)
    assert cell["data-kind"] == "number"
    assert f">{shown}<" in reply.text


def test_a_short_number_of_many_digits_stays_short() -> None:
    """Written out, it could fill the memory."""
    assert format_number("1e999999999", "en") == "1e999999999"


def test_an_iri_leads_to_its_page(client: FlaskClient) -> None:
    """On this site if it is ours, else where it points, whatever stands in it."""
    query = {"query": "SELECT ?o { ?s ?p ?o FILTER(isIRI(?o)) } ORDER BY ?o"}
    reply = client.get("/ar/sparql", query_string=query, headers=HTML)
    links = {
        a["href"]: a["title"] for a in Page(reply.text).attributes("a") if "title" in a
    }
    assert links["http://e/?a=1&b='2'"] == "http://e/?a=1&b='2'"
    assert links["/ar/ontology#Fact"] == "al:Fact"


def test_a_long_answer_is_cut_and_its_files_are_whole(client: FlaskClient) -> None:
    """The page says so, and links every format."""
    page = Page(
        client.get("/sparql", query_string={"query": SELECT}, headers=HTML).text
    )
    assert all_texts()["cut"]["en"].format(3) in page.text
    assert len(page.attributes("tr")) == 1 + 3
    (link,) = (
        a["href"] for a in page.attributes("a") if "format=csv" in str(a["href"])
    )
    reply = client.get(str(link), headers=HTML)
    assert reply.mimetype == "text/csv"
    assert len(reply.text.splitlines()) > 1 + 3


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("ASK { ?s ?p ?o }", "yes"),
        ("ASK { ?s ?s ?s }", "no"),
        ("SELECT * { ?s ?s ?s }", "no_rows"),
        ("DESCRIBE <http://e/s>", "predicate"),
        ("SELECT ?none { ?s ?p ?o } LIMIT 1", "result"),
        ("SELECT ?b { BIND(BNODE() AS ?b) }", "result"),
    ],
)
def test_every_kind_of_answer_has_its_page(
    client: FlaskClient, query: str, key: str
) -> None:
    """In Arabic too."""
    values = {"query": query}
    page = Page(client.get("/ar/sparql", query_string=values, headers=HTML).text)
    assert all_texts()[key]["ar"] in page.text


def test_a_wrong_query_stays_in_the_field(client: FlaskClient) -> None:
    """With what is wrong, where, and how to mend it."""
    values = {"query": "SELECT * { ?s al:p ?o }"}
    reply = client.get("/ar/sparql", query_string=values, headers=HTML)
    page = Page(reply.text)
    assert reply.status_code == 400
    assert all_texts()["invalid"]["ar"] in page.text
    assert "Line 1, column 15" in page.text
    assert "PREFIX al: <https://w3id.org/alaqat/ontology#>" in page.text
    assert values["query"] in page.text


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        ("/nothing", 404, "error_404"),
        ("/sparql?query=ASK{}&query=ASK{}", 400, "error_400"),
    ],
)
def test_an_error_is_a_page_for_people(
    client: FlaskClient, path: str, status: int, key: str
) -> None:
    """And a problem for programs."""
    reply = client.get(path, headers={**HTML, "Accept-Language": "ar"})
    assert reply.status_code == status
    assert all_texts()[key]["ar"] in reply.text
    reply = client.get(path)
    assert reply.mimetype == "application/problem+json"
    assert json.loads(reply.text)["status"] == status


PAGES_OF_ANSWERS = pytest.mark.parametrize(
    "path", ["/sparql?query=ASK{}", "/sparql?question=embassies-by-city", QUESTION]
)


@PAGES_OF_ANSWERS
@pytest.mark.parametrize("headers", [HTML, {}], ids=["page", "data"])
def test_a_request_lowers_the_timeout_of_its_query(
    library: Library, path: str, headers: dict[str, str]
) -> None:
    """Of a page as of data; the least of several counts."""
    seen = []

    class Stopped(OxigraphStore):
        def query(self, *_: object, **__: object) -> QueryResult:
            raise timed_out(0.5, 30)

    class Stoppable(OxigraphStore):
        def with_timeout(self, seconds: float) -> Store:
            seen.append(seconds)
            return Stopped()

    client = create_app(Stoppable(), library).test_client()
    more = f"{'&' if '?' in path else '?'}timeout=0.5&timeout=9"
    reply = client.get(path + more, headers=headers)
    if headers or "question=" not in path:  # which is the description, for programs
        assert reply.status_code == 503
        assert reply.headers["Retry-After"] == "1"
        assert "stopped after 0.5 seconds" in reply.text
        assert set(seen) == {0.5}


@PAGES_OF_ANSWERS
def test_a_timeout_that_is_none_is_told_on_a_page(
    client: FlaskClient, path: str
) -> None:
    """With what to write, even if the answer is cached already."""
    for value, status in (("9", 200), ("soon", 400)):
        more = f"{'&' if '?' in path else '?'}timeout={value}"
        reply = client.get(path + more, headers=HTML)
        assert reply.status_code == status
        assert ("timeout=2.5" in reply.text) is (status == 400)


@pytest.mark.parametrize("path", ["/sparql?query=ASK{}", QUESTION, "/"])
def test_a_page_tells_when_to_ask_again(library: Library, path: str) -> None:
    """As programs are told, and that no one may keep it."""

    class Busy(OxigraphStore):
        def query(self, *_: object, **__: object) -> NoReturn:
            raise TooMany("Too many queries.", retry_after=7)

        read = query

    client = create_app(Busy(), library).test_client()
    reply = client.get(path, headers=HTML)
    assert (reply.status_code, reply.mimetype) == (429, "text/html")
    assert reply.headers["Retry-After"] == "7"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Language"] in LANGUAGES
    assert "Accept-Language" in reply.headers["Vary"]


def test_an_error_that_quotes_half_a_character_can_be_written(
    client: FlaskClient,
) -> None:
    """An escape of half a surrogate pair is the query's fault, for all readers."""
    values = {"query": "SELECT * FROM <\\uD800> {}"}
    reply = client.get("/sparql", query_string=values)
    assert reply.status_code == 400
    assert "detail" in json.loads(reply.text)
    page = client.get("/en/sparql", query_string=values, headers=HTML)
    assert page.status_code == 400


def test_a_page_is_only_read(client: FlaskClient) -> None:
    """The refusal names what is allowed."""
    reply = client.post("/")
    assert reply.status_code == 405
    assert "GET" in reply.headers["Allow"]
    assert client.post("/", headers=HTML).mimetype == "text/html"


def test_a_fault_of_ours_shows_nothing_of_the_inside(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and told as a 500 without any traceback."""

    class Broken(OxigraphStore):
        def graphs(self) -> list[URIRef]:
            raise RuntimeError("secret")

    client = create_app(Broken(), library).test_client()
    for headers in (HTML, {}):
        for path in ("/sparql?query=ASK{}", "/", "/health"):
            reply = client.get(path, headers=headers)
            assert reply.status_code == 500
            assert "secret" not in reply.text
            assert "Traceback" not in reply.text
    assert "secret" in caplog.text


def test_a_store_that_is_damaged_shows_no_path(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    """Clients are told that it is so and what to do; the log tells where."""

    class Damaged(OxigraphStore):
        def graphs(self) -> list[URIRef]:
            raise StoreUnavailable(
                "The store cannot be read.",
                path="/secret/folder",
                cause="IO error: /secret/folder/000010.sst",
                remedy="Build it again.",
            )

    client = create_app(Damaged(), library).test_client()
    for headers in (HTML, {}):
        reply = client.get("/sparql?query=ASK{}", headers=headers)
        assert reply.status_code == 503
        assert "cannot be read" in reply.text
        assert "Build it again" in reply.text
        assert "secret" not in reply.text
    assert "000010.sst" in caplog.text


def test_the_endpoint_speaks_the_protocol(client: FlaskClient) -> None:
    """Programs get data, with or without a slash at the end."""
    for path in ("/sparql", "/sparql/"):
        reply = client.get(path, query_string={"query": SELECT})
        assert reply.mimetype == "application/sparql-results+json"
        assert len(reply.get_json(force=True)["results"]["bindings"]) == 5
    reply = client.post("/sparql", data={"query": "ASK {}"})
    assert reply.get_json(force=True)["boolean"] is True
    reply = client.post(
        "/sparql", data="ASK {}", content_type="application/sparql-query"
    )
    assert reply.get_json(force=True)["boolean"] is True
    assert client.put("/sparql").status_code == 405
    assert client.head("/sparql?query=ASK{}").text == ""


def test_a_browser_without_a_query_gets_the_page(client: FlaskClient) -> None:
    """A program gets the description, also by a link from the page."""
    reply = client.get("/sparql?/ar", headers=HTML)
    assert reply.mimetype == "text/html"
    links = [str(a["href"]) for a in Page(reply.text).attributes("a")]
    (link,) = (link for link in links if link.endswith("?format=turtle"))
    assert client.get(link, headers=HTML).mimetype == "text/turtle"
    assert client.get("/sparql").mimetype == "text/turtle"


def test_a_body_that_is_too_long_is_refused(store: Store, library: Library) -> None:
    """Before it is read."""
    client = create_app(store, library, Settings(largest_body=100)).test_client()
    reply = client.post("/sparql", data={"query": "ASK {}" + " " * 100})
    assert reply.status_code == 413
    assert reply.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/", "/sparql", "/health", "/nothing", "/static/icon.svg"]
)
def test_every_reply_keeps_browsers_safe(client: FlaskClient, path: str) -> None:
    """Nothing from elsewhere, nothing inline, nothing guessed."""
    with client.get(path, headers=HTML) as reply:
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_any_site_may_query(client: FlaskClient) -> None:
    """Also after a preflight, and when the reply is an error."""
    for reply in (
        client.options("/sparql", headers={"Origin": "http://e"}),
        client.get("/sparql?query=ASK{}"),
        client.get("/sparql?query=ASK{"),
    ):
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/").headers


@pytest.mark.parametrize(
    "path",
    [
        *("/sparql?query=ASK{}", "/sparql?query=ASK{", "/sparql", "/data?default"),
        *("/why?subject=a", "/check?subject=a", "/search.json?q=a", "/terms.json"),
        *("/openapi.json", f"{QUESTION}.csv", "/queries/wrong/embassies-by-city"),
        *("/as-of/2010-01-01.json", "/dump/dataset.nq", "/nothing", "/figures.csv"),
    ],
)
def test_data_and_problems_have_the_same_headers(
    client: FlaskClient, path: str
) -> None:
    """Any site may read them with their headers; what has a tag is known by it."""
    reply = client.get(path)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in reply.headers["Access-Control-Expose-Headers"]
    assert int(reply.headers["Content-Length"]) == len(reply.data)
    if reply.status_code >= 400:
        assert reply.mimetype == "application/problem+json"
        assert reply.headers["Cache-Control"] == "no-store"
    elif "ETag" in reply.headers:
        again = client.get(path, headers={"If-None-Match": reply.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        names = ("ETag", "Cache-Control", "Vary", "Link", "Access-Control-Allow-Origin")
        for name in names:
            assert again.headers.get(name) == reply.headers.get(name)
        assert "Content-Type" not in again.headers


def test_a_preflight_tells_what_may_be_sent(client: FlaskClient) -> None:
    """Of a store that is only read, no method that changes it."""
    for path, is_given in (("/sparql", True), ("/data", False)):
        reply = client.options(path, headers={"Origin": "http://e"})
        assert reply.status_code == 204
        allowed = reply.headers["Access-Control-Allow-Methods"]
        assert allowed == reply.headers["Allow"]
        assert ("POST" in allowed) is is_given
        assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]


def test_health_is_a_real_query(client: FlaskClient, library: Library) -> None:
    """A store without data is not well, unless it waits for its first write."""
    reply = client.get("/health")
    assert reply.get_json(force=True) == {"status": "pass"}
    empty = OxigraphStore()
    for editor, status in ((None, 503), (OxigraphWriter(empty), 200)):
        client = create_app(empty, library, writer=editor).test_client()
        assert client.get("/health").status_code == status


def test_pages_load_nothing_from_elsewhere(client: FlaskClient) -> None:
    """What a page needs is served here and found, once make web has built it."""
    page = Page(client.get("/", headers=HTML).text)
    scripts = page.attributes("script")
    needed = [a["src"] for a in scripts if a.get("type") != "application/ld+json"]
    loaded = {"stylesheet", "icon"}
    needed += [a["href"] for a in page.attributes("link") if a["rel"] in loaded]
    assert len(needed) >= 4
    for address in needed:
        assert str(address).startswith("/static/")
        with client.get(str(address)) as reply:
            assert reply.status_code == 200
    (sheet,) = (FOLDER / "static").rglob("*.css")
    css = sheet.read_text(encoding="utf-8")
    assert "@import" not in css
    addresses = re.findall(r"url\(([^)]*)\)", css)
    assert addresses
    assert all(address.startswith("./") for address in addresses)


def test_what_is_built_may_be_kept(client: FlaskClient) -> None:
    """It is small, and its name changes with its content, as other names do not."""
    (sheet,) = (FOLDER / "static").rglob("*.css")
    squeezed = {"Accept-Encoding": "gzip"}
    for name, is_kept in ((f"assets/{sheet.name}", True), ("icon.svg", False)):
        with client.get(f"/static/{name}", headers=squeezed) as reply:
            assert ("Content-Encoding" in reply.headers) is is_kept
            kept = (
                reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            )
            assert kept is is_kept


@pytest.mark.parametrize("headers", [HTML, {}], ids=["page", "problem"])
def test_what_is_not_built_may_not_be_kept(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    """Or a file that is missing for a moment would be missing for a year."""
    reply = client.get("/static/assets/nothing.js", headers=headers)
    assert reply.status_code == 404
    assert reply.headers["Cache-Control"] == "no-store"


def test_pages_stand_without_what_is_built(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are unstyled, but they tell the same."""
    monkeypatch.setattr("alaqat.web.urls._manifest", dict)
    reply = client.get("/en/", headers=HTML)
    assert reply.status_code == 200
    assert all_texts()["tagline"]["en"] in reply.text


def test_a_page_names_itself_in_both_languages(client: FlaskClient) -> None:
    """By whole addresses: its own as canonical, each language as an alternate."""
    page = Page(client.get("/ar/sparql?x=1", headers=HTML).text)
    links = page.attributes("link")
    (canonical,) = (a["href"] for a in links if a["rel"] == "canonical")
    assert canonical == "http://localhost/ar/sparql?x=1"
    alternates = {a["hreflang"]: a["href"] for a in links if a["rel"] == "alternate"}
    assert alternates == {
        code: f"http://localhost/{code}/sparql?x=1" for code in LANGUAGES
    }


def test_templates_hold_no_style_and_no_script() -> None:
    """But data that no browser runs; nor a direction of their own."""
    templates = sorted((FOLDER / "templates").glob("*.html"))
    assert len(templates) >= 4
    for path in templates:
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"\sstyle=|\son\w+=|<style|<script(?! src| type=.application/ld)", text
        )
    sheets = sorted((FOLDER.parents[2] / "web" / "styles").glob("*.css"))
    assert len(sheets) >= 8
    for path in sheets:
        css = path.read_text(encoding="utf-8")
        assert not re.search(r"-(left|right)|\b(left|right):|: (left|right)\b", css)
