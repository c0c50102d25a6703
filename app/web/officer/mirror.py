"""The mirror as its panel shows it: of a call that is entered, or of a form that is being typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fastapi import Request
from starlette.datastructures import QueryParams

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.kit.i18n import Lang, translate
from app.openness import service
from app.openness.deps import get_means
from app.openness.schemas import ChangeOut, ClauseChange, ClauseOut, MirrorExampleIn, MirrorOut
from app.openness.service import Asked, Means
from app.web.charts.bars import lengths
from app.web.typed import Unreadable, amount_of
from matching.requirements.findings import Kind
from scrapers.records import TenderRecord

MOST_CHANGES: Final = 50
_LONGEST_COUNT: Final = 3


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows. ``pool``: the counts by name, each with its bar (see ``app.web.charts.bars``); ``asking``:
    the clauses that ask something, those that shut out most first, each with the bar of whom it shuts out.
    """

    mirror: MirrorOut
    pool: Sequence[tuple[str, int | None, float]]
    asking: Sequence[tuple[ClauseOut, float]]
    openings: Sequence[tuple[ChangeOut, Sequence[str]]]


def means_of(request: Request) -> Means:
    """What a count needs of the process."""
    return get_means(request, request.state.read_sessions, request.state.ranker, request.state.cpu)


async def of_typed(request: Request, caller: Caller, record: JsonObject, lang: Lang) -> Panel:
    """The mirror of a record that is stored nowhere."""
    body = MirrorExampleIn(tender=TenderRecord.model_validate(record), changes=[])
    asked = Asked(caller, request.state.clock(), lang)
    return panel_of(await service.of_example(means_of(request), asked, body), lang)


def panel_of(mirror: MirrorOut, lang: Lang) -> Panel:
    """What is drawn of a mirror."""
    counts = mirror.counts
    pool = [("passed", counts.passed), ("unknown", counts.unknown), ("failed", counts.failed)]
    asking = sorted(mirror.clauses, key=lambda each: (-(each.counts.failed or 0), -(each.counts.unknown or 0)))
    shown = [each for each in asking if each.counts.failed != 0 or each.counts.unknown != 0]
    names = {each.id: name_of(each, lang) for each in mirror.clauses if each.id is not None}
    return Panel(
        mirror=mirror,
        pool=[
            (name, count, bar)
            for (name, count), bar in zip(pool, lengths([count for _, count in pool], mirror.suitable), strict=True)
        ],
        asking=list(zip(shown, lengths([each.counts.failed for each in shown], mirror.suitable), strict=True)),
        openings=[
            (each, [names[clause] for clause in each.clauses if clause in names])
            for each in mirror.changes
            if each.let_in != 0 or each.no_more_out != 0
        ],
    )  # fmt: skip


def name_of(clause: ClauseOut, lang: Lang) -> str:
    """What a clause is called."""
    if clause.kind is None:
        return translate("web.officer.kind.law", lang)
    said = translate(f"web.officer.kind.{clause.kind.value}", lang)
    return f"{said} · {clause.lot}" if clause.lot else said


@dataclass(frozen=True, slots=True)
class Tried:
    """What the address asks to be changed, and which of it could not be read, by field."""

    changes: Sequence[ClauseChange]
    wrong: dict[str, str]


def tried(query: QueryParams, known: Iterable[str], lang: Lang) -> Tried:
    """The changes in an address: ``drop`` names clauses, ``a.<clause>`` an amount, ``c.<clause>`` a count.

    Only clauses that the call has: an address may be older than the call.
    """
    dropped = set(query.getlist("drop"))
    changes: list[ClauseChange] = []
    wrong: dict[str, str] = {}
    for clause in known:
        amount, count = query.get(f"a.{clause}", "").strip(), query.get(f"c.{clause}", "").strip()
        if clause in dropped:
            changes.append(ClauseChange(clause=clause, drop=True))
        elif amount:
            try:
                told = Decimal(amount_of(amount, f"a.{clause}") or "0")
            except Unreadable as refused:
                wrong[refused.field] = translate(refused.key, lang)
                continue
            if told > 0:
                changes.append(ClauseChange(clause=clause, amount=told))
            else:
                changes.append(ClauseChange(clause=clause, drop=True))
        elif count:
            if count.isascii() and count.isdecimal() and len(count) < _LONGEST_COUNT:
                changes.append(ClauseChange(clause=clause, count=int(count)))
            else:
                wrong[f"c.{clause}"] = translate("web.officer.wrong.count", lang)
    return Tried(changes[:MOST_CHANGES], wrong)


TOLD: Final = frozenset({Kind.ESTIMATE, Kind.DEADLINE, Kind.QUESTIONS_DEADLINE, Kind.LOTS, Kind.AWARD_PER_LOT,
                         Kind.WEIGHTS, Kind.PAYMENT, Kind.VALIDITY, Kind.ELECTRONIC_FILING})  # fmt: skip
"""What a call tells and nobody is shut out by."""

LOOSENED: Final = {Kind.TURNOVER: "a", Kind.REFERENCES: "c"}
"""The kinds of clauses that can be asked less of, and what the field of each begins with; all can be dropped."""
