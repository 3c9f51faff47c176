"""Attacking one's own server, to see that it holds."""

from alaqat.selftest.attack import Attack, attacks
from alaqat.selftest.running import Report, Verdict, attack

__all__ = ["Attack", "Report", "Verdict", "attack", "attacks"]
