"""What the pages of one call show beside its record."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject
from app.kit.i18n import Lang
from app.models.tender import TenderStatus
from app.openness.advice import hints
from app.openness.facts import FactsKeeper
from app.openness.schemas import AdviceOut
from app.tenders.lanes import lane_of
from app.tenders.repository import VersionStep
from app.tenders.states import TRANSITIONS, Action
from app.web.officer.draft import PARTS
from app.web.officer.saying import label_of, lines_of
from matching.eligibility.loading import default_rules
from matching.eligibility.rates import moment_at
from matching.requirements import read_record
from scrapers.normalise import to_instant, zone_of_country
from scrapers.records import TenderRecord

STEPS = (Action.PUBLISH, Action.CLOSE, Action.CANCEL, Action.WITHDRAW, Action.DELETE)
LATEST = 3
"""Versions that the page of a call names."""

_NEEDED = ("description", "deadline", "value", "place", "procedure", "sector", "category")


@dataclass(frozen=True, slots=True)
class Said:
    """A field as a person reads it."""

    name: str
    label: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Changed:
    """A field before and after."""

    label: str
    old: Sequence[str]
    new: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A draft as a founder will see it. ``lane``: whether a young firm can enter it without references, and why."""

    title: str
    fields: Sequence[Said]
    deadline: dt.datetime | None
    lane: bool | None
    grounds: Sequence[str]


def steps_at(status: TenderStatus) -> list[Action]:
    """The steps that a call may take now, amending not among them."""
    return [action for action in STEPS if status in TRANSITIONS[action]]


def said(record: JsonObject, lang: Lang, names: Sequence[str] = tuple(PARTS)) -> list[Said]:
    """The fields of a record that say something."""
    found = [Said(name, label_of(name, lang), lines_of(name, record.get(name), lang)) for name in names]
    return [each for each in found if each.lines]


def changes(told: JsonObject, lang: Lang) -> list[Changed]:
    """What a version changed, by field: ``{"old": ..., "new": ...}`` as services tell it."""
    return [
        Changed(label_of(name, lang), lines_of(name, each.get("old"), lang), lines_of(name, each.get("new"), lang))
        for name, each in told.items()
        if isinstance(each, dict)
    ]


def latest(steps: Sequence[VersionStep], lang: Lang) -> list[tuple[VersionStep, list[str]]]:
    """The latest versions, each with the names of what it changed."""
    return [(step, [label_of(name, lang) for name in step.changes]) for step in steps]


def shown_of(row: RowMapping, lang: Lang) -> Shown:
    """A call that is entered, as founders see it."""
    record: JsonObject = row["record"]
    return Shown(
        str(record["title"]), said(record, lang), row["deadline_at"], row["simplified_access"],
        row["simplified_grounds"],
    )  # fmt: skip


async def shown_typed(record: JsonObject, lang: Lang) -> Shown:
    """A record that is valid and stored nowhere, as founders would see it. Its texts are read off the event loop."""
    told = TenderRecord.model_validate(record)
    lane = await asyncio.to_thread(lambda: lane_of(told, read_record(record)))
    deadline = None
    if told.deadline is not None:
        with contextlib.suppress(ValueError, OverflowError):  # a day that no calendar has is told when it is saved
            deadline = to_instant(told.deadline, zone_of_country(told.country), "end")[0]
    return Shown(told.title, said(record, lang), deadline, lane.simplified_access, lane.simplified_grounds)


def missing(record: JsonObject) -> list[str]:
    """What founders will look for in vain."""
    return [name for name in _NEEDED if not record.get(name)]


async def warnings(
    db: AsyncSession, keeper: FactsKeeper, row: RowMapping, now: dt.datetime, lang: Lang
) -> list[AdviceOut]:  # fmt: skip
    """What the law in force would find wrong with a call that is published now. Not legal advice."""
    facts = await keeper.tender(db, uuid.UUID(str(row["id"])), row["record"])
    return hints(replace(facts, published=facts.published or now), default_rules(), moment_at(now), lang)
