"""Every shape, told apart by its mutant: good data with one thing changed."""

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
    read_expected_advice,
)
from alaqat.validate.report import ValidationReport
from alaqat.validate.results import find_findings, report_as_json

HERE = Path(__file__).parent
ROOT = HERE.parent
MUTANTS = sorted((HERE / "mutants").glob("*.ttl"))
CLAIM = "https://w3id.org/alaqat/id/claim/sample/"
FACT = "https://w3id.org/alaqat/id/fact/sample/"


def read(*paths: Path) -> Graph:
    """The triples of files in one graph."""
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def changed(good: Graph, *mutants: Path) -> Graph:
    """Good data in which each property that a mutant states has its values instead.

    The empty list stands for no value.
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


def apart(mutants: list[Path]) -> list[list[Path]]:
    """The mutants in groups whose members change different nodes."""
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
    """The shapes of the house."""
    return read(*sorted((ROOT / "ontology" / "shapes").glob("*.ttl")))


@pytest.fixture(scope="module")
def good() -> Graph:
    """A small dataset that keeps to every shape, with the ontology."""
    return read(HERE / "data" / "valid.ttl", ROOT / "ontology" / "alaqat.ttl")


def rules(shapes: Graph) -> set[str]:
    """The shapes that can fail, by local name: those that have a severity."""
    return {str(shape).removeprefix(SHAPES) for shape in shapes.subjects(SH.severity)}


@pytest.mark.parametrize("engine", ENGINES)
def test_good_data_has_no_results(engine: str, good: Graph, shapes: Graph) -> None:
    """Good data gives no result at all, not even advice."""
    assert validate(good, shapes, engine=engine) == ValidationReport(())


def test_every_shape_has_a_mutant_and_every_mutant_a_shape(shapes: Graph) -> None:
    """No shape can be added or taken away without its mutant."""
    assert len(MUTANTS) > 90
    assert {path.stem for path in MUTANTS} == rules(shapes)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda path: path.stem)
def test_mutant_breaks_its_shape_only(mutant: Path, good: Graph, shapes: Graph) -> None:
    """Each mutant gives results of the shape that it is named for, and no other."""
    report = validate(changed(good, mutant), shapes)
    assert {result.shape for result in report.results} == {URIRef(SHAPES + mutant.stem)}


@pytest.mark.slow
def test_engines_agree_on_every_shape(good: Graph, shapes: Graph) -> None:
    """Every engine finds every shape broken, and gives the same report."""
    broken = set()
    for mutants in apart(MUTANTS):
        data = changed(good, *mutants)
        reference, *others = (validate(data, shapes, engine=name) for name in ENGINES)
        assert all(other == reference for other in others)
        broken |= {
            str(result.shape).removeprefix(SHAPES) for result in reference.results
        }
    assert broken == rules(shapes)


@pytest.mark.slow
def test_engines_agree_where_much_is_wrong(good: Graph, shapes: Graph) -> None:
    """Every engine gives the same report on all mutants at once."""
    data = changed(good, *MUTANTS)
    reference, *others = (validate(data, shapes, engine=engine) for engine in ENGINES)
    assert len({result.shape for result in reference.results}) > 60
    assert all(other == reference for other in others)


def test_every_shape_is_named_and_tells_people_in_both_languages(
    shapes: Graph,
) -> None:
    """Every shape has a name, and every one that can fail has messages."""
    for shape in shapes.subjects(RDF.type, None):
        if not str(shape).startswith(SHAPES):
            continue
        speaks = SH.message if shapes.value(shape, SH.select) else SH.name
        assert _languages(shapes, shape, speaks) == ["ar", "en"], shape
    for rule in rules(shapes):
        speaker = shapes.value(URIRef(SHAPES + rule), SH.sparql) or SHAPES + rule
        assert _languages(shapes, URIRef(speaker), SH.message) == ["ar", "en"], rule


def _languages(graph: Graph, subject: object, predicate: URIRef) -> list[str]:
    """The languages of a text, sorted."""
    return sorted(text.language for text in graph.objects(subject, predicate))


def test_every_shape_has_an_iri(shapes: Graph) -> None:
    """Reports can name every shape and every query."""
    parts = (SH.property, SH.sparql, SH.node, SH.qualifiedValueShape)
    named = [shape for part in parts for shape in shapes.objects(None, part)]
    assert named
    assert all(isinstance(shape, URIRef) for shape in named)
    assert all((shape, RDF.type, None) in shapes for shape in named)


def test_prefixes_are_those_of_the_house(shapes: Graph) -> None:
    """The queries in the shapes use the prefixes of the one prefix table."""
    declared = {
        str(shapes.value(node, SH.prefix)): str(shapes.value(node, SH.namespace))
        for node in shapes.objects(None, SH.declare)
    }
    assert declared
    assert declared.items() <= PREFIXES.items()


def test_severity_follows_the_file() -> None:
    """Only advice.ttl has advice, and it has nothing else."""
    for path in (ROOT / "ontology" / "shapes").glob("*.ttl"):
        found = set(read(path).objects(None, SH.severity))
        is_advice = path.stem == "advice"
        assert found <= ({SH.Warning, SH.Info} if is_advice else {SH.Violation}), path


def test_validation_leaves_its_graphs_alone(good: Graph, shapes: Graph) -> None:
    """No engine writes to the data or to the shapes."""
    before = set(good), set(shapes)
    for engine in ENGINES:
        validate(good, shapes, engine=engine)
    assert (set(good), set(shapes)) == before


def test_report_tells_violations_from_advice(good: Graph, shapes: Graph) -> None:
    """Advice alone conforms; a violation does not."""
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


def test_finding_names_the_fact_its_place_and_its_words(
    good: Graph, shapes: Graph
) -> None:
    """A person is told what is wrong, of what, where, and in which words."""
    data = changed(good, HERE / "mutants" / "Mission-seat.ttl")

    def where(iri: str, words: str) -> tuple[Path, int] | None:
        return (Path("facts.ttl"), 12) if (iri, words) == (embassy, "al:seat") else None

    embassy = FACT + "embassy"
    report = validate(data, shapes)
    (finding,) = find_findings(report, data, where)
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


def test_finding_on_a_claim_is_told_of_its_fact(good: Graph, shapes: Graph) -> None:
    """A curator never wrote the claim, so the fact and its quote are named."""
    data = changed(good, HERE / "mutants" / "Target-words.ttl")
    asked = []
    report = validate(data, shapes)
    (finding,) = find_findings(report, data, lambda *sought: asked.append(sought))
    assert asked == [(FACT + "treaty", "ووقعتا معاهده")]
    assert finding.text("en") == (
        "violation: treaty\n"
        "  The quoted words do not stand at their position in the sentence.\n"
        "  value: ووقعتا معاهده\n"
        "  «ووقعتا معاهده»\n"
        f"  {CLAIM}treaty#target"
    )


def test_json_holds_both_languages(good: Graph, shapes: Graph) -> None:
    """Programs get IRIs, both languages, file, line and words."""
    data = changed(good, HERE / "mutants" / "Bilateral-holder.ttl")
    report = validate(data, shapes)
    findings = find_findings(report, data, lambda *_: (Path("a.ttl"), 3))
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


def test_expected_advice_is_told_from_new(
    good: Graph, shapes: Graph, tmp_path: Path
) -> None:
    """Of advice, only what the list lacks is new, and what did not come is told."""
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
    report, expected = validate(data, shapes), read_expected_advice(path)
    (new,) = report.unexpected(expected)
    assert new.key == (SHAPES + "Founding-founder", FACT + "founding")
    assert report.absent(expected) == ((SHAPES + "Mission-place", FACT + "consulate"),)
    found = find_drift(report, expected)
    assert found.new == ("Founding-founder,id/fact/sample/founding",)
    assert found.stale == {"Mission-place,id/fact/sample/consulate": (path, 3)}
    for language in ("ar", "en"):
        new, stale = found.lines(language)
        assert found.new[0] in new
        assert f"{path}:3" in stale


def test_expected_advice_without_its_columns_is_refused(tmp_path: Path) -> None:
    """A list with other columns is an error that names the file."""
    path = tmp_path / "expected.csv"
    path.write_text("node\n")
    with pytest.raises(InvalidData, match=r"expected\.csv:1"):
        read_expected_advice(path)


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
    """A broken shape is told as bad data."""
    prefixes = """
        @prefix al: <https://w3id.org/alaqat/ontology#> .
        @prefix als: <https://w3id.org/alaqat/shapes#> .
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        als:Broken a sh:NodeShape ; sh:targetClass al:Fact .
    """
    broken = Graph().parse(data=prefixes + shape, format="turtle")
    with pytest.raises(InvalidData, match="could not be run"):
        validate(good, broken, engine=engine)
