"""What held on a day, and whether something holds at all."""

from alaqat.asof.existence import existence
from alaqat.asof.moment import Held, Moment, as_of
from alaqat.asof.stretches import Course, Stretches
from alaqat.asof.telling import (
    moment_as_json,
    tell_moment,
    tell_verdict,
    verdict_as_json,
)
from alaqat.asof.verdict import Answer, Side, Verdict, check

__all__ = [
    "Answer",
    "Course",
    "Held",
    "Moment",
    "Side",
    "Stretches",
    "Verdict",
    "as_of",
    "check",
    "existence",
    "moment_as_json",
    "tell_moment",
    "tell_verdict",
    "verdict_as_json",
]
