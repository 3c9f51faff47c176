"""Values of stored literals: days and numbers, or None for what is none.

A store may hold any literal under any property, also where the ontology wants a date.
Whoever shows or draws values reads them here, so that no value is an error.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from math import isfinite

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T.*|Z|[+-]\d\d:\d\d)?", re.ASCII | re.DOTALL)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_MAX_LENGTH = _MAX_EXPONENT = 100  # of a number that is shown with all its digits


def read_day(value: object) -> date | None:
    """Return the day of an xsd:date or xsd:dateTime; None for any other value."""
    found = _DAY.fullmatch(str(value).strip())
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def read_integer(value: object) -> int | None:
    """Return an integer of at most 18 digits; None for any other value."""
    text = str(value).strip()
    return int(text) if _INTEGER.fullmatch(text) else None


def read_decimal(value: object) -> Decimal | None:
    """Return a finite number; None for any other value, and for one of 100 digits."""
    text = str(value).strip()
    try:
        number = Decimal(text) if len(text) <= _MAX_LENGTH else None
    except InvalidOperation:
        return None
    if number is None or not number.is_finite():
        return None
    exponent = int(number.as_tuple().exponent)
    return (
        number if max(abs(number.adjusted()), abs(exponent)) <= _MAX_EXPONENT else None
    )


def read_coordinate(value: object, limit: float) -> float | None:
    """Return degrees between a limit and its negative; None for any other value.

    Args:
        value: a latitude or longitude in decimal degrees.
        limit: 90 for a latitude, 180 for a longitude.
    """
    number = read_decimal(value)
    degrees = None if number is None else float(number)
    is_valid = degrees is not None and isfinite(degrees) and abs(degrees) <= limit
    return degrees if is_valid else None
