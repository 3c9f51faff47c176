"""Datasets with hostile content: the project's own, with some triples changed.

A change replaces, doubles or removes a triple of one predicate, or closes a cycle. The
predicates are chosen evenly, so that rare ones are changed as often as common ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox
from hypothesis import strategies as st

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MARKUP = "<img src=x onerror=alert(1)><svg/onload=alert(1)>{{7*7}}${7*7}</script>"


def typed(value: str, datatype: str) -> ox.Literal:
    """Return a literal of a datatype of XML Schema."""
    return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


LITERALS = (
    *map(
        ox.Literal,
        ("", " ", "a\r\nX-Injected: 1", "\x00\x01\x1b[31m\x7f", "x" * 20_000),
    ),
    *map(
        ox.Literal, ("\u202eevil\u2066", "%", "%zz%00", MARKUP, "\ufffe\uffff", "]]>")
    ),
    *map(ox.Literal, ("http://e/ a", "javascript:alert(1)", "\U0001f600", "=1+1")),
    *(typed("31-31-31", name) for name in ("date", "dateTime", "gYear", "gYearMonth")),
    *(typed("0000", name) for name in ("gYear", "date", "integer", "boolean")),
    typed("-4712-01-01", "date"),
    typed("99999-12-31", "date"),
    typed("2010-02-30", "date"),
    typed("9" * 5000, "integer"),
    typed("1e999", "double"),
    *(typed(one, "decimal") for one in ("NaN", "x", "-0", "1e999", "9" * 400)),
    *(typed(one, "double") for one in ("NaN", "INF", "-INF", "x", "")),
    typed("POINT(1e999 NaN)", "string"),
    ox.Literal(
        "POINT(x 999)",
        datatype=ox.NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral"),
    ),
    ox.Literal(
        "2010/../20xx-99",
        datatype=ox.NamedNode("http://e/type?<&>".replace("<&>", "%3C&")),
    ),
    ox.Literal(f"<p>{MARKUP}", datatype=ox.NamedNode(f"{RDF}HTML")),
    ox.Literal("<a", datatype=ox.NamedNode(f"{RDF}XMLLiteral")),
    ox.Literal("{", datatype=ox.NamedNode(f"{RDF}JSON")),
    ox.Literal(MARKUP, language="ar"),
    ox.Literal("plain", language="en"),
    ox.Literal("klingon", language="x-klingon-a1"),
)
IRIS = (
    *("javascript:alert(1)", "data:text/html,%3Cscript%3Ealert(1)%3C/script%3E"),
    *("vbscript:x", "file:///etc/passwd", "urn:x:y", "doi:10.1/x", "mailto:a@b"),
    *("http://e/%0D%0AX:%201", "http://e/a'b(c),;d=*!", "http://مثال.ae/ب؟ـ🙂"),
    *("http://e/#", "http://e", "x:", "http://[::1]/", "https://w3id.org/alaqat/"),
    *("https://w3id.org/alaqat/id/", "https://w3id.org/alaqat/id/location"),
    *("https://w3id.org/alaqat/id/ب#ب", "https://w3id.org/alaqat/ontology#"),
    *("https://w3id.org/alaqat/id//../..%2f", "https://w3id.org/alaqat/id/doc//x?y#z"),
    "https://w3id.org/alaqat/id/document/%22%3E",
    f"{RDF}nil",
)
VALUES = (
    *LITERALS,
    *map(ox.NamedNode, IRIS),
    ox.BlankNode("hostile"),
    ox.BlankNode("hostile2"),
)
ACTIONS = ("replace", "double", "remove", "cycle", "swap")


@dataclass(frozen=True)
class Change:
    """A change of one triple, or of all of a predicate; by numbers, which shrink."""

    predicate: int
    triple: int
    action: str
    value: int
    is_general: bool = False


CHANGES = st.lists(
    st.builds(
        Change,
        st.integers(0, 400),
        st.integers(0, 10_000),
        st.sampled_from(ACTIONS),
        st.integers(0, len(VALUES) - 1),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


class HostileData:
    """The quads of a dataset, and copies of it in which some are changed."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._quads = tuple(quads)

    @cached_property
    def _by_predicate(self) -> Sequence[Sequence[ox.Quad]]:
        found: defaultdict[str, list[ox.Quad]] = defaultdict(list)
        for quad in self._quads:
            found[quad.predicate.value].append(quad)
        return [sorted(found[name], key=str) for name in sorted(found)]

    def changed(self, changes: Iterable[Change]) -> ox.Store:
        """Return a store with the quads after some changes."""
        store = ox.Store()
        store.bulk_extend(self._quads)
        for change in changes:
            quads = self._by_predicate[change.predicate % len(self._by_predicate)]
            chosen = quads[change.triple % len(quads)]
            value = VALUES[change.value % len(VALUES)]
            for quad in quads if change.is_general else (chosen,):
                self._apply(store, quad, change.action, value)
        return store

    def _apply(
        self, store: ox.Store, quad: ox.Quad, action: str, value: object
    ) -> None:
        subject, predicate, graph = quad.subject, quad.predicate, quad.graph_name
        if action != "double":
            store.remove(quad)
        if action == "cycle":
            store.add(ox.Quad(subject, predicate, subject, graph))
        elif action == "swap" and not isinstance(quad.object, ox.Literal):
            store.add(ox.Quad(quad.object, predicate, subject, graph))
        elif action in {"replace", "double"}:
            store.add(ox.Quad(subject, predicate, value, graph))
