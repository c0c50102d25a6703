"""Who helps with what a startup lacks for a call."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from app.eligibility import service as eligibility
from app.eligibility.judging import Judged, PairRecords
from app.eligibility.service import Pair
from app.kit.i18n import translate
from app.planning.schemas import PairSupportOut
from app.planning.surroundings import Lookout
from app.support.aid import told_aid
from app.support.gaps import Gap, gap_of
from app.support.repository import Need
from app.support.service import Support, support_for
from app.support.views import offer_view
from app.tenders.regions import region_of
from matching.eligibility.verdicts import Check
from matching.planning.book import default_book
from matching.planning.readiness import CashNeed, cash_need
from matching.planning.routes import blocking
from scrapers.records import StartupRecord


async def support_of(out: Lookout, pair: Pair) -> PairSupportOut:
    """What closes the gaps of a pair, where the startup is; nothing where it lacks nothing.

    Raises:
        NotFound: no such call that the caller may see, or the startup's evidence is not the caller's.
    """
    async with out.sessions() as db:
        records, judged = await eligibility.judged(db, out.cpu, pair)
        return await support_found(db, pair, records, judged)


async def support_found(db: AsyncSession, pair: Pair, records: PairRecords, judged: Judged) -> PairSupportOut:
    """The same for a pair that was judged already."""
    cash = cash_need(judged.tender, judged.startup, default_book())
    gaps = gaps_of(blocking(judged.eligibility), cash)
    startup = StartupRecord.model_validate({**records.startup, "id": str(pair.startup_id)})
    region = region_of(startup.city, startup.country)
    need = Need(gaps, pair.now.date(), startup.country, region)
    found = await support_for(db, need) if gaps else Support((), ())
    return PairSupportOut(
        gaps=gaps,
        offers=[offer_view(offer, provider) for offer, provider in found.offers],
        aid=[told_aid(one, pair.lang) for one in found.aid],
        notice=translate("support.notice", pair.lang),
    )


def gaps_of(checks: Iterable[Check], cash: CashNeed) -> list[Gap]:
    """The gaps that checks leave which do not pass, and those of money: a bond that the cash at hand is not known to
    cover, and a contract that has to be advanced.
    """
    found = [gap for check in checks if check.kind is not None and (gap := gap_of(check.kind)) is not None]
    if cash.bond and cash.short != 0:
        found.append(Gap.BOND)
    if cash.prefinancing:
        found.append(Gap.PREFINANCING)
    return [gap for gap in Gap if gap in found]
