"""Library of saved queries: front matter, fragments, and errors with their lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import XSD, Literal, URIRef

from alaqat.errors import (
    InvalidData,
    InvalidQuery,
    UnknownQuery,
)
from alaqat.locations import knowledge_root
from alaqat.queries.library import Library, open_library, read_library
from alaqat.queries.query import read_query, read_term
from alaqat.terms import PREFIXES

GOOD = """\
#+ summary:
#+   en: Which embassies stand in which city?
#+   ar: أي السفارات في أي مدينة؟
#+ tags: [missions, question]
#+ params: [seat]
PREFIX al: <https://w3id.org/alaqat/ontology#>
SELECT ?party ?seat WHERE { ?party al:hasEmbassy/al:seat ?seat }
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a query and returns the folder of its library."""

    def write_query(
        text: str = GOOD, name: str = "questions/embassies-by-city.rq"
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path

    return write_query


@pytest.fixture(scope="module")
def shipped() -> Library:
    """Return the library of this project."""
    return read_library(knowledge_root() / "queries")


def test_front_matter_is_read(write: Write) -> None:
    """Name, folder, both summaries, tags and parameters come from the file."""
    query = read_library(write()).get("embassies-by-city")
    assert (query.name, query.folder) == ("embassies-by-city", "questions")
    assert query.title("en") == "Which embassies stand in which city?"
    assert query.title("ar") == "أي السفارات في أي مدينة؟"
    assert query.tags == ("missions", "question")
    assert query.params == ("seat",)
    assert query.text == GOOD


def test_a_summary_with_a_colon_may_be_quoted(write: Write) -> None:
    """The front matter is YAML."""
    text = GOOD.replace("Which embassies", '"Embassies: which').replace(
        "city?\n", 'city?"\n'
    )
    query = read_library(write(text)).get("embassies-by-city")
    assert query.title("en") == "Embassies: which stand in which city?"


def test_the_error_for_an_unknown_name_suggests_similar_ones(write: Write) -> None:
    """A misspelt name leads to the right one."""
    with pytest.raises(UnknownQuery, match="embassies-by-city"):
        read_library(write()).get("embassy-by-city")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("#+   en: Which embassies stand in which city?\n", "", 1, "no summary in"),
        ("#+   en:", "#+   tlh:", 1, "summary has an invalid value"),
        ("#+   ar:", "#+   en:", 3, "duplicate key en"),
        ("#+ tags:", "#+ tag:", 4, "unknown key tag"),
        ("#+ tags: [missions, question]", "#+ tags", 5, "cannot be read"),
        ("#+ tags:", "#+ summary:", 4, "duplicate key summary"),
        ("[missions, question]", "missions", 4, "tags has an invalid value"),
        ("[missions, question]", "[missions, 1]", 4, "tags has an invalid value"),
        ("[missions, question]", "[missions", 5, "cannot be read"),
        ("Which embassies", "Embassies: which", 2, "cannot be read"),
        (
            "#+ params: [seat]",
            "#+ params: [city]",
            1,
            "city in params is not a variable",
        ),
        (
            "#+ params: [seat]",
            "#+ labels: [city]",
            1,
            "city in labels is not a variable",
        ),
        ("#+ params: [seat]", "#+ texts: {seat: x:y}", 5, "texts has an invalid value"),
        ("#+ params: [seat]", "#+ texts: [seat]", 5, "texts has an invalid value"),
        ("ontology#>", "terms#>", 6, "al: is not the project's"),
        ("PREFIX al:", "prefix alaqat:", 6, "alaqat: is not the project's"),
    ],
)
def test_an_error_has_its_line(
    write: Write, old: str, new: str, line: int, message: str
) -> None:
    """Invalid front matter or prefixes are errors with file, line and remedy."""
    assert old in GOOD
    folder = write(GOOD.replace(old, new))
    with pytest.raises(InvalidData, match=message) as caught:
        read_library(folder)
    assert caught.value.path == folder / "questions/embassies-by-city.rq"
    assert caught.value.line == line
    assert caught.value.remedy


def test_an_opened_library_reads_a_query_when_it_is_needed(write: Write) -> None:
    """What is wrong in another file is no obstacle, and is raised with that query."""
    write(GOOD.replace("#+ tags:", "#+ tag:"), name="questions/broken.rq")
    library = open_library(write())
    assert len(library) == 2
    assert library.get("embassies-by-city").title("en").startswith("Which embassies")
    with pytest.raises(InvalidData, match="unknown key tag"):
        library.get("broken")
    with pytest.raises(InvalidData, match="unknown key tag"):
        library.of("questions")
    with pytest.raises(UnknownQuery, match="No saved query"):
        library.get("embassy")


def test_an_opened_library_has_the_queries_of_a_read_one(shipped: Library) -> None:
    """In the same order."""
    opened = open_library(knowledge_root() / "queries")
    assert list(opened) == list(shipped)


def test_two_queries_of_one_name_are_refused(write: Write) -> None:
    """Names are unique across folders."""
    write()
    folder = write(name="views/embassies-by-city.rq")
    for read in (read_library, open_library):
        with pytest.raises(InvalidData, match="Two queries"):
            read(folder)


@pytest.mark.parametrize(
    "name", ["queries.rq", "other/good.rq", "questions/deep/good.rq"]
)
def test_a_query_outside_the_folders_is_refused(write: Write, name: str) -> None:
    """No file of the library is ignored."""
    with pytest.raises(InvalidData, match="outside"):
        read_library(write(name=name))


SHARED = GOOD.replace("{ ?party", "{\n  #include seats\n  ?party")


def test_a_fragment_is_expanded_where_it_is_included(write: Write) -> None:
    """It is indented like its line, and a parameter may occur in it alone."""
    write(
        "# Cities.\n?seat a al:Place\nFILTER (?seat != ?other)\n", "fragments/seats.rq"
    )
    text = SHARED.replace("[seat]", "[seat, other]")
    query = read_library(write(text)).get("embassies-by-city")
    inside = "  # Cities.\n  ?seat a al:Place\n  FILTER (?seat != ?other)\n"
    assert query.text == text.replace("  #include seats\n", inside)
    assert query.params == ("seat", "other")
    assert query.with_all_variables() is not None


def test_a_fragment_is_not_a_query(write: Write) -> None:
    """It does not appear in the library."""
    write("?seat a al:Place\n", "fragments/seats.rq")
    assert [query.name for query in read_library(write(SHARED))] == [
        "embassies-by-city"
    ]


@pytest.mark.parametrize("name", ["towns", "", "../questions/embassies-by-city"])
def test_an_unknown_fragment_is_refused(write: Write, name: str) -> None:
    """The error has the line that includes it, and lists the fragments."""
    write("?seat a al:Place\n", "fragments/seats.rq")
    folder = write(SHARED.replace("#include seats", f"#include {name}"))
    with pytest.raises(InvalidData, match="no fragment") as caught:
        read_library(folder)
    assert caught.value.path == folder / "questions/embassies-by-city.rq"
    assert caught.value.line == SHARED[: SHARED.index("#include")].count("\n") + 1
    assert caught.value.remedy == "Fragments are: seats."


def test_a_name_is_of_lower_case_words(write: Write) -> None:
    """With hyphens between them."""
    with pytest.raises(InvalidData, match="Not a valid name"):
        read_library(write(name="questions/Embassies_1.rq"))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """The error has the offset of the first invalid byte."""
    path = tmp_path / "embassies.rq"
    path.write_bytes("#+ summary: سفارات".encode("cp1256"))
    with pytest.raises(InvalidData, match="not UTF-8 at byte 12"):
        read_query(path)


def test_an_empty_library_is_refused(tmp_path: Path) -> None:
    """To find no query is an error."""
    with pytest.raises(InvalidData, match="no saved query"):
        read_library(tmp_path)


def test_the_prefixes_of_a_document_are_known(write: Write) -> None:
    """A query about one document may use the prefixes of its facts."""
    line = "PREFIX fact: <https://w3id.org/alaqat/id/fact/some-text/>\nPREFIX al:"
    assert len(read_library(write(GOOD.replace("PREFIX al:", line)))) == 1


def test_an_unknown_parameter_is_refused(write: Write) -> None:
    """The error lists the parameters of the query."""
    query = read_library(write()).get("embassies-by-city")
    query.check_parameters(["seat"])
    with pytest.raises(InvalidQuery, match="no parameter city") as caught:
        query.check_parameters(["city"])
    assert "seat" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "term"),
    [
        ("org:osce", URIRef(PREFIXES["org"] + "osce")),
        ("<https://example.org/x>", URIRef("https://example.org/x")),
        ("https://example.org/x", URIRef("https://example.org/x")),
        ("2010-01-31", Literal("2010-01-31", datatype=XSD.date)),
        ("12", Literal("12", datatype=XSD.integer)),
        ("-1.5", Literal("-1.5", datatype=XSD.decimal)),
        ("true", Literal("true", datatype=XSD.boolean)),
        ("باكو", Literal("باكو")),
        ('"باكو"@ar', Literal("باكو", lang="ar")),
        ('"12"', Literal("12")),
        ('"2010"^^xsd:gYear', Literal("2010", datatype=XSD.gYear)),
        ('a "b" } c', Literal('a "b" } c')),
        ("words: two", Literal("words: two")),
    ],
)
def test_a_value_is_parsed_by_its_form(value: str, term: URIRef | Literal) -> None:
    """IRIs, typed literals and plain strings differ in form."""
    assert read_term(value) == term


@pytest.mark.parametrize("value", ["2010-13-01", "<a b>", "nothing:here", 'org:a"b'])
def test_an_invalid_value_is_refused(value: str) -> None:
    """It is an error, not a query without results."""
    with pytest.raises(InvalidQuery):
        read_term(value)


def test_a_number_is_not_expanded() -> None:
    """A few characters could otherwise fill the memory."""
    assert len(read_term('"1E999999999"^^xsd:double')) == len("1E999999999")
    with pytest.raises(InvalidQuery, match="1E999999999"):
        read_term('"1E999999999"^^xsd:decimal')


@pytest.mark.parametrize(
    ("folder", "least"), [("questions", 20), ("checks", 5), ("views", 1)]
)
def test_the_shipped_library_is_complete(
    shipped: Library, folder: str, least: int
) -> None:
    """Every folder of the project's library is valid, and none is empty."""
    assert len(shipped.of(folder)) >= least
