"""Attacking one's own server, to see that it holds."""

from alaqat_selftest.attack import Attack, attacks
from alaqat_selftest.running import Report, Verdict, attack

__all__ = ["Attack", "Report", "Verdict", "attack", "attacks"]
