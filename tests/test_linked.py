"""Linked data: descriptions in every format, headers, dumps and the catalogue."""

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

from alaqat import __version__
from alaqat.dataset import Dataset
from alaqat.describe.catalog import DATASET, DCAT
from alaqat.describe.resource import MAX_PER_PROPERTY, Descriptions
from alaqat.errors import NotAcceptable, UnknownName
from alaqat.http.linked_data import (
    DESCRIPTION_FORMATS,
    GRAPH_FORMATS,
    HTML,
    choose_representation,
)
from alaqat.i18n import LANGUAGES
from alaqat.locations import knowledge_root
from alaqat.queries.library import read_library
from alaqat.rdf.formats import Format
from alaqat.rdf.terms import from_oxigraph
from alaqat.rdf.writing import canonical_nquads
from alaqat.sources import read_shapes
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
    "state": "id/state/BRB",
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
    "version": f"ontology/{__version__}",
    "kinds": "ontology/kinds",
}


@pytest.fixture(scope="module")
def everything(described: Descriptions) -> set[Triple]:
    """Return every triple of the dataset."""
    return {triple for graph in described.graphs.values() for triple in graph}


def address(path: str) -> str:
    """Return the path of the description of an IRI."""
    return "/" + re.sub("^id/", "doc/", path)


def parsed(response: TestResponse, ending: str) -> Graph:
    """Return the graph of a response."""
    graph = Graph()
    for quad in ox.parse(response.data, PARSERS[ending]):
        subject, predicate, value = map(from_oxigraph, quad.triple)
        graph.add((subject, predicate, value))
    return graph


def canonical(graph: Graph) -> bytes:
    """Return bytes that are equal for isomorphic graphs, which takes its time."""
    return canonical_nquads({URIRef("urn:x-graph"): graph})


def links(response: TestResponse) -> dict[str, list[str]]:
    """Return the targets of the Link header by relation."""
    found: dict[str, list[str]] = {}
    for target, relation in re.findall(
        r'<([^>]*)>; rel="([^"]*)"', response.headers["Link"]
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
    """By the Accept header with its q-values (RFC 9110 §12.5.1)."""
    response = client.get(address(path), headers={"Accept": accept})
    expected = next(one for one in DESCRIPTION_FORMATS if one.extension == form)
    assert response.status_code == 200
    assert response.mimetype == expected.media_type
    assert "Accept" in [one.strip() for one in response.headers["Vary"].split(",")]
    assert response.headers["Content-Location"].endswith(f"{address(path)}.{form}")


@pytest.mark.parametrize(
    "path", [*map(address, KINDS.values()), "/shapes", "/catalog", "/void"]
)
@pytest.mark.parametrize("form", DESCRIPTION_FORMATS, ids=lambda form: form.name)
def test_an_extension_selects_the_format(
    client: FlaskClient, path: str, form: Format
) -> None:
    """Whatever the client accepts."""
    response = client.get(f"{path}.{form.extension}", headers={"Accept": "image/png"})
    assert (response.status_code, response.mimetype) == (200, form.media_type)
    assert "Accept" not in [
        one.strip() for one in response.headers.get("Vary", "").split(",")
    ]
    assert "Content-Location" not in response.headers


@pytest.mark.parametrize(
    "path",
    ["/id/state/KAZ", "/doc/state/KAZ", "/graph/entities", "/ontology", "/catalog"],
)
def test_unacceptable_formats_are_refused(client: FlaskClient, path: str) -> None:
    """A client that accepts none of the formats gets 406 with their names."""
    response = client.get(path, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle" in response.get_json()["remedy"]


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
def test_a_resource_is_not_its_description(
    client: FlaskClient, path: str, accept: str, location: str
) -> None:
    """A resource redirects to its description with 303 See Other."""
    response = client.get(path, headers={"Accept": accept})
    assert (response.status_code, response.headers["Location"]) == (303, location)
    assert client.get(location).status_code == 200


@pytest.mark.parametrize(
    "path", ["id/state/XXX", "doc/state/XXX", "doc/x.ttl", "graph/x", "ontology/x"]
)
@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [(BROWSER, "text/html"), ("text/turtle", "application/problem+json")],
)
def test_an_unknown_resource_is_not_found(
    client: FlaskClient, path: str, accept: str, mimetype: str
) -> None:
    """404 is a page for browsers and a problem for programs."""
    response = client.get(f"/{path}", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (404, mimetype)


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("/shapes.csv", "shapes.ttl"),
        ("/catalog.csv", "jsonld"),
        ("/dump/everything.nq", "dataset.nq"),
    ],
)
def test_an_unknown_file_is_not_found(
    client: FlaskClient, path: str, remedy: str
) -> None:
    """The remedy lists those there are."""
    response = client.get(path, headers={"Accept": "application/json"})
    assert response.status_code == 404
    assert remedy in response.get_json()["remedy"]


def test_a_description_has_links(client: FlaskClient) -> None:
    """To its other formats, its resource, the licence and the classes."""
    response = client.get("/doc/state/KAZ", headers={"Accept": "text/turtle"})
    found = links(response)
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
def test_conditional_requests(client: FlaskClient, path: str) -> None:
    """The entity tag is strong, and a current description is not sent again."""
    first = client.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    head = client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
    assert head.headers["Content-Length"] == first.headers["Content-Length"]


def test_entity_tags_differ_by_language_and_format(client: FlaskClient) -> None:
    """No two representations share a tag."""
    paths = [
        "/en/doc/state/KAZ",
        "/ar/doc/state/KAZ",
        *(f"/doc/state/KAZ.{f.extension}" for f in GRAPH_FORMATS),
    ]
    assert len({client.get(path).headers["ETag"] for path in paths}) == len(paths)


def every_iri(graphs: Mapping[URIRef, Graph]) -> set[str]:
    """Return every IRI below the base in the dataset, datatypes included."""
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
    """Return every IRI in a description."""
    terms = {term for triple in graph for term in triple}
    types = {term.datatype for term in terms if isinstance(term, Literal)}
    return {str(term) for term in terms | types if isinstance(term, URIRef)}


@pytest.mark.slow
def test_every_iri_has_a_description(
    described: Descriptions, everything: set[Triple]
) -> None:
    """Each IRI below the base has one, and each triple of it is in the dataset."""
    graphs = described.graphs
    iris = every_iri(graphs)
    assert len(iris) > 3000
    describe = cache(described.describe)
    shapes = set(read_shapes(knowledge_root()).subjects())
    for iri in sorted(iris):
        document = URIRef(iri.partition("#")[0])
        if document == URIRef(f"{BASE}shapes"):  # named by reports; a page of its own
            assert URIRef(iri) in {*shapes, document}
            continue
        graph = describe(document)
        assert document in graphs or iri in named(graph) or document == iri
        assert graph, iri
        assert set(graph) <= everything, iri


@pytest.mark.slow
def test_every_description_is_the_same_in_every_format(
    client: FlaskClient, described: Descriptions
) -> None:
    """Each parses to the same triples."""
    sample = list(described)[::7]
    assert len(sample) > 400
    for iri in sample:
        if iri in described.graphs or iri.startswith(f"{BASE}ontology"):
            continue
        expected = set(described.describe(iri))
        path = address(iri.removeprefix(BASE))
        for ending in PARSERS:
            response = client.get(f"{path}.{ending}")
            assert response.status_code == 200, path
            assert set(parsed(response, ending)) == expected, f"{path}.{ending}"
        assert client.get(f"{path}.html").status_code == 200, path


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_a_description_is_a_subset_of_the_dataset(
    client: FlaskClient, everything: set[Triple], path: str
) -> None:
    """It adds nothing, in any format."""
    replies = {ending: client.get(f"{address(path)}.{ending}") for ending in PARSERS}
    graphs = [parsed(response, ending) for ending, response in replies.items()]
    if any(isinstance(x, BNode) for triple in graphs[0] for x in triple):
        assert len({canonical(graph) for graph in graphs}) == 1
    else:
        assert all(set(graph) == set(graphs[0]) for graph in graphs)
    ground = {t for t in graphs[0] if not any(isinstance(x, BNode) for x in t)}
    assert ground
    assert ground <= everything


def test_a_description_is_bounded(described: Descriptions) -> None:
    """It has a limited number of uses of each property."""
    graph = described.describe(URIRef(f"{BASE}id/source/cldr-localenames-full"))
    assert len(set(graph.subjects(DCTERMS.source, None))) <= MAX_PER_PROPERTY
    largest = max(
        len(described.describe(iri)) for iri in described if "/id/state/" in iri
    )
    assert largest < 5000


def test_a_fact_is_described_with_its_quotes(described: Descriptions) -> None:
    """It has its holder, claims, quotes, sentence, notes and labels."""
    fact = URIRef(f"{BASE}id/fact/kazakhstan/relations-kazakhstan-armenia")
    graph = described.describe(fact)
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
    """Return a client of a dataset with a withdrawn resource and its replacement."""
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
    library = read_library(knowledge_root() / "queries")
    return create_app(store, library, dataset=lambda: dataset).test_client()


@pytest.mark.parametrize("accept", [BROWSER, "text/turtle"])
def test_a_withdrawn_resource_is_gone(withdrawing: FlaskClient, accept: str) -> None:
    """It is 410 and links its replacement."""
    response = withdrawing.get("/doc/place/old", headers={"Accept": accept})
    assert response.status_code == 410
    assert links(response)["successor-version"] == [f"{BASE}id/place/new"]
    assert re.search("place[:/]new", response.text)
    assert withdrawing.get("/doc/place/new").status_code == 200


@pytest.mark.parametrize("ending", PARSERS)
def test_the_catalogue_lists_the_dumps(client: FlaskClient, ending: str) -> None:
    """Each with its size and checksum, in DCAT."""
    graph = parsed(client.get(f"/catalog.{ending}"), ending)
    files = set(graph.objects(DATASET, DCAT.distribution))
    assert len(files) == 3
    for file in files:
        url = str(graph.value(file, DCAT.downloadURL)).removeprefix("http://localhost")
        body = client.get(url, headers={"Accept-Encoding": "identity"}).data
        assert int(str(graph.value(file, DCAT.byteSize))) == len(body)
        node = graph.value(file, URIRef("http://spdx.org/rdf/terms#checksum"))
        checksum = graph.value(node, URIRef("http://spdx.org/rdf/terms#checksumValue"))
        assert str(checksum) == hashlib.sha256(body).hexdigest()
        assert client.get(f"{url}.sha256").text.split()[0] == str(checksum)
    endpoints = set(graph.objects(None, DCAT.endpointURL))
    assert endpoints == {URIRef("http://localhost/sparql")}
    assert set(graph.objects(DATASET, DCTERMS.license))
    assert {t.language for t in graph.objects(DATASET, DCTERMS.title)} == {"ar", "en"}


def test_the_dump_is_the_dataset(client: FlaskClient, built: Built) -> None:
    """The N-Quads equal those of the build, byte for byte."""
    assert (
        client.get("/dump/dataset.nq").data
        == (built.folder / "dataset.nq").read_bytes()
    )


def test_void_statistics(
    client: FlaskClient, described: Descriptions, everything: set[Triple]
) -> None:
    """They are the counts by graph and in total, found at the well-known address."""
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
def test_links_have_the_mount_point(client: FlaskClient, mount: str, path: str) -> None:
    """Addresses change with it, IRIs do not."""
    response = client.get(
        path, headers={"Accept": "text/html"}, environ_overrides={"SCRIPT_NAME": mount}
    )
    own = re.findall(r'(?:href|src|action)="([^"#][^"]*)"', response.text)
    assert len(own) > 10
    local = [one for one in own if one.startswith(("/", "http://localhost"))]
    assert all(
        one.removeprefix("http://localhost").startswith(f"{mount}/") for one in local
    )
    assert links(response)["canonical"][0].startswith(f"http://localhost{mount}/")
    assert all(one.startswith((BASE, "http")) for one in links(response)["cite-as"])


@pytest.mark.parametrize(
    ("proxies", "host"), [(0, "http://localhost/"), (1, "https://example.org/kg/")]
)
def test_only_configured_proxies_are_trusted(
    built: Built, proxies: int, host: str
) -> None:
    """X-Forwarded headers count for as many proxies as the settings name."""
    store = open_store(current_release(built.output).store)
    library = read_library(knowledge_root() / "queries")
    client = create_app(store, library, Settings(proxies=proxies)).test_client()
    forwarded = {"Proto": "https", "Host": "example.org", "Prefix": "/kg"}
    headers = {f"X-Forwarded-{name}": value for name, value in forwarded.items()}
    response = client.get("/doc/place/almaty.ttl", headers=headers)
    assert links(response)["canonical"] == [f"{host}doc/place/almaty"]


def test_negotiation_is_a_pure_function() -> None:
    """It needs no request."""
    assert choose_representation("a.ttl", "", lambda _: False).name == "a"
    assert (
        choose_representation("a.ttl", "text/html", {"a.ttl"}.__contains__).form is HTML
    )
    with pytest.raises(NotAcceptable):
        choose_representation("a", "image/png", lambda _: False)


def test_an_unknown_resource_has_no_description(described: Descriptions) -> None:
    """Describing it is an error."""
    with pytest.raises(UnknownName, match="Nothing here has the IRI"):
        described.describe(URIRef(f"{BASE}id/nothing"))


def embedded(client: FlaskClient, address: str) -> dict[str, Any]:
    """Return the only JSON-LD object of a page."""
    page = client.get(address, headers={"Accept": BROWSER}).text
    pattern = r'<script type="application/ld\+json">(.*?)</script>'
    (found,) = re.findall(pattern, page, re.DOTALL)
    metadata: dict[str, Any] = json.loads(found)
    return metadata


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/map", "/search?q=%3C/script%3E", "/nothing"])
def test_other_pages_are_web_pages_of_schema_org(
    client: FlaskClient, path: str, language: str
) -> None:
    """With name, address and language."""
    metadata = embedded(client, f"/{language}{path}")
    assert (metadata["@type"], metadata["inLanguage"]) == ("WebPage", language)
    assert metadata["isPartOf"]["url"] == f"http://localhost/{language}/"
    assert metadata["name"]


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
def test_pages_embed_their_resource_as_schema_org(
    client: FlaskClient, path: str, kind: str
) -> None:
    """As JSON-LD for search engines."""
    metadata = embedded(client, f"/en/doc/{path}")
    assert (metadata["@type"], metadata["@id"]) == (kind, f"{BASE}id/{path}")
    assert metadata["name"]


def test_the_catalogue_is_a_dataset_of_schema_org(client: FlaskClient) -> None:
    """Its page embeds the dataset with its files as JSON-LD."""
    metadata = embedded(client, "/en/catalog")
    assert metadata["@type"] == "Dataset"
    assert len(metadata["distribution"]) == 3
