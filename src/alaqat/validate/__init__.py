"""Whether the data keeps to the SHACL shapes, told in Arabic and English."""

from __future__ import annotations

from alaqat.validate.engines import ENGINES, validate
from alaqat.validate.present import Finding, present, to_json
from alaqat.validate.record import recorded
from alaqat.validate.refusal import refusal
from alaqat.validate.report import Report, Result, read_expected

__all__ = [
    "ENGINES",
    "Finding",
    "Report",
    "Result",
    "present",
    "read_expected",
    "recorded",
    "refusal",
    "to_json",
    "validate",
]
