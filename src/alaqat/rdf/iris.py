"""IRIs as the engine sees them that evaluates the queries: validity and resolution."""

from __future__ import annotations

import re

import pyoxigraph as ox

_REFERENCE = re.compile(r'[^<>"{}|^`\\\x00-\x20]*')


def resolve_iri(base: str, reference: str) -> str:
    """Return the absolute IRI of a reference (RFC 3986 §5.2, RFC 3987).

    Raises:
        ValueError: the base or the result is not an IRI.
    """
    if not _REFERENCE.fullmatch(reference):
        raise ValueError(reference)
    document = f"<{reference}> <urn:p> <urn:o> ."
    try:
        quads = ox.parse(document, ox.RdfFormat.TURTLE, base_iri=base)
        return str(next(quads).subject.value)
    except SyntaxError as error:
        raise ValueError(str(error)) from None


def is_iri(text: str) -> bool:
    """Check that a text is an absolute IRI."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True
