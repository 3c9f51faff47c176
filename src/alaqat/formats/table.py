"""The one table of formats, and which of them a client is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from alaqat.errors import NotAcceptable, UnsupportedFormat

if TYPE_CHECKING:
    from werkzeug.datastructures import MIMEAccept

# Werkzeug takes long to import, and only what speaks HTTP needs it.

Kind = Literal["bindings", "boolean", "graph", "dataset"]


@dataclass(frozen=True)
class Format:
    """A way to write RDF or the answer to a query.

    Attributes:
        name: what people call it on the command line and in links.
        title: what people read.
        media_type: without parameters.
        extension: of files, without the dot.
        kinds: what can be written in it.
        iri: its name at the W3C, for service descriptions.
        aliases: other media types under which clients ask for it.
    """

    name: str
    title: str
    media_type: str
    extension: str
    kinds: frozenset[Kind]
    iri: str
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The media type with its charset, as a header tells it."""
        is_text = self.media_type.startswith("text/")
        return f"{self.media_type}; charset=utf-8" if is_text else self.media_type

    def answers_to(self, name: str) -> bool:
        """Whether clients mean this format by a name, a media type or an ending."""
        types = (self.media_type, *self.aliases)
        subtypes = (media_type.partition("/")[2] for media_type in types)
        known = {self.name, self.extension, self.title.lower(), *types, *subtypes}
        return name.lower() in known


_W3C = "http://www.w3.org/ns/formats/"
_GRAPH: frozenset[Kind] = frozenset({"graph"})
_BOTH: frozenset[Kind] = frozenset({"graph", "dataset"})
_DATASET: frozenset[Kind] = frozenset({"dataset"})
_ANSWER: frozenset[Kind] = frozenset({"bindings", "boolean"})

# The order is the preference where a client has none.
JSON = Format(
    *("json", "JSON", "application/sparql-results+json", "srj", _ANSWER),
    *(_W3C + "SPARQL_Results_JSON", ("application/json",)),
)
XML = Format(
    *("xml", "XML", "application/sparql-results+xml", "srx", _ANSWER),
    *(_W3C + "SPARQL_Results_XML", ("application/xml", "text/xml")),
)
CSV = Format("csv", "CSV", "text/csv", "csv", _ANSWER, _W3C + "SPARQL_Results_CSV")
TSV = Format(
    *("tsv", "TSV", "text/tab-separated-values", "tsv", _ANSWER),
    _W3C + "SPARQL_Results_TSV",
)
TURTLE = Format(
    *("turtle", "Turtle", "text/turtle", "ttl", _GRAPH, _W3C + "Turtle"),
    aliases=("application/x-turtle", "text/n3", "text/rdf+n3"),
)
N_TRIPLES = Format(
    *("ntriples", "N-Triples", "application/n-triples", "nt", _GRAPH),
    _W3C + "N-Triples",
)
RDF_XML = Format(
    *("rdfxml", "RDF/XML", "application/rdf+xml", "rdf", _GRAPH),
    *(_W3C + "RDF_XML", ("application/xml", "text/xml")),
)
JSON_LD = Format(
    *("jsonld", "JSON-LD", "application/ld+json", "jsonld", _BOTH),
    *(_W3C + "JSON-LD", ("application/json",)),
)
N_QUADS = Format(
    "nquads", "N-Quads", "application/n-quads", "nq", _DATASET, _W3C + "N-Quads"
)
TRIG = Format("trig", "TriG", "application/trig", "trig", _DATASET, _W3C + "TriG")

FORMATS = (
    *(JSON, XML, CSV, TSV),
    *(TURTLE, N_TRIPLES, RDF_XML, JSON_LD),
    *(N_QUADS, TRIG),
)


def holding(kind: Kind) -> tuple[Format, ...]:
    """The formats that can hold an answer or data of a kind."""
    return tuple(form for form in FORMATS if kind in form.kinds)


def named(name: str) -> Format:
    """The format that has a name.

    Raises:
        UnsupportedFormat: none has it.
    """
    for form in FORMATS:
        if form.name == name.lower():
            return form
    raise UnsupportedFormat(f"No format is named {name}.", remedy=_remedy(FORMATS))


def of_file(path: Path) -> Format:
    """The format that a file's ending stands for.

    Raises:
        UnsupportedFormat: the ending stands for none.
    """
    for form in FORMATS:
        if path.suffix.lower() == f".{form.extension}":
            return form
    endings = ", ".join(f".{form.extension}" for form in FORMATS)
    raise UnsupportedFormat(
        f"The ending {path.suffix or 'of the name'} stands for no format.",
        path=path,
        remedy=f"Endings are: {endings}.",
    )


def of_media_type(content_type: str, offers: Sequence[Format] = FORMATS) -> Format:
    """The format of a body, by its Content-Type, of those that are read.

    Raises:
        UnsupportedFormat: none has that media type, nor once had it.
    """
    media_type, _ = parse_content_type(content_type)
    for form in offers:
        if form.media_type == media_type:
            return form
    for form in offers:
        if media_type in form.aliases:
            return form
    raise UnsupportedFormat(
        f"{media_type or 'No media type'} is not read here.", remedy=_remedy(offers)
    )


def parse_content_type(content_type: str) -> tuple[str, dict[str, str]]:
    """The media type of a Content-Type header in lower case, and its parameters."""
    from werkzeug.http import parse_options_header

    media_type, parameters = parse_options_header(content_type)
    return media_type.lower(), parameters


def negotiate(accept: str, offers: Sequence[Format]) -> Format:
    """The offer that a client likes best; the first of several it likes equally.

    Args:
        accept: the Accept header; an empty one means anything (RFC 9110 §12.5.1).
        offers: the formats that can be given.

    Raises:
        NotAcceptable: the client accepts none of them.
    """
    ranges = _ranges(accept)
    asked = {value.lower() for value in ranges.values()}
    by_type: dict[str, Format] = {}
    for form in offers:
        for media_type in (form.media_type, *asked.intersection(form.aliases)):
            by_type.setdefault(media_type, form)
    best = ranges.best_match(list(by_type))
    if best is None:
        raise NotAcceptable(
            f"Nothing that is written here is accepted by: {accept}.",
            remedy=_remedy(offers),
        )
    return by_type[best]


def _ranges(accept: str) -> MIMEAccept:
    """The media ranges without their parameters, which no format here has."""
    from werkzeug.datastructures import MIMEAccept
    from werkzeug.http import parse_accept_header

    parsed = parse_accept_header(accept.strip() or "*/*", MIMEAccept)
    return MIMEAccept([(value.partition(";")[0].strip(), q) for value, q in parsed])


def _remedy(offers: Sequence[Format]) -> str:
    """What could be asked for instead."""
    return "Formats are: " + ", ".join(
        f"{form.name} ({form.media_type})" for form in offers
    )
