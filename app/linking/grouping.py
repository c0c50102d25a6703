"""Which tenders make one call, who stands for it and who ends it: judged from links, without the database.

A link is not enough to act on somebody else's call. Whoever holds a buyer's key can write another one's reference,
ocid and name into a tender of its own; the rules then find it to be the same call, as they should. So only publishers
that the operator runs (collected portals, the operator itself) join each other by what the rules find, stand for each
other and cancel each other. Tenders of everybody else hang on such a call: they may be hidden behind it and end with
it, and change nothing about it or about each other. A link that the operator confirmed joins anybody, yet even then
only a publisher that the operator runs ends another one's call.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.models.tender import TenderStatus

MOST_OF_A_GROUP = 40
"""More portals than any call stands on: a larger group is the work of an identifier that is none."""

Pair = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Standing:
    """What linking makes of a tender."""

    duplicate_of: uuid.UUID | None = None
    cancelled_by: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A tender as it is judged with those that it is linked to; ``operated``: the operator runs its publisher."""

    id: uuid.UUID
    owner_id: uuid.UUID
    operated: bool
    trust: int
    status: TenderStatus
    standing: Standing

    @property
    def own_status(self) -> TenderStatus:
        """What its own publisher says: a call that another one's cancellation ended was published."""
        return self.status if self.standing.cancelled_by is None else TenderStatus.PUBLISHED


@dataclass(frozen=True, slots=True)
class Web:
    """Links around some tenders. ``joins``: both ends act on each other; ``hangs``: the first end on the second."""

    joins: Iterable[Pair]
    hangs: Iterable[Pair]


@dataclass(frozen=True, slots=True)
class Lead:
    """Who stands for a call, and who says that it was cancelled."""

    stands: uuid.UUID
    cancels: uuid.UUID | None

    def over(self, member: Member) -> Standing:
        """What that makes of one tender of the call. What was taken back is a duplicate of nothing."""
        follows = member.own_status is not TenderStatus.WITHDRAWN and member.id != self.stands
        return Standing(
            duplicate_of=self.stands if follows else None,
            cancelled_by=self.cancels if member.own_status is TenderStatus.PUBLISHED else None,
        )


def judged(members: Mapping[uuid.UUID, Member], web: Web) -> dict[uuid.UUID, Standing]:
    """The standing of every member."""
    groups = groups_of(members, web.joins)
    call_of = {each: group[0] for group in groups for each in group}
    found: dict[uuid.UUID, Standing] = {}
    leads: dict[uuid.UUID, Lead] = {}
    alone: set[uuid.UUID] = set()
    for group in groups:
        lead = lead_of([members[each] for each in group])
        if lead is not None:
            leads[group[0]] = lead
        if len(group) == 1 and not members[group[0]].operated:
            alone.update(group)
        found |= {each: lead.over(members[each]) if lead else Standing() for each in group}
    hanging = _hanging(members, alone, [(one, call_of.get(other, other)) for one, other in web.hangs])
    return found | {each: leads[call].over(members[each]) for each, call in hanging.items() if call in leads}


def _hanging(
    members: Mapping[uuid.UUID, Member], alone: set[uuid.UUID], hangs: Iterable[Pair]
) -> dict[uuid.UUID, uuid.UUID]:
    """The call that each lone tender hangs on.

    One that would hang on two calls contradicts itself, and so do two of one publisher on one call: they hang nowhere.
    """
    calls: dict[uuid.UUID, set[uuid.UUID]] = {}
    of_owner: dict[Pair, set[uuid.UUID]] = {}
    for one, call in hangs:
        if one in alone:
            calls.setdefault(one, set()).add(call)
            of_owner.setdefault((members[one].owner_id, call), set()).add(one)
    return {
        one: call
        for one, found in calls.items()
        for call in found
        if len(found) == 1 and len(of_owner[members[one].owner_id, call]) == 1
    }


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


def lead_of(group: Sequence[Member]) -> Lead | None:
    """Who stands for a group (the most trusted publisher, then who came first), and who says that it was cancelled.

    A group with two tenders of one publisher contradicts itself, since that publisher tells them apart: its links stay
    for a person to look at, and join nobody. Calls that were taken back stand for nothing.
    """
    standing = [member for member in group if member.own_status is not TenderStatus.WITHDRAWN]
    if not standing or len(group) > MOST_OF_A_GROUP or len({member.owner_id for member in group}) < len(group):
        return None
    first = min(standing, key=lambda member: (not member.operated, member.trust, member.id))
    ended = (member.id for member in standing if member.operated and member.own_status is TenderStatus.CANCELLED)
    return Lead(first.id, next(ended, None))
