"""Finding links, and judging the groups that they make."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import driver_connection
from app.events.tenders import tell_tenders
from app.jobs.messages import MatchTenders
from app.jobs.queue import enqueue
from app.kit.ids import OrganisationId
from app.linking.grouping import Member, Pair, Web, judged
from app.linking.repository import FoundLink, LinkRepository, ordered
from app.linking.schemas import LinkedTender, LinkOut
from app.models.tender_link import LinkState, LinkStrength
from matching.dedupe import Notice, blocking_keys, compare

MOST_LINKS = 100


async def links_of(session: AsyncSession, tender_id: uuid.UUID) -> list[LinkOut]:
    """The same call on other portals, and what may be, each with its evidence; ``MOST_LINKS`` at most.

    Whether the caller may see the call is decided before.
    """
    rows = await LinkRepository(session).links_of(tender_id, MOST_LINKS)
    return [LinkOut(**{**row, "tender": LinkedTender.model_validate(dict(row))}) for row in rows]


async def link(session: AsyncSession, tender_ids: Sequence[uuid.UUID], now: dt.datetime) -> None:
    """Find the links of tenders that are new or have changed, and judge their groups anew."""
    repository = LinkRepository(session)
    await repository.hold()
    mine = {each.id: each for each in await repository.notices(tender_ids)}
    notices = {each.id: each.notice() for each in mine.values()}
    await repository.replace_keys({each: blocking_keys(notice) for each, notice in notices.items()})
    pairs = await repository.candidates(mine)
    theirs = await repository.notices({each for pair in pairs for each in pair} - mine.keys())
    notices |= {each.id: each.notice() for each in theirs}
    before = {each for pair in await repository.joined_to(mine) for each in pair}
    before |= {follower for follower, _ in await repository.hanging(mine)}
    await repository.replace_found(mine, [found for pair in sorted(pairs) if (found := _compared(pair, notices))])
    await judge(session, before.union(mine), now)


def _compared(pair: Pair, notices: Mapping[uuid.UUID, Notice]) -> FoundLink | None:
    finding = compare(notices[pair[0]], notices[pair[1]])
    if finding is None:
        return None
    return FoundLink(pair, LinkStrength(finding.strength.value), finding.rule, dict(finding.evidence))


async def decide(session: AsyncSession, pair: Pair, state: LinkState, by: OrganisationId, at: dt.datetime) -> bool:
    """Keep a person's decision about a link and judge its tenders anew; whether there is such a link."""
    repository = LinkRepository(session)
    await repository.hold()
    if not await repository.decide(ordered(*pair), state, by, at):
        return False
    await judge(session, pair, at)
    return True


async def judge(session: AsyncSession, ids: Iterable[uuid.UUID], now: dt.datetime) -> None:
    """Note for every group of one of ``ids`` which tender stands for it and whether it was cancelled somewhere.

    Whatever changes its standing is ranked anew.
    """
    repository = LinkRepository(session)
    members, web = await _around(repository, set(ids))
    changed: list[uuid.UUID] = []
    moved: list[uuid.UUID] = []
    for each, standing in judged(members, web).items():
        if members[each].standing != standing:
            if await repository.stand(members[each], standing, now):
                moved.append(each)
            changed.append(each)
    if changed:
        await session.flush()
        await tell_tenders(await driver_connection(session), moved)
        await enqueue(session, MatchTenders(tender_ids=tuple(changed)))


async def _around(repository: LinkRepository, seeds: AbstractSet[uuid.UUID]) -> tuple[Mapping[uuid.UUID, Member], Web]:
    """The calls that ``seeds`` are part of or hang on, whole, with what hangs on them."""
    calls = seeds | {call for follower, call in await repository.hanging(seeds) if follower in seeds}
    joins = await _joins_around(repository, calls)
    calls |= {each for pair in joins for each in pair}
    followers = {follower for follower, _ in await repository.hanging(calls)}
    hangs = await repository.hanging(calls | followers)  # one of them may hang on yet another call, and thus on none
    members = {each.id: each for each in await repository.members(calls | followers)}
    return members, Web(joins, hangs)


async def _joins_around(repository: LinkRepository, seeds: AbstractSet[uuid.UUID]) -> set[Pair]:
    """All joining links of the groups that ``seeds`` are in, walked to outwards."""
    edges: set[Pair] = set()
    known, reached = set(seeds), set(seeds)
    while reached:
        found = await repository.joined_to(reached)
        edges.update(found)
        reached = {each for pair in found for each in pair} - known
        known |= reached
    return edges
