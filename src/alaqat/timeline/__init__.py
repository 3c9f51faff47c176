"""Time as stated: dates and their bounds, and what they let be said of one day."""

from alaqat.timeline.dates import PROPERTIES, Bounds, bounds, date_facts, read_day
from alaqat.timeline.standing import (
    Pairs,
    Period,
    Standing,
    periods,
    standing,
    together,
)

__all__ = [
    "PROPERTIES",
    "Bounds",
    "Pairs",
    "Period",
    "Standing",
    "bounds",
    "date_facts",
    "periods",
    "read_day",
    "standing",
    "together",
]
