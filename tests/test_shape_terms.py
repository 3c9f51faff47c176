"""Terms of SHACL: what an engine would ignore or fail on is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph

from alaqat.errors import InvalidData
from alaqat.validate.engines import validate

SHAPE = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
ex:Shape a sh:NodeShape ; sh:targetClass ex:Place ; sh:property ex:Label .
ex:Label a sh:PropertyShape ; sh:path {path} ; sh:minCount 1 ; {more}
  sh:message "no"@en , "لا"@ar .
"""


def shapes(more: str = "", path: str = "ex:seat") -> Graph:
    """Return a shape of a place."""
    return Graph().parse(data=SHAPE.format(path=path, more=more))


DATA = Graph().parse(data="@prefix ex: <http://example.org/> . ex:a a ex:Place .")


@pytest.mark.parametrize("engine", ["pyshacl", "pyshacl-turbo"])
@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("sh:dateTime true ;", "SHACL has no sh:dateTime"),
        ("sh:minCout 1 ;", "Did you mean sh:minCount?"),
        ("a sh:Shapes ;", "SHACL has no sh:Shapes"),
        ("sh:severity ex:Grave ;", "The severity http://example.org/Grave"),
    ],
)
def test_what_shacl_does_not_have_is_refused(
    engine: str, more: str, message: str
) -> None:
    """With its file and line, and what was meant."""

    def where(iri: str, text: str) -> tuple[Path, int]:
        assert iri == "http://example.org/Label"
        assert text in more
        return Path("shape.ttl"), 7

    with pytest.raises(InvalidData) as caught:
        validate(DATA, shapes(more), engine=engine, where=where)
    assert message in str(caught.value)
    assert "shape.ttl:7: " in str(caught.value)


@pytest.mark.parametrize(
    "more",
    [
        "sh:class ex:City ; sh:in ( ex:x ) ;",
        "sh:not ex:Shape ;",
        "sh:severity sh:Info ;",
    ],
)
def test_terms_of_shacl_are_accepted(more: str) -> None:
    """Also those that are no names in Python."""
    assert validate(DATA, shapes(more)).results


@pytest.mark.parametrize(
    ("path", "printed"),
    [
        ("[ sh:zeroOrMorePath ex:p ]", "<http://example.org/p>*"),
        ("[ sh:oneOrMorePath [ sh:inversePath ex:p ] ]", "^<http://example.org/p>+"),
        (
            "( ex:p [ sh:zeroOrOnePath ex:q ] )",
            "<http://example.org/p>/<http://example.org/q>?",
        ),
        (
            "[ sh:oneOrMorePath [ sh:alternativePath ( ex:p ex:q ) ] ]",
            "(<http://example.org/p>|<http://example.org/q>)+",
        ),
    ],
)
def test_a_path_is_printed_in_full(path: str, printed: str) -> None:
    """In the syntax of SPARQL, with brackets where they are needed."""
    report = validate(DATA, shapes("sh:hasValue ex:x ;", path))
    found = {result.path for result in report.results}
    assert found == {printed}
