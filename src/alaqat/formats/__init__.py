"""Media types and their negotiation, and RDF terms and files in and out."""

from alaqat.formats.convert import from_oxigraph, to_oxigraph
from alaqat.formats.files import (
    canonical_nquads,
    read_dataset,
    read_quads,
    read_turtle,
    write_bindings_tsv,
)
from alaqat.formats.numbers import canonicalize_numbers
from alaqat.formats.table import (
    CSV,
    FORMATS,
    JSON,
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    TRIG,
    TSV,
    TURTLE,
    XML,
    Format,
    Kind,
    holding,
    named,
    negotiate,
    of_file,
    of_media_type,
    parse_content_type,
)
from alaqat.formats.uploads import MULTIPART, read_upload
from alaqat.formats.writing import write_quads, write_statements, write_triples

__all__ = [
    "CSV",
    "FORMATS",
    "JSON",
    "JSON_LD",
    "MULTIPART",
    "N_QUADS",
    "N_TRIPLES",
    "RDF_XML",
    "TRIG",
    "TSV",
    "TURTLE",
    "XML",
    "Format",
    "Kind",
    "canonical_nquads",
    "canonicalize_numbers",
    "from_oxigraph",
    "holding",
    "named",
    "negotiate",
    "of_file",
    "of_media_type",
    "parse_content_type",
    "read_dataset",
    "read_quads",
    "read_turtle",
    "read_upload",
    "to_oxigraph",
    "write_bindings_tsv",
    "write_quads",
    "write_statements",
    "write_triples",
]
