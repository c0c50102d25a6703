import pytest
from fastapi import APIRouter, Request
from hypothesis import given
from hypothesis import strategies as st

from app.api.ratelimit import RateLimiter, spend
from tests.app.api.tiny import calling, tiny_app


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Seconds()


def test_the_allowance_is_used_up_and_earned_again(clock):
    limiter = RateLimiter(limit=3, window_seconds=60, clock=clock)
    assert [limiter.take("k").remaining for _ in range(3)] == [2, 1, 0]
    refused = limiter.take("k")
    assert (refused.remaining, refused.retry_after_seconds) == (0, 20)
    clock.now += 20
    assert limiter.take("k").retry_after_seconds == 0
    assert limiter.take("k").retry_after_seconds == 20
    clock.now += 60
    assert limiter.take("k").remaining == 2


def test_keys_do_not_share_an_allowance(clock):
    limiter = RateLimiter(limit=1, window_seconds=60, clock=clock)
    assert limiter.take("a").retry_after_seconds == 0
    assert limiter.take("a").retry_after_seconds > 0
    assert limiter.take("b").retry_after_seconds == 0


@given(st.integers(1, 50), st.integers(1, 100), st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_no_window_lets_through_more_than_twice_the_limit_and_waiting_as_told_is_enough(limit, window, pauses):
    clock = Seconds()
    limiter = RateLimiter(limit=limit, window_seconds=window, clock=clock)
    allowed = []
    for pause in pauses:
        clock.now += pause
        allowance = limiter.take("k")
        assert 0 <= allowance.remaining < limit
        assert 0 <= allowance.reset_seconds <= window + 1
        if allowance.retry_after_seconds == 0:
            allowed.append(clock.now)
        else:
            clock.now += allowance.retry_after_seconds
            assert limiter.take("k").retry_after_seconds == 0
            allowed.append(clock.now)
    for start in allowed:
        # the burst of a full allowance, and what is earned during the window
        assert sum(start <= at < start + window for at in allowed) <= 2 * limit


def test_forgotten_keys_take_no_memory(clock):
    limiter = RateLimiter(limit=5, window_seconds=1, clock=clock)
    for number in range(25_000):
        clock.now += 0.001
        limiter.take(f"key-{number}")
    assert len(limiter._full_at) < 11_000


async def test_every_answer_tells_what_is_left(clock):
    limiter = RateLimiter(limit=2, window_seconds=60, clock=clock)
    router = APIRouter()

    @router.get("/{number}")
    async def read(number: int, request: Request) -> int:
        spend(limiter, "key")
        return 10 // number

    async with calling(tiny_app(router)) as client:
        first, fault, refused = [await client.get(path) for path in ("/5", "/0", "/5")]
    assert [answer.status_code for answer in (first, fault, refused)] == [200, 500, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in (first, fault, refused)] == ["1", "0", "0"]
    assert first.headers["ratelimit-limit"] == "2"
    assert first.headers["ratelimit-reset"] == "30"
    assert first.headers["ratelimit-policy"] == '"default";q=2;w=60'
    assert refused.headers["retry-after"] == "30"
    assert refused.json()["retry_after_seconds"] == 30
