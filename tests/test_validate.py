"""Every SHACL shape is violated by its mutant: valid data with one change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData
from alaqat.terms import PREFIXES
from alaqat.validate.engines import ENGINES, validate
from alaqat.validate.expected import (
    SHAPES,
    find_drift,
    read_expected_warnings,
)
from alaqat.validate.report import ValidationReport
from alaqat.validate.results import findings_of, report_as_json

HERE = Path(__file__).parent
ROOT = HERE.parent
MUTANTS = sorted((HERE / "mutants").glob("*.ttl"))
CLAIM = "https://w3id.org/alaqat/id/claim/sample/"
FACT = "https://w3id.org/alaqat/id/fact/sample/"


def read(*paths: Path) -> Graph:
    """Parse files into one graph."""
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def changed(good: Graph, *mutants: Path) -> Graph:
    """Return valid data with the properties of mutants replaced by their values.

    The empty list means no value.
    """
    data = Graph()
    data += good
    for mutant in map(read, mutants):
        for subject, predicate in set(mutant.subject_predicates()):
            data.remove((subject, predicate, None))
        for triple in mutant:
            if triple[2] != RDF.nil:
                data.add(triple)
    return data


def disjoint_groups(mutants: list[Path]) -> list[list[Path]]:
    """Return mutants in groups whose members change different nodes."""
    groups: list[tuple[list[Path], set[Node]]] = []
    for mutant in mutants:
        nodes = set(read(mutant).subjects())
        for members, taken in groups:
            if not nodes & taken:
                members.append(mutant)
                taken.update(nodes)
                break
        else:
            groups.append(([mutant], nodes))
    return [members for members, _ in groups]


@pytest.fixture(scope="module")
def shapes() -> Graph:
    """Return the project's shapes."""
    return read(*sorted((ROOT / "ontology" / "shapes").glob("*.ttl")))


@pytest.fixture(scope="module")
def good() -> Graph:
    """Return a small dataset that conforms to every shape, with the ontology."""
    return read(HERE / "data" / "valid.ttl", ROOT / "ontology" / "alaqat.ttl")


def rules(shapes: Graph) -> set[str]:
    """Return the local names of shapes that can fail: those with a severity."""
    return {str(shape).removeprefix(SHAPES) for shape in shapes.subjects(SH.severity)}


SLOWLY = [
    pytest.param(name, marks=pytest.mark.slow if name == "pyshacl" else ())
    for name in ENGINES
]


@pytest.mark.parametrize("engine", SLOWLY)
def test_valid_data_has_no_results(engine: str, good: Graph, shapes: Graph) -> None:
    """Valid data gives no results, not even advice."""
    assert validate(good, shapes, engine=engine) == ValidationReport(())


def test_every_shape_has_a_mutant_and_every_mutant_a_shape(shapes: Graph) -> None:
    """No shape can be added or removed without its mutant."""
    assert len(MUTANTS) > 90
    assert {path.stem for path in MUTANTS} == rules(shapes)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda path: path.stem)
def test_a_mutant_violates_only_its_shape(
    mutant: Path, good: Graph, shapes: Graph
) -> None:
    """Each mutant gives results of the shape that it is named after, and no other."""
    report = validate(changed(good, mutant), shapes)
    assert {result.shape for result in report.results} == {URIRef(SHAPES + mutant.stem)}


@pytest.mark.slow
def test_engines_agree_on_every_shape(good: Graph, shapes: Graph) -> None:
    """Every engine reports every shape, and all reports are equal."""
    broken = set()
    for mutants in disjoint_groups(MUTANTS):
        data = changed(good, *mutants)
        reference, *others = (validate(data, shapes, engine=name) for name in ENGINES)
        assert all(other == reference for other in others)
        broken |= {
            str(result.shape).removeprefix(SHAPES) for result in reference.results
        }
    assert broken == rules(shapes)


@pytest.mark.slow
def test_engines_agree_on_many_violations(good: Graph, shapes: Graph) -> None:
    """Every engine gives the same report on all mutants at once."""
    data = changed(good, *MUTANTS)
    reference, *others = (validate(data, shapes, engine=engine) for engine in ENGINES)
    assert len({result.shape for result in reference.results}) > 60
    assert all(other == reference for other in others)


def test_every_shape_has_a_name_and_messages_in_both_languages(
    shapes: Graph,
) -> None:
    """Every shape has a name, and every one that can fail has messages."""
    for shape in shapes.subjects(RDF.type, None):
        if not str(shape).startswith(SHAPES):
            continue
        label = SH.message if shapes.value(shape, SH.select) else SH.name
        assert _languages(shapes, shape, label) == ["ar", "en"], shape
    for rule in rules(shapes):
        source = shapes.value(URIRef(SHAPES + rule), SH.sparql) or SHAPES + rule
        assert _languages(shapes, URIRef(source), SH.message) == ["ar", "en"], rule


def _languages(graph: Graph, subject: object, predicate: URIRef) -> list[str]:
    """Return the sorted languages of a text."""
    return sorted(text.language for text in graph.objects(subject, predicate))


def test_every_shape_has_an_iri(shapes: Graph) -> None:
    """Every shape and every query in one has an IRI, so reports can refer to it."""
    parts = (SH.property, SH.sparql, SH.node, SH.qualifiedValueShape)
    named = [shape for part in parts for shape in shapes.objects(None, part)]
    assert named
    assert all(isinstance(shape, URIRef) for shape in named)
    assert all((shape, RDF.type, None) in shapes for shape in named)


def test_prefixes_are_those_of_the_prefix_table(shapes: Graph) -> None:
    """Queries in shapes declare the same prefixes as the rest of the project."""
    declared = {
        str(shapes.value(node, SH.prefix)): str(shapes.value(node, SH.namespace))
        for node in shapes.objects(None, SH.declare)
    }
    assert declared
    assert declared.items() <= PREFIXES.items()


def test_severity_follows_the_file() -> None:
    """Only advice.ttl has advice, and it has no violations."""
    for path in (ROOT / "ontology" / "shapes").glob("*.ttl"):
        found = set(read(path).objects(None, SH.severity))
        is_advice = path.stem == "advice"
        assert found <= ({SH.Warning, SH.Info} if is_advice else {SH.Violation}), path


@pytest.mark.parametrize("engine", SLOWLY)
def test_validation_does_not_change_its_graphs(
    engine: str, good: Graph, shapes: Graph
) -> None:
    """No engine writes to the data or to the shapes."""
    before = set(good), set(shapes)
    validate(good, shapes, engine=engine)
    assert (set(good), set(shapes)) == before


def test_report_separates_violations_from_advice(good: Graph, shapes: Graph) -> None:
    """A report with only advice conforms; one with a violation does not."""
    mutants = HERE / "mutants"
    names = ("Mission-place", "Relation-unresolved", "Figure-unit")
    advised, informed, violated = (
        validate(changed(good, mutants / f"{name}.ttl"), shapes) for name in names
    )
    assert advised.conforms
    assert advised.warnings == advised.results
    assert informed.conforms
    assert informed.infos == informed.results
    assert not violated.conforms
    assert violated.violations == violated.results


def test_finding_has_label_message_quote_and_location(
    good: Graph, shapes: Graph
) -> None:
    """In both languages."""
    data = changed(good, HERE / "mutants" / "Mission-seat.ttl")

    def where(iri: str, words: str) -> tuple[Path, int] | None:
        return (Path("facts.ttl"), 12) if (iri, words) == (embassy, "al:seat") else None

    embassy = FACT + "embassy"
    report = validate(data, shapes)
    (finding,) = findings_of(report, data, where)
    assert finding.text("en") == (
        "violation: embassy\n"
        "  A mission has at most one seat.\n"
        "  «ولأرمينيا سفارة في ألماتي»\n"
        "  facts.ttl:12"
    )
    assert finding.text("ar") == (
        "مخالفة: سفارة\n"
        "  للبعثة مقر واحد لا أكثر.\n"
        "  «ولأرمينيا سفارة في ألماتي»\n"
        "  facts.ttl:12"
    )


def test_finding_on_a_claim_is_shown_at_its_fact(good: Graph, shapes: Graph) -> None:
    """Curators do not write claims, so the finding has the fact and its quote."""
    data = changed(good, HERE / "mutants" / "Target-words.ttl")
    searched = []
    report = validate(data, shapes)
    (finding,) = findings_of(report, data, lambda *terms: searched.append(terms))
    assert searched == [(FACT + "treaty", "ووقعتا معاهده")]
    assert finding.text("en") == (
        "violation: treaty\n"
        "  The quoted words do not stand at their position in the sentence.\n"
        "  value: ووقعتا معاهده\n"
        "  «ووقعتا معاهده»\n"
        f"  {CLAIM}treaty#target"
    )


def test_json_has_both_languages(good: Graph, shapes: Graph) -> None:
    """The JSON has IRIs, messages, labels, file, line and quotes."""
    data = changed(good, HERE / "mutants" / "Bilateral-holder.ttl")
    report = validate(data, shapes)
    findings = findings_of(report, data, lambda *_: (Path("a.ttl"), 3))
    assert json.loads(json.dumps(report_as_json(report, findings))) == {
        "conforms": False,
        "results": [
            {
                "severity": "Violation",
                "shape": SHAPES + "Bilateral-holder",
                "constraint": str(SH.MinCountConstraintComponent),
                "focus": FACT + "embassy",
                "path": "^al:hasRelation",
                "value": None,
                "messages": {
                    "ar": "لعلاقة الطرفين صاحب واحد بالضبط.",
                    "en": "A relation between two parties has exactly one holder.",
                },
                "labels": {"ar": "سفارة", "en": "embassy"},
                "file": "a.ttl",
                "line": 3,
                "words": ["ولأرمينيا سفارة في ألماتي"],
            }
        ],
    }


def test_drift_from_expected_warnings(
    good: Graph, shapes: Graph, tmp_path: Path
) -> None:
    """Unlisted advice is new, and listed advice that was not reported is stale."""
    data = changed(
        good,
        HERE / "mutants" / "Mission-place.ttl",
        HERE / "mutants" / "Founding-founder.ttl",
    )
    path = tmp_path / "expected.csv"
    path.write_text(
        "shape,focus\n"
        "Mission-place,id/fact/sample/embassy\n"
        "Mission-place,id/fact/sample/consulate\n"
    )
    report, expected = validate(data, shapes), read_expected_warnings(path)
    (new,) = report.unexpected(expected)
    assert new.key == (SHAPES + "Founding-founder", FACT + "founding")
    assert report.missing(expected) == ((SHAPES + "Mission-place", FACT + "consulate"),)
    found = find_drift(report, expected)
    assert found.new == ("Founding-founder,id/fact/sample/founding",)
    assert found.stale == {"Mission-place,id/fact/sample/consulate": (path, 3)}
    for language in ("ar", "en"):
        new, stale = found.lines(language)
        assert found.new[0] in new
        assert f"{path}:3" in stale


def test_expected_warnings_without_their_columns_is_an_error(tmp_path: Path) -> None:
    """The error has the file and line."""
    path = tmp_path / "expected.csv"
    path.write_text("node\n")
    with pytest.raises(InvalidData, match=r"expected\.csv:1"):
        read_expected_warnings(path)


BROKEN = {
    "a query cut short": """
        als:Broken sh:sparql als:query .
        als:query sh:select "SELECT $this WHERE {" .
    """,
    "a query with VALUES": """
        als:Broken sh:sparql als:query .
        als:query sh:select "SELECT $this WHERE { VALUES ?one { 1 } }" .
    """,
    "a path of one step": """
        als:Broken sh:property als:property .
        als:property sh:path ( al:seat ) ; sh:minCount 1 .
    """,
    "a count in words": """
        als:Broken sh:property als:property .
        als:property sh:path al:seat ; sh:minCount "one" .
    """,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("shape", BROKEN.values(), ids=BROKEN)
def test_shapes_that_cannot_run_are_an_error(
    shape: str, engine: str, good: Graph
) -> None:
    """An invalid shape is an error of the data."""
    prefixes = """
        @prefix al: <https://w3id.org/alaqat/ontology#> .
        @prefix als: <https://w3id.org/alaqat/shapes#> .
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        als:Broken a sh:NodeShape ; sh:targetClass al:Fact .
    """
    broken = Graph().parse(data=prefixes + shape, format="turtle")
    with pytest.raises(InvalidData, match="could not be run"):
        validate(good, broken, engine=engine)


def test_expected_warnings_without_a_value_is_an_error(tmp_path: Path) -> None:
    """The error has the file and line."""
    path = tmp_path / "expected.csv"
    path.write_text("shape,focus\nMission-place,id/fact/x\nMission-place,\n")
    with pytest.raises(InvalidData, match="lacks its shape or its focus") as caught:
        read_expected_warnings(path)
    assert (caught.value.path, caught.value.line) == (path, 3)
