"""Whether the data keeps to the SHACL shapes, told in Arabic and English."""

from __future__ import annotations

from alaqat.validate.engines import ENGINES, validate
from alaqat.validate.expected import Drift, Places, drift, read_expected
from alaqat.validate.present import Finding, present, to_json
from alaqat.validate.record import recorded
from alaqat.validate.refusal import refusal
from alaqat.validate.report import Report, Result

__all__ = [
    "ENGINES",
    "Drift",
    "Finding",
    "Places",
    "Report",
    "Result",
    "drift",
    "present",
    "read_expected",
    "recorded",
    "refusal",
    "to_json",
    "validate",
]
