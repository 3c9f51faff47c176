"""Self-test: attack one's own server to see whether it holds."""

from alaqat_selftest.attack import Attack, attacks
from alaqat_selftest.runner import AttackResult, Report, attack

__all__ = ["Attack", "AttackResult", "Report", "attack", "attacks"]
