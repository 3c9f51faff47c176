"""Data that is slow or deep: bounded, read elsewhere, and shown as it is written."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, XSD, BNode, Graph, Literal, URIRef

from alaqat.cli.main import run
from alaqat.errors import AlaqatError, InvalidData, LimitReached, TooLarge
from alaqat.http.representation import SpooledBody
from alaqat.queries.library import Library
from alaqat.rdf.canonical import SortedQuads, canonical_labels, sort_nquads
from alaqat.rdf.formats import N_QUADS, RDF_XML, TRIG, TURTLE
from alaqat.rdf.nesting import check_entities, check_nesting
from alaqat.rdf.reading import MAX_LITERAL, read_turtle
from alaqat.rdf.terms import MAX_SHOWN, ElidedLiteral, Shortener
from alaqat.rdf.writing import write_quads
from alaqat.store.interface import preview
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.pool.dumps import create_dumps, serialize_graph
from alaqat.store.pool.messages import pack_term, unpack_term
from alaqat.store.pool.parsing import parse_file, parse_upload
from alaqat.store.pool.task import MAX_TASKS, Task, TaskEnd, TaskLimits
from alaqat.terms import MAX_INTERPRETED
from alaqat.web.app import create_app
from alaqat.web.rendering import MAX_LONG_TEXTS, shorten_text

NQ, TTL = ox.RdfFormat.N_QUADS, ox.RdfFormat.TURTLE
LIST = b"<urn:s> <urn:p> (" + b"0 " * 1000 + b") ."


def nquads(content: bytes) -> bytes:
    """Return Turtle as the engine's N-Quads."""
    return ox.serialize(ox.parse(content, TTL), format=NQ) or b""


def engine_canonical(content: bytes) -> bytes:
    """Return N-Quads as the engine canonicalizes and this project sorts them."""
    dataset = ox.Dataset(ox.parse(content, NQ))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    written = ox.serialize(dataset, format=NQ) or b""
    return b"".join(sorted(written.splitlines(keepends=True)))


def random_nquads(rng: random.Random) -> bytes:
    """Return a few quads with blank nodes that often look alike."""
    count = rng.randint(1, 6)

    def node() -> str:
        return f"_:n{rng.randrange(count)}" if rng.random() < 0.8 else "<urn:a>"

    def value() -> str:
        text = rng.choice(('"x"', '"\\n\\u0007\\\\ _:q ü"@en', '"1"^^<urn:t>'))
        return node() if rng.random() < 0.8 else text

    lines = (
        f"{node()} <urn:p{rng.randrange(2)}> {value()} {graph} .\n"
        for graph in rng.choices(("", "<urn:g>"), k=rng.randint(1, 8))
    )
    quads = ox.parse("".join(lines).encode(), NQ)
    return ox.serialize(quads, format=NQ) or b""


@pytest.mark.parametrize("seed", range(4))
def test_canonical_labels_are_those_of_the_engine(seed: int) -> None:
    """RDFC-1.0 is implemented here to be bounded; the engine's cannot be stopped."""
    rng = random.Random(seed)  # noqa: S311 # no secret
    for _ in range(300):
        content = random_nquads(rng)
        assert sort_nquads(content) == SortedQuads(engine_canonical(content), True)


def test_isomorphic_datasets_have_equal_bytes() -> None:
    """Whatever their blank nodes are called, and in whatever order they come."""
    one = nquads(b"_:a <urn:p> _:b . _:b <urn:p> _:c . _:c <urn:q> 1 . _:d <urn:p> 2 .")
    lines = one.splitlines(keepends=True)[::-1]
    two = b"".join(lines).replace(b"_:", b"_:z")
    assert sort_nquads(one) == sort_nquads(two)


HARD = {
    "list": LIST,
    "nested lists": b"<urn:s> <urn:p> " + b"(" * 900 + b")" * 900 + b" .",
    "cycle": b"".join(
        b"_:n%d <urn:p> _:n%d .\n" % (n, (n + 1) % 999) for n in range(999)
    ),
    "clique": b"".join(
        b"_:n%d <urn:p> _:n%d .\n" % (one, two)
        for one in range(30)
        for two in range(30)
        if one != two
    ),
    "stars": b"".join(
        b"_:%c <urn:p> %s .\n" % (hub, b", ".join([b"[]"] * 500)) for hub in b"ab"
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_blank_nodes_that_look_alike_keep_their_labels(name: str) -> None:
    """Beyond a limit of work, which depends on the data alone."""
    content = nquads(HARD[name])
    started = time.process_time()
    found = sort_nquads(content)
    assert time.process_time() - started < 30
    assert not found.is_canonical
    assert found.content == b"".join(sorted(content.splitlines(keepends=True)))
    assert sort_nquads(content) == found


@pytest.mark.parametrize(
    "content",
    [
        b"[] <urn:p> [ <urn:q> 1 ] .\n" * 500,
        b"".join(b"<urn:s%d> <urn:p> ( 1 2 3 ) .\n" % n for n in range(300)),
        b"<urn:s> <urn:p> (" + b"0 " * 50 + b") .",
    ],
    ids=["pairs", "equal lists", "a list of equal items"],
)
def test_what_ontologies_hold_is_canonical(content: bytes) -> None:
    """The limit is far from it."""
    assert sort_nquads(nquads(content)).is_canonical


def test_a_triple_term_has_no_canonical_label() -> None:
    """RDFC-1.0 is about RDF 1.1."""
    quad = "<urn:s> <urn:p> <<( _:a <urn:p> _:b )>> .\n"
    assert canonical_labels(ox.parse(quad.encode(), NQ)) is None


# Literals


@pytest.mark.parametrize(
    ("datatype", "text"),
    [
        (RDF.HTML, "<i>" * 40_000),
        (RDF.HTML, "<b>bold</b>"),
        (RDF.XMLLiteral, "<i>" * 40_000),
        (RDF.XMLLiteral, "<i/>"),
        (RDF.JSON, "[" * 100_000),
        (XSD.integer, "9" * 100_000),
        (XSD.decimal, "1e999999999"),
        (XSD.decimal, "NaN"),
        (XSD.double, "1" * 100_000),
        (XSD.dateTime, "2" * 1_000_000),
        (XSD.duration, "P" + "1Y" * 100_000),
        (URIRef("http://www.opengis.net/ont/geosparql#wktLiteral"), "POLYGON((" * 9999),
    ],
)
def test_literals_are_text(
    datatype: URIRef, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Markup is never parsed, and nothing long is; nothing is logged of them."""
    started = time.process_time()
    literal = Literal(text, datatype=datatype)
    assert time.process_time() - started < 1
    assert str(literal) == text
    assert literal.value in (None, text)
    assert not caplog.records


def test_short_literals_have_their_values() -> None:
    """Numbers, dates and octets, as they always had."""
    assert Literal("9" * MAX_INTERPRETED, datatype=XSD.integer).value == 10**1000 - 1
    assert Literal("1.50", datatype=XSD.decimal).value == Literal(1.5).toPython()
    assert Literal("/w==", datatype=XSD.base64Binary).value == b"\xff"
    assert Literal("abc", datatype=XSD.integer).ill_typed


# Parsing


def chain(length: int) -> bytes:
    """Return a JSON-LD document whose terms are defined by each other."""
    terms = {f"p{n}": f"p{n - 1}:x" for n in range(1, length)}
    context = {"p0": "urn:p:", **terms}
    return json.dumps({"@context": context, f"p{length - 1}:y": "x"}).encode()


XML = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="urn:e">'.encode()
DEEP: dict[str, tuple[str, bytes]] = {
    "contexts": ("application/ld+json", b'{"@context":' * 3000 + b"{}" + b"}" * 3000),
    "arrays": ("application/ld+json", b'{"@context":' + b"[" * 9000 + b"]" * 9000),
    "graphs": ("application/ld+json", b'{"@graph":[' * 9000 + b"{}" + b"]}" * 9000),
    "lists": (
        "application/ld+json",
        b'{"@id":"urn:s","urn:p":' + b'{"@list":[' * 9000 + b"1" + b"]}" * 9000 + b"}",
    ),
    "terms": ("application/ld+json", chain(60_000)),
    "brackets": ("text/turtle", b"<a:s> <a:p> " + b"[<a:p> " * 60_000 + b"]" * 60_000),
    "parentheses": ("text/turtle", b"<a:s> <a:p> " + b"(" * 60_000 + b")" * 60_000),
    "triple terms": (
        "application/n-triples",
        b"<a:s> <a:p> " + b"<<( <a:s> <a:p> " * 10_000 + b"<a:o>" + b" )>>" * 10_000,
    ),
    "elements": ("application/rdf+xml", XML + b"<rdf:Description><e:p>" * 50_000),
}


@pytest.mark.parametrize("name", DEEP)
def test_a_deep_body_is_refused(name: str) -> None:
    """With a message that says what to do; whatever it does to its parser."""
    content_type, content = DEEP[name]
    with pytest.raises(InvalidData, match=r"nested|Not valid") as caught:
        parse_upload(content, content_type, "urn:g")
    assert caught.value.remedy


def crash() -> Iterator[bytes]:
    """Overflow the stack, as a parser does."""
    yield b"first"
    term = b"<<( <a:s> <a:p> " * 500_000 + b"<a:o>" + b" )>>" * 500_000
    list(ox.parse(b"<a:s> <a:p> " + term + b" .", NQ))


def hang() -> Iterator[bytes]:
    """Take longer than anybody waits."""
    time.sleep(60)
    yield b""


def hoard() -> Iterator[bytes]:
    """Take more memory than there is."""
    yield bytes(1 << 30)


def flood() -> Iterator[bytes]:
    """Yield without an end."""
    while True:
        yield bytes(1000)


def recur() -> Iterator[bytes]:
    """Overflow Python's own stack."""
    yield b"".join(recur())


def fail() -> Iterator[bytes]:
    """Fail by a mistake of this project."""
    yield b""
    raise TypeError


@pytest.mark.parametrize(
    ("function", "end"),
    [
        (crash, TaskEnd.CRASH),
        (recur, TaskEnd.CRASH),
        (fail, TaskEnd.ERROR),
        (hang, TaskEnd.TIME),
        (hoard, TaskEnd.MEMORY),
        (flood, TaskEnd.SIZE),
    ],
)
def test_a_task_ends_at_its_limits(
    function: Callable[[], Iterator[bytes]], end: TaskEnd
) -> None:
    """Each is an error of its caller; the next task is not affected."""
    ends = []

    def failure(found: TaskEnd) -> AlaqatError:
        ends.append(found)
        return LimitReached(found.value)

    seconds = 0.5 if function is hang else 30
    task = Task(TaskLimits(seconds, memory=500 << 20, size=1_000_000), failure)
    for _ in range(2):
        with pytest.raises(LimitReached):
            list(task.run(function))
    assert ends == [end, end]


def numbers(last: int) -> Iterator[int]:
    """Yield numbers, then fail."""
    yield from range(last)
    raise InvalidData("There are no more.", line=last)


def test_a_task_yields_and_raises_what_its_function_does() -> None:
    """However many end early: none keeps its place."""
    task = Task(TaskLimits(), lambda end: LimitReached(end.value))
    for _ in range(MAX_TASKS + 1):
        assert next(task.run(numbers, 3)) == 0
    found = []
    with pytest.raises(InvalidData, match="no more") as caught:
        found.extend(task.run(numbers, 3))
    assert (found, caught.value.line) == ([0, 1, 2], 3)


def test_a_body_that_takes_too_long_is_too_large() -> None:
    """Its prefix makes it grow: 150 kB of it are 300 MB of triples."""
    content = b"@prefix p: <urn:%b> .\n" % (b"x" * 10_000) + b"p:a p:b p:c .\n" * 9999
    limits = TaskLimits(seconds=30, size=10_000_000)
    with pytest.raises(TooLarge, match="bytes as N-Triples") as caught:
        parse_upload(content, "text/turtle", "urn:g", limits)
    assert caught.value.remedy


def test_a_very_long_literal_is_refused() -> None:
    """One of a megabyte is read, with long tags and names."""
    content = b'<a:s> <a:p> "%b" .' % (b"x" * (MAX_LITERAL + 1))
    with pytest.raises(InvalidData, match="bytes"):
        parse_upload(content, "text/turtle", "urn:g")
    long = b"x" * 1_000_000
    content = b'<a:s%b> <a:p> "%b" , "t"@en-x-%b .' % (
        long,
        long,
        b"-".join([b"abcd"] * 999),
    )
    assert len(parse_upload(content, "text/turtle", "urn:g")) > 3_000_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.ttl", b"<a:s> <a:p> \n" + b"(" * 60_000 + b")" * 60_000 + b" ."),
        ("deep.jsonld", DEEP["contexts"][1]),
        ("terms.jsonld", DEEP["terms"][1]),
        ("deep.rdf", XML + b"<rdf:Description><e:p>" * 5_000),
        ("deep.nq", DEEP["triple terms"][1]),
    ],
)
def test_a_deep_file_is_refused_by_name(
    name: str, content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With exit code 1 and no crash, wherever it is read."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidData) as caught:
        b"".join(parse_file(path, "urn:g"))
    assert caught.value.path == path
    assert run(["reason", str(path)]) == 1
    assert name in capfd.readouterr().err


def test_a_deep_source_is_refused_with_its_line(tmp_path: Path) -> None:
    """The Turtle of a build is read by whoever builds."""
    path = tmp_path / "deep.ttl"
    path.write_bytes(b"<a:s> <a:p> \n\n" + b"[<a:p> " * 2000 + b"]" * 2000 + b" .")
    with pytest.raises(InvalidData, match="nested more than") as caught:
        read_turtle(path)
    assert (caught.value.path, caught.value.line) == (path, 3)


def test_brackets_in_strings_and_names_are_no_nesting() -> None:
    """Nor those that are closed again."""
    text = b'<a:s> <a:p> "' + b"([" * 5000 + b'", <a:' + b"(" * 5000 + b"> .\n"
    text += b"# " + b"(" * 5000 + b"\n" + b"<a:s> <a:p> ( [] ) .\n" * 5000
    check_nesting(text, TURTLE)


ENTITIES = b"<!DOCTYPE r [%b]><r>%b</r>"


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        (b"<!ENTITY a '%b'>" % (b"x" * 1000), b"&a;" * 2000),
        (
            b"<!ENTITY a 'aaaaaaaaaa'>"
            + b"".join(
                b"<!ENTITY %c '%b'>" % (name, b"&%c;" % (name - 1) * 1000)
                for name in b"bcd"
            ),
            b"&d;",
        ),
        (
            b"".join(b"<!ENTITY %c '&%c;'>" % (n, n + 1) for n in b"abcde")
            + b"<!ENTITY f 'x'>",
            b"&a;",
        ),
        (b"<!ENTITY a '&b;'><!ENTITY b '&a;'>", b"&a;"),
        (b'<!ENTITY a SYSTEM "file:///etc/passwd">', b"&a;"),
        (b"<!ENTITY % a 'x'>", b""),
    ],
    ids=["many", "laughs", "deep", "cycle", "external", "parameter"],
)
def test_entities_are_bounded(declared: bytes, text: bytes) -> None:
    """Before anything expands them."""
    with pytest.raises(InvalidData):
        check_entities(ENTITIES % (declared, text))


def test_a_file_may_have_a_few_entities(tmp_path: Path) -> None:
    """As ontologies have for their namespaces."""
    path = tmp_path / "a.rdf"
    start = b'<!DOCTYPE rdf:RDF [<!ENTITY e "urn:e:"><!ENTITY f "&e;f">]>' + XML
    path.write_bytes(
        start
        + b'<rdf:Description rdf:about="&f;"><e:p>x</e:p></rdf:Description></rdf:RDF>'
    )
    assert b"<urn:e:f>" in b"".join(parse_file(path, "urn:g"))


# Dumps and large graphs


def test_dumps_are_written_in_another_process() -> None:
    """All from one order; each with its size and checksum."""
    dumps = create_dumps(nquads(b"_:a <urn:p> _:b, 1 ."), (N_QUADS, TRIG))
    body = b"".join(dumps[N_QUADS])
    assert body == engine_canonical(nquads(b"_:a <urn:p> _:b, 1 ."))
    assert len(dumps[N_QUADS]) == len(body)
    assert dumps[N_QUADS].summary.is_canonical
    assert b"".join(dumps[TRIG]) == b"".join(dumps[TRIG]) != b""
    assert not create_dumps(nquads(LIST), (N_QUADS,))[N_QUADS].summary.is_canonical


@pytest.mark.parametrize("size", [10, 5000])
def test_a_graph_of_any_size_is_serialized(size: int) -> None:
    """A large one in another process."""
    graph = Graph()
    for number in range(size):
        graph.add((BNode(), URIRef("urn:p"), Literal(number)))
    assert len(Graph().parse(data=serialize_graph(graph, TURTLE))) == size
    assert (
        len(Graph().parse(data=serialize_graph(graph, RDF_XML), format="xml")) == size
    )


# Terms on a page


def test_long_terms_are_shortened() -> None:
    """To their start, with their length; all of a page share a bound."""
    shortener = Shortener()
    short = Literal("x", lang="en")
    assert shortener.shorten(short) is short
    found = shortener.shorten(Literal("y" * 1_000_000, lang="ar"))
    assert isinstance(found, ElidedLiteral)
    assert (str(found), found.length) == ("y" * MAX_SHOWN, 1_000_000)
    again = unpack_term(pack_term(found))
    assert isinstance(again, ElidedLiteral)
    assert (again, again.length, again.language) == (found, 1_000_000, "ar")
    shown = [shortener.shorten(URIRef("urn:" + "x" * 90_000)) for _ in range(5000)]
    assert sum(len(str(term)) for term in shown) < 6_000_000
    assert shortener.shorten(short) is short


def test_a_preview_of_any_store_is_short() -> None:
    """Also of one that evaluates in this process."""
    store = OxigraphStore()
    rows = preview(store.query('SELECT (CONCAT("a", "b") AS ?x) { }'))
    assert list(rows) == [(Literal("ab"),)]


def test_a_very_long_line_is_read_in_linear_time() -> None:
    """Of a spooled reply, and by the parser that converts it."""
    line = b'<urn:s> <urn:p> "%b" <urn:g> .\n' % (b"x" * 10_000_000)
    body = SpooledBody()
    started = time.process_time()
    for start in range(0, len(line), 100_000):
        body.write(line[start : start + 100_000])
    body.write(b"<urn:s> <urn:p> 1 .\n\n<end")
    assert [len(one) for one in body.lines()] == [len(line), 20, 1, 4]
    out = BytesIO()
    write_quads([line, b"", line], out, TRIG)
    assert len(out.getvalue()) > len(line)
    assert time.process_time() - started < 5


def test_a_page_cuts_long_texts_but_no_query(library: Library) -> None:
    """All long texts of a page share a bound; what a visitor wrote stays whole."""
    app = create_app(OxigraphStore(), library)
    query = f"SELECT * {{ }} #{'x' * 150_000}"
    page = app.test_client().get(
        *("/en/sparql",), query_string={"query": query}, headers={"Accept": "text/html"}
    )
    assert query in page.text
    with app.test_request_context("/en/", base_url="http://localhost/en"):
        assert shorten_text("y" * 1000) == "y" * 1000
        assert "200,000" in shorten_text("y" * 200_000)
        texts = [shorten_text("y" * 200_000) for _ in range(1000)]
    assert sum(map(len, texts)) < MAX_LONG_TEXTS + 1000 * 1100
    assert texts[-1].startswith("y" * 1000)
