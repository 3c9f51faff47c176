"""What a dataset says: of one thing, as triples and in sentences, and of itself."""

from alaqat.describe.catalog import (
    CATALOG,
    DCAT,
    PERIOD,
    PUBLISHER,
    VOID_FILE,
    File,
    Served,
    catalog,
    void,
)
from alaqat.describe.dates import bounds_words, day_words, time_words
from alaqat.describe.following import resting
from alaqat.describe.grammar import Part, Sentence, plain
from alaqat.describe.resource import ONTOLOGY, Descriptions
from alaqat.describe.sentences import Speaker
from alaqat.describe.statistics import DATASET
from alaqat.describe.things import ThingPages
from alaqat.describe.told import Derived, Thing
from alaqat.describe.vocabulary import Vocabulary

__all__ = [
    "CATALOG",
    "DATASET",
    "DCAT",
    "ONTOLOGY",
    "PERIOD",
    "PUBLISHER",
    "VOID_FILE",
    "Derived",
    "Descriptions",
    "File",
    "Part",
    "Sentence",
    "Served",
    "Speaker",
    "Thing",
    "ThingPages",
    "Vocabulary",
    "bounds_words",
    "catalog",
    "day_words",
    "plain",
    "resting",
    "time_words",
    "void",
]
