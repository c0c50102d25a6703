"""Reads the sample set that ships with the package."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from importlib.resources import files
from types import MappingProxyType
from typing import Final, cast

from app.sample.dates import DayOffset
from app.sample.plan import (
    COHORT,
    ORGANISATIONS,
    SHOW,
    SOURCE,
    STARTUP_OWNER,
    TENDER_OWNER_BY_BUYER,
    SamplePlan,
)
from scrapers.evidence import EvidenceRecord
from scrapers.records import StartupRecord, TenderRecord

_DATES: Final = ("published", "deadline")


def sample_tenders(today: dt.date) -> Iterator[TenderRecord]:
    """The tenders, with dates told from ``today`` (a day in Casablanca); the extra field ``fictional`` is true."""
    for row in _rows("tenders.jsonl"):
        dates = {name: DayOffset.model_validate(row[name]).resolve(today) for name in _DATES if name in row}
        yield TenderRecord.model_validate({**row, **dates})


def sample_startups() -> Iterator[StartupRecord]:
    """The startups; the extra field ``fictional`` is true."""
    for row in _rows("startups.jsonl"):
        yield StartupRecord.model_validate(row)


def sample_evidence(today: dt.date) -> dict[str, EvidenceRecord]:
    """What some of the startups can show, by their ids, with days and years told from ``today``."""
    found = {}
    for row in _rows("evidence.jsonl"):
        told = {name: value for name, value in row.items() if name not in {"id", "fictional"}}
        found[str(row["id"])] = EvidenceRecord.model_validate(_from(today, told))
    return found


def _from(today: dt.date, told: object) -> object:
    """The same with days (``{"days": 12}``) and years (``"years_ago": 1``) as they are on that day."""
    if isinstance(told, list):
        return [_from(today, each) for each in told]
    if not isinstance(told, dict):
        return told
    if told.keys() == {"days"}:
        return (today + dt.timedelta(days=told["days"])).isoformat()
    years = {"year": today.year - told["years_ago"]} if "years_ago" in told else {}
    return years | {name: _from(today, each) for name, each in told.items() if name != "years_ago"}


def sample_plan() -> SamplePlan:
    """The organisations of the sample set, and which tender or startup belongs to which."""
    any_day = dt.date(2026, 1, 1)
    owned = {
        tender.id: TENDER_OWNER_BY_BUYER[tender.buyer.id]
        for tender in sample_tenders(any_day)
        if tender.buyer and tender.buyer.id in TENDER_OWNER_BY_BUYER
    }
    return SamplePlan(
        organisations=ORGANISATIONS,
        source=SOURCE,
        tender_owner=MappingProxyType(owned),
        startup_owner=MappingProxyType(dict(STARTUP_OWNER)),
        cohorts=MappingProxyType({"pepiniere-targa": COHORT}),
        show=SHOW,
    )


def _rows(name: str) -> Iterator[dict[str, object]]:
    with files("app.sample").joinpath("data", name).open(encoding="utf-8") as lines:
        for line in lines:
            yield cast("dict[str, object]", json.loads(line))
