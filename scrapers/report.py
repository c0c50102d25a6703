"""What a crawl says of itself: how complete it was, not only what went wrong.

Zero results that the source itself states, a refusal, and a page that is not what it was are three different ends.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from scrapers.cursor import Tally
from scrapers.drift import Fills, filled
from scrapers.payload import Rejection
from scrapers.records import AwardRecord, TenderRecord

Outcome = Literal["complete", "partial", "refused"]


@dataclass(slots=True)
class CrawlReport:
    """One run. ``expected``: what the source itself announced, None where it announces nothing.

    ``outcome`` is "partial" until the run has ended; ``reason`` is a stable code for every end but a complete one:
    "interrupted", "sample", "budget", "unavailable", "changed", "too_large", "address", "disabled", "short_count",
    "no_end", "refused". ``retry_after``: seconds to leave the portal alone at least.
    """

    source: str
    started: dt.datetime
    since: dt.datetime
    until: dt.datetime
    tally: Tally = field(default_factory=Tally)
    outcome: Outcome = "partial"
    reason: str | None = "interrupted"
    detail: str = ""
    retry_after: float | None = None
    ended: dt.datetime | None = None
    rejections: Counter[str] = field(default_factory=Counter)
    _tenders: int = 0
    _filled: Counter[str] = field(default_factory=Counter)

    @property
    def empty(self) -> bool:
        """Complete, and the source itself says that there is nothing: healthy, unlike a refusal or a changed page.

        What has not changed is something.
        """
        return self.outcome == "complete" and self.tally.seen == 0 and self.tally.unchanged == 0

    @property
    def fills(self) -> Fills:
        """How many of this run's tenders had each watched field."""
        return Fills(self._tenders, dict(self._filled))

    def count(self, found: Iterable[TenderRecord | AwardRecord | Rejection]) -> None:
        """Add what was parsed."""
        parsed = rejected = 0
        for one in found:
            if isinstance(one, Rejection):
                rejected += 1
                self.rejections[one.code] += 1
                continue
            parsed += 1
            if isinstance(one, TenderRecord):
                self._tenders += 1
                self._filled.update(filled(one))
        self.tally = self.tally.model_copy(
            update={"parsed": self.tally.parsed + parsed, "rejected": self.tally.rejected + rejected}
        )

    def end(self, outcome: Outcome, reason: str | None, detail: str, at: dt.datetime) -> None:
        """Note how the run ended."""
        self.outcome, self.reason, self.detail, self.ended = outcome, reason, detail, at

    def summary(self) -> dict[str, object]:
        """The report as plain values, for a log, a table or JSON."""
        return {
            "source": self.source,
            "outcome": self.outcome,
            "reason": self.reason,
            "detail": self.detail,
            "empty": self.empty,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            **self.tally.model_dump(),
            "rejections": dict(self.rejections),
            "fill_rates": {name: round(self.fills.rate(name), 3) for name in sorted(self._filled)},
            "retry_after": self.retry_after,
        }
