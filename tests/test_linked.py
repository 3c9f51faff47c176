"""Linked data: what every IRI leads to, in which format, with which headers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import DCTERMS, OWL, RDF, RDFS, VOID, BNode, Graph, Literal, URIRef
from rdflib.term import Node
from werkzeug.test import TestResponse

from alaqat.dataset import Dataset
from alaqat.describe.catalog import DATASET, DCAT
from alaqat.describe.resource import MOST, Descriptions
from alaqat.errors import NotAcceptable, UnknownName
from alaqat.http.linked_data import (
    DESCRIPTION_FORMATS,
    GRAPH_FORMATS,
    HTML,
    choose_representation,
)
from alaqat.i18n import LANGUAGES
from alaqat.queries.library import read_library
from alaqat.rdf.formats import Format
from alaqat.rdf.terms import from_oxigraph
from alaqat.rdf.writing import canonical_nquads
from alaqat.sources import read_shapes, root
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.store.releases import current_release, open_store
from alaqat.terms import (
    AL,
    BASE,
    ENTITIES_GRAPH,
)
from alaqat.web.app import create_app
from alaqat.web.settings import Settings
from conftest import Built

Triple = tuple[Node, Node, Node]

PARSERS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

# One IRI of each kind that the dataset names.
KINDS = {
    "state": "id/state/KAZ",
    "organization": "id/org/osce",
    "unresolved": "id/entity/congo-unresolved",
    "person": "id/person/john-abizaid",
    "office": "id/office/president-of-china",
    "institution": "id/institution/kazakh-government",
    "place": "id/place/almaty",
    "topic": "id/topic/borders",
    "kind": "id/kind/summit",
    "scheme": "id/scheme/topics",
    "datatype": "id/scheme/m49",
    "package": "id/source/country-coder",
    "fact": "id/fact/kazakhstan/relations-kazakhstan-china",
    "note": "id/note/kazakhstan/two-countries-armenia",
    "document": "id/document/kazakhstan",
    "section": "id/document/kazakhstan/section/armenia",
    "sentence": "id/document/kazakhstan/sentence/1",
    "footnote": "id/document/kazakhstan/footnote/1",
    "reference": "id/document/kazakhstan/reference/1",
    "dataset": "id/dataset",
    "graph": "graph/entities",
    "document graph": "graph/facts/kazakhstan",
    "ontology": "ontology",
    "version": "ontology/0.1.0",
    "kinds": "ontology/kinds",
}


@pytest.fixture(scope="module")
def everything(described: Descriptions) -> set[Triple]:
    """Every triple of the dataset."""
    return {triple for graph in described.graphs.values() for triple in graph}


def address(path: str) -> str:
    """Where what an IRI names is described."""
    return "/" + re.sub("^id/", "doc/", path)


def parsed(reply: TestResponse, ending: str) -> Graph:
    """The graph of a reply."""
    graph = Graph()
    for quad in ox.parse(reply.data, PARSERS[ending]):
        subject, predicate, value = map(from_oxigraph, quad.triple)
        graph.add((subject, predicate, value))
    return graph


def canonical(graph: Graph) -> bytes:
    """The same bytes for graphs that differ in the names of blank nodes only."""
    return canonical_nquads({URIRef("urn:x-graph"): graph})


def links(reply: TestResponse) -> dict[str, list[str]]:
    """The targets of the Link header by their relation."""
    found: dict[str, list[str]] = {}
    for target, relation in re.findall(
        r'<([^>]*)>; rel="([^"]*)"', reply.headers["Link"]
    ):
        found.setdefault(relation, []).append(target)
    return found


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (BROWSER, "html"),
        ("", "html"),
        ("*/*", "html"),
        ("text/turtle", "ttl"),
        ("text/turtle;q=0.5, application/n-triples", "nt"),
        ("application/rdf+xml, text/html;q=0.9", "rdf"),
        ("application/ld+json;profile=x, text/turtle;q=0.9", "jsonld"),
        ("text/*;q=0.1, application/ld+json;q=0.2", "jsonld"),
        ("text/html;q=0, text/*", "ttl"),
        ("application/xhtml+xml", "html"),
    ],
)
def test_a_description_is_negotiated(
    client: FlaskClient, path: str, accept: str, form: str
) -> None:
    """The Accept header decides, with its q-values (RFC 9110 §12.5.1)."""
    reply = client.get(address(path), headers={"Accept": accept})
    expected = next(one for one in DESCRIPTION_FORMATS if one.extension == form)
    assert reply.status_code == 200
    assert reply.mimetype == expected.media_type
    assert "Accept" in [one.strip() for one in reply.headers["Vary"].split(",")]
    assert reply.headers["Content-Location"].endswith(f"{address(path)}.{form}")


@pytest.mark.parametrize(
    "path", [*map(address, KINDS.values()), "/shapes", "/catalog", "/void"]
)
@pytest.mark.parametrize("form", DESCRIPTION_FORMATS, ids=lambda form: form.name)
def test_an_ending_names_the_format(
    client: FlaskClient, path: str, form: Format
) -> None:
    """An address with an ending has one format, whatever the client accepts."""
    reply = client.get(f"{path}.{form.extension}", headers={"Accept": "image/png"})
    assert (reply.status_code, reply.mimetype) == (200, form.media_type)
    assert "Accept" not in [
        one.strip() for one in reply.headers.get("Vary", "").split(",")
    ]
    assert "Content-Location" not in reply.headers


@pytest.mark.parametrize(
    "path",
    ["/id/state/KAZ", "/doc/state/KAZ", "/graph/entities", "/ontology", "/catalog"],
)
def test_what_nobody_accepts_is_refused(client: FlaskClient, path: str) -> None:
    """A client that accepts no format that there is gets 406, which names those."""
    reply = client.get(path, headers={"Accept": "image/png"})
    assert reply.status_code == 406
    assert "text/turtle" in reply.get_json()["remedy"]


@pytest.mark.parametrize(
    ("path", "accept", "location"),
    [
        ("/id/state/KAZ", BROWSER, "/doc/state/KAZ"),
        ("/ar/id/state/KAZ", BROWSER, "/ar/doc/state/KAZ"),
        ("/id/state/KAZ", "text/turtle", "/doc/state/KAZ.ttl"),
        ("/ar/id/state/KAZ", "text/turtle", "/doc/state/KAZ.ttl"),
        ("/id/state/KAZ.html", "text/turtle", "/doc/state/KAZ.html"),
        ("/id/state/KAZ.rdf", "", "/doc/state/KAZ.rdf"),
    ],
)
def test_a_thing_is_not_its_description(
    client: FlaskClient, path: str, accept: str, location: str
) -> None:
    """A thing leads to its description by 303 See Other."""
    reply = client.get(path, headers={"Accept": accept})
    assert (reply.status_code, reply.headers["Location"]) == (303, location)
    assert client.get(location).status_code == 200


@pytest.mark.parametrize(
    "path", ["id/state/XXX", "doc/state/XXX", "doc/x.ttl", "graph/x", "ontology/x"]
)
@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [(BROWSER, "text/html"), ("text/turtle", "application/problem+json")],
)
def test_the_unknown_is_not_found(
    client: FlaskClient, path: str, accept: str, mimetype: str
) -> None:
    """What is not known is 404: a page for people, a problem for programs."""
    reply = client.get(f"/{path}", headers={"Accept": accept})
    assert (reply.status_code, reply.mimetype) == (404, mimetype)


def test_a_description_tells_what_belongs_to_it(client: FlaskClient) -> None:
    """Links lead to the other formats, to the thing itself, its licence and classes."""
    reply = client.get("/doc/state/KAZ", headers={"Accept": "text/turtle"})
    found = links(reply)
    assert found["canonical"] == ["http://localhost/doc/state/KAZ"]
    assert {one.rpartition(".")[2] for one in found["alternate"]} == {
        "html",
        "nt",
        "rdf",
        "jsonld",
    }
    assert found["describes"] == found["cite-as"] == [f"{BASE}id/state/KAZ"]
    assert str(AL.State) in found["type"]
    assert found["license"] == ["https://creativecommons.org/licenses/by-sa/4.0/"]
    page = links(client.get("/doc/state/KAZ", headers={"Accept": BROWSER}))
    assert "http://localhost/doc/state/KAZ.ttl" in page["describedby"]


@pytest.mark.parametrize(
    "path",
    [
        "/doc/state/KAZ.ttl",
        "/en/doc/state/KAZ",
        "/shapes.nt",
        "/void.ttl",
        "/dump/dataset.nq",
    ],
)
def test_a_client_that_has_it_is_told_so(client: FlaskClient, path: str) -> None:
    """The entity tag is strong, and the same description is not sent twice."""
    first = client.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    head = client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
    assert head.headers["Content-Length"] == first.headers["Content-Length"]


def test_tags_tell_languages_and_formats_apart(client: FlaskClient) -> None:
    """No two representations share a tag."""
    paths = [
        "/en/doc/state/KAZ",
        "/ar/doc/state/KAZ",
        *(f"/doc/state/KAZ.{f.extension}" for f in GRAPH_FORMATS),
    ]
    assert len({client.get(path).headers["ETag"] for path in paths}) == len(paths)


def every_iri(graphs: Mapping[URIRef, Graph]) -> set[str]:
    """Every IRI below the base that the dataset names, types of literals too."""
    terms = {term for graph in graphs.values() for triple in graph for term in triple}
    types = {
        term.datatype for term in terms if isinstance(term, Literal) and term.datatype
    }
    return {
        str(t)
        for t in (terms | types | set(graphs))
        if isinstance(t, URIRef) and t.startswith(BASE)
    }


def named(graph: Graph) -> set[str]:
    """Every IRI that a description names."""
    terms = {term for triple in graph for term in triple}
    types = {term.datatype for term in terms if isinstance(term, Literal)}
    return {str(term) for term in terms | types if isinstance(term, URIRef)}


@pytest.mark.slow
def test_every_iri_leads_to_a_part_of_the_dataset(
    described: Descriptions, everything: set[Triple]
) -> None:
    """Each IRI below the base is described, and each triple told is in the dataset."""
    graphs = described.graphs
    iris = every_iri(graphs)
    assert len(iris) > 3000
    told = cache(described.of)
    shapes = set(read_shapes(root()).subjects())
    for iri in sorted(iris):
        document = URIRef(iri.partition("#")[0])
        if document == URIRef(f"{BASE}shapes"):  # named by reports; a page of its own
            assert URIRef(iri) in {*shapes, document}
            continue
        graph = told(document)
        assert document in graphs or iri in named(graph) or document == iri
        assert graph, iri
        assert set(graph) <= everything, iri


@pytest.mark.slow
def test_every_description_is_the_same_in_every_format(
    client: FlaskClient, described: Descriptions
) -> None:
    """What is served in each format reads back as the description, to the triple."""
    sample = list(described)[::7]
    assert len(sample) > 400
    for iri in sample:
        if iri in described.graphs or iri.startswith(f"{BASE}ontology"):
            continue
        expected = set(described.of(iri))
        path = address(iri.removeprefix(BASE))
        for ending in PARSERS:
            reply = client.get(f"{path}.{ending}")
            assert reply.status_code == 200, path
            assert set(parsed(reply, ending)) == expected, f"{path}.{ending}"
        assert client.get(f"{path}.html").status_code == 200, path


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_a_description_is_a_part_of_the_dataset(
    client: FlaskClient, everything: set[Triple], path: str
) -> None:
    """Nothing is told that the dataset does not say, in any format."""
    replies = {ending: client.get(f"{address(path)}.{ending}") for ending in PARSERS}
    graphs = [parsed(reply, ending) for ending, reply in replies.items()]
    assert len({canonical(graph) for graph in graphs}) == 1
    ground = {t for t in graphs[0] if not any(isinstance(x, BNode) for x in t)}
    assert ground
    assert ground <= everything


def test_a_description_is_bounded(described: Descriptions) -> None:
    """However often a thing is used, so many uses of a property are listed."""
    graph = described.of(URIRef(f"{BASE}id/source/cldr-localenames-full"))
    assert len(set(graph.subjects(DCTERMS.source, None))) <= MOST
    largest = max(len(described.of(iri)) for iri in described if "/id/state/" in iri)
    assert largest < 5000


def test_a_fact_is_described_with_its_words(described: Descriptions) -> None:
    """A fact comes with its holder, claims, exact words, sentence, notes and names."""
    fact = URIRef(f"{BASE}id/fact/kazakhstan/relations-kazakhstan-armenia")
    graph = described.of(fact)
    assert (URIRef(f"{BASE}id/state/KAZ"), AL.hasDiplomaticRelation, fact) in graph
    claim = next(graph.subjects(URIRef("http://www.w3.org/ns/oa#hasBody"), fact))
    quote = graph.value(
        URIRef(f"{claim}#quote"), URIRef("http://www.w3.org/ns/oa#exact")
    )
    assert "27 أغسطس 1992" in str(quote)
    assert graph.value(graph.value(claim, AL.inSentence), RDF.value)
    assert set(graph.subjects(AL.about, fact))
    assert (
        URIRef(f"{BASE}id/state/ARM"),
        RDFS.label,
        Literal("أرمينيا", lang="ar"),
    ) in graph


@pytest.fixture(scope="module")
def withdrawing() -> FlaskClient:
    """A client of a dataset in which one thing was withdrawn, and one replaces it."""
    store = OxigraphStore()
    old, new = URIRef(f"{BASE}id/place/old"), URIRef(f"{BASE}id/place/new")
    amend(
        store,
        ENTITIES_GRAPH,
        [
            (old, OWL.deprecated, Literal(True)),
            (old, DCTERMS.isReplacedBy, new),
            (new, RDF.type, AL.Place),
        ],
    )
    dataset = Dataset(store)
    library = read_library(root() / "queries")
    return create_app(store, library, dataset=lambda: dataset).test_client()


@pytest.mark.parametrize("accept", [BROWSER, "text/turtle"])
def test_the_withdrawn_is_gone(withdrawing: FlaskClient, accept: str) -> None:
    """What the data withdraws is 410, and leads to what replaces it."""
    reply = withdrawing.get("/doc/place/old", headers={"Accept": accept})
    assert reply.status_code == 410
    assert links(reply)["successor-version"] == [f"{BASE}id/place/new"]
    assert re.search("place[:/]new", reply.text)
    assert withdrawing.get("/doc/place/new").status_code == 200


@pytest.mark.parametrize("ending", PARSERS)
def test_the_catalogue_tells_where_the_data_is(
    client: FlaskClient, ending: str
) -> None:
    """DCAT names each file with its size and checksum, which are those of the file."""
    graph = parsed(client.get(f"/catalog.{ending}"), ending)
    files = set(graph.objects(DATASET, DCAT.distribution))
    assert len(files) == 3
    for file in files:
        url = str(graph.value(file, DCAT.downloadURL)).removeprefix("http://localhost")
        body = client.get(url, headers={"Accept-Encoding": "identity"}).data
        assert int(str(graph.value(file, DCAT.byteSize))) == len(body)
        node = graph.value(file, URIRef("http://spdx.org/rdf/terms#checksum"))
        told = graph.value(node, URIRef("http://spdx.org/rdf/terms#checksumValue"))
        assert str(told) == hashlib.sha256(body).hexdigest()
        assert client.get(f"{url}.sha256").text.split()[0] == str(told)
    endpoints = set(graph.objects(None, DCAT.endpointURL))
    assert endpoints == {URIRef("http://localhost/sparql")}
    assert set(graph.objects(DATASET, DCTERMS.license))
    assert {t.language for t in graph.objects(DATASET, DCTERMS.title)} == {"ar", "en"}


def test_the_dump_is_the_dataset(client: FlaskClient, built: Built) -> None:
    """The N-Quads are those that the build published, byte for byte."""
    assert (
        client.get("/dump/dataset.nq").data
        == (built.folder / "dataset.nq").read_bytes()
    )


def test_void_counts_what_there_is(
    client: FlaskClient, described: Descriptions, everything: set[Triple]
) -> None:
    """The statistics are counted, by graph and in all, and found at the known place."""
    assert client.get("/.well-known/void").headers["Location"] == "/void"
    graph = parsed(client.get("/void.ttl"), "ttl")
    for name, part in described.graphs.items():
        assert int(str(graph.value(name, VOID.triples))) == len(part)
    assert int(str(graph.value(DATASET, VOID.triples))) == len(everything)
    for example in graph.objects(DATASET, VOID.exampleResource):
        assert client.get(address(example.removeprefix(BASE))).status_code == 200


@pytest.mark.parametrize("mount", ["", "/below/here"])
@pytest.mark.parametrize(
    "path", ["/doc/state/KAZ", "/ar/doc/state/KAZ", "/catalog", "/ontology"]
)
def test_addresses_keep_the_mount_point(
    client: FlaskClient, mount: str, path: str
) -> None:
    """Below any mount point, links lead to the server; names do not change."""
    reply = client.get(
        path, headers={"Accept": "text/html"}, environ_overrides={"SCRIPT_NAME": mount}
    )
    own = re.findall(r'(?:href|src|action)="([^"#][^"]*)"', reply.text)
    assert len(own) > 10
    local = [one for one in own if one.startswith(("/", "http://localhost"))]
    assert all(
        one.removeprefix("http://localhost").startswith(f"{mount}/") for one in local
    )
    assert links(reply)["canonical"][0].startswith(f"http://localhost{mount}/")
    assert all(one.startswith((BASE, "http")) for one in links(reply)["cite-as"])


@pytest.mark.parametrize(
    ("proxies", "host"), [(0, "http://localhost/"), (1, "https://example.org/kg/")]
)
def test_only_a_known_proxy_is_believed(built: Built, proxies: int, host: str) -> None:
    """X-Forwarded headers count only as far as the settings name proxies."""
    store = open_store(current_release(built.output).store)
    library = read_library(root() / "queries")
    client = create_app(store, library, Settings(proxies=proxies)).test_client()
    forwarded = {"Proto": "https", "Host": "example.org", "Prefix": "/kg"}
    headers = {f"X-Forwarded-{name}": value for name, value in forwarded.items()}
    reply = client.get("/doc/place/almaty.ttl", headers=headers)
    assert links(reply)["canonical"] == [f"{host}doc/place/almaty"]


def test_choosing_needs_no_server() -> None:
    """The choice of a format is a function of values."""
    assert choose_representation("a.ttl", "", lambda _: False).name == "a"
    assert (
        choose_representation("a.ttl", "text/html", {"a.ttl"}.__contains__).form is HTML
    )
    with pytest.raises(NotAcceptable):
        choose_representation("a", "image/png", lambda _: False)


def test_an_unknown_thing_has_no_description(described: Descriptions) -> None:
    """Describing what the dataset does not know is an error that says so."""
    with pytest.raises(UnknownName, match="Nothing here has the IRI"):
        described.of(URIRef(f"{BASE}id/nothing"))


def embedded(client: FlaskClient, address: str) -> dict[str, Any]:
    """The one JSON-LD object that a page holds."""
    page = client.get(address, headers={"Accept": BROWSER}).text
    pattern = r'<script type="application/ld\+json">(.*?)</script>'
    (found,) = re.findall(pattern, page, re.DOTALL)
    told: dict[str, Any] = json.loads(found)
    return told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/map", "/search?q=%3C/script%3E", "/nothing"])
def test_a_page_of_no_thing_is_a_page_of_the_site(
    client: FlaskClient, path: str, language: str
) -> None:
    """With its name, its address and its language."""
    told = embedded(client, f"/{language}{path}")
    assert (told["@type"], told["inLanguage"]) == ("WebPage", language)
    assert told["isPartOf"]["url"] == f"http://localhost/{language}/"
    assert told["name"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("state/KAZ", "Country"),
        ("org/osce", "Organization"),
        ("person/john-abizaid", "Person"),
        ("place/almaty", "Place"),
        ("fact/kazakhstan/osce-summit-2010", "Event"),
        ("fact/kazakhstan/bishkek-declaration", "CreativeWork"),
        ("document/kazakhstan", "CreativeWork"),
        ("kind/summit", "DefinedTerm"),
    ],
)
def test_pages_hold_their_thing_in_schema_org(
    client: FlaskClient, path: str, kind: str
) -> None:
    """Each page embeds JSON-LD that a search engine reads."""
    told = embedded(client, f"/en/doc/{path}")
    assert (told["@type"], told["@id"]) == (kind, f"{BASE}id/{path}")
    assert told["name"]


def test_the_catalogue_is_a_dataset_of_schema_org(client: FlaskClient) -> None:
    """The page of the catalogue embeds the dataset with its files."""
    told = embedded(client, "/en/catalog")
    assert told["@type"] == "Dataset"
    assert len(told["distribution"]) == 3
