"""Time as stated: dates and their bounds, and what they let be said of one day."""

from alaqat.timeline.dates import PROPERTIES, Bounds, bounds, date_facts, read_day
from alaqat.timeline.standing import Period, Standing, period, standing, together

__all__ = [
    "PROPERTIES",
    "Bounds",
    "Period",
    "Standing",
    "bounds",
    "date_facts",
    "period",
    "read_day",
    "standing",
    "together",
]
