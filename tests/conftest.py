"""What many tests stand on: the sources, a build of them, and a small world."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from rdflib import Graph, URIRef

from alaqat import sources
from alaqat.build import BuildSummary, build
from alaqat.queries.library import Library, read_library
from alaqat.rdf.reading import read_quads
from browsing import chromium, served

SMALL = Path(__file__).parent / "data" / "small"


@dataclass(frozen=True)
class Built:
    """A dataset and what its build told."""

    folder: Path
    output: Path
    summary: BuildSummary

    @property
    def graphs(self) -> dict[URIRef, Graph]:
        """The named graphs as they were published."""
        return published_graphs(self.folder)


def published_graphs(folder: Path) -> dict[URIRef, Graph]:
    """The named graphs of a published dataset."""
    graphs: defaultdict[URIRef, Graph] = defaultdict(Graph)
    for triple, name in read_quads(folder / "dataset.nq"):
        assert name is not None
        graphs[name].add(triple)
    return dict(graphs)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of ontology, data and queries."""
    return sources.root()


@pytest.fixture(scope="session")
def library(root: Path) -> Library:
    """The project's saved queries."""
    return read_library(root / "queries")


@pytest.fixture(scope="session")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The project's own dataset, built once for all tests."""
    output = tmp_path_factory.mktemp("built")
    summary = build(root, output)
    return Built(summary.folder, output, summary)


@pytest.fixture(scope="session")
def site(built: Built) -> Iterator[str]:
    """The address of a server over the project's own dataset."""
    with served(built.output) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser, opened once for all tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def small(root: Path, tmp_path: Path) -> Path:
    """A folder of sources with one short English document, free to be broken."""
    folder = tmp_path / "small"
    shutil.copytree(root / "ontology", folder / "ontology")
    shutil.copytree(SMALL, folder / "data")
    return folder
