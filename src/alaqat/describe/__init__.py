"""What a dataset says: of one thing, as triples and in sentences, and of itself."""

from alaqat.describe.catalog import CATALOG, DATASET, File, Served, catalog, void
from alaqat.describe.resource import ONTOLOGY, Descriptions

__all__ = [
    "CATALOG",
    "DATASET",
    "ONTOLOGY",
    "Descriptions",
    "File",
    "Served",
    "catalog",
    "void",
]
