"""EDTF dates, and the earliest and latest days that they allow.

EDTF is ISO 8601-2:2019 Annex A, levels 0 and 1 (2 where the parser knows it).
"""

from __future__ import annotations

import calendar
import re
import warnings
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from time import struct_time
from typing import Any

from edtf import EDTFParseException, parse_edtf
from edtf.parser.parser_classes import Interval, UnspecifiedIntervalSection
from rdflib import RDF, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData, SourceLocator
from alaqat.terms import AL, OA

_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_CALENDAR_DAY = re.compile(r"(?<![\dX])(-?\d{4})-(\d\d)-(\d\d)")
_WINTER = re.compile(r"\d{4}-(24|28|30)(?!\d)")


@dataclass(frozen=True)
class Bounds:
    """The earliest and latest day of a start and of an end; None is unknown."""

    start_earliest: date | None = None
    start_latest: date | None = None
    end_earliest: date | None = None
    end_latest: date | None = None

    def __and__(self, other: Bounds) -> Bounds:
        """Return the intersection of two bounds, which may be empty."""
        return Bounds(
            _later(self.start_earliest, other.start_earliest),
            _earlier(self.start_latest, other.start_latest),
            _later(self.end_earliest, other.end_earliest),
            _earlier(self.end_latest, other.end_latest),
        )

    @property
    def is_empty(self) -> bool:
        """Whether no start, no end, or no start before an end remains."""
        pairs = (
            (self.start_earliest, self.start_latest),
            (self.end_earliest, self.end_latest),
            (self.start_earliest, self.end_latest),
        )
        return any(low and high and high < low for low, high in pairs)


BOUND_PROPERTIES = {
    "start_earliest": AL.startEarliest,
    "start_latest": AL.startLatest,
    "end_earliest": AL.endEarliest,
    "end_latest": AL.endLatest,
}


@cache
def parse_bounds(text: str) -> Bounds:
    """Parse an EDTF date or interval into bounds.

    A plain date means that both start and end lie within it. An interval takes its
    start from the left and its end from the right side; a side that is unknown (empty)
    or open (``..``) gives no bound. Neither does a winter, which spans two years, nor a
    year before 1 or after 9999: see ``unbounded_sides``.

    Raises:
        InvalidData: the text is not EDTF, the calendar has no such day, or the interval
            ends before it starts.
    """
    _check_days(text)
    try:
        parsed = parse_edtf(text)
        sides = (parsed.lower, parsed.upper) if isinstance(parsed, Interval) else ()
        start, end = (
            _day_range((sides or (parsed,))[0]),
            _day_range((sides or (parsed,))[-1]),
        )
    except (EDTFParseException, ValueError):
        raise InvalidData(
            f"Not a valid EDTF date: “{text}”.",
            remedy="Write 1992, 1992-08, 1992-08-27, or an interval such as 1992/ .",
        ) from None
    found = Bounds(*start, _later(start[0], end[0]) if end[0] else None, end[1])
    if found.is_empty:
        raise InvalidData(
            f"“{text}” ends before it starts.",
            remedy="Write the earlier date before the slash.",
        )
    return found


def unbounded_sides(text: str) -> tuple[str, ...]:
    """Return the dates in a valid EDTF text that give no bound, though known."""
    return tuple(
        side
        for side in text.split("/")
        if side not in ("", "..") and parse_bounds(side) == Bounds()
    )


def _check_days(text: str) -> None:
    """Check that the days in a text exist; raise InvalidData."""
    for year, month, day in _CALENDAR_DAY.findall(text):
        cycle = (
            int(year) % 400 + 400
        )  # the calendar repeats itself, and knows no year 0
        if not 1 <= int(month) <= 12 or not (
            1 <= int(day) <= calendar.monthrange(cycle, int(month))[1]
        ):
            raise InvalidData(
                f"The calendar has no day {year}-{month}-{day}, in “{text}”.",
                remedy="Write the day that the source has; if it errs, write its month "
                "alone, and a note.",
            )


def parse_day(text: str) -> date | None:
    """Return the date written as YYYY-MM-DD in digits of any script, else None."""
    found = _ISO_DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def bounds_of_facts(
    facts: Graph,
    present: date | None,
    where: SourceLocator,
    relations: Collection[Node] = (),
) -> Graph:
    """Return a graph of the bounds and attested days of all dated facts.

    Args:
        facts: facts and their claims, with their ``al:edtf``.
        present: the day on which statements in the present tense are attested, and up
            to which a relation that began is presumed to last.
        where: returns the file and line of a fact, for error messages.
        relations: the classes of dated relations; facts of other classes, such as
            events, are not presumed to last. A fact without a class is a relation.

    Raises:
        InvalidData: a date is not EDTF, or the dates of one fact exclude each other.
    """
    dated = Graph()
    for fact in sorted(_dated_facts(facts)):
        bounds = _combined_bounds(facts, fact, where)
        for name in BOUND_PROPERTIES:
            if day := getattr(bounds, name):
                dated.add((fact, BOUND_PROPERTIES[name], _day_literal(day)))
        kinds = set(facts.objects(fact, RDF.type))
        lasts = (fact, AL.inPresentTense, Literal(False)) not in facts
        if present and lasts and (not kinds or not kinds.isdisjoint(relations)):
            until = _presumed_until(bounds, present)
            if until:
                dated.add((fact, AL.presumedUntil, _day_literal(until)))
    if present:
        for node in facts.subjects(AL.inPresentTense, Literal(True)):
            dated.add((node, AL.attestedOn, _day_literal(present)))
    return dated


def _presumed_until(bounds: Bounds, present: date) -> date | None:
    """Return the last day on which a relation is presumed, if its beginning is stated.

    A relation with a stated end is not presumed to last. A time that only frames it,
    as in “in 2010”, states no end: its last day is the last one that the frame allows.
    """
    begun, ended = bounds.start_latest, bounds.end_earliest
    if begun is None or (ended is not None and ended > begun):
        return None
    until = min(present, bounds.end_latest or present)
    return until if until >= begun else None


def _dated_facts(facts: Graph) -> set[URIRef]:
    """Return the facts that are dated, by themselves or by one of their claims."""
    nodes = set(facts.subjects(AL.edtf))
    claims = {node for node in nodes if (node, OA.hasBody, None) in facts}
    bodies = {body for claim in claims for body in facts.objects(claim, OA.hasBody)}
    return {node for node in (nodes - claims) | bodies if isinstance(node, URIRef)}


def _combined_bounds(facts: Graph, fact: URIRef, where: SourceLocator) -> Bounds:
    """Return the intersection of all bounds stated of a fact and in its claims."""
    texts = sorted({str(text) for text in _stated_dates(facts, fact)})
    try:
        common = Bounds()
        for text in texts:
            common &= parse_bounds(text)
            for side in unbounded_sides(text):
                _report_unbounded(side, where(fact, "edtf"))
    except InvalidData as error:
        error.path, error.line = where(fact, "edtf") or (None, None)
        raise
    if common.is_empty:
        path, line = where(fact, "edtf") or (None, None)
        raise InvalidData(
            f"The dates of one fact exclude each other: {', '.join(texts)}.",
            path=path,
            line=line,
            remedy="Write two facts, and a note on their disagreement.",
        )
    return common


def _report_unbounded(side: str, place: tuple[Path, int] | None) -> None:
    """Warn that a date gives no bound."""
    start = ":".join(map(str, place)) + ": " if place else ""
    warnings.warn(
        f"{start}“{side}” gives no bound: a winter spans two years, and only the years "
        "1 to 9999 have days.",
        stacklevel=2,
    )


def _stated_dates(facts: Graph, fact: URIRef) -> Iterable[Node]:
    """Yield every date stated of a fact, by itself or by its claims."""
    yield from facts.objects(fact, AL.edtf)
    for claim in facts.subjects(OA.hasBody, fact):
        yield from facts.objects(claim, AL.edtf)


def _day_literal(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=XSD.date)


def _day_range(side: Any) -> tuple[date | None, date | None]:
    """Return the first and last day of one side of an interval, or of a date."""
    if isinstance(side, UnspecifiedIntervalSection) or _WINTER.match(str(side)):
        return None, None
    return _to_date(side.lower_fuzzy()), _to_date(side.upper_fuzzy())


def _to_date(moment: struct_time | float) -> date | None:
    """Return the date of a time; None for infinities and years out of range."""
    if not isinstance(moment, struct_time) or not 1 <= moment.tm_year <= 9999:
        return None
    last = calendar.monthrange(moment.tm_year, moment.tm_mon)[1]
    return date(moment.tm_year, moment.tm_mon, min(moment.tm_mday, last))


def _later(one: date | None, other: date | None) -> date | None:
    """Return the later of the days that are known."""
    return max((day for day in (one, other) if day), default=None)


def _earlier(one: date | None, other: date | None) -> date | None:
    """Return the earlier of the days that are known."""
    return min((day for day in (one, other) if day), default=None)
