"""What shuts a cohort out of its best calls most often, and which papers it lacks.

A pair of startup and call is judged once and kept with the versions it was judged by; only what changed since is judged
again. A few pairs are judged while somebody waits, a whole cohort beside requests.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.cohorts.repository import CohortRepository
from app.kit.aside import ASIDE_SECONDS, Aside
from app.kit.errands import Errands
from app.kit.kept import Kept
from app.openness.facts import readable, startup_of
from app.openness.repository import OpennessRepository, Stored
from app.openness.service import Means
from app.planning.calendars import working_days_of
from app.requirements.repository import RequirementRepository
from matching.eligibility.checking import check
from matching.eligibility.facts import StartupFacts, TenderFacts
from matching.eligibility.loading import default_rules
from matching.eligibility.rates import moment_at
from matching.eligibility.verdicts import Effect, Eligibility, Outcome, Settler
from matching.planning.book import default_book
from matching.planning.readiness import PieceState, Timing, readiness
from matching.requirements.findings import Finding

LOOKED_AT: Final = 100
CALLS_EACH: Final = 3
"""What gaps are counted over: so many startups, the newest, each with so many of its best calls."""

MOST_KEPT: Final = 20_000
"""Pairs that are kept."""

AT_ONCE: Final = 6
"""Pairs that are judged while somebody waits."""

_TOGETHER: Final = 15
_SECONDS: Final = 20.0
_MOST_GAPS: Final = 15

Pair: TypeAlias = tuple[uuid.UUID, uuid.UUID]
"""A startup and a call."""


class Mark(NamedTuple):
    """What a pair was judged by: the versions of profile, evidence and call, what is said beyond the call's record, and
    the day. ``evidence``: 0 where it is not the caller's to see: then nothing was judged by it.
    """

    startup: int
    evidence: int
    tender: int
    beyond: tuple[Finding, ...] | None
    day: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What some startups lack: a paper (``piece``, an id of the planning's), a clause that shuts them out (``kind``,
    ``None`` where it is a rule of law; ``name`` where the clause names a certificate), or a fact that nobody told
    (``what``).
    """

    startups: Sequence[uuid.UUID]
    pairs: int
    piece: str | None = None
    kind: str | None = None
    name: str | None = None
    what: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one pair lacks. ``papers_unknown``: whether the startup has not told about some paper."""

    mark: Mark
    papers: frozenset[Gap] = frozenset()
    clauses: frozenset[Gap] = frozenset()
    untold: frozenset[Gap] = frozenset()
    papers_unknown: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A pair that can't be judged: the startup's profile or evidence can't be read (``startup``), or the call can't."""

    mark: Mark
    startup: bool


Found: TypeAlias = Kept[tuple[uuid.UUID, uuid.UUID, bool], Judgement | LeftOut]
"""Pairs as they were judged, apart for those who may see the startup's evidence and those who may not."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What counting gaps needs of the process."""

    means: Means
    errands: Errands
    found: Found


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of a cohort, the most frequent first, over so many startups and calls; ``names`` of the startups.

    ``papers_unknown``: how many of the startups have not told whether they hold some paper. ``unreadable``: how many
    more are left out, as their profile or evidence can't be read any more.
    """

    startups: int
    pairs: int
    papers: Sequence[Gap] = ()
    clauses: Sequence[Gap] = ()
    untold: Sequence[Gap] = ()
    papers_unknown: int = 0
    unreadable: int = 0
    names: Mapping[uuid.UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What can be told now. ``gaps`` is ``None`` while pairs are being judged: ``done`` of ``whole`` are."""

    gaps: Gaps | None
    done: int
    whole: int


async def look_at(
    db: AsyncSession, desk: Desk, caller: Caller, now: dt.datetime, only: uuid.UUID | None = None
) -> Look:
    """The gaps as everything stands now, or how far their counting is; ``only``: of one startup, which is told at once.

    Papers are looked for where the startup's evidence is the caller's to see, and nothing else follows from it either.
    """
    repository = CohortRepository(db)
    calls = {(startup, call): version for startup, call, version in
             await repository.best_pairs(caller, LOOKED_AT, CALLS_EACH, only)}  # fmt: skip
    members = await repository.members(caller, {startup for startup, _ in calls})
    beyond = await RequirementRepository(db).beyond_the_record({call for _, call in calls}) if calls else {}
    await db.close()  # the connection is nobody's while it is worked out
    day = now.date().toordinal()
    marks = {
        (startup, call): Mark(of.version, of.evidence_version if of.held else 0, version, beyond.get(call), day)
        for (startup, call), version in calls.items()
        if (of := members.get(startup)) is not None
    }
    missing = {
        pair: mark
        for pair, mark in marks.items()
        if (known := desk.found.get(_place(pair, mark))) is None or known.mark != mark
    }
    if len(missing) > AT_ONCE:
        desk.errands.begin(_key(caller), partial(_judge, desk, missing, now, desk.errands.aside))
        return Look(None, len(marks) - len(missing), len(marks))
    await _judge(desk, missing, now, None)
    found = {pair: one for pair, mark in marks.items() if (one := desk.found.get(_place(pair, mark))) is not None}
    held = frozenset(startup for startup, of in members.items() if of.held)
    told = _counted(found, held, {startup: of.name for startup, of in members.items()})
    return Look(told, len(marks), len(marks))


def _key(caller: Caller) -> Hashable:
    return "gaps", caller.organisation_id


def _place(pair: Pair, mark: Mark) -> tuple[uuid.UUID, uuid.UUID, bool]:
    return (*pair, mark.evidence > 0)


async def _judge(desk: Desk, marks: Mapping[Pair, Mark], now: dt.datetime, aside: Aside | None) -> None:
    """A few pairs at a time, ``aside`` where no request waits for them. The marks were read before what they stand for:
    a change in between is seen next time.
    """
    pairs = sorted(marks)
    for start in range(0, len(pairs), _TOGETHER):
        part = pairs[start : start + _TOGETHER]
        beyond = {call: told for (_, call) in part if (told := marks[_, call].beyond) is not None}
        shown = {startup for startup, call in part if marks[startup, call].evidence}
        async with desk.means.sessions() as session:
            stored = await OpennessRepository(session).told_by_startups({startup for startup, _ in part})
            wanted = list(dict.fromkeys(call for _, call in part))
            tenders = {
                uuid.UUID(each.id): each for each in await desk.means.keeper.tenders(session, wanted, beyond, aside)
            }
        firms = {id_: each if id_ in shown else Stored(each.record) for id_, each in stored.items()}
        sides = _Sides(firms, tenders, now)
        asked = {pair: marks[pair] for pair in part}
        if aside is None:
            found = await desk.means.cpu.run(_judged, asked, sides, deadline=_SECONDS)
        else:
            found = await aside.run(_judged, asked, sides, deadline=ASIDE_SECONDS)
        for pair, each in found.items():
            desk.found.take(_place(pair, marks[pair]), each)


@dataclass(frozen=True, slots=True)
class _Sides:
    """Startups and calls as they are judged."""

    startups: Mapping[uuid.UUID, Stored]
    tenders: Mapping[uuid.UUID, TenderFacts]
    now: dt.datetime


def _judged(marks: Mapping[Pair, Mark], sides: _Sides) -> dict[Pair, Judgement | LeftOut]:
    """Pure work for a thread; pairs whose startup is gone are left out."""
    firms = {
        id_: readable(id_, partial(startup_of, id_, stored, sides.now)) for id_, stored in sides.startups.items()
    }  # fmt: skip
    found: dict[Pair, Judgement | LeftOut] = {}
    for (startup, call), mark in marks.items():
        if startup in firms:
            firm, tender = firms[startup], sides.tenders.get(call)
            if firm is None or tender is None:
                found[startup, call] = LeftOut(mark, startup=firm is None)
            else:
                found[startup, call] = _judgement(tender, firm, mark, sides.now)
    return found


def _judgement(tender: TenderFacts, firm: StartupFacts, mark: Mark, now: dt.datetime) -> Judgement:
    moment = moment_at(now)
    told = check(tender, firm, default_rules(), moment)
    timing = Timing(moment, working_days_of(tender.country, now.year))
    pieces = readiness(tender, firm, told, default_book(), timing).items
    return Judgement(
        mark,
        papers=frozenset(Gap((), 0, piece=each.piece.id) for each in pieces if each.state is PieceState.MISSING),
        clauses=frozenset(_blocking(told)),
        untold=frozenset(_untold(told)),
        papers_unknown=any(each.state is PieceState.UNKNOWN for each in pieces),
    )


class _Tally:
    """Who has a gap, and at how many pairs."""

    def __init__(self) -> None:
        self._startups: dict[Gap, dict[uuid.UUID, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, gaps: Collection[Gap], startup: uuid.UUID) -> None:
        for gap in gaps:
            self._startups[gap][startup] += 1

    def ranked(self) -> list[Gap]:
        found = [
            Gap(tuple(who), sum(who.values()), gap.piece, gap.kind, gap.name, gap.what)
            for gap, who in self._startups.items()
        ]
        return sorted(found, key=_order)[:_MOST_GAPS]


def _order(gap: Gap) -> tuple[int, int, str]:
    return -len(gap.startups), -gap.pairs, gap.piece or gap.what or f"{gap.kind} {gap.name}"


def _counted(
    found: Mapping[Pair, Judgement | LeftOut], held: frozenset[uuid.UUID], names: Mapping[uuid.UUID, str]
) -> Gaps:
    """Papers, clauses and untold facts, counted, who has not told its papers, and who was left out."""
    papers, clauses, untold = _Tally(), _Tally(), _Tally()
    unknown: set[uuid.UUID] = set()
    judged = {pair: each for pair, each in found.items() if isinstance(each, Judgement)}
    for (startup, _), each in judged.items():
        if startup in held:
            papers.add(each.papers, startup)
            unknown |= {startup} if each.papers_unknown else set()
        clauses.add(each.clauses, startup)
        untold.add(each.untold, startup)
    unread = {pair[0] for pair, each in found.items() if isinstance(each, LeftOut) and each.startup}
    return Gaps(
        len(names) - len(unread), len(judged), papers.ranked(), clauses.ranked(), untold.ranked(), len(unknown),
        len(unread), names,
    )  # fmt: skip


def _blocking(told: Eligibility) -> Iterator[Gap]:
    for each in told.checks:
        if each.effect is Effect.BINDS and each.outcome is Outcome.FAIL:
            name = each.facts.get("name")
            yield Gap((), 0, kind=each.kind.value if each.kind else None, name=str(name) if name else None)


def _untold(told: Eligibility) -> Iterator[Gap]:
    for each in told.checks:
        if each.effect is Effect.BINDS and each.outcome is Outcome.UNKNOWN:
            yield from (Gap((), 0, what=one.what) for one in each.settle if one.by is Settler.PROFILE)
