"""Saved queries: exact results read from the text, checks that fail on a mistake."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from rdflib import XSD, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.queries.library import read_library
from alaqat.queries.query import SavedQuery, read_term
from alaqat.sparql.rewrite import with_label_columns
from alaqat.store.interface import Store
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.store.rdflib_store import RdflibStore
from alaqat.store.releases import open_store
from alaqat.terms import (
    AL,
    BASE,
    ENTITIES_GRAPH,
    ONTOLOGY_GRAPH,
    PREFIXES,
    document_graph,
    document_prefixes,
    facts_graph,
    notes_graph,
    short,
)
from conftest import Built

ROOT = Path(__file__).parents[1]
ANSWERS = sorted((ROOT / "tests" / "answers").glob("*.csv"))
#: The answers are written with labels in these, however many languages there are.
ANSWER_LANGUAGES = ("en", "ar")
LIBRARY = read_library(ROOT / "queries")
QUESTIONS = {query.name: query for query in LIBRARY.of("questions")}
CHECKS = [query for query in LIBRARY.of("checks") if "data" in query.tags]

# The first tag of a question.
TOPICS = {
    *("lookup", "join", "time", "reasoning", "negation", "aggregate"),
    *("provenance", "doubt", "stance", "silence"),
}
OWN = re.compile(rf"{BASE}id/(fact|note|claim)/[^/]+/")

Row = tuple[str, ...]


def bindings() -> dict[str, dict[str, str]]:
    """Return the parameter values of the answers that have some."""
    bound: defaultdict[str, dict[str, str]] = defaultdict(dict)
    path = ROOT / "tests" / "bindings.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            bound[row["answer"]][row["parameter"]] = row["value"]
    return dict(bound)


BINDINGS = bindings()


def question(answer: Path) -> SavedQuery:
    """Return the question of an answer: the name of its file up to the first dot."""
    return QUESTIONS[answer.stem.split(".")[0]]


def expected(answer: Path) -> tuple[list[str], list[Row], list[list[int]]]:
    """Return columns and rows as written, and the lines of the text that rows cite."""
    with answer.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert header[-1] == "line"
    cited = [[int(number) for number in row[-1].split()] for row in rows]
    return header[:-1], [tuple(row[:-1]) for row in rows], cited


def cell(term: Node | None) -> str:
    """Return a term as answers write it: a short IRI, a plain number, the text."""
    if isinstance(term, URIRef):
        return short(OWN.sub(r"\1:", term))
    if isinstance(term, Literal) and term.datatype == XSD.decimal:
        return format(Decimal(str(term)).normalize(), "f")
    return "" if term is None else str(term)


def run(store: Store, query: SavedQuery, **bound: Node) -> tuple[list[str], list[Row]]:
    """Return the columns and rows of a question."""
    labelled = with_label_columns(query, ANSWER_LANGUAGES)
    answer = store.query(labelled.text, bindings=bound)
    rows = [tuple(map(cell, row)) for row in answer]
    return list(answer.variables), rows


@pytest.fixture(scope="module")
def oxigraph(built: Built) -> Store:
    """Return the project's dataset in the store that a server reads."""
    return open_store(built.folder / "store")


@pytest.fixture(
    scope="module",
    params=["embedded", pytest.param("memory", marks=pytest.mark.slow)],
)
def store(request: pytest.FixtureRequest, built: Built) -> Store:
    """Return the project's dataset in each store."""
    if request.param == "memory":
        return RdflibStore.load(built.folder / "dataset.nq")
    found: Store = request.getfixturevalue("oxigraph")
    return found


def test_questions_and_answers_are_paired() -> None:
    """Every question has an answer, and every answer a question."""
    assert len(QUESTIONS) >= 60
    assert {answer.stem.split(".")[0] for answer in ANSWERS} == set(QUESTIONS)
    assert set(BINDINGS) <= {answer.stem for answer in ANSWERS}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.stem)
def test_a_question_has_its_answer(store: Store, answer: Path) -> None:
    """Columns, rows and their order are those written from the text."""
    query = question(answer)
    values = BINDINGS.get(answer.stem, {})
    bound = {name: read_term(value) for name, value in values.items()}
    columns, rows, _ = expected(answer)
    assert run(store, query, **bound) == (columns, rows)
    assert rows


@pytest.mark.parametrize("query", QUESTIONS.values(), ids=QUESTIONS)
def test_a_parameter_filters_rows(oxigraph: Store, query: SavedQuery) -> None:
    """A parameter that is a column filters it; any other is tested by an answer."""
    answer = oxigraph.query(with_label_columns(query, ANSWER_LANGUAGES).text)
    terms = [dict(zip(answer.variables, row, strict=True)) for row in answer]
    columns, rows = run(oxigraph, query)
    for name in query.params:
        if name not in columns:
            assert name in {key for bound in BINDINGS.values() for key in bound}
            continue
        for value in {row[name] for row in terms} - {None}:
            filtered = [row for row in rows if row[columns.index(name)] == cell(value)]
            assert run(oxigraph, query, **{name: value})[1] == filtered


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.stem)
def test_a_row_cites_lines_of_the_text(root: Path, answer: Path) -> None:
    """Every row cites lines of the text that are not empty."""
    text = (root / "data" / "kazakhstan" / "document.txt").read_text(encoding="utf-8")
    lines = text.splitlines()
    for numbers in expected(answer)[2]:
        assert numbers == sorted(set(numbers))
        assert 1 <= numbers[0] <= numbers[-1] <= len(lines)
        assert all(lines[number - 1].strip() for number in numbers)


def test_every_section_is_cited(root: Path) -> None:
    """An answer other than the table of contents cites each section."""
    description = Graph().parse(root / "data" / "kazakhstan" / "document.ttl")
    begins = {
        str(section).rpartition("/")[2]: int(str(line))
        for section, line in description.subject_objects(AL.line)
        if "/section/" in section
    }
    starts = [*sorted(begins.items(), key=lambda item: item[1]), ("", 65)]
    cited = {
        number
        for answer in ANSWERS
        if question(answer).name != "table-of-contents"
        for numbers in expected(answer)[2]
        for number in numbers
    }
    assert len(begins) == 25
    for (section, first), (_, after) in pairwise(starts):
        assert cited & set(range(first, after)), section


def test_every_topic_has_questions() -> None:
    """The first tag is the topic, and every topic has at least two questions."""
    topics = Counter(query.tags[0] for query in QUESTIONS.values())
    assert set(topics) == TOPICS
    assert min(topics.values()) >= 2


@pytest.mark.parametrize("query", list(LIBRARY), ids=lambda query: query.name)
def test_a_query_is_documented_in_both_languages(query: SavedQuery) -> None:
    """Summary and description are in the right script, and summaries are questions."""
    assert set(query.summary) == {"en", "ar"}
    assert set(query.description) in (set(), {"en", "ar"})
    assert query.summary["en"].endswith("?")
    assert query.summary["ar"].endswith("؟")
    for texts in (query.summary, query.description):
        assert not re.search("[ء-ي]", texts.get("en", ""))
        assert bool(re.search("[ء-ي]", texts.get("ar", ""))) == bool(texts)


@pytest.mark.parametrize(
    "query", [*QUESTIONS.values(), *CHECKS], ids=lambda query: query.name
)
def test_a_query_is_well_formatted(query: SavedQuery) -> None:
    """Prefixes are sorted and used, lines are short, and results are ordered."""
    lines = query.text.splitlines()
    prefixes = re.findall(r"^PREFIX ([\w-]+):", query.text, re.MULTILINE)
    body = query.text.partition("\n\n")[2]
    assert prefixes == sorted(prefixes)
    assert set(prefixes) == set(re.findall(r"\b(?<![?<:])([a-z]+):(?!/)", body))
    assert all(len(line) <= 88 for line in lines if not line.startswith("#+"))
    assert all(line == line.rstrip() and "\t" not in line for line in lines)
    assert "ORDER BY" in body
    assert query.text.endswith("\n")


# For each check: triples by graph with just the mistake that it finds, and its nodes.
FACTS, NOTES, TEXT = facts_graph("x"), notes_graph("x"), document_graph("x")
CHAINS = """
    al:memberOf owl:propertyChainAxiom ( al:hasMembership al:with ) .
    al:hasDiplomaticRelationsWith al:deniedBy al:lacksDiplomaticRelationsWith ;
      owl:propertyChainAxiom ( al:hasDiplomaticRelation al:with ) .
    al:lacksDiplomaticRelationsWith
      owl:propertyChainAxiom ( al:hasNonRelation al:with ) .
"""
BOTH = """
    state:ODD al:hasDiplomaticRelation fact:yes ; al:hasNonRelation fact:no ;
      al:hasDiplomaticRelationsWith state:ITA ;
      al:lacksDiplomaticRelationsWith state:ITA .
    fact:yes al:with state:ITA .
    fact:no al:with state:ITA .
"""
MISTAKES: list[tuple[str, dict[URIRef, str], str]] = [
    ("facts-without-words", {FACTS: "fact:odd a al:Fact ."}, "odd"),
    (
        "words-that-are-not-there",
        {
            FACTS: """
                claim:odd al:inSentence doc:s ; oa:hasTarget doc:t .
                doc:t oa:hasSelector doc:p , doc:q .
                doc:p oa:start 11 ; oa:end 13 .
                doc:q oa:exact "cd" .
            """,
            TEXT: 'doc:s al:start 10 ; rdf:value "abcd" .',
        },
        "odd",
    ),
    (
        "sentences-left-out",
        {TEXT: 'doc:odd a al:Sentence ; rdf:value "words" .'},
        "odd",
    ),
    (
        "shortcuts-that-are-asserted",
        {ONTOLOGY_GRAPH: CHAINS, FACTS: "state:ODD al:memberOf org:osce ."},
        "ODD",
    ),
    (
        "shortcuts-that-are-missing",
        {
            ONTOLOGY_GRAPH: CHAINS,
            FACTS: "state:ODD al:hasMembership fact:m . fact:m al:with org:osce .",
        },
        "ODD",
    ),
    ("relations-held-and-denied", {ONTOLOGY_GRAPH: CHAINS, FACTS: BOTH}, "ODD"),
    (
        "missions-seated-elsewhere",
        {
            FACTS: "fact:odd a al:Mission ; al:with state:ITA ; al:seat place:paris .",
            ENTITIES_GRAPH: "place:paris al:location state:FRA .",
        },
        "odd",
    ),
    (
        "relations-of-two-holders",
        {
            FACTS: """
                state:FRA al:hasRelation fact:odd .
                state:ITA al:hasRelation fact:odd .
            """
        },
        "odd",
    ),
    ("entities-that-nothing-names", {ENTITIES_GRAPH: "state:ODD a al:State ."}, "ODD"),
    (
        "names-shared-by-entities",
        {
            ENTITIES_GRAPH: """
                state:ODD a al:Party ; rdfs:label "the same"@en .
                state:ITA a al:Party ; rdfs:label "the same"@en .
            """
        },
        "ITA ODD",
    ),
    ("references-that-nothing-cites", {TEXT: "doc:odd a al:Reference ."}, "odd"),
    ("references-that-nothing-cites", {TEXT: "doc:odd a al:Footnote ."}, "odd"),
    ("notes-on-nothing", {NOTES: "note:odd a al:Note ; al:about fact:none ."}, "odd"),
]


def embedded(graphs: Mapping[URIRef, Graph]) -> OxigraphStore:
    """Return a store of Oxigraph with some graphs."""
    store = OxigraphStore()
    for name, graph in graphs.items():
        amend(store, name, graph)
    return store


def load(engine: Callable[..., Store], turtle: dict[URIRef, str]) -> Store:
    """Return a store of some graphs in Turtle."""
    prefixes = {**PREFIXES, **document_prefixes("x")}
    header = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes.items())
    return engine(
        {
            name: Graph().parse(data=header + text, format="turtle")
            for name, text in turtle.items()
        }
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_of_the_data_finds_nothing(store: Store, check: SavedQuery) -> None:
    """No check of the data has results."""
    assert run(store, check) == (["node", "message"], [])


@pytest.mark.parametrize("engine", [embedded, RdflibStore])
@pytest.mark.parametrize(("name", "mistake", "nodes"), MISTAKES)
def test_a_check_finds_its_mistake(
    engine: Callable[..., Store], name: str, mistake: dict[URIRef, str], nodes: str
) -> None:
    """A check finds the nodes of the mistake, and no others."""
    check = LIBRARY.get(name)
    found = [row[0] for row in run(load(engine, mistake), check)[1]]
    assert [re.split("[:/]", row)[-1] for row in found] == nodes.split()


def test_every_check_can_fail() -> None:
    """There is a mistake for each check of the data."""
    assert len(CHECKS) >= 10
    assert {name for name, _, _ in MISTAKES} == {check.name for check in CHECKS}


@pytest.mark.parametrize("engine", [embedded, RdflibStore])
def test_relations_may_be_denied_after_their_end(
    engine: Callable[..., Store],
) -> None:
    """A relation that ended in 1990 may be denied from 1991 on."""
    times = """
        fact:yes al:endLatest "1990-12-31"^^xsd:date .
        fact:no al:startEarliest "1991-01-01"^^xsd:date .
    """
    store = load(engine, {ONTOLOGY_GRAPH: CHAINS, FACTS: BOTH + times})
    assert run(store, LIBRARY.get("relations-held-and-denied"))[1] == []
