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

from alaqat.errors import RateLimitExceeded, StoreUnavailable
from alaqat.i18n import LANGUAGES, choose_language
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
    """A parsed page: its texts, its attributes by tag, and its open tags."""

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
        """Return the attributes of every element with a tag."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def store() -> Store:
    """Return a store with texts in both directions, and one that looks like markup."""
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
    """Return a client of the application."""
    return create_app(store, library, Settings(shown_rows=3)).test_client()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_language_of_its_path(
    client: FlaskClient, language: str
) -> None:
    """It has its language and direction, and a link to the other language."""
    response = client.get(f"/{language}/", headers=HTML)
    page = Page(response.text)
    assert response.headers["Content-Language"] == language
    (html,) = page.attributes("html")
    assert html == {"lang": language, "dir": {"ar": "rtl", "en": "ltr"}[language]}
    offered = {a["hreflang"] for a in page.attributes("a") if "hreflang" in a}
    assert offered == set(LANGUAGES) - {language}
    assert all_texts()["tagline"][language] in page.text


def test_the_browser_chooses_the_language(client: FlaskClient) -> None:
    """If the path has none; English if the browser accepts neither."""
    for accepted, language in (("ar-EG,ar;q=0.9", "ar"), ("en", "en"), ("fr", "en")):
        response = client.get("/", headers={"Accept-Language": accepted})
        assert response.headers["Content-Language"] == language


def test_every_text_is_in_both_languages() -> None:
    """None is empty."""
    assert len(all_texts()) >= 30
    for row in all_texts().values():
        assert set(row) == set(LANGUAGES)
        assert all(row.values())
    assert choose_language("xx", None) == choose_language(None, "en") == "en"
    assert set(texts_in("ar")) == set(all_texts())


def test_the_query_page_lists_questions_and_runs_one(
    client: FlaskClient, library: Library
) -> None:
    """Each in the language of the page; the chosen one is in the editor."""
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


def test_an_unknown_question_is_an_error(client: FlaskClient) -> None:
    """As a page for people and as problem details for programs."""
    response = client.get("/sparql?question=embasies-by-city", headers=HTML)
    assert response.status_code == 404
    assert "embassies-by-city" in response.text
    response = client.get("/queries/lookup/nothing", headers={"Accept": "text/csv"})
    assert response.get_json(force=True)["status"] == 404


def test_without_questions_the_query_page_shows_the_figures(
    store: Store, library: Library
) -> None:
    """So a new dataset has a page too."""
    views = Library({query.name: query for query in library.of("views")})
    client = create_app(store, views).test_client()
    response = client.get("/en/sparql", headers=HTML)
    assert all_texts()["no_questions"]["en"] in response.text
    assert "?triples" in response.text
    assert client.get("/en/", headers=HTML).status_code == 200


def test_values_are_isolated_and_escaped(client: FlaskClient) -> None:
    """For their direction; markup in them is shown as text."""
    query = {"query": "SELECT ?o { ?s ?p ?o FILTER(isLiteral(?o)) }"}
    response = client.get("/sparql", query_string=query, headers=HTML)
    page = Page(response.text)
    assert "<script>alert" not in response.text
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
    """Too long a one to be read in groups of digits is not formatted."""
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
    text = f"{prefix} SELECT ({value} AS ?x) {{}}"
    response = client.get("/en/sparql", query_string={"query": text}, headers=HTML)
    assert response.status_code == 200
    (cell,) = (a for a in Page(response.text).attributes("td") if "data-kind" in a)
    assert cell["data-kind"] == "number"
    assert f">{shown}<" in response.text


def test_a_large_exponent_is_not_written_out() -> None:
    """It could exhaust the memory."""
    assert format_number("1e999999999", "en") == "1e999999999"


def test_an_iri_links_to_its_page(client: FlaskClient) -> None:
    """On this site if it is below the base, else to itself; it is escaped."""
    query = {"query": "SELECT ?o { ?s ?p ?o FILTER(isIRI(?o)) } ORDER BY ?o"}
    response = client.get("/ar/sparql", query_string=query, headers=HTML)
    links = {
        a["href"]: a["title"]
        for a in Page(response.text).attributes("a")
        if "title" in a
    }
    assert links["http://e/?a=1&b='2'"] == "http://e/?a=1&b='2'"
    assert links["/ar/ontology#Fact"] == "al:Fact"


def test_a_long_result_is_truncated_but_its_files_are_complete(
    client: FlaskClient,
) -> None:
    """The page says so, and links to every format."""
    page = Page(
        client.get("/sparql", query_string={"query": SELECT}, headers=HTML).text
    )
    assert all_texts()["cut"]["en"].format(3) in page.text
    assert len(page.attributes("tr")) == 1 + 3
    (link,) = (
        a["href"] for a in page.attributes("a") if "format=csv" in str(a["href"])
    )
    response = client.get(str(link), headers=HTML)
    assert response.mimetype == "text/csv"
    assert len(response.text.splitlines()) > 1 + 3


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
def test_every_kind_of_result_has_a_page(
    client: FlaskClient, query: str, key: str
) -> None:
    """In Arabic too."""
    values = {"query": query}
    page = Page(client.get("/ar/sparql", query_string=values, headers=HTML).text)
    assert all_texts()[key]["ar"] in page.text


def test_an_invalid_query_stays_in_the_editor(client: FlaskClient) -> None:
    """With the error, its position and the remedy."""
    values = {"query": "SELECT * { ?s al:p ?o }"}
    response = client.get("/ar/sparql", query_string=values, headers=HTML)
    page = Page(response.text)
    assert response.status_code == 400
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
    """And problem details for programs."""
    response = client.get(path, headers={**HTML, "Accept-Language": "ar"})
    assert response.status_code == status
    assert all_texts()[key]["ar"] in response.text
    response = client.get(path)
    assert response.mimetype == "application/problem+json"
    assert json.loads(response.text)["status"] == status


RESULT_PAGES = pytest.mark.parametrize(
    "path", ["/sparql?query=ASK{}", "/sparql?question=embassies-by-city", QUESTION]
)


@RESULT_PAGES
@pytest.mark.parametrize("headers", [HTML, {}], ids=["page", "data"])
def test_a_request_lowers_the_timeout_of_its_query(
    library: Library, path: str, headers: dict[str, str]
) -> None:
    """For a page and for data; the least of several counts."""
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
    response = client.get(path + more, headers=headers)
    if headers or "question=" not in path:  # which is the description, for programs
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "1"
        assert "stopped after 0.5 seconds" in response.text
        assert set(seen) == {0.5}


@RESULT_PAGES
def test_an_invalid_timeout_is_an_error_on_a_page(
    client: FlaskClient, path: str
) -> None:
    """With the remedy, even if the result is cached already."""
    for value, status in (("9", 200), ("soon", 400)):
        more = f"{'&' if '?' in path else '?'}timeout={value}"
        response = client.get(path + more, headers=HTML)
        assert response.status_code == status
        assert ("timeout=2.5" in response.text) is (status == 400)


@pytest.mark.parametrize("path", ["/sparql?query=ASK{}", QUESTION, "/"])
def test_the_page_of_a_busy_server_has_retry_after(library: Library, path: str) -> None:
    """As problem details have; and it is not to be stored."""

    class Busy(OxigraphStore):
        def query(self, *_: object, **__: object) -> NoReturn:
            raise RateLimitExceeded("Too many queries.", retry_after=7)

        read = query

    client = create_app(Busy(), library).test_client()
    response = client.get(path, headers=HTML)
    assert (response.status_code, response.mimetype) == (429, "text/html")
    assert response.headers["Retry-After"] == "7"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Language"] in LANGUAGES
    assert "Accept-Language" in response.headers["Vary"]


def test_an_error_that_quotes_a_lone_surrogate_can_be_encoded(
    client: FlaskClient,
) -> None:
    """Such an escape is an error of the query, in every form of response."""
    values = {"query": "SELECT * FROM <\\uD800> {}"}
    response = client.get("/sparql", query_string=values)
    assert response.status_code == 400
    assert "detail" in json.loads(response.text)
    page = client.get("/en/sparql", query_string=values, headers=HTML)
    assert page.status_code == 400


def test_pages_do_not_accept_post(client: FlaskClient) -> None:
    """The response lists the allowed methods."""
    response = client.post("/")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert client.post("/", headers=HTML).mimetype == "text/html"


def test_an_internal_error_reveals_nothing(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; the response is a 500 without any traceback."""

    class Broken(OxigraphStore):
        def graphs(self) -> list[URIRef]:
            raise RuntimeError("secret")

    client = create_app(Broken(), library).test_client()
    for headers in (HTML, {}):
        for path in ("/sparql?query=ASK{}", "/", "/health"):
            response = client.get(path, headers=headers)
            assert response.status_code == 500
            assert "secret" not in response.text
            assert "Traceback" not in response.text
    assert "secret" in caplog.text


def test_a_damaged_store_reveals_no_path(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    """Clients get the error and the remedy; the path is in the log."""

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
        response = client.get("/sparql?query=ASK{}", headers=headers)
        assert response.status_code == 503
        assert "cannot be read" in response.text
        assert "Build it again" in response.text
        assert "secret" not in response.text
    assert "000010.sst" in caplog.text


def test_the_endpoint_implements_the_protocol(client: FlaskClient) -> None:
    """Programs get data, with or without a slash at the end."""
    for path in ("/sparql", "/sparql/"):
        response = client.get(path, query_string={"query": SELECT})
        assert response.mimetype == "application/sparql-results+json"
        assert len(response.get_json(force=True)["results"]["bindings"]) == 5
    response = client.post("/sparql", data={"query": "ASK {}"})
    assert response.get_json(force=True)["boolean"] is True
    response = client.post(
        "/sparql", data="ASK {}", content_type="application/sparql-query"
    )
    assert response.get_json(force=True)["boolean"] is True
    assert client.put("/sparql").status_code == 405
    assert client.head("/sparql?query=ASK{}").text == ""


def test_a_browser_without_a_query_gets_the_page(client: FlaskClient) -> None:
    """A program gets the description, also by a link from the page."""
    response = client.get("/sparql?/ar", headers=HTML)
    assert response.mimetype == "text/html"
    links = [str(a["href"]) for a in Page(response.text).attributes("a")]
    (link,) = (link for link in links if link.endswith("?format=turtle"))
    assert client.get(link, headers=HTML).mimetype == "text/turtle"
    assert client.get("/sparql").mimetype == "text/turtle"


def test_too_large_a_body_is_refused(store: Store, library: Library) -> None:
    """Before it is read."""
    client = create_app(store, library, Settings(largest_body=100)).test_client()
    response = client.post("/sparql", data={"query": "ASK {}" + " " * 100})
    assert response.status_code == 413
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/", "/sparql", "/health", "/nothing", "/static/icon.svg"]
)
def test_every_response_has_security_headers(client: FlaskClient, path: str) -> None:
    """Nothing from other sites, nothing inline, no MIME sniffing."""
    with client.get(path, headers=HTML) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_any_site_may_query(client: FlaskClient) -> None:
    """Also after a preflight request, and if the response is an error."""
    for response in (
        client.options("/sparql", headers={"Origin": "http://e"}),
        client.get("/sparql?query=ASK{}"),
        client.get("/sparql?query=ASK{"),
    ):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
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
def test_data_and_problems_have_cors_headers(client: FlaskClient, path: str) -> None:
    """Any site may read them; a response with a tag is revalidated by it."""
    response = client.get(path)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]
    assert int(response.headers["Content-Length"]) == len(response.data)
    if response.status_code >= 400:
        assert response.mimetype == "application/problem+json"
        assert response.headers["Cache-Control"] == "no-store"
    elif "ETag" in response.headers:
        again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        names = ("ETag", "Cache-Control", "Vary", "Link", "Access-Control-Allow-Origin")
        for name in names:
            assert again.headers.get(name) == response.headers.get(name)
        assert "Content-Type" not in again.headers


def test_a_preflight_lists_the_allowed_methods(client: FlaskClient) -> None:
    """Of a read-only store, none that changes it."""
    for path, is_given in (("/sparql", True), ("/data", False)):
        response = client.options(path, headers={"Origin": "http://e"})
        assert response.status_code == 204
        allowed = response.headers["Access-Control-Allow-Methods"]
        assert allowed == response.headers["Allow"]
        assert ("POST" in allowed) is is_given
        assert "Authorization" in response.headers["Access-Control-Allow-Headers"]


def test_the_health_check_is_a_real_query(
    client: FlaskClient, library: Library
) -> None:
    """An empty store is unhealthy, unless it waits for its first write."""
    response = client.get("/health")
    assert response.get_json(force=True) == {"status": "pass"}
    empty = OxigraphStore()
    for editor, status in ((None, 503), (OxigraphWriter(empty), 200)):
        client = create_app(empty, library, writer=editor).test_client()
        assert client.get("/health").status_code == status


def test_pages_load_nothing_from_other_sites(client: FlaskClient) -> None:
    """Their assets are served here, once make web has built them."""
    page = Page(client.get("/", headers=HTML).text)
    scripts = page.attributes("script")
    needed = [a["src"] for a in scripts if a.get("type") != "application/ld+json"]
    loaded = {"stylesheet", "icon"}
    needed += [a["href"] for a in page.attributes("link") if a["rel"] in loaded]
    assert len(needed) >= 4
    for address in needed:
        assert str(address).startswith("/static/")
        with client.get(str(address)) as response:
            assert response.status_code == 200
    (sheet,) = (FOLDER / "static").rglob("*.css")
    css = sheet.read_text(encoding="utf-8")
    assert "@import" not in css
    addresses = re.findall(r"url\(([^)]*)\)", css)
    assert addresses
    assert all(address.startswith("./") for address in addresses)


def test_built_assets_may_be_cached(client: FlaskClient) -> None:
    """They are compressed, and their names change with their content."""
    (sheet,) = (FOLDER / "static").rglob("*.css")
    squeezed = {"Accept-Encoding": "gzip"}
    for name, may_be_cached in ((f"assets/{sheet.name}", True), ("icon.svg", False)):
        with client.get(f"/static/{name}", headers=squeezed) as response:
            assert ("Content-Encoding" in response.headers) is may_be_cached
            is_immutable = (
                response.headers["Cache-Control"]
                == "public, max-age=31536000, immutable"
            )
            assert is_immutable is may_be_cached


@pytest.mark.parametrize("headers", [HTML, {}], ids=["page", "problem"])
def test_other_files_may_not_be_cached(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    """Or a file that is missing for a moment would be missing for a year."""
    response = client.get("/static/assets/nothing.js", headers=headers)
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"


def test_pages_work_without_built_assets(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unstyled, but complete."""
    monkeypatch.setattr("alaqat.web.urls._manifest", dict)
    response = client.get("/en/", headers=HTML)
    assert response.status_code == 200
    assert all_texts()["tagline"]["en"] in response.text


def test_a_page_links_itself_in_both_languages(client: FlaskClient) -> None:
    """By absolute URLs: its own as canonical, each language as an alternate."""
    page = Page(client.get("/ar/sparql?x=1", headers=HTML).text)
    links = page.attributes("link")
    (canonical,) = (a["href"] for a in links if a["rel"] == "canonical")
    assert canonical == "http://localhost/ar/sparql?x=1"
    alternates = {a["hreflang"]: a["href"] for a in links if a["rel"] == "alternate"}
    assert alternates == {
        code: f"http://localhost/{code}/sparql?x=1" for code in LANGUAGES
    }


def test_templates_contain_no_style_and_no_script() -> None:
    """Except data that no browser runs; nor a fixed direction."""
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


@pytest.mark.parametrize("path", ["/sparql", "/data?default"])
def test_a_compressed_body_is_refused_by_name(client: FlaskClient, path: str) -> None:
    """It is not taken for text that cannot be read."""
    method = client.post if path == "/sparql" else client.put
    response = method(
        path,
        data=b"\x1f\x8b",
        headers={
            "Content-Encoding": "gzip",
            "Content-Type": "application/sparql-query"
            if path == "/sparql"
            else "text/turtle",
        },
    )
    assert response.status_code in (403, 415)
    if path == "/sparql":
        assert "gzip" in response.get_json()["detail"]
