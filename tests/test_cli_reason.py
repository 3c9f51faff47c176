"""The reason command on anybody's files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alaqat.cli.main import run

PREFIXES = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

Capture = pytest.CaptureFixture[str]


def reason(
    capsys: Capture, tmp_path: Path, text: str, *options: str, code: int = 0
) -> tuple[list[str], str]:
    """Return what follows from a text, shortened and sorted, and the messages."""
    path = tmp_path / "given.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    assert run(["reason", *options, str(path)]) == code
    out, err = capsys.readouterr()
    return sorted(
        re.sub(r"<[^<>]*[/#]|[>.]", "", line) for line in out.splitlines()
    ), err


SCHEMA = """
:Cat rdfs:subClassOf :Mammal . :Mammal rdfs:subClassOf :Animal . :tom a :Mammal .
:Eagle a owl:Class, :Species . :Species rdfs:subClassOf :Taxon .
:name rdfs:subPropertyOf rdfs:label . :tom :name "Tom" .
:q a owl:TransitiveProperty . :x :q :y . :y :q :x .
"""


@pytest.mark.parametrize("engine", ["nemo", "owlrl"])
def test_everything_that_follows_is_printed_on_request(
    capsys: Capture, tmp_path: Path, engine: str
) -> None:
    """Schema triples, types of classes used as things, annotations, cycles."""
    lines, messages = reason(capsys, tmp_path, SCHEMA, "--all", "--engine", engine)
    found = {" ".join(line.split()) for line in lines}
    assert found >= {
        *("Cat subClassOf Animal", "Eagle type Taxon", 'tom label "Tom"'),
        *("x q x", "y q y", "tom type Animal"),
    }
    assert not messages


def test_what_a_filter_leaves_out_is_counted(capsys: Capture, tmp_path: Path) -> None:
    """The message names the option that prints it."""
    for options in ([], ["--stream"]):
        some, messages = reason(capsys, tmp_path, SCHEMA, "--any-vocabulary", *options)
        everything, _ = reason(capsys, tmp_path, SCHEMA, "--all", *options)
        assert len(some) == 1
        left = len(everything) - 1
        assert messages.startswith(f"{left} more triples follow")
        assert "--all" in messages


def test_imports_are_not_followed_in_silence(capsys: Capture, tmp_path: Path) -> None:
    """Each is named."""
    text = ":o a owl:Ontology ; owl:imports <http://example.org/other> ."
    _, messages = reason(capsys, tmp_path, text)
    assert "Not read: http://example.org/other, which owl:imports names." in messages


@pytest.mark.parametrize(
    "literal",
    [
        '"see the second page"^^xsd:anyURI',
        '"http://example.org/{id}"^^xsd:anyURI',
        '"1e400"^^xsd:double',
        '"-1e400"^^xsd:float',
        '"1e-400"^^xsd:double',
        f'"{"9" * 5000}-01-01"^^xsd:date',
        f'"-{"9" * 5000}-02-28"^^xsd:date',
        f'"{"9" * 5000}"^^xsd:integer',
    ],
)
@pytest.mark.parametrize("options", [(), ("--stream",), ("--engine", "owlrl")])
def test_unusual_literals_are_no_contradiction(
    capsys: Capture, tmp_path: Path, literal: str, options: tuple[str, ...]
) -> None:
    """By XSD 1.1 any text is an anyURI, and a double is rounded, to INF at most."""
    reason(capsys, tmp_path, f":a :p {literal} .", *options)


def test_ill_typed_literals_are_reported_with_their_line(
    capsys: Capture, tmp_path: Path
) -> None:
    """They can be left out."""
    text = (
        ':a :p "1"^^xsd:integer .\n:b :p "31 June"^^xsd:date .\n'
        ":b a :C . :C rdfs:subClassOf :D ."
    )
    _, messages = reason(capsys, tmp_path, text, code=1)
    assert f'{tmp_path / "given.ttl"}:7: "31 June"^^' in messages
    assert "--skip-ill-typed" in messages
    options = ("--any-vocabulary", "--skip-ill-typed")
    lines, messages = reason(capsys, tmp_path, text, *options)
    assert [" ".join(line.split()) for line in lines] == ["b type D"]
    assert "Left out:" in messages


@pytest.mark.parametrize("options", [(), ("--stream",)])
def test_blank_nodes_are_of_one_file_each(
    capsys: Capture, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """The same label in two files names two things."""
    one, other = tmp_path / "one.nt", tmp_path / "other.nt"
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    disjoint = "<http://www.w3.org/2002/07/owl#disjointWith>"
    one.write_text(
        f"_:x {kind} <http://e/A> .\n<http://e/A> {disjoint} <http://e/B> .\n"
    )
    other.write_text(f"_:x {kind} <http://e/B> .\n")
    assert run(["reason", *options, str(one), str(other)]) == 0
    one.write_text(one.read_text() + other.read_text())
    assert run(["reason", *options, str(one)]) == 1
    assert "cax-dw" in capsys.readouterr().err


RDF_XML_START = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">'
)


@pytest.mark.parametrize(
    "text",
    [
        "<http://e/C> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://e/D> . "
        "<http://e/x> a <http://e/C> .",
        f'<?xml version="1.0"?>\n{RDF_XML_START}<rdf:Description rdf:about="http://e/C">'
        '<rdfs:subClassOf rdf:resource="http://e/D"/></rdf:Description>'
        '<rdf:Description rdf:about="http://e/x"><rdf:type rdf:resource="http://e/C"/>'
        "</rdf:Description></rdf:RDF>",
    ],
    ids=["Turtle", "RDF/XML"],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_ontology_is_read_by_its_content(
    capsys: Capture, tmp_path: Path, text: str, mark: str
) -> None:
    """The extension .owl says no format; a byte order mark is no content."""
    path = tmp_path / "ontology.owl"
    path.write_text(mark + text, encoding="utf-8")
    assert run(["reason", "--any-vocabulary", str(path)]) == 0
    assert "<http://e/x>" in capsys.readouterr().out


def test_owl_xml_is_refused_by_name(capsys: Capture, tmp_path: Path) -> None:
    """It is not RDF."""
    path = tmp_path / "ontology.owl"
    path.write_text(
        '<?xml version="1.0"?><Ontology xmlns="http://www.w3.org/2002/07/owl#"/>'
    )
    assert run(["reason", str(path)]) == 2
    assert "OWL/XML" in capsys.readouterr().err
