"""Export: lossless in every format, reproducible, atomic."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, XSD, BNode, Dataset, Graph, Literal, URIRef

from alaqat.errors import (
    CannotWrite,
    UnknownGraph,
    UnsupportedFormat,
)
from alaqat.export import (
    export,
    export_file,
    find_graph,
)
from alaqat.rdf.formats import (
    N_QUADS,
    RDF_XML,
    TURTLE,
    Format,
    format_from_name,
    formats_for,
)
from alaqat.rdf.reading import OXIGRAPH_FORMATS
from alaqat.rdf.terms import from_oxigraph
from alaqat.rdf.writing import canonical_nquads
from alaqat.store.interface import Store
from alaqat.store.rdflib_store import RdflibStore
from alaqat.terms import BASE, PREFIXES
from conftest import Built

# The readers of rdflib use names that rdflib itself has deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:(Dataset|ConjunctiveGraph)\\b:DeprecationWarning"
)

EX = "http://example.org/"
ONE, TWO = URIRef(EX + "one"), URIRef(EX + "two")
RDFLIB = {"ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld"}


def awkward() -> Graph:
    """Return terms that are easily corrupted: escapes, lexical forms, lists, cycles."""
    graph, here = Graph(), URIRef(EX + "سفارة")
    for value in (
        Literal('سفارة «أرمينيا»\n\t"x"\\ \u200f', lang="ar"),
        Literal("x", lang="en-GB"),
        Literal("x"),
        Literal(""),
        Literal("a\r\nb"),
        Literal("<p>&amp;</p>"),
        Literal("1.0", datatype=XSD.decimal),
        Literal("1.50", datatype=XSD.decimal, normalize=False),
        Literal("true", datatype=XSD.boolean),
        Literal("1992/", datatype=URIRef(PREFIXES["edtf"] + "EDTF")),
        URIRef(EX + "a?b=c&d=%20#e"),
    ):
        graph.add((here, URIRef(EX + "value"), value))
    first, second, left, right = (BNode() for _ in range(4))
    graph.add((here, URIRef(EX + "list"), first))
    graph.add((first, RDF.first, Literal("1")))
    graph.add((first, RDF.rest, second))
    graph.add((second, RDF.first, here))
    graph.add((second, RDF.rest, RDF.nil))
    graph.add((left, URIRef(EX + "loop"), right))
    graph.add((right, URIRef(EX + "loop"), left))
    return graph


@pytest.fixture
def store() -> Store:
    """Return a store in memory with two graphs that share most triples."""
    return RdflibStore({ONE: awkward(), TWO: [*awkward(), (TWO, RDF.type, ONE)]})


@pytest.fixture(scope="module")
def published(built: Built) -> Store:
    """Return the project's own dataset."""
    return RdflibStore.load(built.folder / "dataset.nq")


def written(store: Store, form: Format, graph: URIRef | None = None) -> bytes:
    """Return an export as bytes."""
    out = io.BytesIO()
    export(store, out, form, graph)
    return out.getvalue()


def by_rdflib(content: bytes, form: Format) -> dict[URIRef, Graph]:
    """Return the graphs that rdflib reads; the default graph has an empty name."""
    dataset = Dataset()
    dataset.parse(data=content, format=RDFLIB.get(form.name, form.name))
    graphs = {URIRef(str(graph.identifier)): graph for graph in dataset.graphs()}
    return {_name(name): graph for name, graph in graphs.items() if len(graph)}


def by_oxigraph(content: bytes, form: Format) -> dict[URIRef, Graph]:
    """Return the graphs that Oxigraph reads; the default graph has an empty name."""
    graphs: dict[URIRef, Graph] = {}
    for quad in ox.parse(content, OXIGRAPH_FORMATS[form]):
        in_default = isinstance(quad.graph_name, ox.DefaultGraph)
        name = URIRef("") if in_default else URIRef(quad.graph_name.value)
        subject, predicate, value = map(from_oxigraph, quad.triple)
        graphs.setdefault(name, Graph()).add((subject, predicate, value))
    return graphs


def _name(name: URIRef) -> URIRef:
    """Return the name of a graph, empty for rdflib's name of the default graph."""
    return URIRef("") if str(name) == "urn:x-rdflib:default" else name


def canonical(graphs: dict[URIRef, Graph]) -> bytes:
    """Return bytes that are equal for isomorphic datasets (RDFC-1.0)."""
    return canonical_nquads(
        {URIRef(name or "urn:x-default"): graph for name, graph in graphs.items()}
    )


READERS = pytest.mark.parametrize("read", [by_rdflib, by_oxigraph])
slow = pytest.mark.slow
DATASETS = pytest.mark.parametrize(
    "form", formats_for("dataset"), ids=lambda form: form.name
)
GRAPHS = pytest.mark.parametrize(
    "form", formats_for("graph"), ids=lambda form: form.name
)


def test_the_documented_formats_are_supported() -> None:
    """Three of the six support named graphs."""
    assert {form.name for form in formats_for("dataset")} == {
        "nquads",
        "trig",
        "jsonld",
    }
    assert {form.name for form in formats_for("graph")} == {
        *("turtle", "ntriples", "rdfxml", "jsonld")
    }


@READERS
@DATASETS
def test_a_dataset_round_trips(store: Store, form: Format, read: object) -> None:
    """Two parsers read each format as it was written, awkward terms included."""
    assert callable(read)
    got = canonical(read(written(store, form), form))
    assert got == canonical({name: store.read(name) for name in (ONE, TWO)})


@READERS
@GRAPHS
def test_a_graph_round_trips(store: Store, form: Format, read: object) -> None:
    """Two parsers read a single graph from each format."""
    assert callable(read)
    got = canonical(read(written(store, form, TWO), form))
    assert got == canonical({URIRef(""): store.read(TWO)})


def test_lexical_forms_are_preserved() -> None:
    """A number is written with its original digits."""
    odd = Literal("007", datatype=XSD.integer, normalize=False)
    store = RdflibStore({ONE: [(ONE, RDF.value, odd)]})
    for form in formats_for("graph"):
        (graph,) = by_oxigraph(written(store, form, ONE), form).values()
        assert [str(value) for value in graph.objects()] == ["007"]


@pytest.mark.parametrize("read", [by_oxigraph, pytest.param(by_rdflib, marks=slow)])
@pytest.mark.parametrize(
    "form",
    [
        pytest.param(form, id=form.name, marks=() if form is N_QUADS else slow)
        for form in formats_for("dataset")
    ],
)
def test_the_project_round_trips(
    published: Store, built: Built, form: Format, read: object
) -> None:
    """The whole dataset of this project survives each format, by two parsers."""
    assert callable(read)
    content = written(published, form)
    assert len(content) > 100_000
    got = canonical(read(content, form))
    assert got == (built.folder / "dataset.nq").read_bytes()


@pytest.mark.slow
@GRAPHS
def test_each_graph_of_the_project_round_trips(published: Store, form: Format) -> None:
    """Each named graph survives each format for one graph."""
    names = list(published.graphs())
    assert len(names) >= 7
    for name in names:
        graph = published.read(name)
        got = by_oxigraph(written(published, form, name), form)
        assert canonical(got) == canonical({URIRef(""): graph})


def test_one_graph_as_quads_keeps_its_name(store: Store) -> None:
    """A format for datasets has the name of the graph."""
    assert set(by_oxigraph(written(store, N_QUADS, TWO), N_QUADS)) == {TWO}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["nquads", "trig", "jsonld", "turtle", "rdfxml"])
def test_exports_are_reproducible(built: Built, form: str) -> None:
    """Two processes with different hash seeds write the same bytes."""
    graph = [] if form in {"nquads", "trig", "jsonld"} else ["--graph", "ontology"]
    code = "import sys; from alaqat.cli.main import run; sys.exit(run(sys.argv[1:]))"
    one, other = (
        subprocess.run(
            [sys.executable, "-c", code, "export", "--format", form, *graph],
            env={
                **os.environ,
                "ALAQAT_OUTPUT": str(built.output),
                "PYTHONHASHSEED": seed,
            },
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert one
    assert one == other


def test_only_prefixes_in_use_are_written(store: Store) -> None:
    """A Turtle file declares the prefixes that it uses, sorted."""
    lines = written(store, TURTLE, ONE).decode().splitlines()
    head = [line for line in lines if line.startswith("@prefix")]
    assert [line.split()[1] for line in head] == ["edtf:", "rdf:", "xsd:"]


@pytest.mark.parametrize("name", ["turtle", "ntriples", "rdfxml"])
def test_a_dataset_needs_a_format_with_named_graphs(store: Store, name: str) -> None:
    """The error lists these formats."""
    with pytest.raises(UnsupportedFormat) as caught:
        written(store, format_from_name(name))
    assert "nquads" in str(caught.value)
    assert "trig" in str(caught.value)


@pytest.mark.parametrize(
    "triple",
    [
        (ONE, URIRef(EX + "123"), Literal("x")),
        (ONE, RDF.value, Literal("\u0001")),
    ],
)
def test_what_xml_cannot_express_is_refused(
    triple: tuple[URIRef, URIRef, Literal],
) -> None:
    """An error is better than RDF/XML that no parser can read."""
    store = RdflibStore({ONE: [triple]})
    with pytest.raises(UnsupportedFormat, match="RDF/XML cannot express"):
        written(store, RDF_XML, ONE)


def test_a_graph_is_found_by_its_name(published: Store) -> None:
    """The IRI, its last part and its prefixed name mean the same graph."""
    inferred = URIRef(BASE + "graph/inferred")
    for name in ("inferred", "graph:inferred", str(inferred)):
        assert find_graph(published, name) == inferred
    with pytest.raises(UnknownGraph, match="inferred"):
        find_graph(published, "inferences")


def test_a_file_is_written_atomically(store: Store, tmp_path: Path) -> None:
    """A failed export leaves the previous file and no other."""
    path = tmp_path / "one.ttl"
    export_file(store, path, TURTLE, ONE)
    before = path.read_bytes()
    with pytest.raises(UnknownGraph):
        export_file(store, path, TURTLE, URIRef(EX + "none"))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_error(store: Store, tmp_path: Path) -> None:
    """It has a remedy."""
    with pytest.raises(CannotWrite, match="folder that exists"):
        export_file(store, tmp_path / "none" / "one.ttl", TURTLE, ONE)


def test_a_pipe_is_written_to_and_not_replaced(store: Store, tmp_path: Path) -> None:
    """So are devices such as /dev/stdout."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    export_file(store, pipe, TURTLE, ONE)
    assert reader.communicate()[0] == written(store, TURTLE, ONE)
    assert pipe.is_fifo()
