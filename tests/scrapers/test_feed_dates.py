"""Dates of feeds, and deadlines that their texts name."""

from __future__ import annotations

import contextlib
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.feed_dates import deadline_in, feed_time

HOME = ZoneInfo("Africa/Casablanca")


@pytest.mark.parametrize(
    ("written", "when", "basis"),
    [
        ("Tue, 01 Sep 2026 09:00:00 +0100", "2026-09-01 09:00:00+01:00", "offset"),
        ("01 Sep 26 09:00 EST", "2026-09-01 09:00:00-05:00", "offset"),
        ("Tue, 01 Sep 2026 09:00:00 GMT", "2026-09-01 09:00:00+00:00", "offset"),
        ("mar., 01 sept. 2026 09:00:00 +0100", "2026-09-01 09:00:00+01:00", "offset"),
        ("mer. 12 août 2026 09:00", "2026-08-12 09:00:00+01:00", "zone"),
        ("Tue, 01 Sep 2026 09:00:00", "2026-09-01 09:00:00+01:00", "zone"),
        ("Sat, 20 Feb 2027 09:00:00", "2027-02-20 09:00:00+00:00", "zone"),  # in Ramadan
        ("Tue, 01 Sep 2026 09:00:00 -0000", "2026-09-01 09:00:00+00:00", "offset"),
        ("2026-09-01T09:00:00", "2026-09-01 09:00:00+01:00", "zone"),
        ("2026-09-01T09:00:00.25Z", "2026-09-01 09:00:00.250000+00:00", "offset"),
        ("2026-09-01", "2026-09-01", "day"),
        ("01 Sep 2026", "2026-09-01", "day"),
    ],
)
def test_dates(written: str, when: str, basis: str) -> None:
    found, told = feed_time(written, HOME)
    assert (str(found), told) == (when, basis)


@pytest.mark.parametrize(
    "written",
    ["", "today", "Tue, 32 Sep 2026 09:00", "Tue, 01 Sep 2026 25:00 GMT", "Tue, 01 Sep 2026 09:00 WAT", "01 Foo 2026"],
)
def test_dates_that_cannot_be_told(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has a sentence of its own
        feed_time(written, HOME)


def test_a_time_without_a_zone_never_becomes_utc() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        feed_time("Tue, 01 Sep 2026 09:00:00", None)
    assert feed_time("01 Sep 2026 09:00 CEST", ZoneInfo("Europe/Paris"))[1] == "zone"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Date limite : 30/09/2026 à 16h00. Budget 250 000 MAD.", "2026-09-30 16:00:00+01:00"),
        ("Date et heure limites de dépôt\u00a0: mercredi 30 septembre 2026 à 10 h 30", "2026-09-30 10:30:00+01:00"),
        ("à remettre au plus tard le 1er octobre 2026 avant 12h", "2026-10-01 12:00:00+01:00"),
        ("Clôture: 30.09.2026", "2026-09-30"),
        ("Deadline: September 30, 2026 at 4 pm", "2026-09-30 16:00:00+01:00"),
        ("Closing date: 30 Sep 2026 16:00 GMT+1", "2026-09-30 16:00:00+01:00"),
        ("no later than 2026-10-01T12:00:00Z", "2026-10-01 12:00:00+00:00"),
        ("آخر أجل لإيداع العروض: 30 شتنبر 2026 على الساعة 10:00", "2026-09-30 10:00:00+01:00"),
        ("Date limite de retrait : 01/09/2026. Date limite de dépôt : 30/09/2026", "2026-09-30"),
        ("Date limite : 30/09/2026. Rappel, date limite : 30/09/2026 à 16:00", "2026-09-30 16:00:00+01:00"),
    ],
)
def test_deadlines(text: str, when: str) -> None:
    found = deadline_in(text, HOME)
    assert found is not None
    assert str(found.when) == when
    assert found.text in text


@pytest.mark.parametrize(
    "text",
    [
        "", "Publié le 30/09/2026", "Date limite : à préciser", "Date limite de retrait des dossiers : 01/09/2026",
        "Les questions sont reçues au plus tard le 10/09/2026", "Deadline: 3 Smarch 2026", "deadline 30 Sep",
    ],
)  # fmt: skip
def test_no_deadline(text: str) -> None:
    assert deadline_in(text, HOME) is None


@pytest.mark.parametrize(
    "text",
    [
        "Date limite : 01/10/2026, puis date limite : 02/10/2026",
        "Date limite : 01/10/2026 à 10:00 ; date limite : 01/10/2026 à 12:00",
        "Deadline: 31/02/2026", "Deadline: 30/09/2026 17:00 CET", "Deadline: 30/09/2026 25:00",
    ],
)  # fmt: skip
def test_deadlines_that_cannot_be_told(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has a sentence of its own
        deadline_in(text, HOME)


def test_month_or_day_first() -> None:
    with pytest.raises(ValueError, match="day or month first"):
        deadline_in("Deadline: 04/05/2026", HOME, month_first=True)
    for written in ("Deadline: 09/30/2026", "Deadline: 30/09/2026"):
        found = deadline_in(written, HOME, month_first=True)
        assert found is not None
        assert found.when == dt.date(2026, 9, 30)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text(before: str, after: str) -> None:
    for read in (
        lambda: feed_time(before + after, HOME),
        lambda: deadline_in(f"{before} deadline: 30/09/2026{after}", HOME),
    ):
        with contextlib.suppress(ValueError):
            read()
