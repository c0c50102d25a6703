"""The facts of the decree as rules hold them, against a thousand calls of the national portal."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from app.files.to_eligibility import tender_facts
from app.tenders.lanes import lane_of
from matching.eligibility.checking import check
from matching.eligibility.facts import StartupFacts
from matching.eligibility.loading import default_rules
from matching.eligibility.rates import moment_at
from scrapers.records import TenderRecord

CALLS = Path(__file__).resolve().parents[4] / "shared" / "data" / "ma_pmmp_safakat" / "aos.csv"


def record(row: dict[str, str]) -> TenderRecord:
    def day(written: str) -> str | None:
        return "-".join(reversed(written.split("/"))) if written else None

    estimate = float(row["estimationTotale"] or 0)
    told: dict[str, object] = {
        "id": row["consId"],
        "title": row["premierLotObject"] or "x",
        "country": "MA",
        "sector": "public",
        "procedure": row["procedureType"],
        "published": day(row["publishedDate"]),
        "deadline": day(row["endDate"]),
        "reserved_sme": row["premierLotReserve"] == "Oui",
    }
    if estimate:
        told["value"] = {"amount": estimate, "currency": "MAD", "tax_included": True}
    return TenderRecord.model_validate(told)


@pytest.mark.skipif(not CALLS.exists(), reason="the calls of the portal are not on this machine (../shared)")
def test_ceilings_and_periods_hold_for_nearly_every_call_of_the_portal() -> None:
    rules, moment = default_rules(), moment_at(dt.datetime(2025, 7, 1, tzinfo=dt.UTC))
    with CALLS.open(encoding="utf-8") as file:
        records = [record(row) for row in csv.DictReader(file)]
    found: Counter[tuple[str, str]] = Counter()
    for each in records:
        facts = tender_facts(each, trades=False)
        found.update((told.rule, told.outcome.value) for told in check(facts, StartupFacts("S"), rules, moment).checks)
    for rule, least in (
        ("ma.simplified.ceiling", 0.98),
        ("ma.simplified.publicity", 0.99),
        ("ma.open.publicity", 0.97),
        ("ma.currency", 1.0),
    ):
        held, missed = found[rule, "pass"], found[rule, "fail"]
        assert held + missed > 200, rule
        assert held / (held + missed) >= least, rule
    lanes = Counter(lane_of(each).simplified_access for each in records)
    assert lanes[True] / len(records) > 0.3
    assert lanes[False] == 0, "no notice of the portal's list says a word of references"
