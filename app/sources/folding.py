"""What a source sent of its calls, folded into one record and one status for each, with what is known already.

Updates may hold only what changed (``delta``): what they leave out is unknown, and what is known of it stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson
from pydantic import JsonValue

from app.db.base import JsonObject
from app.ingest.mapping import Gathered, status_called
from app.models.tender import TenderStatus
from scrapers.records import TenderRecord

DELTA = "delta"
_ENDED = frozenset({TenderStatus.CLOSED, TenderStatus.CANCELLED, TenderStatus.AWARDED, TenderStatus.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Stored:
    """A call as it stands: its status, the status word of its record, and the record where an update needs it."""

    status: TenderStatus
    word: str | None
    record: JsonObject | None = None


@dataclass(slots=True)
class Fold:
    """Records of one or more bundles in the order they came; a later one replaces or completes an earlier one."""

    records: dict[str, JsonObject] = field(default_factory=dict)

    def add(self, record: TenderRecord) -> None:
        """Take a record in."""
        fields = fields_of(record)
        before = self.records.get(record.id)
        self.records[record.id] = completed(before, fields) if before and fields.get(DELTA) else fields

    def updates(self) -> list[str]:
        """The ids of which only updates came."""
        return [ident for ident, record in self.records.items() if record.get(DELTA)]

    def gathered(self, stored: Mapping[str, Stored]) -> Gathered:
        """The records ready to be staged, each with where it stands."""
        given = Gathered()
        for line, (ident, record) in enumerate(self.records.items(), start=1):
            known = stored.get(ident)
            if record.get(DELTA) and known is not None and known.record is not None:
                record = completed(known.record, record)  # noqa: PLW2901 - what is staged is the whole
            given.records.append(orjson.dumps(record))
            given.lines.append(line)
            given.statuses.append(status_of(record, known))
        return given


def fields_of(record: TenderRecord) -> JsonObject:
    """A record as JSON, without what is empty."""
    found: JsonObject = orjson.loads(record.__pydantic_serializer__.to_json(record, exclude_defaults=True))
    return found


def completed(before: JsonObject, update: JsonObject) -> JsonObject:
    """A record with an update laid over it; lots are completed one by one. It is an update itself if ``before`` is."""
    whole = {**before, **update}
    if isinstance(known := before.get("buyer"), dict) and isinstance(told := update.get("buyer"), dict):
        whole["buyer"] = {**known, **told}  # a correction may name its buyer without the number it is known by
    for when in ("published", "deadline"):
        if when in update:  # how the old time was found says nothing of the new one
            for about in (f"{when}_basis", f"{when}_text"):
                if about not in update:
                    whole.pop(about, None)
    if "lots" in before and "lots" in update:
        whole["lots"] = _lots(before["lots"], update["lots"])
    if not before.get(DELTA):
        whole.pop(DELTA, None)
    return whole


def _lots(before: JsonValue, update: JsonValue) -> JsonValue:
    lots = {lot["id"]: lot for lot in _objects(before)}
    for lot in _objects(update):
        lots[lot["id"]] = {**lots.get(lot["id"], {}), **lot}
    return [*lots.values()]


def _objects(value: JsonValue) -> Iterable[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def status_of(record: JsonObject, known: Stored | None) -> TenderStatus:
    """Where a call stands: what the source says of it, unless something else has ended it here.

    Portals leave "active" standing after an award, and say nothing of a call that they have taken from their list.
    """
    said = status_called(record.get("status"))
    if known is None:
        return said or TenderStatus.PUBLISHED
    by_word = status_called(known.word) or TenderStatus.PUBLISHED
    if known.status in _ENDED and known.status is not by_word and said not in _ENDED:
        return known.status
    return said or known.status
