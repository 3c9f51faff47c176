"""The official cases of OWL 2 RL: all but those listed with their reasons."""

from __future__ import annotations

import pytest

from owl_cases import MISSES, cases, ours, passes
from w3c import OWL_RDF_BASED, OWL_WORKING_GROUP, require

require("OWL 2 RL", OWL_RDF_BASED, OWL_WORKING_GROUP)
pytestmark = pytest.mark.slow


def test_the_suites_are_found():
    """An empty folder would let the test below pass."""
    assert len(cases()) >= 392


def test_every_case_but_those_listed():
    """What is missed is listed, and what is listed is missed."""
    missed = {case.name for case in cases() if not passes(case, ours(case.premise))}
    assert missed == set(MISSES)
