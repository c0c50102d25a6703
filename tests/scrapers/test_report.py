"""What a run says of itself."""

from __future__ import annotations

import datetime as dt
import json

from scrapers.drift import Fills
from scrapers.payload import Rejection
from scrapers.records import AwardRecord, TenderRecord
from scrapers.report import CrawlReport

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def report() -> CrawlReport:
    return CrawlReport("s", NOW, NOW - dt.timedelta(days=1), NOW)


def test_what_was_parsed_is_counted_by_kind_and_field() -> None:
    told = report()
    told.count(
        [
            TenderRecord(id="1", title="a", description="b", deadline=NOW),
            TenderRecord(id="2", title="a"),
            AwardRecord(id="3"),
            Rejection("s.title", "no title"),
        ]
    )
    assert (told.tally.parsed, told.tally.rejected) == (3, 1)
    assert told.rejections == {"s.title": 1}
    assert told.fills == Fills(2, {"description": 1, "deadline": 1})
    assert told.fills.rate("deadline") == 0.5
    assert told.fills.rate("value") == 0.0


def test_a_run_that_has_not_ended_is_partial_and_only_a_complete_one_can_be_empty() -> None:
    told = report()
    assert (told.outcome, told.reason, told.empty) == ("partial", "interrupted", False)
    told.end("complete", None, "", NOW)
    assert told.empty
    told.end("refused", "refused", "403", NOW)
    assert not told.empty


def test_the_summary_is_json() -> None:
    told = report()
    told.count([TenderRecord(id="1", title="a", country="MA")])
    summary = json.loads(json.dumps(told.summary()))
    assert summary["fill_rates"] == {"country": 1.0}
    assert (summary["parsed"], summary["expected"]) == (1, None)
