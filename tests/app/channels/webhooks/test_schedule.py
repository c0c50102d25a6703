"""The arithmetic of trying again."""

from __future__ import annotations

import datetime as dt

import pytest

from app.channels.webhooks.schedule import DELAYS, breather, next_delay, rest

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
S = dt.timedelta(seconds=1)


def test_the_schedule_is_that_of_the_standard() -> None:
    seconds = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert [delay.total_seconds() for delay in DELAYS] == seconds
    assert next_delay(1, 0.0) == 5 * S
    assert next_delay(9, 0.0) == dt.timedelta(days=1)
    assert next_delay(10, 0.0) is None


def test_jitter_only_adds_and_at_most_a_fifth() -> None:
    for tries in range(1, 10):
        shortest, longest = next_delay(tries, 0.0), next_delay(tries, 1.0)
        assert shortest is not None
        assert longest == shortest * 1.2


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (500, "30", None),
        (None, "30", None),
        (429, None, 60),
        (429, "30", 30),
        (503, "30", 30),
        (503, None, None),
        (429, "0", 1),
        (429, "-5", 60),
        (429, "soon", 60),
        (429, "99999999999999999999", 60),
        (429, "999999999", 3_600),
        (503, "Sun, 22 Nov 2026 12:10:00 GMT", 600),
        (503, "Sun, 22 Nov 2020 12:10:00 GMT", 1),
        (503, "Sun, 22 Nov 2026 12:10:00", None),
        (503, "٣٠", None),
    ],
)
def test_what_a_receiver_asks_for(status: int | None, header: str | None, seconds: int | None) -> None:
    assert rest(status, header, NOW) == (None if seconds is None else seconds * S)


def test_pauses_grow_while_an_endpoint_fails() -> None:
    assert breather(0 * S) == 0 * S
    assert breather(100 * S) == 10 * S
    assert breather(dt.timedelta(days=2)) == 60 * S
