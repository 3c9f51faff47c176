"""The registry of formats: names, media types, row marks, and content negotiation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from alaqat.errors import NotAcceptable, UnsupportedFormat

if TYPE_CHECKING:
    from rdflib.term import Node
    from werkzeug.datastructures import MIMEAccept


# Werkzeug and RDF libraries take long to import; the command line reads this table too.

Kind = Literal["bindings", "boolean", "graph", "dataset"]


@dataclass(frozen=True)
class RowMark:
    """What a serializer writes once per row and never within a value.

    Attributes:
        pattern: finds it.
        length: of what the pattern matches.
        before: how often it is written before the first row.
        is_quoted: whether a value may hold it after all, between double quotes.
    """

    pattern: re.Pattern[bytes]
    length: int
    before: int = 0
    is_quoted: bool = False


RowWriter = Callable[
    ["Sequence[str]", "Iterable[Sequence[Node | None]]", "IO[bytes]"], None
]
"""Writes rows under their variables."""


@dataclass(frozen=True)
class Format:
    """A way to write RDF or the answer to a query.

    Attributes:
        name: what people call it on the command line and in links.
        title: what people read.
        media_type: without parameters.
        extension: of files, without the dot.
        kinds: what can be written in it.
        iri: its name at the W3C, for service descriptions; empty if it has none.
        aliases: other media types under which clients ask for it.
        row_mark: by which rows are counted as they are written, so that the limit of
            rows holds; no format of bindings is without.
        write_rows: writes bindings where the engine of a store does not.
    """

    name: str
    title: str
    media_type: str
    extension: str
    kinds: frozenset[Kind]
    iri: str
    aliases: tuple[str, ...] = ()
    row_mark: RowMark | None = None
    write_rows: RowWriter | None = None

    def __post_init__(self) -> None:
        if "bindings" in self.kinds and self.row_mark is None:
            raise ValueError(f"Rows in {self.title} cannot be counted: give row_mark.")

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


def _write_tsv(
    variables: Sequence[str], rows: Iterable[Sequence[Node | None]], out: IO[bytes]
) -> None:
    """Write SPARQL 1.1 Query Results TSV (§4: terms as in Turtle)."""
    from alaqat.rdf.terms import to_oxigraph

    header = "\t".join(f"?{variable}" for variable in variables)
    out.write(f"{header}\n".encode())
    for row in rows:
        cells = ("" if term is None else str(to_oxigraph(term)) for term in row)
        out.write(("\t".join(cells) + "\n").encode())


# The order is the preference where a client has none. In a value, JSON has a backslash
# before a quote, XML writes < as &lt; and TSV a line's end as \n.
JSON = Format(
    *("json", "JSON", "application/sparql-results+json", "srj", _ANSWER),
    *(_W3C + "SPARQL_Results_JSON", ("application/json",)),
    row_mark=RowMark(re.compile(rb'[\[,]\{"[^,}]'), 4),
)
XML = Format(
    *("xml", "XML", "application/sparql-results+xml", "srx", _ANSWER),
    *(_W3C + "SPARQL_Results_XML", ("application/xml", "text/xml")),
    row_mark=RowMark(re.compile(rb"<result>"), 8),
)
CSV = Format(
    *("csv", "CSV", "text/csv", "csv", _ANSWER, _W3C + "SPARQL_Results_CSV"),
    row_mark=RowMark(re.compile(rb"\n"), 1, before=1, is_quoted=True),
)
TSV = Format(
    *("tsv", "TSV", "text/tab-separated-values", "tsv", _ANSWER),
    _W3C + "SPARQL_Results_TSV",
    row_mark=RowMark(re.compile(rb"\n"), 1, before=1),
    write_rows=_write_tsv,
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
ANSWER_FORMATS = tuple(form for form in FORMATS if form.kinds - _DATASET)
"""The formats of answers to queries."""


def formats_for(kind: Kind) -> tuple[Format, ...]:
    """The formats that can hold an answer or data of a kind."""
    return tuple(form for form in FORMATS if kind in form.kinds)


def format_from_name(name: str) -> Format:
    """The format that has a name.

    Raises:
        UnsupportedFormat: none has it.
    """
    for form in FORMATS:
        if form.name == name.lower():
            return form
    raise UnsupportedFormat(f"No format is named {name}.", remedy=_remedy(FORMATS))


def of_extension(extension: str, offers: Sequence[Format] = FORMATS) -> Format | None:
    """Return the offer that has an extension, which is without its dot."""
    return next((form for form in offers if form.extension == extension), None)


def format_from_path(path: Path) -> Format:
    """The format that a file's ending stands for.

    Raises:
        UnsupportedFormat: the ending stands for none.
    """
    if form := of_extension(path.suffix.lower().removeprefix(".")):
        return form
    endings = ", ".join(f".{form.extension}" for form in FORMATS)
    raise UnsupportedFormat(
        f"The ending {path.suffix or 'of the name'} stands for no format.",
        path=path,
        remedy=f"Endings are: {endings}.",
    )


def choose_for_file(
    name: str | None, path: Path | None, default: Format, kind: Kind | None = None
) -> Format:
    """Return the format of a name, else of a file's ending, else the default.

    Raises:
        UnsupportedFormat: there is no such format, or it cannot hold the kind.
    """
    form = (
        format_from_name(name) if name else format_from_path(path) if path else default
    )
    if kind and kind not in form.kinds:
        names = ", ".join(each.name for each in formats_for(kind))
        raise UnsupportedFormat(
            f"{form.title} holds no {kind}.", remedy=f"Take one of: {names}."
        )
    return form


def format_from_media_type(
    content_type: str, offers: Sequence[Format] = FORMATS
) -> Format:
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


def choose_format(
    name: str, accept: str, offers: Sequence[Format], *, what: str = "This answer"
) -> Format:
    """Return the offer that has a name, else the one that the client likes best.

    Args:
        name: of a format, as clients mean it; empty to negotiate.
        accept: the Accept header.
        offers: the formats that can be given.
        what: is to be written, for the message.

    Raises:
        NotAcceptable: no offer has the name, or the client accepts none of them.
    """
    if not name:
        return negotiate(accept, offers)
    for form in offers:
        if form.answers_to(name):
            return form
    title = next((form.title for form in FORMATS if form.answers_to(name)), name)
    raise NotAcceptable(
        f"{what} is not written as {title}.",
        remedy=f"Take {', '.join(offer.name for offer in offers)}.",
    )


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
