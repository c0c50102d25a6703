"""Whether a source has begun to drift: its last run against the runs before it.

Fields are compared with the runs before; the yield, which has its hours and its weekends, with the same day of the
weeks before. The rules are those of ``scrapers.drift``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject
from app.events.log import OPERATORS, NewEvent, Subjects, append
from app.events.schemas.operations import SourceDrifting, SourceRecovered
from app.models.source import Source
from app.models.source_state import SourceState
from app.sources.repository import PastRun
from scrapers.drift import Drift, Fills, drifting

YIELD = "yield"
TELLING_RECORDS = 20
"""Fewer records tell nothing of how fields are filled: what was found before stands."""

_RUNS_COMPARED = 30
_DAY = dt.timedelta(days=1)
_WEEKS = 4


def fills_from(stored: JsonObject) -> Fills:
    """How fields were filled, as a run's row holds it."""
    records, filled = stored.get("records"), stored.get("filled")
    counts = filled if isinstance(filled, dict) else {}
    return Fills(
        records if isinstance(records, int) else 0,
        {name: count for name, count in counts.items() if isinstance(count, int)},
    )


def stored_fills(fills: Fills) -> JsonObject:
    """The same, to be stored."""
    return {"records": fills.records, "filled": dict(fills.filled)}


def added(first: Fills, second: Fills) -> Fills:
    """Both together."""
    names = {*first.filled, *second.filled}
    filled = {name: first.filled.get(name, 0) + second.filled.get(name, 0) for name in sorted(names)}
    return Fills(first.records + second.records, filled)


def drift_of(
    now: Fills, started: dt.datetime, past: Sequence[PastRun], before: Sequence[JsonObject], *, complete: bool
) -> list[JsonObject]:
    """What drifts after a run. ``past``: complete runs, the newest first; ``before``: what was known to drift."""
    history = [fills_from(run.fills) for run in past if not run.drifted][:_RUNS_COMPARED]
    found = [one for one in drifting(now, history) if one.field != YIELD]
    if complete:
        found += _collapse(now, started, past)
    told = now.records >= TELLING_RECORDS
    stand = [each for each in before if not (complete if each.get("field") == YIELD else told)]
    fresh = {one.field: _stored(one) for one in found}
    return [*(each for each in stand if each.get("field") not in fresh), *fresh.values()]


def _collapse(now: Fills, started: dt.datetime, past: Sequence[PastRun]) -> list[Drift]:
    """Whether a day brought next to nothing of what the same day brought in the weeks before."""
    today = now.records
    weeks: dict[int, int] = {}
    for run in past:
        week, rest = divmod(started - run.started, 7 * _DAY)
        if rest < _DAY:
            records = fills_from(run.fills).records
            if week == 0:
                today += records
            elif week <= _WEEKS:
                weeks[week] = weeks.get(week, 0) + records
    history = [Fills(records, {}) for records in weeks.values()]
    return [one for one in drifting(Fills(today, {}), history) if one.field == YIELD]


def _stored(drift: Drift) -> JsonObject:
    return {"field": drift.field, "before": round(drift.before, 3), "now": round(drift.now, 3)}


def event_of_drift(
    source: Source, before: Sequence[JsonObject], now: Sequence[JsonObject], at: dt.datetime, *, accepted: bool = False
) -> NewEvent | None:
    """What operators are told when what drifts of a source changes: that a field began to, or that none does any more.

    ``accepted``: a person has taken what changed for usual.
    """
    named = {each.get("field") for each in before}
    subjects = Subjects(source_id=source.id)
    if any(each.get("field") not in named for each in now):
        data = SourceDrifting.model_validate({"source": source.name, "title": source.title, "drift": now})
        return NewEvent(data, OPERATORS, f"source.drifting:{source.id}:{at.isoformat()}", subjects, at)
    if before and not now:
        back = SourceRecovered(source=source.name, title=source.title, accepted=accepted)
        return NewEvent(back, OPERATORS, f"source.recovered:{source.id}:{at.isoformat()}", subjects, at)
    return None


async def tell_drift(
    session: AsyncSession, state: SourceState, before: Sequence[JsonObject], at: dt.datetime, *, accepted: bool = False
) -> None:
    """Append to the event log what became of a source's drift, now that ``state`` says how it stands."""
    source = await session.get_one(Source, state.source_id)
    event = event_of_drift(source, before, state.drift, at, accepted=accepted)
    if event is not None:
        await append(session, event)
