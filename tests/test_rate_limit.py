"""What a client may ask for in a minute."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alaqat.errors import TooMany
from alaqat.web.middleware.rate_limit import RateLimiter, TokenBuckets


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


def test_a_client_may_spend_its_minute_at_once_and_then_waits(clock: Clock) -> None:
    """Of 60 a minute, the sixty-first comes a second later."""
    budget = TokenBuckets(60, clock=clock)
    for _ in range(60):
        assert budget.seconds_until("a", 1) == 0
        budget.spend("a", 1)
    assert budget.seconds_until("a", 1) == pytest.approx(1.0)
    clock.now += 1
    assert budget.seconds_until("a", 1) == pytest.approx(0)


def test_one_client_does_not_pay_for_another(clock: Clock) -> None:
    """Each has a bucket of its own."""
    budget = TokenBuckets(1, clock=clock)
    budget.spend("a", 1)
    assert budget.seconds_until("a", 1) > 0
    assert budget.seconds_until("b", 1) == 0


def test_who_owes_waits_longer(clock: Clock) -> None:
    """A request that took more than there was is paid for afterwards."""
    budget = TokenBuckets(60, clock=clock)
    budget.spend("a", 90)
    assert budget.seconds_until("a") == pytest.approx(30)


def test_only_so_many_clients_are_remembered(clock: Clock) -> None:
    """The one seen longest ago is forgotten first."""
    budget = TokenBuckets(1, clock=clock, max_clients=2)
    for client in "abc":
        budget.spend(client, 1)
    assert budget.seconds_until("a", 1) == 0
    assert budget.seconds_until("b", 1) > 0


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 20)), max_size=30))
def test_nobody_gets_more_than_two_minutes_worth_in_a_minute(
    steps: list[tuple[float, float]],
) -> None:
    """Whatever the pace, what is admitted in a minute is bounded."""
    clock = Clock()
    budget, admitted = TokenBuckets(10, clock=clock), list[tuple[float, float]]()
    for pause, amount in steps:
        clock.now += pause
        if budget.seconds_until("a", amount) == 0:
            budget.spend("a", amount)
            admitted.append((clock.now, amount))
    for start, _ in admitted:
        minute = (one for when, one in admitted if start <= when < start + 60)
        assert sum(minute) <= 20.001


@pytest.mark.parametrize(
    ("requests", "seconds", "what"),
    [(1, 100, "requests"), (100, 1, "seconds of work")],
)
def test_the_refusal_says_what_is_used_up_and_when_to_come_back(
    clock: Clock, requests: float, seconds: float, what: str
) -> None:
    """Either budget can run out."""
    budgets = RateLimiter(requests=requests, seconds=seconds, clock=clock)
    budgets.admit("a")
    budgets.charge("a", 2)
    with pytest.raises(TooMany, match=what) as refused:
        budgets.admit("a")
    assert 1 <= refused.value.retry_after <= 120
