"""Which single change opens which open calls to a startup."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.eligibility.telling import disclaimer
from app.kit.aside import Aside
from app.kit.errors import NotFound
from app.kit.i18n import Lang, format_money, translate
from app.kit.ids import StartupId
from app.kit.languages import language_name
from app.matches.documents import startup_doc_of_row
from app.matches.live import PATIENCE_SECONDS
from app.openness.facts import startup_of
from app.openness.repository import OpennessRepository, Stored
from app.openness.schemas_openings import (
    EffortOut,
    OpenedOut,
    OpeningOut,
    OpeningsOut,
    StandingOut,
)
from app.openness.service import DEADLINE_SECONDS, Asked, Means
from app.tenders.schemas import MoneyOut
from matching.eligibility.facts import StartupFacts, TenderFacts
from matching.eligibility.loading import default_rules
from matching.eligibility.rates import moment_at
from matching.openness import answers
from matching.openness.calls import Calls
from matching.openness.effort import ChangeKind, EffortTable, default_efforts
from matching.openness.openings import Opening, Openings, openings
from matching.trades import default_trades
from matching.types import Gates, Grade, StartupDoc

MOST_CALLS = 1_000
"""Open calls that a startup is compared with, the best fitting ones."""

_MOST_SHOWN = 20
_OF_TURNOVER: Final = {ChangeKind.TURNOVER, ChangeKind.PARTNER_TURNOVER}
_MONEY: Final = re.compile(r"(\d{1,30}(?:\.\d{1,6})?) ([A-Z]{3})")
_DIVISION: Final = re.compile(r"cpv:(\d\d)")
_MOST_OPENINGS = 50


@dataclass(frozen=True, slots=True)
class Profile:
    """A startup as it is ranked and as it is judged."""

    id: uuid.UUID
    doc: StartupDoc
    facts: StartupFacts


@dataclass(frozen=True, slots=True)
class Member:
    """A startup with the calls that fit it, the best first."""

    id: uuid.UUID
    facts: StartupFacts
    tenders: Sequence[TenderFacts]


async def of_startup(means: Means, asked: Asked, startup_id: StartupId) -> OpeningsOut:
    """What would open how many of the calls that fit a startup.

    Raises:
        NotFound: there is no such startup, or the caller does not see the whole of it.

    """
    async with means.sessions() as session:
        stored = await OpennessRepository(session).whole_startup(asked.caller, startup_id)
    if stored is None:
        raise NotFound
    profile = profile_of(uuid.UUID(str(startup_id)), stored, asked.now)
    (member,) = await members(means, asked, [profile], MOST_CALLS)
    efforts = default_efforts()
    found = await means.cpu.run(openings_of, member, asked, efforts, deadline=DEADLINE_SECONDS)
    shown = found.openings[:_MOST_OPENINGS]
    opened = {id_ for each in shown for id_ in each.opened[:_MOST_SHOWN]}
    async with means.sessions() as session:
        titles = await OpennessRepository(session).tender_titles([uuid.UUID(each) for each in opened])
    by_id = {each.id: each for each in member.tenders}
    return OpeningsOut(
        startup_id=member.id,
        as_of=asked.now,
        looked_at=len(member.tenders),
        standing=StandingOut(passed=found.now.passed, failed=found.now.failed, unknown=found.now.unknown),
        openings=[_out(each, efforts, by_id, titles, asked.lang) for each in shown],
        effort_as_of=efforts.as_of,
        effort_source=efforts.source,
        disclaimer=disclaimer(asked.lang),
    )


def profile_of(id_: uuid.UUID, stored: Stored, as_of: dt.datetime) -> Profile:
    """A startup as it stands.

    Raises:
        ValidationError: its profile or evidence can't be read any more.
    """
    return Profile(id_, startup_doc_of_row(id_, stored.record), startup_of(id_, stored, as_of))


async def members(
    means: Means, asked: Asked, profiles: Sequence[Profile], most: int, aside: Aside | None = None
) -> list[Member]:
    """Startups with the calls that fit them; a few statements for all of them. ``aside``: where no request waits."""
    await means.ranker.index.catch_up(PATIENCE_SECONDS)
    fitting = {each.id: await _fitting(means, asked, each.doc, most) for each in profiles}
    async with means.sessions() as session:
        wanted = list(dict.fromkeys(call for ids in fitting.values() for call in ids))
        tenders = {each.id: each for each in await means.keeper.tenders(session, wanted, aside=aside)}
    return [
        Member(each.id, each.facts, [tenders[str(call)] for call in fitting[each.id] if str(call) in tenders])
        for each in profiles
    ]


async def _fitting(means: Means, asked: Asked, doc: StartupDoc, most: int) -> list[uuid.UUID]:
    gates = Gates(as_of=asked.now, min_grade=Grade.POSSIBLE)
    ranking = await means.ranker.fitting_tenders(doc, k=most, gates=gates)
    return [uuid.UUID(item.tender_id) for item in ranking.items]


def openings_of(member: Member, asked: Asked, efforts: EffortTable) -> Openings:
    """Every change tried on every call that fits; pure work for a thread."""
    calls = Calls.of(member.tenders, default_rules())
    return openings(member.facts, answers.Asked(calls, moment_at(asked.now)), efforts)


def _out(
    opening: Opening,
    efforts: EffortTable,
    tenders: Mapping[str, TenderFacts],
    titles: Mapping[uuid.UUID, str],
    lang: Lang,
) -> OpeningOut:
    amount = opening.amount
    return OpeningOut(
        kind=opening.kind,
        what=opening.what,
        amount=None if amount is None else MoneyOut(amount=float(amount.amount), currency=amount.currency),
        sentence=sentence_of(opening.kind, named(opening.kind, opening.what, lang), lang),
        opens=len(opening.opened),
        unblocks=opening.unblocked,
        loses=opening.lost,
        value=float(opening.value),
        effort=effort_out(opening.kind, efforts),
        tenders=[
            OpenedOut(tender_id=uuid.UUID(id_), title=titles.get(uuid.UUID(id_)), deadline=tenders[id_].deadline)
            for id_ in opening.opened[:_MOST_SHOWN]
        ],
    )


def sentence_of(kind: ChangeKind, name: str, lang: Lang) -> str:
    """What a change is called. ``name``: what it is about, as :func:`named` says it."""
    return translate(f"openness.change.{kind}", lang, what=name)


def named(kind: ChangeKind, what: str, lang: Lang) -> str:
    """A language, a sum, a trade or a division of the CPV as the language calls it; else the words of the calls."""
    if kind is ChangeKind.LANGUAGE:
        return language_name(what, lang)
    if kind in _OF_TURNOVER and (money := _MONEY.fullmatch(what)):
        return format_money(Decimal(money[1]), money[2], lang)
    if division := _DIVISION.fullmatch(what):
        return translate("openness.division", lang, code=division[1])
    trades = default_trades()
    known = trades.trades[trades.number[what]].labels if what in trades.number else {}
    return known.get(lang, what)


def effort_out(kind: ChangeKind, efforts: EffortTable) -> EffortOut:
    """What a change takes."""
    told = efforts.efforts[kind]
    return EffortOut(weeks=told.weeks, cost=told.cost)
