"""Document structure as RDF: sections, sentences, footnotes, references, and errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, RDFS, BNode, Graph, Literal, URIRef

from alaqat.errors import InvalidData
from alaqat.terms import (
    AL,
    DOC,
    EDTF,
    KIND,
    SCHEMA,
)
from alaqat.text.document import Document, read_document
from alaqat.text.structure import EMPTY_SECTION, build_layout

FOLDER = Path(__file__).parents[1] / "data" / "kazakhstan"
KAZAKHSTAN = DOC["kazakhstan"]

HEADINGS = [2, 4, 7, 9, 11, 13, 16, 18, 20, 22, 24, 25, 29, 31, 33, 34, 36, 38, 39]
HEADINGS += [41, 43, 45, 47, 49]

# Line, level, start, end, parent ("" for the document).
SECTIONS = {
    "lead": (1, 1, 0, 908, ""),
    "osce-chairmanship": (2, 1, 909, 1409, ""),
    "shanghai-cooperation": (4, 1, 1410, 2370, ""),
    "bilateral": (7, 1, 2371, 6002, ""),
    "armenia": (9, 2, 2524, 2672, "bilateral"),
    "azerbaijan": (11, 2, 2673, 3064, "bilateral"),
    "china": (13, 2, 3065, 3746, "bilateral"),
    "united-states": (16, 2, 3747, 4748, "bilateral"),
    "kyrgyzstan": (18, 2, 4749, 5067, "bilateral"),
    "uzbekistan": (20, 2, 5068, 5184, "bilateral"),
    "russia": (22, 2, 5185, 5364, "bilateral"),
    "turkmenistan": (24, 2, 5365, 5375, "bilateral"),
    "ukraine": (25, 2, 5376, 5681, "bilateral"),
    "european-union": (29, 2, 5682, 6002, "bilateral"),
    "non-relations": (31, 1, 6003, 6802, ""),
    "non-relations-europe": (33, 2, 6095, 6101, "non-relations"),
    "non-relations-americas": (34, 2, 6102, 6300, "non-relations"),
    "non-relations-africa": (36, 2, 6301, 6619, "non-relations"),
    "non-relations-asia": (38, 2, 6620, 6624, "non-relations"),
    "non-relations-oceania": (39, 2, 6625, 6802, "non-relations"),
    "visa-policy": (41, 1, 6803, 7172, ""),
    "border-disputes": (43, 1, 7173, 7523, ""),
    "drug-trafficking": (45, 1, 7524, 7899, ""),
    "nato": (47, 1, 7900, 8043, ""),
    "references": (49, 1, 8044, 9998, ""),
}

# By section: the numbers of the sentences that are in no narrower one.
SENTENCES = {
    "lead": range(1, 8),
    "osce-chairmanship": range(8, 12),
    "shanghai-cooperation": range(12, 19),
    "bilateral": range(19, 20),
    "armenia": range(20, 22),
    "azerbaijan": range(22, 27),
    "china": range(27, 33),
    "united-states": range(33, 38),
    "kyrgyzstan": range(38, 40),
    "uzbekistan": range(40, 41),
    "russia": range(41, 43),
    "ukraine": range(43, 48),
    "european-union": range(48, 52),
    "non-relations": range(52, 53),
    "non-relations-americas": range(53, 54),
    "non-relations-africa": range(54, 55),
    "non-relations-oceania": range(55, 56),
    "visa-policy": range(56, 58),
    "border-disputes": range(58, 60),
    "drug-trafficking": range(60, 63),
    "nato": range(63, 64),
    "references": range(64, 79),
}

# Number of each footnote: start, line, sentence.
FOOTNOTES = {
    1: (2365, 6, 18),
    2: (2488, 8, 19),
    3: (2513, 8, 19),
    4: (2519, 8, 19),
    5: (3622, 14, 31),
    6: (3628, 14, 31),
    7: (4224, 17, 36),
    8: (4271, 17, 36),
    9: (4744, 17, 37),
    10: (5062, 19, 39),
    11: (5676, 28, 47),
    12: (7050, 42, 56),
    13: (7331, 44, 58),
    14: (7518, 44, 59),
    15: (7674, 46, 60),
}

# Number of each reference: kind, title, publisher, issued, archived, language, URL.
RESIDUE = ("template-residue", None, None, None, None, "en", None)
REFERENCES: dict[int, tuple[str | None, ...]] = {
    1: (
        "web-page",
        "The Ministry of Foreign Affairs of the Republic of Kazakhstan | Main page",
        None,
        None,
        "2017-12-28",
        None,
        None,
    ),
    2: RESIDUE,
    3: RESIDUE,
    4: (
        "web-page",
        "On 2 February 1993 the parties signed an agreement that set up diplomatic "
        "relations between the EU and Kazakhstan.",
        None,
        None,
        "2016-08-01",
        "en",
        None,
    ),
    5: (
        "news-article",
        "China Pays Dearly for Kazakhstan Oil",
        "The New York Times",
        "2006-03-17",
        "2014-07-14",
        "en",
        None,
    ),
    6: (
        "report",
        "China's relations with Kazakhstan are warming, but to what end?",
        "Association for Asia Research",
        "2004-07-09",
        "2019-02-25",
        "en",
        None,
    ),
    7: (
        "report",
        "KAZAKHSTAN WITHDRAWS TROOPS FROM IRAQ",
        "The Jamestown Fondation",
        "2008-10-24",
        "2020-04-14",
        "en",
        None,
    ),
    8: (
        "bare-url",
        None,
        None,
        None,
        None,
        "en",
        "http://www.universalnewswires.com/centralasia/viewstory.aspx?id=1487",
    ),
    9: (
        "news-article",
        "No U.S. Base in Kazakhstan– Central Command Chief",
        "MOSNEWS",
        None,
        "2020-01-25",
        "en",
        None,
    ),
    10: (
        "web-page",
        "Central Asia: A Kyrgyz-Kazakh Step Towards Regional Union",
        None,
        None,
        "2016-03-03",
        "en",
        None,
    ),
    11: (
        "news-article",
        "Trade between Ukraine, Kazakhstan doubles in 2011",
        "Kyiv Post",
        "2012-03-26",
        "2012-06-13",
        "en",
        None,
    ),
    12: (
        "news-article",
        "Kazakhstan announces visa-free entry for investors from 10 nations",
        "TengriNews",
        "2014-06-12",
        None,
        None,
        None,
    ),
    13: (
        "report",
        "Kazakhstan - Transnational Issues",
        "CIA World Factbook",
        None,
        "2019-08-21",
        "en",
        None,
    ),
    14: (
        "bare-title",
        "Kazakhstan and China develop economic and politic al cooperation",
        None,
        None,
        None,
        None,
        None,
    ),
    15: (
        "report",
        "Kazakhstan Narcotics Factsheet 2004",
        "The Central Asia-Caucasus Institute & Silk Road Studies Program",
        None,
        None,
        "en",
        "http://www.silkroadstudies.org/new/inside/research/narcotics_crime/FactSheet/"
        "2004/Kazakhstan.pdf",
    ),
}
PARTS = (
    DCTERMS.title,
    DCTERMS.publisher,
    DCTERMS.issued,
    DCTERMS.available,
    DCTERMS.language,
    SCHEMA.url,
)


@pytest.fixture(scope="module")
def document() -> Document:
    """Return the text about Kazakhstan, with its headings."""
    return read_document(FOLDER / "document.txt", "kazakhstan", HEADINGS)


@pytest.fixture
def description() -> Graph:
    """Return the curator's description of it."""
    return Graph().parse(FOLDER / "document.ttl")


@pytest.fixture(scope="module")
def graph(document: Document) -> Graph:
    """Return the document's graph."""
    return build_layout(document, Graph().parse(FOLDER / "document.ttl"))


def section(slug: str) -> URIRef:
    """Return the IRI of a section, or of the document if the slug is empty."""
    return KAZAKHSTAN + f"/section/{slug}" if slug else KAZAKHSTAN


def value(graph: Graph, node: URIRef, name: URIRef) -> str | None:
    """Return the only value of a property as text; None without any."""
    values = [str(one) for one in graph.objects(node, name)]
    assert len(values) <= 1, values
    return values[0] if values else None


def numbers(graph: Graph, node: URIRef, *names: URIRef) -> tuple[int, ...]:
    """Return the only integer that a node has for each property."""
    return tuple(int(value(graph, node, name) or -1) for name in names)


def test_sections_form_the_tree_of_the_text(graph: Graph) -> None:
    """Lines, levels, offsets and parents of all sections, none more."""
    found = {
        str(iri).rpartition("/")[2]: (
            *numbers(graph, iri, AL.line, AL.level, AL.start, AL.end),
            value(graph, iri, DCTERMS.isPartOf),
        )
        for iri in graph.subjects(RDF.type, AL.Section)
        if isinstance(iri, URIRef)
    }
    assert found == {
        slug: (*row, str(section(parent))) for slug, (*row, parent) in SECTIONS.items()
    }


def test_empty_sections_are_derived(graph: Graph, description: Graph) -> None:
    """The three headings without content are empty, and are not marked by hand."""
    slugs = ("non-relations-asia", "non-relations-europe", "turkmenistan")
    assert set(graph.subjects(AL.kind, EMPTY_SECTION)) == {
        section(slug) for slug in slugs
    }
    assert not set(description.subjects(AL.kind, EMPTY_SECTION))


def test_sentences_hold_their_words_and_places(
    graph: Graph, document: Document
) -> None:
    """Each sentence has its words in the document's language, line and section."""
    parts = {n: slug for slug, range_ in SENTENCES.items() for n in range_}
    assert len(document.sentences) == len(parts)
    for sentence in document.sentences:
        node = KAZAKHSTAN + f"/sentence/{sentence.number}"
        assert set(graph[node]) == {
            (RDF.type, AL.Sentence),
            *({(RDF.type, AL.ListItem)} if sentence.kind == "item" else ()),
            (AL.start, Literal(sentence.span.start)),
            (AL.end, Literal(sentence.span.end)),
            (AL.line, Literal(sentence.line)),
            (SCHEMA.position, Literal(sentence.number)),
            (RDF.value, Literal(document.slice(sentence.span), lang="ar")),
            (DCTERMS.isPartOf, section(parts[sentence.number])),
        }


def test_items_are_the_lines_with_a_dash(graph: Graph) -> None:
    """The two missions of the Ukraine section and the references are list items."""
    items = graph.subjects(RDF.type, AL.ListItem)
    lines = sorted(numbers(graph, URIRef(str(item)), AL.line)[0] for item in items)
    assert lines == [26, 27, *range(50, 65)]


def test_footnotes_belong_to_their_sentences(graph: Graph) -> None:
    """Each marker has its place, its number, its sentence and its reference."""
    for number, (start, line, sentence) in FOOTNOTES.items():
        node = KAZAKHSTAN + f"/footnote/{number}"
        assert set(graph[node]) == {
            (RDF.type, AL.Footnote),
            (AL.start, Literal(start)),
            (AL.end, Literal(start + len(f"[{number}]"))),
            (AL.line, Literal(line)),
            (SCHEMA.position, Literal(number)),
            (DCTERMS.isPartOf, KAZAKHSTAN + f"/sentence/{sentence}"),
            (DCTERMS.references, KAZAKHSTAN + f"/reference/{number}"),
        }
    assert len(list(graph.subjects(RDF.type, AL.Footnote))) == len(FOOTNOTES)


def test_references_have_the_parts_that_they_state(graph: Graph) -> None:
    """Kind, title, publisher, dates, language and address, as read by hand."""
    for number, (kind, *parts) in REFERENCES.items():
        node = KAZAKHSTAN + f"/reference/{number}"
        assert value(graph, node, AL.kind) == str(KIND[str(kind)])
        assert [value(graph, node, name) for name in PARTS] == parts
        assert numbers(graph, node, AL.line, SCHEMA.position) == (49 + number, number)
        item = value(graph, node, DCTERMS.isPartOf)
        assert item == f"{KAZAKHSTAN}/sentence/{63 + number}"
        places = numbers(graph, node, AL.start, AL.end)
        assert places == numbers(graph, URIRef(item), AL.start, AL.end)
    assert len(list(graph.subjects(RDF.type, AL.Reference))) == len(REFERENCES)


def test_dates_keep_their_words(graph: Graph) -> None:
    """Each date in EDTF has the words it was read from."""
    node = KAZAKHSTAN + "/reference/5"
    archived = "نسخة محفوظة 14 يوليو 2014 على موقع واي باك مشين"
    assert (node, DCTERMS.issued, Literal("2006-03-17", datatype=EDTF.EDTF)) in graph
    assert (node, DCTERMS.date, Literal("17 mars 2006", lang="fr")) in graph
    assert (node, DCTERMS.description, Literal(archived, lang="ar")) in graph


def test_the_document_has_its_length_and_present_date(graph: Graph) -> None:
    """The document spans all code points; its title is metadata in two languages."""
    assert numbers(graph, KAZAKHSTAN, AL.start, AL.end) == (0, 9998)
    assert value(graph, KAZAKHSTAN, AL.presentDate) == "2014-12-31"
    titles = {
        title.language: str(title)
        for title in graph.objects(KAZAKHSTAN, DCTERMS.title)
        if isinstance(title, Literal)
    }
    assert titles == {
        "ar": "علاقات كازاخستان الخارجية",
        "en": "Foreign relations of Kazakhstan",
    }


def test_the_description_is_preserved_without_blank_nodes(
    graph: Graph, description: Graph
) -> None:
    """The graph holds the description, and no blank node."""
    assert all(triple in graph for triple in description)
    assert not any(isinstance(term, BNode) for triple in graph for term in triple)


ARMENIA = section("armenia")
FIFTH = KAZAKHSTAN + "/reference/5"


@pytest.mark.parametrize(
    ("node", "name", "new", "message"),
    [
        (KAZAKHSTAN, SCHEMA.sha256, "0" * 64, "not “0000"),
        (KAZAKHSTAN, DCTERMS.language, None, "has no language"),
        (ARMENIA, AL.line, 10, "Line 10 is not the heading “أرمينيا”; that is line 9"),
        (ARMENIA, AL.line, 65, "has no line 65; its last is 64"),
        (ARMENIA, AL.line, "nine", "needs one integer"),
        (ARMENIA, AL.line, None, "needs one integer"),
        (ARMENIA, AL.line, 11, "begins on line 11 too"),
        (ARMENIA, RDFS.label, Literal("ارمينيا", lang="ar"), "not the heading “ارمي"),
        (ARMENIA, AL.level, 1, "A section of level 1 is part of"),
        (ARMENIA, AL.level, 3, "Level 3 follows level 1"),
        (ARMENIA, DCTERMS.isPartOf, KAZAKHSTAN, "A section of level 2 is part of"),
        (section("lead"), AL.line, 2, "line 1 is in no section"),
        (FIFTH, AL.line, 48, "Line 48 is not a list item"),
        (FIFTH, DCTERMS.title, "China Pays", None),
        (FIFTH, DCTERMS.title, "China pays", "“China pays” is not in the reference"),
        (FIFTH, DCTERMS.issued, "2006-03-18", "“2006-03-18” is not in the reference"),
        (FIFTH, DCTERMS.issued, "2007-03-17", "“2007-03-17” is not in the reference"),
        (FIFTH, DCTERMS.issued, "2006", None),
        (FIFTH, SCHEMA.url, "http://nytimes.com", "is not in the reference"),
        (FIFTH, SCHEMA.position, 16, "Reference 16 has the wrong IRI"),
        (FIFTH, SCHEMA.position, 16, "No footnote marker in the text cites reference"),
        (FIFTH, RDF.type, AL.Note, "[5] on line 14 has no reference"),
    ],
)
def test_a_description_that_contradicts_the_text_is_an_error(
    document: Document,
    description: Graph,
    node: URIRef,
    name: URIRef,
    new: object,
    message: str | None,
) -> None:
    """One changed value gives an error with what the text has, and a remedy."""
    description.remove((node, name, None))
    if new is not None:
        value = new if isinstance(new, URIRef | Literal) else Literal(new)
        description.add((node, name, value))
    if message is None:
        build_layout(document, description)
        return
    with pytest.raises(InvalidData) as caught:
        build_layout(document, description)
    assert message in caught.value.message


def test_a_blank_node_is_refused(document: Document, description: Graph) -> None:
    """A blank node in the description has no stable IRI to cite."""
    description.add((BNode(), RDFS.label, Literal("?")))
    with pytest.raises(InvalidData, match="has a blank node"):
        build_layout(document, description)


def test_an_error_names_its_file_and_line(
    document: Document, description: Graph
) -> None:
    """The place is looked up by the node and by text near the error."""
    lookups: list[tuple[str, str]] = []

    def where(iri: str, words: str) -> tuple[Path, int]:
        lookups.append((iri, words))
        return Path("document.ttl"), 57

    description.set((ARMENIA, AL.line, Literal(10)))
    with pytest.raises(InvalidData) as caught:
        build_layout(document, description, where)
    assert str(caught.value).startswith("document.ttl:57: Line 10 is not")
    assert lookups == [(str(ARMENIA), "al:line 10")]
    assert caught.value.remedy


def test_all_contradictions_are_reported_at_once(
    document: Document, description: Graph
) -> None:
    """Two mistakes give one error with both."""
    description.set((KAZAKHSTAN, SCHEMA.sha256, Literal("0")))
    description.set((FIFTH, DCTERMS.title, Literal("?")))
    with pytest.raises(InvalidData, match=r"SHA-256(.|\n)*“\?” is not in"):
        build_layout(document, description)


def test_a_marker_in_a_heading_is_part_of_its_section() -> None:
    """Headings are not sentences, yet a footnote in one has a section."""
    document = Document("x", "عنوان[1]\n- مرجع", frozenset({1}))
    iri, top = DOC["x"], DOC["x/section/top"]
    description = Graph()
    for triple in (
        (iri, SCHEMA.sha256, Literal(document.sha256)),
        (iri, DCTERMS.language, Literal("ar")),
        (top, RDF.type, AL.Section),
        (top, RDFS.label, Literal("عنوان[1]", lang="ar")),
        (top, DCTERMS.isPartOf, iri),
        (top, AL.line, Literal(1)),
        (top, AL.level, Literal(1)),
        (DOC["x/reference/1"], RDF.type, AL.Reference),
        (DOC["x/reference/1"], SCHEMA.position, Literal(1)),
        (DOC["x/reference/1"], AL.line, Literal(2)),
    ):
        description.add(triple)
    graph = build_layout(document, description)
    assert (DOC["x/footnote/1"], DCTERMS.isPartOf, top) in graph


def test_a_text_without_sections_is_an_error(
    document: Document, description: Graph
) -> None:
    """Every sentence must be part of a section."""
    description.remove((None, RDF.type, AL.Section))
    with pytest.raises(InvalidData, match="line 1 is in no section"):
        build_layout(document, description)
