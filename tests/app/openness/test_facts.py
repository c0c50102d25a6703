"""What calls ask, as it is kept in memory: from what a worker read, and where it read nothing yet, from their texts."""

from __future__ import annotations

import uuid

from sqlalchemy import update

from app.db.session import unit_of_work
from app.jobs.messages import ReadRequirements
from app.kit.clock import utc_now
from app.models.tender_requirement import TenderRequirement
from app.openness.facts import FactsKeeper
from app.requirements.tasks import RequirementJobs
from matching.eligibility.facts import TenderFacts
from tests.app.openness.conftest import Market

_NO_TEXT_SAYS, _OF_ANOTHER_RELEASE = {"count": 7}, {"number": 7}


async def in_a_fresh_process(market: Market) -> TenderFacts:
    async with market.api.runtime.read_sessions() as session:
        (facts,) = await FactsKeeper().tenders(session, [uuid.UUID(market.call)])
    return facts


async def keep_as_read(market: Market, value: dict[str, int]) -> None:
    """Put another value of the references asked in place of the one that was read."""
    async with unit_of_work(market.api.runtime.sessions) as session:
        await session.execute(
            update(TenderRequirement).values(value=value).where(TenderRequirement.kind == "references")
        )


def references_asked(facts: TenderFacts) -> int | None:
    (count,) = (getattr(each.value, "count", None) for each in facts.clauses if each.kind == "references")
    return count


async def test_what_a_worker_read_is_not_read_again(market: Market) -> None:
    call, runtime = uuid.UUID(market.call), market.api.runtime
    from_text = await in_a_fresh_process(market)
    assert references_asked(from_text) == 2
    jobs = RequirementJobs(runtime.sessions, utc_now)
    await jobs.read_requirements(ReadRequirements(tender_ids=(call,)))
    assert await in_a_fresh_process(market) == from_text
    await keep_as_read(market, _NO_TEXT_SAYS)
    assert references_asked(await in_a_fresh_process(market)) == 7
    await keep_as_read(market, _OF_ANOTHER_RELEASE)
    assert references_asked(await in_a_fresh_process(market)) == 2
    await keep_as_read(market, _NO_TEXT_SAYS)
    seen = await market.buyer.client.get(f"/v1/tenders/{call}")
    changed = await market.buyer.client.patch(
        f"/v1/tenders/{call}",
        json={"description": "Le concurrent doit produire trois (3) attestations de référence similaires."},
        headers={"If-Match": seen.headers["ETag"], "Content-Type": "application/merge-patch+json"},
    )
    assert changed.status_code == 200, changed.text
    assert references_asked(await in_a_fresh_process(market)) == 3, "the reading is of a call that said something else"
