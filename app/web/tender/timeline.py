"""What changed from one version of a call to the next, in words: deadlines that moved, other sums, lots added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from app.kit.i18n import Lang, format_date, format_instant, format_money, translate, translate_count
from app.models.tender import TenderStatus
from app.tenders.repository import VersionStep
from app.web.tender.notice import Amount, amount_told

_LONGEST: Final = 1_500
_MOST_CHANGES: Final = 60
_SILENT: Final = frozenset({"deadline_basis", "published_basis", "id", "status"})
"""What says how another field was found, and no more; a status stands in the step itself."""

_MOMENTS: Final = frozenset({"deadline", "published"})
_SUMS: Final = frozenset({"value", "bond"})
_NAMED: Final = frozenset({
    "title", "description", "buyer", "sector", "category", "procedure", "activities", "cpv", "place", "country",
    "value", "bond", "published", "deadline", "lots", "reserved_sme", "part_of", "language", "url", "documents",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One change: a sentence of ours, and beside it the notice's own words before and after, where they are short."""

    sentence: str
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A version: its number, when it came, the status it brought (where that is another), and what changed."""

    version: int
    at: dt.datetime
    status: TenderStatus | None
    changes: Sequence[Told]


def timeline_of(steps: Sequence[VersionStep], lang: Lang) -> list[Step]:
    """Versions in words, the latest first as they come."""
    found = []
    for at, step in enumerate(steps):
        earlier = steps[at + 1] if at + 1 < len(steps) else None
        moved = step.status if earlier is None or earlier.status is not step.status else None
        told = [
            one
            for field, change in step.changes.items()
            if field not in _SILENT and isinstance(change, dict)
            for one in _told(field, change, lang)
        ]
        found.append(Step(step.version, step.created_at, moved, told[:_MOST_CHANGES]))
    return found


def _told(field: str, change: Mapping[str, JsonValue], lang: Lang) -> list[Told]:
    old, new = change.get("old"), change.get("new")
    if field == "lots":
        return _lots(old, new, lang)
    if field in _MOMENTS:
        return [_moved(field, moment(old, lang), moment(new, lang), lang)]
    if field in _SUMS:
        return [_moved(field, _sum(amount_told(old), lang), _sum(amount_told(new), lang), lang)]
    if field not in _NAMED:
        return [Told(translate("web.tender.change.other", lang), None, field[:100])]
    sentence = translate("web.tender.change.field", lang, field=translate(f"web.tender.field.{field}", lang))
    return [Told(sentence, _written(old), _written(new))]


def _moved(field: str, old: str | None, new: str | None, lang: Lang) -> Told:
    name = translate(f"web.tender.field.{field}", lang)
    how = "moved" if old and new else "set" if new else "gone"
    return Told(translate(f"web.tender.change.{how}", lang, field=name, old=old, new=new))


def moment(value: JsonValue, lang: Lang) -> str | None:
    """An instant in Morocco's time, or a day; another text as it is."""
    if not isinstance(value, str) or not value:
        return None
    try:
        if len(value) <= len("2026-01-01"):
            return format_date(dt.date.fromisoformat(value), lang)
        told = dt.datetime.fromisoformat(value)
    except ValueError:
        return value[:100]
    return format_instant(told, lang) if told.tzinfo else f"{format_date(told.date(), lang)} {told:%H:%M}"


def _sum(amount: Amount | None, lang: Lang) -> str | None:
    return None if amount is None else format_money(amount.amount, amount.currency, lang)


def _lots(old: JsonValue, new: JsonValue, lang: Lang) -> list[Told]:
    before, after = _by_id(old), _by_id(new)
    groups = {
        "added": [after[each] for each in after if each not in before],
        "removed": [before[each] for each in before if each not in after],
        "changed": [after[each] for each in after if each in before and before[each] != after[each]],
    }
    return [
        Told(translate_count(f"web.tender.change.lots-{how}", lang, len(lots)), None, _titles(lots))
        for how, lots in groups.items()
        if lots
    ]


def _by_id(lots: JsonValue) -> dict[str, dict[str, JsonValue]]:
    found = {}
    for lot in lots if isinstance(lots, list) else []:
        if isinstance(lot, dict):
            found[str(lot.get("id"))] = lot
    return found


def _titles(lots: Sequence[Mapping[str, JsonValue]]) -> str:
    return "; ".join(str(lot.get("title") or lot.get("id")) for lot in lots)[:_LONGEST]


def _written(value: JsonValue) -> str | None:
    """A notice's own words; of a thing with parts its name."""
    if isinstance(value, dict):
        return _written(value.get("name") or value.get("title") or value.get("url"))
    if isinstance(value, list):
        return "; ".join(written for each in value if (written := _written(each)))[:_LONGEST] or None
    text = "" if value is None else str(value)
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…") or None
