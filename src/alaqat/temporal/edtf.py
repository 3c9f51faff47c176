"""Dates as stated (EDTF) and the earliest and latest days that they allow.

EDTF is ISO 8601-2:2019 Annex A, levels 0 and 1 (2 where the parser knows it).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from time import struct_time
from typing import Any

from edtf import EDTFParseException, parse_edtf
from edtf.parser.parser_classes import Interval, UnspecifiedIntervalSection
from rdflib import XSD, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData, SourceLocator
from alaqat.terms import AL, OA

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


@dataclass(frozen=True)
class Bounds:
    """The days between which something started and ended; None is unknown."""

    start_earliest: date | None = None
    start_latest: date | None = None
    end_earliest: date | None = None
    end_latest: date | None = None

    def __and__(self, other: Bounds) -> Bounds:
        """The narrowest bounds that both allow; they may be empty."""
        return Bounds(
            _later(self.start_earliest, other.start_earliest),
            _earlier(self.start_latest, other.start_latest),
            _later(self.end_earliest, other.end_earliest),
            _earlier(self.end_latest, other.end_latest),
        )

    @property
    def is_empty(self) -> bool:
        """Whether no day of start, no day of end, or no order of them is left."""
        pairs = (
            (self.start_earliest, self.start_latest),
            (self.end_earliest, self.end_latest),
            (self.start_earliest, self.end_latest),
        )
        return any(low and high and high < low for low, high in pairs)


PROPERTIES = {
    "start_earliest": AL.startEarliest,
    "start_latest": AL.startLatest,
    "end_earliest": AL.endEarliest,
    "end_latest": AL.endLatest,
}


@cache
def bounds(text: str) -> Bounds:
    """Read an EDTF date or interval as four days.

    A plain date says that the thing started and ended within it. An interval
    takes its start from the left and its end from the right side; a side that is
    unknown (nothing written) or open (``..``) gives no bound.

    Raises:
        InvalidData: the text is not EDTF, or it ends before it starts.
    """
    try:
        parsed = parse_edtf(text)
    except EDTFParseException:
        raise InvalidData(
            f"“{text}” is not a date in EDTF.",
            remedy="Write 1992, 1992-08, 1992-08-27, or an interval such as 1992/ .",
        ) from None
    is_interval = isinstance(parsed, Interval)
    first, last = (parsed.lower, parsed.upper) if is_interval else (parsed, parsed)
    start, end = _days(first), _days(last)
    found = Bounds(*start, _later(start[0], end[0]) if end[0] else None, end[1])
    if found.is_empty:
        raise InvalidData(
            f"“{text}” ends before it starts.",
            remedy="Write the earlier date before the slash.",
        )
    return found


def date_facts(facts: Graph, present: date | None, where: SourceLocator) -> Graph:
    """The bounds of every dated fact, and the day that the present tense means.

    Args:
        facts: facts and their claims, each with its ``al:edtf``.
        present: the day for statements in the present tense, if the document has one.
        where: the file and line of a fact, for messages.

    Raises:
        InvalidData: a date is not EDTF, or the claims on one fact exclude each other.
    """
    dated = Graph()
    for fact in sorted(_dated(facts)):
        for name, value in _day_items(_common(facts, fact, where)):
            dated.add((fact, PROPERTIES[name], value))
    if present:
        attested = Literal(present.isoformat(), datatype=XSD.date)
        for node in facts.subjects(AL.inPresentTense, Literal(True)):
            dated.add((node, AL.attestedOn, attested))
    return dated


def _dated(facts: Graph) -> set[URIRef]:
    """The facts that have a date of their own or by one of their claims."""
    nodes = set(facts.subjects(AL.edtf))
    claims = {node for node in nodes if (node, OA.hasBody, None) in facts}
    bodies = {body for claim in claims for body in facts.objects(claim, OA.hasBody)}
    return {node for node in (nodes - claims) | bodies if isinstance(node, URIRef)}


def _common(facts: Graph, fact: URIRef, where: SourceLocator) -> Bounds:
    """The bounds that the fact and all of its claims allow."""
    texts = sorted({str(text) for text in _stated(facts, fact)})
    try:
        common = Bounds()
        for text in texts:
            common &= bounds(text)
    except InvalidData as error:
        error.path, error.line = where(fact, "edtf") or (None, None)
        raise
    if common.is_empty:
        path, line = where(fact, "edtf") or (None, None)
        raise InvalidData(
            f"The dates {', '.join(texts)} of one fact exclude each other.",
            path=path,
            line=line,
            remedy="Make two facts of it, and a note on their disagreement.",
        )
    return common


def _stated(facts: Graph, fact: URIRef) -> Iterable[Node]:
    """Every date stated of the fact, by itself or by its claims."""
    yield from facts.objects(fact, AL.edtf)
    for claim in facts.subjects(OA.hasBody, fact):
        yield from facts.objects(claim, AL.edtf)


def _day_items(found: Bounds) -> Iterable[tuple[str, Literal]]:
    """The known bounds as literals, by the names of the fields."""
    for field in fields(found):
        day = getattr(found, field.name)
        if day is not None:
            yield field.name, Literal(day.isoformat(), datatype=XSD.date)


def _days(side: Any) -> tuple[date | None, date | None]:
    """The first and last day of one side of an interval, or of a plain date."""
    if isinstance(side, UnspecifiedIntervalSection):
        return None, None
    return _day(side.lower_fuzzy()), _day(side.upper_fuzzy())


def _day(moment: struct_time | float) -> date | None:
    """The day of a moment; none for the infinities and years no calendar has."""
    if not isinstance(moment, struct_time) or not 1 <= moment.tm_year <= 9999:
        return None
    last = calendar.monthrange(moment.tm_year, moment.tm_mon)[1]
    return date(moment.tm_year, moment.tm_mon, min(moment.tm_mday, last))


def _later(one: date | None, other: date | None) -> date | None:
    """The later of two days, where unknown gives way."""
    return max((day for day in (one, other) if day), default=None)


def _earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two days, where unknown gives way."""
    return min((day for day in (one, other) if day), default=None)


def read_day(text: str) -> date | None:
    """The day that a text of year, month and day means, in any digits; else None."""
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
