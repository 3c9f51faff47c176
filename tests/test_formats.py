"""RDF formats: negotiation, conversion of terms, parsing and serialization."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rdflib import RDF, XSD, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from alaqat.errors import (
    AlaqatError,
    InvalidData,
    NotAcceptable,
    UnsupportedFormat,
)
from alaqat.rdf import (
    formats,
    reading,
    terms,
    writing,
)
from alaqat.rdf.reading import read_upload
from alaqat.store.pool.parsing import parse_file_triples
from alaqat.store.pool.worker import RowCounter
from alaqat.terms import BASE

ONE = "<http://e/s> <http://e/p> "


@pytest.fixture
def turtle(tmp_path: Path) -> Path:
    """Return a path for a Turtle file."""
    return tmp_path / "x.ttl"


@pytest.mark.parametrize(
    ("accept", "kind", "name"),
    [
        ("", "graph", "turtle"),
        ("*/*", "bindings", "json"),
        ("text/turtle;charset=utf-8", "graph", "turtle"),
        ('text/turtle;q=0.1, application/ld+json;profile="x"', "graph", "jsonld"),
        ("text/turtle;q=0, */*", "graph", "ntriples"),
        ("text/csv, */*", "bindings", "csv"),
        ("text/*", "bindings", "csv"),
        ("application/*", "bindings", "json"),
        ("application/json", "bindings", "json"),
        ("application/xml", "graph", "rdfxml"),
        ("APPLICATION/N-TRIPLES", "graph", "ntriples"),
        ("application/sparql-results+xml;q=0.3, text/csv;q=0.2", "bindings", "xml"),
    ],
)
def test_the_client_gets_the_format_it_prefers(
    accept: str, kind: formats.Kind, name: str
) -> None:
    """By quality, then by specificity, then by the server's order."""
    assert formats.negotiate(accept, formats.formats_for(kind)).name == name


def test_a_format_of_rows_tells_how_they_are_counted() -> None:
    """Or the limit of rows would not hold for it."""
    arguments = ("lines", "Lines", "text/x-lines", "lines", frozenset({"bindings"}), "")
    with pytest.raises(ValueError, match="row_mark"):
        formats.Format(*arguments)
    mark = formats.RowMark(re.compile(rb"\n"), 1)
    rows = RowCounter(formats.Format(*arguments, row_mark=mark))
    assert [rows.feed(piece) for piece in (b"a\nb", b"c\n\n", b"")] == [1, 3, 3]


def test_every_format_of_answers_is_in_the_manual(root: Path) -> None:
    """By the name that format= takes."""
    manual = (root / "docs" / "protocol.md").read_text(encoding="utf-8")
    missing = [f.name for f in formats.ANSWER_FORMATS if f"`{f.name}`" not in manual]
    assert not missing


@pytest.mark.parametrize("accept", ["image/png", "*/*;q=0", "text/turtle", "nonsense"])
def test_an_unsupported_media_type_is_not_acceptable(accept: str) -> None:
    """The error lists the formats."""
    with pytest.raises(NotAcceptable, match=r"text/csv"):
        formats.negotiate(accept, formats.formats_for("bindings"))


def test_every_format_is_found_by_name_extension_and_media_type() -> None:
    """Each leads to one format."""
    assert len(formats.FORMATS) >= 10
    for form in formats.FORMATS:
        assert formats.format_from_name(form.name.upper()) is form
        assert (
            formats.format_from_path(Path(f"x.{form.extension}")).extension
            == form.extension
        )
        assert (
            formats.format_from_media_type(f"{form.media_type}; charset=utf-8") is form
        )
        for alias in set(form.aliases) - {one.media_type for one in formats.FORMATS}:
            assert alias in formats.format_from_media_type(alias).aliases


@pytest.mark.parametrize(
    ("find", "value"),
    [
        (formats.format_from_name, "word"),
        (formats.format_from_path, Path("x.doc")),
        (formats.format_from_path, Path("x")),
        (formats.format_from_media_type, "application/msword"),
        (formats.format_from_media_type, ""),
    ],
)
def test_the_error_for_an_unknown_format_lists_the_formats(find, value) -> None:  # type: ignore[no-untyped-def]
    """The remedy names the choices."""
    with pytest.raises(UnsupportedFormat) as caught:
        find(value)
    assert "turtle" in caught.value.remedy or ".ttl" in caught.value.remedy


@pytest.mark.parametrize(
    "term",
    [
        URIRef("http://e/ق"),
        BNode("b1"),
        Literal("سلام\n\t\"'\\"),
        Literal("سلام", lang="ar"),
        Literal("01", datatype=XSD.integer, normalize=False),
        Literal("1992/", datatype="http://id.loc.gov/datatypes/edtf/EDTF"),
    ],
)
def test_terms_survive_a_round_trip(term: URIRef | BNode | Literal) -> None:
    """Nothing is normalized and nothing is lost."""
    back = terms.from_oxigraph(terms.to_oxigraph(term))
    assert back == term
    assert str(back) == str(term)


@pytest.mark.parametrize("term", [URIRef("no iri"), URIRef("http://e/a b"), Graph()])
def test_invalid_terms_are_refused(term) -> None:  # type: ignore[no-untyped-def]
    """The error is an InvalidData."""
    with pytest.raises(InvalidData, match="Not valid in RDF"):
        terms.to_oxigraph(term)


def test_turtle_is_read(turtle: Path) -> None:
    """Terms are as written, blank nodes included."""
    turtle.write_text(ONE + '"سلام"@ar, 01, [ <http://e/q> _:x ] .', encoding="utf-8")
    graph = reading.read_turtle(turtle)
    assert len(graph) == 4
    assert Literal("01", datatype=XSD.integer, normalize=False) in set(graph.objects())


def test_blank_nodes_depend_on_the_content_only(turtle: Path) -> None:
    """Labels are the same each time, and no other file shares any."""
    turtle.write_text(ONE + "[], _:a .", encoding="utf-8")
    other = turtle.with_name("y.ttl")
    other.write_text(ONE + "[], _:a . #", encoding="utf-8")
    first, second = reading.read_turtle(turtle), reading.read_turtle(turtle)
    assert set(first) == set(second)
    assert not set(first.objects()) & set(reading.read_turtle(other).objects())


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"<http://e/s> <http://e/p> 1 .\n<http://e/s> e:p 1 .", 2, "e:"),
        (b"<http://e/s>\n<http://e/p>\n", None, "Turtle"),
        (b"# x\n<http://e/s> <http://e/p> '\xff' .", 2, "UTF-8"),
        (b"<http://e/s> <http://e/p> 'a'@ar--rtl .", None, "RDF 1.2"),
        (b"<http://e/s> <http://e/p> <<( <a:a> <a:b> <a:c> )>> .", None, "RDF 1.2"),
        (b"#" * 5_000_001, None, "limit"),
    ],
)
def test_the_error_for_an_invalid_file_has_its_line(
    turtle: Path, content: bytes, line: int | None, words: str
) -> None:
    """The error names the file and a remedy."""
    turtle.write_bytes(content)
    with pytest.raises(InvalidData, match=words) as caught:
        reading.read_turtle(turtle)
    assert caught.value.path == turtle
    assert caught.value.remedy
    assert line in (None, caught.value.line)


def test_a_missing_file_is_an_error(turtle: Path) -> None:
    """A typing error does not end in a traceback."""
    with pytest.raises(InvalidData, match="cannot be read"):
        reading.read_turtle(turtle)


def test_equal_datasets_give_equal_bytes(tmp_path: Path) -> None:
    """The order of triples and the labels of blank nodes do not matter."""
    name = URIRef("http://e/g")
    one, two = Graph(), Graph()
    for graph, label in ((one, "a"), (two, "z")):
        node = BNode(label)
        graph.add((URIRef("http://e/s"), URIRef("http://e/p"), node))
        graph.add((node, URIRef("http://e/p"), Literal("سلام")))
    quads = writing.canonical_nquads({name: one})
    assert quads == writing.canonical_nquads({name: two})
    assert quads.splitlines() == sorted(quads.splitlines())
    path = tmp_path / "x.nq"
    path.write_bytes(quads)
    back = Graph()
    for triple, graph_name in reading.read_quads(path):
        assert graph_name == name
        back.add(triple)
    assert isomorphic(back, one)


def test_no_data_gives_no_bytes() -> None:
    """An empty dataset is an empty file."""
    assert writing.canonical_nquads({}) == b""


def test_unreadable_quads_are_an_error(tmp_path: Path) -> None:
    """A missing file and an invalid one raise InvalidData."""
    broken = tmp_path / "x.nq"
    broken.write_text("<a:b> <c:d>", encoding="utf-8")
    for path in (broken, tmp_path / "none.nq"):
        with pytest.raises(InvalidData, match="quads"):
            list(reading.read_quads(path))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize(
    "form", formats.formats_for("graph"), ids=lambda form: form.name
)
def test_triples_are_written_without_loss(form: formats.Format) -> None:
    """Another parser reads the same graph."""
    graph = Graph()
    graph.add((URIRef("http://e/s"), URIRef("http://e/p"), Literal("س\n<", lang="ar")))
    graph.add((URIRef("http://e/s"), URIRef("http://e/p"), BNode()))
    out = io.BytesIO()
    writing.write_triples(graph, out, form)
    parser = {"rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}
    back = Graph().parse(out.getvalue(), format=parser.get(form.name, form.name))
    assert isomorphic(back, graph)


def test_tsv_has_terms_as_in_turtle() -> None:
    """Tabs and line ends are escaped, so a row is a line."""
    out = io.BytesIO()
    rows = [(URIRef("http://e/s"), Literal("a\tb\n", lang="ar")), (None, Literal("x"))]
    formats.TSV.write_rows(["s", "o"], rows, out)
    assert out.getvalue().decode().splitlines() == [
        "?s\t?o",
        '<http://e/s>\t"a\\tb\\n"@ar',
        '\t"x"',
    ]


@pytest.mark.parametrize(
    ("written", "datatype", "canonical"),
    [
        ("40.0", XSD.decimal, "40"),
        ("13.350", XSD.decimal, "13.35"),
        ("-0.0", XSD.decimal, "0"),
        ("2400000.0", XSD.decimal, "2400000"),
        ("007", XSD.integer, "7"),
        ("12 lots", XSD.decimal, "12 lots"),
        ("1.50", XSD.string, "1.50"),
        ("1.50", XSD.double, "1.50"),
    ],
)
def test_numbers_are_written_as_stores_return_them(
    written: str, datatype: URIRef, canonical: str
) -> None:
    """Decimals and integers have one form; everything else is unchanged."""
    graph = Graph()
    thing = URIRef("http://example.org/thing")
    graph.add((thing, RDF.value, Literal(written, datatype=datatype, normalize=False)))
    terms.canonicalize_numbers(graph)
    (value,) = graph.objects(thing, RDF.value)
    assert (str(value), value.datatype) == (canonical, datatype)


NASTY = (
    Literal("a\r\nb \x85 \u2028 <&> ]]>"),
    Literal("سلام", lang="ar"),
    Literal("1.50", datatype=XSD.decimal, normalize=False),
    Literal("x", datatype=URIRef("http://e/a?b=<c>".replace("<c>", "c&d"))),
    URIRef("http://e/a?b=1&c='2'"),
    BNode("b"),
)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
@pytest.mark.parametrize(
    "form", formats.formats_for("graph"), ids=lambda form: form.name
)
def test_output_is_read_by_other_parsers(form: formats.Format) -> None:
    """By rdflib and by Oxigraph, for any prefixes."""
    graph = Graph()
    for term in NASTY:
        graph.add((URIRef("http://e/s"), URIRef("http://e/p"), term))
    graph.add((URIRef("http://e/s"), RDF.type, URIRef("http://e/o#C")))
    prefixes = {
        "": "http://e/",
        "rdf": "http://e/o#",
        "xml": "http://e/o#",
        "its": "a:",
    }
    out = io.BytesIO()
    writing.write_triples(graph, out, form, prefixes)
    names = {"rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}
    name = names.get(form.name, form.name)
    read = Graph().parse(data=out.getvalue(), format=name)
    assert isomorphic(read, graph)
    ntriples = read_upload(out.getvalue(), form.media_type, "http://e/")
    assert isomorphic(Graph().parse(data=ntriples, format="nt"), graph)


def test_prefixes_are_written_in_one_order() -> None:
    """The same result always has the same bytes."""
    prefixes = {f"p{number}": f"http://e/{number}/" for number in range(20)}
    triple = (URIRef("http://e/s"), URIRef("http://e/p"), URIRef("http://e/o"))
    for form in (formats.TURTLE, formats.RDF_XML):
        written = set()
        for _ in range(10):
            out = io.BytesIO()
            writing.write_triples([triple], out, form, prefixes)
            written.add(out.getvalue())
        assert len(written) == 1


@pytest.mark.parametrize(
    "triple",
    [
        ("http://e/1", Literal("x")),
        (f"{RDF}li", Literal("x")),
        ("http://e/p", Literal("\x01")),
        (str(RDF.type), URIRef("http://e/1")),
    ],
)
def test_what_rdf_xml_cannot_express_is_refused(
    triple: tuple[str, URIRef | Literal],
) -> None:
    """It is not written so that no parser can read it."""
    predicate, value = triple
    with pytest.raises(UnsupportedFormat, match="RDF/XML cannot express"):
        writing.write_triples(
            [(URIRef("http://e/s"), URIRef(predicate), value)],
            io.BytesIO(),
            formats.RDF_XML,
        )


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("x.csv", "a,b", UnsupportedFormat),
        ("x.ttl", "<http://e/s> <http://e/p>", InvalidData),
        ("x.nt", None, InvalidData),
    ],
)
def test_a_file_of_triples_that_cannot_be_read_is_an_error(
    tmp_path: Path, name: str, content: str | None, error: type[AlaqatError]
) -> None:
    """A format of tables, wrong syntax, no file: the error names it."""
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(error) as caught:
        list(parse_file_triples(path, BASE))
    assert caught.value.path == path
    assert caught.value.remedy


@pytest.mark.parametrize("form", [formats.TURTLE, formats.RDF_XML])
def test_a_header_may_arrive_in_parts(form: formats.Format) -> None:
    """Prefixes are sorted however the engine cuts its output."""
    prefixes = {f"p{n}": f"http://e/{n}/" for n in range(100, 500)}
    triple = (URIRef("http://e/s"), URIRef("http://e/p"), Literal("o"))
    out = io.BytesIO()
    writing.write_triples([triple], out, form, prefixes)
    names = re.findall(rb"(?:@prefix |xmlns:)(p\d+)", out.getvalue())
    assert len(names) == 400
    assert names == sorted(names)
