"""What a letter says, read from the database as it stands when the letter is sent."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast

from sqlalchemy import TextClause, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.channels.feeds.entries import Searched
from app.db.base import JsonObject
from app.models.digest import DigestEntry, DigestSubscription
from app.models.match import Match
from app.models.startup import Startup
from app.models.tender import Tender

SHOWN: Final = 60
GRADES: Final = ("strong", "good", "possible")

# Whose matches, and that they hold, can be answered and were not dismissed. Looked at when a digest is made, and again
# when it is sent.
_HOLDS = """
    match.state = 'active' AND tender.status = 'published' AND (tender.deadline_at IS NULL OR tender.deadline_at > :now)
    AND startup.deleted_at IS NULL
    AND (
        CAST(:startup AS uuid) IS NULL AND startup.registrar_id = :owner
        OR startup.id = :startup AND (startup.owner_id = :owner OR startup.registrar_id = :owner)
    )
    AND NOT EXISTS (
        SELECT FROM decision
        WHERE decision.organisation_id = :owner AND decision.tender_id = tender.id
            AND decision.startup_id = startup.id AND decision.kind = 'dismissed'
    )
"""
_ENTER = text(f"""
INSERT INTO digest_entry (subscription_id, match_id, letter_id)
SELECT :subscription, match.id, :letter
FROM startup
JOIN match ON match.startup_id = startup.id
JOIN tender ON tender.id = match.tender_id
WHERE match.grade = ANY (:grades) AND {_HOLDS}
    AND NOT EXISTS (
        SELECT FROM digest_entry told WHERE told.subscription_id = :subscription AND told.match_id = match.id
    )
ON CONFLICT DO NOTHING
RETURNING match_id
""")  # noqa: S608 (constants of this module only)
_READ = text(f"""
SELECT tender.id AS tender_id, match.grade, match.reasons, startup.name AS startup, tender.title,
    tender.buyer_name AS buyer, tender.region, tender.deadline_at, tender.value_amount, tender.value_currency,
    left(tender.record ->> 'url', 2000) AS url, source.attribution, source.title AS source, source.licence,
    count(*) OVER () AS total
FROM digest_entry entry
JOIN match ON match.id = entry.match_id
JOIN tender ON tender.id = match.tender_id
JOIN startup ON startup.id = match.startup_id
LEFT JOIN source ON source.id = tender.source_id
WHERE entry.letter_id = :letter AND {_HOLDS}
ORDER BY array_position(ARRAY['strong', 'good', 'possible'], match.grade), match.score DESC, match.id
LIMIT :limit
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Fit:
    """A match as a digest shows it: texts as publishers and startups wrote them."""

    tender_id: uuid.UUID
    grade: str
    reasons: Sequence[JsonObject]
    startup: str
    title: str
    buyer: str | None
    region: str | None
    deadline_at: dt.datetime | None
    value_amount: Decimal | None
    value_currency: str | None
    url: str | None
    attribution: str | None
    source: str | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class Fits:
    """The best of a digest, and how many there are in all."""

    shown: Sequence[Fit]
    total: int


async def enter_matches(
    session: AsyncSession, subscription: DigestSubscription, letter_id: uuid.UUID, now: dt.datetime,
    asked: Searched | None = None,
) -> int:  # fmt: skip
    """Make all that a subscription was not told of the content of a letter; how many matches. ``asked``: by its search.

    What the search leaves out is told of once it passes.
    """
    grades = GRADES[: GRADES.index(subscription.min_grade) + 1]
    rows = await session.execute(
        _ENTER,
        {**_whose(subscription, now), "subscription": subscription.id, "letter": letter_id, "grades": list(grades)},
    )
    entered = len(rows.all())
    if asked is None:
        return entered
    passes = (
        select(Match.id)
        .join(Tender, Tender.id == Match.tender_id)
        .join(Startup, Startup.id == Match.startup_id)
        .where(Match.id == DigestEntry.match_id, *asked.holds)
        .correlate(DigestEntry)
    )
    left_out = await session.execute(
        delete(DigestEntry)
        .where(DigestEntry.letter_id == letter_id, ~passes.exists())
        .returning(DigestEntry.match_id)
        .execution_options(synchronize_session=False)
    )
    return entered - len(left_out.all())


async def matches_of(
    session: AsyncSession, subscription: DigestSubscription, letter_id: uuid.UUID, now: dt.datetime
) -> Fits:
    """What of a letter's matches still holds, the best first."""
    statement: TextClause = _READ
    rows = await session.execute(statement, {**_whose(subscription, now), "letter": letter_id, "limit": SHOWN})
    found = rows.mappings().all()
    fits = [Fit(**{name: value for name, value in row.items() if name != "total"}) for row in found]
    return Fits(fits, cast("int", found[0]["total"]) if found else 0)


def _whose(subscription: DigestSubscription, now: dt.datetime) -> dict[str, object]:
    return {"owner": subscription.owner_id, "startup": subscription.startup_id, "now": now}
