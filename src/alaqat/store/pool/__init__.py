"""Queries evaluated in processes of their own, which can be killed.

The engine cannot stop a query, so what must be stopped is a process. Whoever asks gets
a whole answer or an error, never a part: ``Answer.write`` raises in the middle when a
limit is reached, so write to what can be thrown away and send it when it is complete.

A client that goes away is not noticed while its query runs: the web server tells of it
only at a write, and nothing is written before the answer is there. Its query runs to
its end or to its limit.
"""

from alaqat.store.pool.guards import die_with_parent
from alaqat.store.pool.limits import Limits
from alaqat.store.pool.spending import spent
from alaqat.store.pool.statistics import Statistics
from alaqat.store.pool.store import PooledStore

__all__ = ["Limits", "PooledStore", "Statistics", "die_with_parent", "spent"]
