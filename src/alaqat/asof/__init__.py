"""What held on a day, and whether something holds at all."""

from alaqat.asof.dated_facts import DatedFact, lifetimes
from alaqat.asof.intervals import DayView, Held, Intervals
from alaqat.asof.levels import IntervalHistory, Levels, most_certain
from alaqat.asof.telling import (
    moment_as_json,
    tell_moment,
    tell_verdict,
    verdict_as_json,
)
from alaqat.asof.verdict import Answer, Side, Verdict, check

__all__ = [
    "Answer",
    "DatedFact",
    "DayView",
    "Held",
    "IntervalHistory",
    "Intervals",
    "Levels",
    "Side",
    "Verdict",
    "check",
    "lifetimes",
    "moment_as_json",
    "most_certain",
    "tell_moment",
    "tell_verdict",
    "verdict_as_json",
]
