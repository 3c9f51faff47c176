"""The steps of a build: told as they begin, timed, and counted at the end.

The order of the pipeline: read, anchor, reason, validate, prove, publish.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from rdflib import DCTERMS, RDF, VOID, Graph, Literal, URIRef

from alaqat import __version__
from alaqat.proofs.as_rdf import ProofRecorder
from alaqat.proofs.contradictions import infer_from
from alaqat.proofs.prover import Prover
from alaqat.rdf.graphs import union
from alaqat.rdf.terms import canonicalize_numbers
from alaqat.sources import (
    DocumentSource,
    SourceIndex,
    Sources,
    read_sources,
)
from alaqat.store.releases import (
    Release,
    current_release,
    publish_release,
)
from alaqat.temporal.edtf import date_facts
from alaqat.terms import (
    AL,
    BASE,
    DOC,
    ENTITIES_GRAPH,
    INFERRED_GRAPH,
    META_GRAPH,
    ONTOLOGY_GRAPH,
    PROOFS_GRAPH,
    document_graph,
    facts_graph,
    is_default_graph,
    notes_graph,
)
from alaqat.text.anchor import QuoteAnchor
from alaqat.text.coverage import (
    Coverage,
    coverage,
    covered_share,
)
from alaqat.text.structure import build_layout
from alaqat.validate.engines import validate
from alaqat.validate.expected import Places, read_expected
from alaqat.validate.report import ValidationReport, report_as_rdf
from alaqat.validate.results import nonconforming_error
from alaqat.validate.undeclared_terms import check_terms_declared

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""


def silent(step: str) -> None:
    """Tell nothing of a step."""


@dataclass(frozen=True)
class BuildSummary:
    """What a build made; ``unexpected`` counts the advice nobody has looked at."""

    sha256: str
    folder: Path
    triples: Mapping[str, int]
    facts: int
    claims: int
    notes: int
    covered: int
    sentences: int
    inferred: int
    warnings: int
    unexpected: int
    seconds: Mapping[str, float] = field(compare=False)

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values."""
        return {**asdict(self), "folder": str(self.folder)}

    def told(self, when: datetime) -> dict[str, Any]:
        """What is kept of a build that was done at some time."""
        made = self.as_json()
        del made["folder"], made["seconds"]
        return {"time": when.isoformat(timespec="seconds"), **made}


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep Python from looking for circles of garbage.

    A build makes a great many objects and drops few: looking takes a sixth of its time
    and finds 8 MiB of 226.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class StepTimer:
    """Tells each step as it begins, and keeps how many seconds it took."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._began = perf_counter()

    def step(self, name: str) -> None:
        """End the step that runs, and begin another."""
        self._end()
        self.seconds[name] = 0.0
        self._progress(name)

    def stop(self) -> Mapping[str, float]:
        """End the last step."""
        self._end()
        return self.seconds

    def _end(self) -> None:
        now = perf_counter()
        if self.seconds:
            self.seconds[next(reversed(self.seconds))] = now - self._began
        self._began = now


Graphs = dict[URIRef, Graph]

_SEE_ALL = "See all of them with alaqat validate and the same options."

EXPECTED = "expected-warnings.csv"
"""The file in a document's folder that lists the advice its text gives rise to."""


@uncollected()
def build(root: Path, output: Path, *, progress: Progress = silent) -> BuildSummary:
    """Make the dataset of a folder of sources and publish it.

    A build is a pure function of its sources, and changes nothing if it fails.

    Args:
        root: the folder that holds ``ontology`` and ``data``.
        output: the folder that datasets are published in.
        progress: told the name of each step as it begins.

    Raises:
        InvalidData: a source is broken, or a quote is not in its document.
        Inconsistent: the facts contradict the ontology.
        Nonconforming: the shapes found violations.
        CannotWrite: the output folder cannot be written.
    """
    clock = StepTimer(progress)
    clock.step("read")
    sources = read_sources(root)
    clock.step("anchor")
    graphs = assemble(sources)
    clock.step("reason")
    graphs[INFERRED_GRAPH] = infer_from(graphs, strict=True, where=sources.index.where)
    clock.step("validate")
    data = union(graphs.values())
    report = validate(data, sources.shapes)
    if report.violations:
        raise nonconforming_error(report, data, sources.index.where, remedy=_SEE_ALL)
    clock.step("prove")
    graphs[PROOFS_GRAPH] = ProofRecorder(Prover(graphs)).everything()
    clock.step("publish")
    graphs[META_GRAPH] = _meta(graphs, sources) + report_as_rdf(report)
    published = publish_release(
        graphs, output, {"inputs": fingerprint(sources.files, root)}
    )
    return _summary(graphs, sources, report, published, clock.stop())


def assemble(sources: Sources) -> Graphs:
    """The graphs that follow from the sources without reasoning, disjoint."""
    graphs: Graphs = {
        ONTOLOGY_GRAPH: sources.ontology + sources.alignments,
        ENTITIES_GRAPH: sources.entities,
    }
    for source in sources.documents:
        graphs |= _document_graphs(source, sources.index)
    check_terms_declared(_written(sources), graphs.values(), sources.index.where)
    _disjoin(graphs)
    for graph in graphs.values():
        canonicalize_numbers(graph)
    return graphs


def _written(sources: Sources) -> Iterator[Graph]:
    """The graphs that curators write."""
    yield sources.entities
    for source in sources.documents:
        yield from (source.description, source.facts, source.notes)


def check(root: Path) -> tuple[ValidationReport, Graphs, Sources]:
    """Validate the sources without publishing anything."""
    sources = read_sources(root)
    graphs = assemble(sources)
    graphs[INFERRED_GRAPH] = infer_from(graphs, strict=True, where=sources.index.where)
    return validate(union(graphs.values()), sources.shapes), graphs, sources


def expected(sources: Sources) -> Places:
    """The advice that the documents are known to give rise to, and where it is said."""
    lists = (source.folder / EXPECTED for source in sources.documents)
    known = (read_expected(path) for path in lists if path.exists())
    return {pair: place for places in known for pair, place in places.items()}


def covered(sources: Sources) -> dict[str, tuple[Coverage, ...]]:
    """The coverage of every document, by its name."""
    graphs = assemble(sources)
    return {
        source.document.slug: _coverage(source, graphs) for source in sources.documents
    }


def is_current(root: Path, output: Path) -> bool:
    """Whether the published dataset was made from the sources as they are now."""
    published = current_release(output)
    files = read_sources(root).files
    return published.manifest.get("inputs") == fingerprint(files, root)


def fingerprint(files: Iterable[Path], root: Path) -> str:
    """One SHA-256 over the sources and the code that builds from them."""
    digest = hashlib.sha256(__version__.encode())
    code = Path(__file__).parent
    for base, path in (
        *((root, path) for path in sorted(files)),
        *((code, path) for path in sorted(code.rglob("*.py"))),
    ):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(base).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _document_graphs(source: DocumentSource, index: SourceIndex) -> Graphs:
    """The graphs of one document: text, facts with claims, notes."""
    document = source.document
    layout = build_layout(document, source.description, index.where)
    anchor = QuoteAnchor(document, layout, index.where)
    facts = anchor.anchor_facts(source.facts)
    stated = source.description.value(DOC[document.slug], AL.presentDate)
    present = date.fromisoformat(str(stated)) if stated else None
    facts += date_facts(facts, present, index.where)
    return {
        document_graph(document.slug): layout,
        facts_graph(document.slug): facts,
        notes_graph(document.slug): anchor.anchor_notes(source.notes, facts),
    }


def _disjoin(graphs: Graphs) -> None:
    """Keep each triple in one default graph only: the first that has it."""
    earlier: list[Graph] = []
    for name in filter(is_default_graph, graphs):
        graph = graphs[name]
        for triple in [t for t in graph if any(t in other for other in earlier)]:
            graph.remove(triple)
        earlier.append(graph)


def _meta(graphs: Graphs, sources: Sources) -> Graph:
    """What the dataset is: title, version, licence, size by graph."""
    dataset, meta = URIRef(BASE + "id/dataset"), Graph()
    meta.add((dataset, RDF.type, VOID.Dataset))
    meta.add((dataset, DCTERMS.hasVersion, Literal(__version__)))
    for source in sources.documents:
        meta.add((dataset, DCTERMS.source, DOC[source.document.slug]))
    for name, graph in graphs.items():
        meta.add((dataset, VOID.subset, name))
        meta.add((name, VOID.triples, Literal(len(graph))))
    return meta


def _coverage(source: DocumentSource, graphs: Graphs) -> tuple[Coverage, ...]:
    """The coverage of one document from its graphs."""
    slug = source.document.slug
    layout, facts, notes = (
        graphs[name(slug)] for name in (document_graph, facts_graph, notes_graph)
    )
    return coverage(source.document, layout, facts, notes)


def _summary(
    graphs: Graphs,
    sources: Sources,
    report: ValidationReport,
    published: Release,
    seconds: Mapping[str, float],
) -> BuildSummary:
    """What the build made, counted."""
    rows = [row for source in sources.documents for row in _coverage(source, graphs)]
    stood_on, sentences = covered_share(rows)
    return BuildSummary(
        sha256=published.sha256,
        folder=published.folder,
        triples={str(name): len(graph) for name, graph in sorted(graphs.items())},
        facts=len({fact for row in rows for fact in row.facts}),
        claims=_count(graphs, AL.Claim),
        notes=_count(graphs, AL.Note),
        covered=stood_on,
        sentences=sentences,
        inferred=len(graphs[INFERRED_GRAPH]),
        warnings=len(report.warnings),
        unexpected=len(report.unexpected(expected(sources))),
        seconds=dict(seconds),
    )


def _count(graphs: Graphs, kind: URIRef) -> int:
    """How many things of a class the graphs hold."""
    found = (graph.subjects(RDF.type, kind) for graph in graphs.values())
    return len(set().union(*found))
