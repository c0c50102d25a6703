"""Finding links, and judging the groups that they make."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.messages import MatchTenders
from app.jobs.queue import enqueue
from app.kit.ids import OrganisationId
from app.linking.repository import FoundLink, LinkRepository, Member, Pair, Standing, ordered
from app.models.tender import TenderStatus
from app.models.tender_link import LinkState, LinkStrength
from matching.dedupe import Notice, blocking_keys, compare

MOST_OF_A_GROUP = 40
"""More portals than any call stands on: a larger group is the work of an identifier that is none."""


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
    before = await repository.joined_to(mine)
    await repository.replace_found(mine, [found for pair in sorted(pairs) if (found := _compared(pair, notices))])
    await judge(session, {*mine, *(each for pair in before for each in pair)}, now)


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
    edges = await _edges_around(repository, set(ids))
    members = {each.id: each for each in await repository.members({*ids, *(one for edge in edges for one in edge)})}
    changed: list[uuid.UUID] = []
    for group in groups_of(members, edges):
        for each, standing in standings_of([members[each] for each in group]).items():
            if members[each].standing != standing:
                await repository.stand(members[each], standing, now)
                changed.append(each)
    if changed:
        await session.flush()
        await enqueue(session, MatchTenders(tender_ids=tuple(changed)))


async def _edges_around(repository: LinkRepository, seeds: set[uuid.UUID]) -> set[Pair]:
    """All joining links of the groups that ``seeds`` are in, walked to outwards."""
    edges: set[Pair] = set()
    known, reached = set(seeds), seeds
    while reached:
        found = await repository.joined_to(reached)
        edges.update(found)
        reached = {each for pair in found for each in pair} - known
        known |= reached
    return edges


def groups_of(ids: Iterable[uuid.UUID], edges: Iterable[Pair]) -> list[list[uuid.UUID]]:
    """The connected components, tenders without a link among them, each in the order of ids."""
    head = {each: each for each in ids}

    def find(each: uuid.UUID) -> uuid.UUID:
        while head[each] != each:
            head[each] = head[head[each]]
            each = head[each]
        return each

    for one, other in edges:
        if one in head and other in head:
            head[find(one)] = find(other)
    groups: dict[uuid.UUID, list[uuid.UUID]] = {}
    for each in sorted(head):
        groups.setdefault(find(each), []).append(each)
    return list(groups.values())


def standings_of(group: Sequence[Member]) -> dict[uuid.UUID, Standing]:
    """Who stands for a group (the most trusted publisher, then who came first), and who says that it was cancelled.

    A group with two tenders of one publisher contradicts itself, since that publisher tells them apart: its links stay
    for a person to look at, and join nobody. Calls that were taken back stand for nothing.
    """
    standing = [member for member in group if member.own_status is not TenderStatus.WITHDRAWN]
    if len(standing) < 2 or len(group) > MOST_OF_A_GROUP or len({member.owner_id for member in group}) < len(group):
        return {member.id: Standing() for member in group}
    primary = min(standing, key=lambda member: (member.trust, member.id))
    cancelled = next((member for member in standing if member.own_status is TenderStatus.CANCELLED), None)
    return {
        member.id: Standing(
            duplicate_of=primary.id if member in standing and member is not primary else None,
            cancelled_by=cancelled.id if cancelled and member.own_status is TenderStatus.PUBLISHED else None,
        )
        for member in group
    }
