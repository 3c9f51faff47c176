"""Fixtures of many tests: the sources, the dataset built of them, a small world."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from playwright.sync_api import Browser
from rdflib import Graph, URIRef

from alaqat.build import BuildSummary
from alaqat.dataset import Dataset
from alaqat.describe.resource import Descriptions
from alaqat.locations import knowledge_root
from alaqat.proofs.prover import Prover
from alaqat.queries.library import Library, read_library
from alaqat.rdf.reading import read_quads
from alaqat.store.releases import open_store
from alaqat.web.app import create_app
from browser import chromium, served
from prepared import built_dataset, small_sources

settings.register_profile("any machine", deadline=None)  # a busy one is no fault
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """Let Python look for reference cycles rarely: it takes a third of all the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@dataclass(frozen=True)
class Built:
    """A dataset and the summary of its build."""

    folder: Path
    output: Path
    summary: BuildSummary

    @cached_property
    def graphs(self) -> Mapping[URIRef, Graph]:
        """The named graphs as they were published; shared, so not to be changed."""
        return MappingProxyType(published_graphs(self.folder))


def published_graphs(folder: Path) -> dict[URIRef, Graph]:
    """Return the named graphs of a published dataset."""
    graphs: defaultdict[URIRef, Graph] = defaultdict(Graph)
    for triple, name in read_quads(folder / "dataset.nq"):
        assert name is not None
        graphs[name].add(triple)
    return dict(graphs)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of ontology, data and queries."""
    return knowledge_root()


@pytest.fixture(scope="session")
def library(root: Path) -> Library:
    """Return the project's saved queries."""
    return read_library(root / "queries")


@pytest.fixture(scope="session")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the project's own dataset, built once for all tests."""
    output = tmp_path_factory.mktemp("built")
    summary = built_dataset(root, output)
    return Built(summary.folder, output, summary)


@pytest.fixture(scope="session")
def dataset(built: Built) -> Dataset:
    """Return the project's own dataset as pages and proofs read it."""
    return Dataset(open_store(built.folder / "store"), "1")


@pytest.fixture(scope="session")
def prover(dataset: Dataset) -> Prover:
    """Return the prover of the project's own dataset."""
    return dataset.prover


@pytest.fixture(scope="session")
def described(dataset: Dataset) -> Descriptions:
    """Return the descriptions of the project's own dataset."""
    return Descriptions(dataset.graphs)


@pytest.fixture(scope="session")
def app(dataset: Dataset, library: Library) -> Flask:
    """Return the application over the project's own dataset."""
    return create_app(dataset.store, library, dataset=lambda: dataset)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    """Return a client of the application over the project's own dataset."""
    return app.test_client()


@pytest.fixture(scope="session")
def site(built: Built) -> Iterator[str]:
    """Yield the address of a server over the project's own dataset."""
    with served(built.output) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a browser, opened once for all tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def small(root: Path, tmp_path: Path) -> Path:
    """Return a folder of sources with one short English document, free to be broken."""
    return small_sources(root, tmp_path / "small")
