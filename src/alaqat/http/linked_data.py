"""Linked data over HTTP: content negotiation of descriptions, and typed links.

Follows “Cool URIs for the Semantic Web” (303 See Other), RFC 9110 (negotiation), RFC
8288 (Link) and the profile Signposting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from alaqat.rdf.formats import (
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    TRIG,
    TURTLE,
    Format,
    negotiate,
    of_extension,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


HTML = Format(
    *("html", "HTML", "text/html", "html", frozenset(), ""),
    aliases=("application/xhtml+xml",),
)
GRAPH_FORMATS = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD)
DESCRIPTION_FORMATS = (HTML, *GRAPH_FORMATS)
DUMP_FORMATS = (N_QUADS, TRIG, JSON_LD)

# Absolute addresses that a client may follow, not scripts or local files. No control
# character, space or bidi override is part of one (RFC 3987 §2.2, §4.1).
_ADDRESS = re.compile(
    r"(?:https?://(?![/?#])|mailto:)"
    r"[^\x00-\x20\x7f-\xa0\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    r"<>\"{}|\\^`]+",
    re.IGNORECASE,
)
_MAX_ADDRESS = 2000  # characters of a target in a header, and …
_MAX_LINKS = 40  # … links in it: servers and proxies limit the size of headers
# All that is allowed in a URI, with % for what is encoded already (RFC 3986 §2).
_URI_CHARACTERS = "%!#$&'()*+,/:;=?@[]~"


@dataclass(frozen=True)
class RepresentationChoice:
    """The resource that is described, and the format of the description.

    Attributes:
        name: of the resource, without the extension of a format.
        form: the format.
        is_fixed: whether the extension fixes the format, so that none is negotiated.
    """

    name: str
    form: Format
    is_fixed: bool


@dataclass(frozen=True)
class Link:
    """A typed link to another resource (RFC 8288 §3)."""

    target: str
    relation: str
    media_type: str = ""

    def __str__(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.target}>; rel="{self.relation}"{kind}'


def choose_representation(
    name: str,
    accept: str,
    is_known: Callable[[str], bool],
    offers: Sequence[Format] = DESCRIPTION_FORMATS,
) -> RepresentationChoice:
    """Choose the format by the extension of a name, else by the Accept header.

    Args:
        name: as it stands in the address.
        accept: the Accept header.
        is_known: whether a whole name is that of a resource; it has no extension then.
        offers: the available formats; the first is the default.

    Raises:
        NotAcceptable: the client accepts none of them.
    """
    stem, _, extension = name.rpartition(".")
    form = of_extension(extension, offers)
    if stem and form and not is_known(name):
        return RepresentationChoice(stem, form, is_fixed=True)
    return RepresentationChoice(name, negotiate(accept, offers), is_fixed=False)


def is_followable(address: str) -> bool:
    """Return whether an absolute IRI may be a link: it has the scheme http or mailto.

    A link to any other scheme may run a script or open a file of whoever follows it.
    """
    return _ADDRESS.fullmatch(address) is not None


def encode_iri(iri: str) -> str:
    """Return an IRI as a URI: what ASCII does not have is encoded (RFC 3987 §3.1)."""
    return quote(iri, safe=_URI_CHARACTERS)


def link_header(links: Iterable[Link]) -> str:
    """Return the value of a Link header, each link once.

    A target that is no followable IRI is left out, so that stored values cannot add
    another link or header. Long targets and those after the fortieth are left out too.
    """
    valid = (
        replace(link, target=encode_iri(link.target))
        for link in dict.fromkeys(links)
        if len(link.target) <= _MAX_ADDRESS and is_followable(link.target)
    )
    return ", ".join(map(str, islice(valid, _MAX_LINKS)))


def description_links(
    iri: str,
    address: Callable[[Format | None], str],
    *,
    form: Format,
    licence: str = "",
    kinds: Iterable[str] = (),
    items: Iterable[Link] = (),
    more: Iterable[Link] = (),
) -> tuple[Link, ...]:
    """Return the links of the description of a resource.

    Args:
        iri: of the resource.
        address: returns the address of the description in a format, or for None the one
            that negotiates.
        form: the format of this representation, which is no alternate of itself.
        licence: under which the description may be used.
        kinds: the IRIs of the classes of the resource.
        items: the files that it consists of, if it is a dataset.
        more: other links, such as to a newer version.
    """
    alternates = (one for one in DESCRIPTION_FORMATS if one is not form)
    return (
        Link(address(None), "canonical"),
        *(Link(address(one), "alternate", one.media_type) for one in alternates),
        *(
            Link(address(one), "describedby", one.media_type)
            for one in GRAPH_FORMATS
            if form is HTML
        ),
        Link(iri, "describes"),
        Link(iri, "cite-as"),
        *(Link(kind, "type") for kind in kinds),
        *((Link(licence, "license"),) if licence else ()),
        *items,
        *more,
    )
