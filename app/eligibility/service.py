"""May this startup bid for this call? For its own side, for the buyer, and for pairs that are not stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.eligibility.judging import Judged, PairRecords, judge_records
from app.eligibility.repository import EligibilityRepository, SeenPair
from app.eligibility.schemas import EligibilityOut, ExamplePairIn, PairEligibilityOut
from app.eligibility.telling import told
from app.kit.cpu_pool import CpuPool
from app.kit.errors import NotFound
from app.kit.i18n import Lang
from app.kit.ids import StartupId, TenderId

_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Who asks about which pair, when, and in which language."""

    caller: Caller
    tender_id: TenderId
    startup_id: StartupId
    now: dt.datetime
    lang: Lang


async def judged(db: AsyncSession, cpu: CpuPool, pair: Pair) -> tuple[PairRecords, Judged]:
    """A pair as its startup's own side has it judged, with the records: for plans that go on from there.

    Raises:
        NotFound: no such call that the caller may see, or the startup's evidence is not the caller's.
    """
    seen = await EligibilityRepository(db).of_startups_side(pair.caller, pair.startup_id, pair.tender_id)
    if seen is None or not seen.own:
        raise NotFound
    await db.close()  # the connection is nobody's while it is worked out
    return seen.records, await cpu.run(judge_records, seen.records, pair.now, deadline=_SECONDS)


async def for_startup(db: AsyncSession, cpu: CpuPool, pair: Pair) -> PairEligibilityOut:
    """The answer for the startup's own side; without its figures for who brought it in and it has left since.

    Raises:
        NotFound: no such startup that the caller sees the whole of, or no such call that it may see.
    """
    seen = await EligibilityRepository(db).of_startups_side(pair.caller, pair.startup_id, pair.tender_id)
    await db.close()
    return await _answered(cpu, pair, seen, whole=True)


async def for_buyer(db: AsyncSession, cpu: CpuPool, pair: Pair) -> PairEligibilityOut:
    """The outcome and the checks for the call's owner, without the startup's own figures.

    Raises:
        NotFound: the call is not the caller's or is a draft, or the startup is not one it may know of.
    """
    seen = await EligibilityRepository(db).of_buyers_side(pair.caller, pair.tender_id, pair.startup_id)
    await db.close()
    return await _answered(cpu, pair, seen, whole=False)


async def for_example(cpu: CpuPool, given: ExamplePairIn, now: dt.datetime, lang: Lang) -> EligibilityOut:
    """The answer for a pair that is not stored."""
    as_of = given.as_of or now
    call, firm = (each.model_dump(mode="json", exclude_defaults=True) for each in (given.tender, given.startup))
    found = await cpu.run(judge_records, PairRecords(call, firm), as_of, deadline=_SECONDS)
    return told(found, as_of, lang)


async def _answered(cpu: CpuPool, pair: Pair, seen: SeenPair | None, *, whole: bool) -> PairEligibilityOut:
    if seen is None:
        raise NotFound
    found = await cpu.run(judge_records, seen.records, pair.now, deadline=_SECONDS)
    answer = told(found, pair.now, pair.lang, whole=whole and seen.own)
    return PairEligibilityOut(tender_id=pair.tender_id, startup_id=pair.startup_id, **dict(answer))
