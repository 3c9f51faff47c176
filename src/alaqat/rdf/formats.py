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
    """A byte pattern that a serializer writes once per row and never within a value.

    Attributes:
        pattern: finds the mark.
        length: of a match, in bytes.
        before: number of matches before the first row.
        is_quoted: whether a value may hold it after all, between double quotes.
    """

    pattern: re.Pattern[bytes]
    length: int
    before: int = 0
    is_quoted: bool = False


RowWriter = Callable[
    ["Sequence[str]", "Iterable[Sequence[Node | None]]", "IO[bytes]"], None
]
"""Writes rows of bindings, given the variables."""


@dataclass(frozen=True)
class Format:
    """A serialization of RDF or of query results.

    Attributes:
        name: its name on the command line and in links.
        title: its name for readers.
        media_type: without parameters.
        extension: of files, without the dot.
        kinds: the content it can hold.
        iri: its IRI at the W3C, for service descriptions; empty if it has none.
        aliases: other media types that clients may request it by.
        row_mark: lets the row limit be enforced during serialization; required for
            formats of bindings.
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
        """The media type with its charset, for the Content-Type header."""
        is_text = self.media_type.startswith("text/")
        return f"{self.media_type}; charset=utf-8" if is_text else self.media_type

    def matches(self, name: str) -> bool:
        """Check whether a name, media type or extension denotes this format."""
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
    """Return the formats that can hold content of a kind."""
    return tuple(form for form in FORMATS if kind in form.kinds)


def format_from_name(name: str) -> Format:
    """Return the format with a name.

    Raises:
        UnsupportedFormat: no format has that name.
    """
    for form in FORMATS:
        if form.name == name.lower():
            return form
    raise UnsupportedFormat(f"No format is named {name}.", remedy=_remedy(FORMATS))


def of_extension(extension: str, offers: Sequence[Format] = FORMATS) -> Format | None:
    """Return the offer with an extension, given without its dot."""
    return next((form for form in offers if form.extension == extension), None)


def format_from_path(path: Path) -> Format:
    """Return the format of a file, by its extension.

    Raises:
        UnsupportedFormat: no format has that extension.
    """
    if form := of_extension(path.suffix.lower().removeprefix(".")):
        return form
    extensions = ", ".join(f".{form.extension}" for form in FORMATS)
    raise UnsupportedFormat(
        f"No format has the extension {path.suffix}."
        if path.suffix
        else "The file name has no extension.",
        path=path,
        remedy=f"Extensions are: {extensions}.",
    )


def choose_for_file(
    name: str | None, path: Path | None, default: Format, kind: Kind | None = None
) -> Format:
    """Return the format of a name, else of a file's extension, else the default.

    Raises:
        UnsupportedFormat: there is no such format, or it cannot hold the kind.
    """
    form = (
        format_from_name(name) if name else format_from_path(path) if path else default
    )
    if kind and kind not in form.kinds:
        names = ", ".join(each.name for each in formats_for(kind))
        raise UnsupportedFormat(
            f"{form.title} cannot hold a {kind}.", remedy=f"Choose one of: {names}."
        )
    return form


def format_from_media_type(
    content_type: str, offers: Sequence[Format] = FORMATS
) -> Format:
    """Return the format of a request body, by its Content-Type.

    Raises:
        UnsupportedFormat: no offer has that media type, not even as an alias.
    """
    media_type, _ = parse_content_type(content_type)
    for form in offers:
        if form.media_type == media_type:
            return form
    for form in offers:
        if media_type in form.aliases:
            return form
    raise UnsupportedFormat(
        f"Not a supported media type: {media_type or 'none given'}.",
        remedy=_remedy(offers),
    )


def parse_content_type(content_type: str) -> tuple[str, dict[str, str]]:
    """Return the media type of a Content-Type header in lower case, and parameters."""
    from werkzeug.http import parse_options_header

    media_type, parameters = parse_options_header(content_type)
    return media_type.lower(), parameters


def choose_format(
    name: str, accept: str, offers: Sequence[Format], *, what: str = "This answer"
) -> Format:
    """Return the offer with a name, else the one that the client prefers.

    Args:
        name: a name, media type or extension; empty to negotiate.
        accept: the Accept header.
        offers: the available formats.
        what: the content, for the message.

    Raises:
        NotAcceptable: no offer has the name, or the client accepts none of them.
    """
    if not name:
        return negotiate(accept, offers)
    for form in offers:
        if form.matches(name):
            return form
    title = next((form.title for form in FORMATS if form.matches(name)), name)
    raise NotAcceptable(
        f"{what} is not available as {title}.",
        remedy=f"Choose one of: {', '.join(offer.name for offer in offers)}.",
    )


def negotiate(accept: str, offers: Sequence[Format]) -> Format:
    """Return the offer that a client prefers, by content negotiation.

    Args:
        accept: the Accept header; an empty one accepts anything (RFC 9110 §12.5.1).
        offers: the available formats; the first wins among equals.

    Raises:
        NotAcceptable: the client accepts none of them.
    """
    ranges = _ranges(accept)
    requested = {value.lower() for value in ranges.values()}
    by_type: dict[str, Format] = {}
    for form in offers:
        for media_type in (form.media_type, *requested.intersection(form.aliases)):
            by_type.setdefault(media_type, form)
    best = ranges.best_match(list(by_type))
    if best is None:
        raise NotAcceptable(
            f"No available format is acceptable: {accept}.",
            remedy=_remedy(offers),
        )
    return by_type[best]


def _ranges(accept: str) -> MIMEAccept:
    """Return the media ranges without their parameters, which no format here has."""
    from werkzeug.datastructures import MIMEAccept
    from werkzeug.http import parse_accept_header

    parsed = parse_accept_header(accept.strip() or "*/*", MIMEAccept)
    return MIMEAccept([(value.partition(";")[0].strip(), q) for value, q in parsed])


def _remedy(offers: Sequence[Format]) -> str:
    """Return a remedy that lists the available formats."""
    return "Formats are: " + ", ".join(
        f"{form.name} ({form.media_type})" for form in offers
    )
