"""The ontology and the shapes on the web: FOOPS! checks and documentation."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from rdflib import DCTERMS, OWL, RDF, RDFS, SH, SKOS, Graph, URIRef

from alaqat.describe.resource import ONTOLOGY
from alaqat.i18n import LANGUAGES
from alaqat.terms import AL, BASE
from alaqat.web.views.vocabulary import shapes

VANN = "http://purl.org/vocab/vann/"
HTML = {"Accept": "text/html"}
TERMS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)

# FOOPS!'s metadata, by the name of its test.
METADATA = {
    "OM1 minimum": (
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.creator,
        DCTERMS.license,
    ),
    "OM2 recommended": (
        *(URIRef(f"{VANN}preferredNamespacePrefix"), OWL.versionInfo),
        *(URIRef(f"{VANN}preferredNamespaceUri"), DCTERMS.created),
        DCTERMS.bibliographicCitation,
    ),
    "OM3 detailed": (DCTERMS.issued, DCTERMS.modified, DCTERMS.publisher),
    "OM4.1 licence": (DCTERMS.license,),
    "OM5.1 provenance": (DCTERMS.creator, DCTERMS.created),
    "OM5.2 detailed provenance": (DCTERMS.publisher, DCTERMS.issued, DCTERMS.modified),
    "VER1 version": (OWL.versionIRI,),
}


@pytest.fixture(scope="module")
def ontology(client: FlaskClient) -> Graph:
    """Return the ontology as it is served."""
    reply = client.get("/ontology", headers={"Accept": "text/turtle"})
    return Graph().parse(data=reply.text, format="turtle")


@pytest.fixture(scope="module")
def pages(client: FlaskClient) -> dict[str, str]:
    """Return the documentation page in each language."""
    replies = {
        code: client.get(f"/{code}/ontology", headers=HTML) for code in LANGUAGES
    }
    return {code: unescape(reply.text) for code, reply in replies.items()}


def terms(graph: Graph) -> set[URIRef]:
    """Return the terms of our namespace."""
    found = {one for kind in TERMS for one in graph.subjects(RDF.type, kind)}
    return {one for one in found if isinstance(one, URIRef) and one in AL}


def test_the_ontology_iri_is_its_address(ontology: Graph) -> None:
    """URI2, HTTP1: the ontology IRI resolves by HTTPS."""
    assert (ONTOLOGY, RDF.type, OWL.Ontology) in ontology
    assert ONTOLOGY.startswith("https://")


@pytest.mark.parametrize("needed", METADATA.values(), ids=METADATA)
def test_the_ontology_describes_itself(
    ontology: Graph, needed: tuple[URIRef, ...]
) -> None:
    """OM1 to OM5, VER1: it has the metadata that FOOPS! requires."""
    assert not [one for one in needed if (ONTOLOGY, one, None) not in ontology]


def test_the_preferred_prefix_is_declared(ontology: Graph) -> None:
    """FIND1: the preferred prefix and namespace are those in use."""
    found = [
        str(ontology.value(ONTOLOGY, URIRef(VANN + one)))
        for one in ("preferredNamespacePrefix", "preferredNamespaceUri")
    ]
    assert found == ["al", str(AL)]


def test_version_iris_resolve(client: FlaskClient, ontology: Graph) -> None:
    """VER2: the version IRI returns the ontology."""
    for part in ontology.subjects(RDF.type, OWL.Ontology):
        version = str(ontology.value(part, OWL.versionIRI))
        reply = client.get(
            version.removeprefix(BASE.rstrip("/")), headers={"Accept": "text/turtle"}
        )
        assert reply.status_code == 200


@pytest.mark.parametrize(
    "media_type",
    ["text/html", "text/turtle", "application/rdf+xml", "application/ld+json"],
)
@pytest.mark.parametrize("path", ["/ontology", "/shapes"])
def test_the_ontology_is_negotiated(
    client: FlaskClient, path: str, media_type: str
) -> None:
    """CN1, RDF1, DOC1: one address returns HTML or RDF as the client accepts."""
    reply = client.get(path, headers={"Accept": media_type})
    assert (reply.status_code, reply.mimetype) == (200, media_type)


def test_vocabularies_are_reused(ontology: Graph) -> None:
    """VOC1, VOC2: metadata and terms use or extend other vocabularies."""
    metadata = {str(p) for p in ontology.predicates(ONTOLOGY)}
    assert {str(DCTERMS), VANN} <= {re.sub(r"[^/#]*$", "", one) for one in metadata}
    foreign = {
        str(o)
        for p in (RDFS.subClassOf, SKOS.closeMatch, RDFS.range, RDFS.domain)
        for o in ontology.objects(None, p)
        if isinstance(o, URIRef) and o not in AL
    }
    assert len(foreign) > 20


@pytest.mark.parametrize(
    "property_", [RDFS.label, SKOS.definition], ids=["VOC3", "VOC4"]
)
def test_terms_are_labelled_in_both_languages(
    ontology: Graph, property_: URIRef
) -> None:
    """VOC3, VOC4: every term has a label and a definition."""
    found = terms(ontology)
    assert len(found) > 90
    for term in found:
        assert {t.language for t in ontology.objects(term, property_)} == set(
            LANGUAGES
        ), term


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_is_documented(
    pages: dict[str, str], ontology: Graph, language: str
) -> None:
    """Each fragment is on the page, with label and definition."""
    anchors = set(re.findall(r'<article class="term" id="([^"]+)"', pages[language]))
    assert anchors == {str(term).partition("#")[2] for term in terms(ontology)}
    for term in terms(ontology):
        label = next(
            t for t in ontology.objects(term, RDFS.label) if t.language == language
        )
        assert str(label) in pages[language]


def test_a_term_is_documented_with_its_use(pages: dict[str, str]) -> None:
    """It has axioms in words, examples, questions, checks and related terms."""
    place = pages["en"].index('id="hasEmbassyIn"')
    part = pages["en"][place : pages["en"].index("<article", place + 20)]
    assert "“has embassy” and then “with the other party” together make" in re.sub(
        "[\u2068\u2069]", "", part
    )
    assert 'href="/en/ontology#hasMissionIn"' in part
    place = pages["en"].index('id="Embassy"')
    part = pages["en"][place : pages["en"].index("<article", place + 20)]
    for text in (
        "Examples",
        "has an embassy to",
        "Questions that use it",
        "Checked by",
    ):
        assert text in part


def test_every_shape_is_documented(client: FlaskClient) -> None:
    """Each has its message in both languages."""
    graph = shapes()
    rules = {str(one).partition("#")[2] for one in graph.subjects(SH.message, None)}
    assert len(rules) > 60
    for code in LANGUAGES:
        page = client.get(f"/{code}/shapes", headers=HTML).text
        assert set(re.findall(r'<article class="term" id="([^"]+)"', page)) == rules
        messages = {
            str(m) for m in graph.objects(None, SH.message) if m.language == code
        }
        assert not [one for one in messages if one not in unescape(page)]


def test_shapes_list_the_questions_that_they_protect(client: FlaskClient) -> None:
    """Most list a saved question whose result depends on what they check."""
    page = client.get("/en/shapes", headers=HTML).text
    parts = page.split("<article")[1:]
    protecting = [one for one in parts if "Questions that rely on it" in one]
    assert len(protecting) > len(parts) / 2


def test_the_concept_schemes_are_listed(client: FlaskClient, ontology: Graph) -> None:
    """Every concept is on their page."""
    page = client.get("/en/ontology/kinds", headers=HTML).text
    concepts = set(ontology.subjects(RDF.type, SKOS.Concept))
    assert len(concepts) > 100
    missing = [
        one
        for one in concepts
        if f'href="/en/doc/{str(one).removeprefix(f"{BASE}id/")}"' not in page
    ]
    assert not missing


def test_links_to_questions_work(client: FlaskClient, pages: dict[str, str]) -> None:
    """The questions that use a term link their pages."""
    found = sorted(set(re.findall(r'href="(/en/queries/[^"]+)"', pages["en"])))
    assert len(found) > 50
    assert client.get(found[0], headers=HTML).status_code == 200
    assert client.get(found[-1], headers=HTML).status_code == 200


def test_the_shapes_are_served(client: FlaskClient) -> None:
    """They are the triples of all files in the folder."""
    reply = client.get("/shapes.nt")
    assert len(Graph().parse(data=reply.text, format="nt")) == len(shapes())
