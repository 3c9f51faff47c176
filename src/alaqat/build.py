"""Build pipeline: read, anchor, reason, validate, prove and publish a dataset."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from rdflib import DCTERMS, RDF, RDFS, VOID, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat import __version__
from alaqat.proofs.as_rdf import ProofGraphBuilder
from alaqat.proofs.contradictions import materialise
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
from alaqat.temporal.edtf import bounds_of_facts
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
from alaqat.validate.expected import ExpectedWarnings, read_expected_warnings
from alaqat.validate.report import ValidationReport, report_as_rdf
from alaqat.validate.results import nonconforming_error
from alaqat.validate.undeclared_terms import check_terms_declared

#: Called with the name of each step as it begins.
Progress = Callable[[str], None]


def no_progress(step: str) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class BuildSummary:
    """Result of a build: its release and its counts.

    ``unexpected`` counts the warnings that no document declares as expected.
    """

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
        """Return the summary as plain values."""
        return {**asdict(self), "folder": str(self.folder)}

    def log_record(self, when: datetime) -> dict[str, Any]:
        """Return the entry of the build log for a build at some time."""
        record = self.as_json()
        del record["folder"], record["seconds"]
        return {"time": when.isoformat(timespec="seconds"), **record}


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Disable Python's cyclic garbage collector.

    A build creates many objects and drops few: collection would take a sixth of its
    time and free 8 of 226 MiB.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class StepTimer:
    """Measures the seconds of each step, and reports progress as steps begin."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._started = perf_counter()

    def step(self, name: str) -> None:
        """End the current step and begin another."""
        self._end()
        self.seconds[name] = 0.0
        self._progress(name)

    def stop(self) -> Mapping[str, float]:
        """End the last step and return the seconds of all."""
        self._end()
        return self.seconds

    def _end(self) -> None:
        now = perf_counter()
        if self.seconds:
            self.seconds[next(reversed(self.seconds))] = now - self._started
        self._started = now


Graphs = dict[URIRef, Graph]

_SEE_ALL = "See all of them with alaqat validate and the same options."

#: The file in a document's folder that lists the warnings that its text explains.
EXPECTED_WARNINGS = "expected-warnings.csv"


@gc_disabled()
def build(
    root: Path, output: Path, *, progress: Progress = no_progress
) -> BuildSummary:
    """Build the dataset of a folder of sources and publish it as a release.

    The result depends on the sources alone; a failed build changes nothing.

    Args:
        root: the folder that contains ``ontology`` and ``data``.
        output: the folder of the releases.
        progress: called with the name of each step as it begins.

    Raises:
        InvalidData: a source is invalid, or a quote is not in its document.
        Inconsistent: the facts contradict the ontology.
        Nonconforming: the data violates SHACL shapes.
        CannotWrite: the output folder cannot be written.
    """
    timer = StepTimer(progress)
    timer.step("read")
    sources = read_sources(root)
    timer.step("anchor")
    graphs = assemble(sources)
    timer.step("reason")
    graphs[INFERRED_GRAPH] = materialise(graphs, strict=True, where=sources.index.where)
    timer.step("validate")
    data = union(graphs.values())
    report = validate(data, sources.shapes, where=sources.index.where)
    if report.violations:
        raise nonconforming_error(report, data, sources.index.where, remedy=_SEE_ALL)
    timer.step("prove")
    graphs[PROOFS_GRAPH] = ProofGraphBuilder(Prover(graphs)).all_inferred()
    timer.step("publish")
    graphs[META_GRAPH] = _meta(graphs, sources) + report_as_rdf(report)
    release = publish_release(
        graphs, output, {"inputs": fingerprint(sources.files, root)}
    )
    return _summary(graphs, sources, report, release, timer.stop())


def assemble(sources: Sources) -> Graphs:
    """Return the asserted graphs of the sources; default graphs share no triple."""
    graphs: Graphs = {
        ONTOLOGY_GRAPH: sources.ontology + sources.alignments,
        ENTITIES_GRAPH: sources.entities,
    }
    relations = frozenset(
        filter(
            None,
            sources.ontology.transitive_subjects(RDFS.subClassOf, AL.DatedRelation),
        )
    )
    for source in sources.documents:
        graphs |= _document_graphs(source, sources.index, relations)
    check_terms_declared(_curated(sources), graphs.values(), sources.index.where)
    _deduplicate(graphs)
    for graph in graphs.values():
        canonicalize_numbers(graph)
    return graphs


def _curated(sources: Sources) -> Iterator[Graph]:
    """Yield the graphs that curators write."""
    yield sources.entities
    for source in sources.documents:
        yield from (source.description, source.facts, source.notes)


def validate_sources(root: Path) -> tuple[ValidationReport, Graphs, Sources]:
    """Validate the sources without publishing a release."""
    sources = read_sources(root)
    graphs = assemble(sources)
    graphs[INFERRED_GRAPH] = materialise(graphs, strict=True, where=sources.index.where)
    report = validate(union(graphs.values()), sources.shapes, where=sources.index.where)
    return report, graphs, sources


def expected_warnings(sources: Sources) -> ExpectedWarnings:
    """Return the expected warnings of all documents, and where they are declared."""
    paths = (source.folder / EXPECTED_WARNINGS for source in sources.documents)
    expected = (read_expected_warnings(path) for path in paths if path.exists())
    return {pair: place for places in expected for pair, place in places.items()}


def read_coverage(sources: Sources) -> dict[str, tuple[Coverage, ...]]:
    """Return the coverage of every document, by its slug."""
    graphs = assemble(sources)
    return {
        source.document.slug: _coverage(source, graphs) for source in sources.documents
    }


def is_current(root: Path, output: Path) -> bool:
    """Return whether the current release was built from the sources as they are now."""
    release = current_release(output)
    files = read_sources(root).files
    return release.manifest.get("inputs") == fingerprint(files, root)


def fingerprint(files: Iterable[Path], root: Path) -> str:
    """Return one SHA-256 of the sources and the package's code."""
    digest = hashlib.sha256(__version__.encode())
    code = Path(__file__).parent
    for base, path in (
        *((root, path) for path in sorted(files)),
        *((code, path) for path in sorted(code.rglob("*.py"))),
    ):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(base).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _document_graphs(
    source: DocumentSource, index: SourceIndex, relations: Collection[Node]
) -> Graphs:
    """Return the graphs of one document: text, facts with claims, notes."""
    document = source.document
    layout = build_layout(document, source.description, index.where)
    anchor = QuoteAnchor(document, layout, index.where)
    facts = anchor.anchor_facts(source.facts)
    stated = source.description.value(DOC[document.slug], AL.presentDate)
    present = date.fromisoformat(str(stated)) if stated else None
    facts += bounds_of_facts(facts, present, index.where, relations)
    return {
        document_graph(document.slug): layout,
        facts_graph(document.slug): facts,
        notes_graph(document.slug): anchor.anchor_notes(source.notes, facts),
    }


def _deduplicate(graphs: Graphs) -> None:
    """Leave each triple in only the first default graph that has it."""
    earlier: list[Graph] = []
    for name in filter(is_default_graph, graphs):
        graph = graphs[name]
        for triple in [t for t in graph if any(t in other for other in earlier)]:
            graph.remove(triple)
        earlier.append(graph)


def _meta(graphs: Graphs, sources: Sources) -> Graph:
    """Return the description of the dataset: version, sources, size by graph."""
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
    slug = source.document.slug
    layout, facts, notes = (
        graphs[name(slug)] for name in (document_graph, facts_graph, notes_graph)
    )
    return coverage(source.document, layout, facts, notes)


def _summary(
    graphs: Graphs,
    sources: Sources,
    report: ValidationReport,
    release: Release,
    seconds: Mapping[str, float],
) -> BuildSummary:
    rows = [row for source in sources.documents for row in _coverage(source, graphs)]
    covered, sentences = covered_share(rows)
    return BuildSummary(
        sha256=release.sha256,
        folder=release.folder,
        triples={str(name): len(graph) for name, graph in sorted(graphs.items())},
        facts=len({fact for row in rows for fact in row.facts}),
        claims=_count(graphs, AL.Claim),
        notes=_count(graphs, AL.Note),
        covered=covered,
        sentences=sentences,
        inferred=len(graphs[INFERRED_GRAPH]),
        warnings=len(report.warnings),
        unexpected=len(report.unexpected(expected_warnings(sources))),
        seconds=dict(seconds),
    )


def _count(graphs: Graphs, cls: URIRef) -> int:
    """Return the number of instances of a class."""
    found = (graph.subjects(RDF.type, cls) for graph in graphs.values())
    return len(set().union(*found))
