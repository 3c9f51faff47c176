"""Rate limit of a client: token buckets of requests and of seconds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alaqat.errors import RateLimitExceeded
from alaqat.web.middleware.rate_limit import RateLimiter, TokenBuckets


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that does not advance by itself."""
    return Clock()


def test_a_client_may_spend_its_limit_at_once_and_then_waits(clock: Clock) -> None:
    """Of 60 per minute, the sixty-first comes a second later."""
    buckets = TokenBuckets(60, clock=clock)
    for _ in range(60):
        assert buckets.seconds_until("a", 1) == 0
        buckets.spend("a", 1)
    assert buckets.seconds_until("a", 1) == pytest.approx(1.0)
    clock.now += 1
    assert buckets.seconds_until("a", 1) == pytest.approx(0)


def test_one_client_does_not_pay_for_another(clock: Clock) -> None:
    """Each has a bucket of its own."""
    buckets = TokenBuckets(1, clock=clock)
    buckets.spend("a", 1)
    assert buckets.seconds_until("a", 1) > 0
    assert buckets.seconds_until("b", 1) == 0


def test_a_client_in_debt_waits_longer(clock: Clock) -> None:
    """A request that took more than was left is paid for afterwards."""
    buckets = TokenBuckets(60, clock=clock)
    buckets.spend("a", 90)
    assert buckets.seconds_until("a") == pytest.approx(30)


def test_the_number_of_clients_is_bounded(clock: Clock) -> None:
    """The least recently seen one is evicted first."""
    buckets = TokenBuckets(1, clock=clock, max_clients=2)
    for client in "abc":
        buckets.spend(client, 1)
    assert buckets.seconds_until("a", 1) == 0
    assert buckets.seconds_until("b", 1) > 0


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 20)), max_size=30))
def test_nobody_gets_more_than_two_minutes_worth_in_a_minute(
    steps: list[tuple[float, float]],
) -> None:
    """Whatever the pace, what is admitted in a minute is bounded."""
    clock = Clock()
    buckets, admitted = TokenBuckets(10, clock=clock), list[tuple[float, float]]()
    for pause, amount in steps:
        clock.now += pause
        if buckets.seconds_until("a", amount) == 0:
            buckets.spend("a", amount)
            admitted.append((clock.now, amount))
    for start, _ in admitted:
        minute = (one for when, one in admitted if start <= when < start + 60)
        assert sum(minute) <= 20.001


@pytest.mark.parametrize(
    ("requests", "seconds", "unit"),
    [(1, 100, "requests"), (100, 1, "seconds of work")],
)
def test_a_refusal_names_the_limit_and_the_time_to_wait(
    clock: Clock, requests: float, seconds: float, unit: str
) -> None:
    """Either buckets can run out."""
    limiter = RateLimiter(requests=requests, seconds=seconds, clock=clock)
    limiter.admit("a")
    limiter.charge("a", 2)
    with pytest.raises(RateLimitExceeded, match=unit) as refused:
        limiter.admit("a")
    assert 1 <= refused.value.retry_after <= 120
