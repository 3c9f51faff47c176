"""Days and periods in words, at the precision that the bounds have."""

from __future__ import annotations

import calendar
from datetime import date

from babel.dates import format_date

from alaqat.timeline import Period
from alaqat.web.texts import texts


def day(value: date, language: str) -> str:
    """A day as people write it."""
    return format_date(value, "d MMMM y", locale=language)


def period(when: Period, language: str) -> str:
    """When something was; empty if nothing is known."""
    t, limits = texts(language), when.bounds
    start = _side(limits.start_earliest, limits.start_latest, language)
    end = _side(limits.end_earliest, limits.end_latest, language)
    if start and (start == end or _is_one(when)):
        return _side(limits.start_earliest, limits.end_latest, language)
    if start and end:
        return t["when_from_to"].format(start, end)
    if start:
        return t["when_since"].format(start)
    return t["when_until"].format(end) if end else ""


def _is_one(when: Period) -> bool:
    """Whether start and end lie within the same bounds, as those of a plain date do."""
    limits = when.bounds
    starts = limits.start_earliest, limits.start_latest
    return starts == (limits.end_earliest, limits.end_latest)


def _side(earliest: date | None, latest: date | None, language: str) -> str:
    """One end of a period: a day, a month, a year, or two of them."""
    t = texts(language)
    if earliest is None or latest is None:
        known = earliest or latest
        key = "when_after" if earliest else "when_before"
        return t[key].format(day(known, language)) if known else ""
    if earliest == latest:
        return day(earliest, language)
    if _is_year(earliest, latest):
        years = dict.fromkeys((earliest.year, latest.year))
        return "\u2013".join(map(str, years))
    if _is_month(earliest, latest):
        return format_date(earliest, "MMMM y", locale=language)
    return f"{day(earliest, language)} \u2013 {day(latest, language)}"


def _is_year(earliest: date, latest: date) -> bool:
    """Whether whole years are meant."""
    first, last = (earliest.month, earliest.day), (latest.month, latest.day)
    return first == (1, 1) and last == (12, 31)


def _is_month(earliest: date, latest: date) -> bool:
    """Whether one whole month is meant."""
    last = calendar.monthrange(latest.year, latest.month)[1]
    same = (earliest.year, earliest.month) == (latest.year, latest.month)
    return same and earliest.day == 1 and latest.day == last
