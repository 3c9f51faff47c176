"""Dates as stated, their bounds, and certainty on a day."""
