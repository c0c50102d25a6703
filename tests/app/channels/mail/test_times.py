"""When digests are made."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.mail.times import ask_at, next_slot
from app.models.digest import DigestEvery

DAILY, WEEKLY = DigestEvery.DAILY, DigestEvery.WEEKLY
ZONES = ("Africa/Casablanca", "Europe/Paris", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "UTC")


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@given(
    st.integers(int(utc("2020-01-01").timestamp()), int(utc("2035-01-01").timestamp())),
    st.sampled_from(list(DigestEvery)),
    st.integers(1, 7), st.integers(0, 23), st.sampled_from(ZONES),
)  # fmt: skip
def test_the_next_is_later_at_its_hour_and_none_is_left_out(
    second: int, every: DigestEvery, weekday: int, hour: int, zone: str
) -> None:
    after = dt.datetime.fromtimestamp(second, dt.UTC)
    slot = next_slot(every, weekday, hour, zone, after)
    assert dt.timedelta(0) < slot - after <= dt.timedelta(days=8 if every is WEEKLY else 1, hours=26)
    local = slot.astimezone(ZoneInfo(zone))
    assert every is DAILY or local.isoweekday() == weekday
    assert local.minute == 0
    assert local.hour in {hour, (hour + 1) % 24}, "an hour later where the clock was put forward"


@pytest.mark.parametrize(
    ("after", "every", "expected"),
    [
        ("2026-11-22T06:59", DAILY, "2026-11-22T07:00"),
        ("2026-11-22T07:00", DAILY, "2026-11-23T07:00"),
        ("2026-11-22T07:00", WEEKLY, "2026-11-23T07:00"),
        ("2026-11-23T07:00", WEEKLY, "2026-11-30T07:00"),
        ("2027-02-10T06:00", DAILY, "2027-02-10T08:00"),  # Ramadan: the kingdom's clock is an hour back
    ],
)
def test_eight_in_morocco(after: str, every: DigestEvery, expected: str) -> None:
    assert next_slot(every, 1, 8, "Africa/Casablanca", utc(after)) == utc(expected)


def test_who_does_not_answer_is_asked_ever_more_rarely() -> None:
    now = utc("2026-11-22T07:00")
    assert ask_at(0, None, now) == now
    assert [(ask_at(asked, now, now) - now).days for asked in (1, 2, 3, 4, 50)] == [1, 2, 4, 8, 64]
    assert ask_at(1, now - dt.timedelta(days=5), now) == now
