"""One question: this call, this startup (or none yet), this moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from matching.eligibility.facts import Clause, Moment, StartupFacts, TenderFacts
from matching.eligibility.sums import Market
from matching.requirements.findings import Kind

DOUBTFUL: Final = 0.5
"""A clause read with less confidence shuts nobody out: it is to be looked up in the call."""


@dataclass(frozen=True, slots=True)
class Case:
    """What conditions and clauses are judged on. ``startup`` is ``None`` where the call alone is looked at."""

    tender: TenderFacts
    startup: StartupFacts | None
    moment: Moment
    market: Market

    def clauses(self, kind: Kind) -> tuple[Clause, ...]:
        """The call's clauses of a kind that were read with some certainty."""
        return tuple(c for c in self.tender.clauses if c.kind is kind and c.confidence >= DOUBTFUL)

    @property
    def last_day(self) -> dt.date | None:
        """The day by which papers must be valid: that of the deadline."""
        return None if self.tender.deadline is None else self.tender.deadline.date()


def law_day(tender: TenderFacts, moment: Moment) -> dt.date:
    """The day whose law counts: that of publication, else that of the question."""
    return (tender.published or moment.as_of).date()


def lot_of(clause: Clause) -> str | None:
    """The lot that a clause is about, wherever it is said."""
    return clause.lot if clause.lot is not None else getattr(clause.value, "lot", None)
