"""A stored tender as the rules of ``matching.dedupe`` compare it, and how far its publisher is trusted."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue

from app.db.base import JsonObject
from app.models.tender import TenderStatus
from matching.dedupe import Notice, Stage
from scrapers.normalise import zone_of_country

_PLANNED: Final = "planned"
_ENDED: Final = frozenset({TenderStatus.CANCELLED, TenderStatus.WITHDRAWN})
_TED = re.compile(r"0*(\d{1,8}-\d{4})", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_MOST_IDS: Final = 50
_LONGEST_ID: Final = 200
"""Files may hold any text as an id, and an index of the database holds no more than some 2,700 bytes of one."""

TRUST: Mapping[str, int] = MappingProxyType({
    "api": 0, "push": 0, "morocco_pmmp": 0, "morocco_bdc": 0, "uk_find_a_tender": 0, "uk_contracts_finder": 1,
    "ted": 1, "boamp": 1, "import": 2, "world_bank": 2, "afdb": 2, "ungm": 2,
})  # fmt: skip
"""Sources by how close they stand to the buyer: official portal, national journal, funder."""
_OCDS_TRUST: Final = 1
_LEAST_TRUSTED: Final = 3


def trust_of(source: str | None) -> int:
    """How far a source is trusted, 0 the most; a tender without a source was entered by its buyer."""
    if source is not None and source.startswith("ocds"):
        return _OCDS_TRUST
    return TRUST.get(source or "api", _LEAST_TRUSTED)


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """What linking reads of a tender row. ``owner_id`` tells its source: within one, its own ids decide."""

    id: uuid.UUID
    owner_id: uuid.UUID
    source: str | None
    status: TenderStatus
    country: str | None
    deadline_at: dt.datetime | None
    record: JsonObject

    def notice(self) -> Notice:
        """The tender as the rules compare it."""
        buyer = self.record.get("buyer")
        named = buyer if isinstance(buyer, dict) else {}
        return Notice(
            source=str(self.owner_id),
            id=str(self.id),
            title=_text(self.record.get("title")),
            country=self.country,
            buyer_id=_text(named.get("id")) or None,
            buyer_name=_text(named.get("name")) or None,
            reference=_text(self.record.get("reference")) or None,
            procedure_ids=frozenset(_procedure_ids(self.record)),
            deadline=self._day(),
            stage=Stage.PLANNED if self.record.get("status") == _PLANNED else Stage.CALL,
            ended=self.status in _ENDED,
        )

    def _day(self) -> dt.date | None:
        """The day of the deadline where the call is made; without a zone of one's own, UTC's."""
        if self.deadline_at is None:
            return None
        zone = zone_of_country(self.country) if self.country else None
        return self.deadline_at.astimezone(zone or dt.UTC).date()


def _procedure_ids(record: JsonObject) -> Iterator[str]:
    """Identifiers that publishers share: OCDS's ocid, eForms' BT-04, publication numbers of TED."""
    told = record.get("procedure_ids")
    for each in (told if isinstance(told, list) else [])[:_MOST_IDS]:
        if isinstance(each, str) and ":" in each:
            yield each.strip().casefold()[:_LONGEST_ID]
    if ocid := _text(record.get("ocid")):
        yield f"ocid:{ocid.casefold()}"[:_LONGEST_ID]
    if _UUID.fullmatch(folder := _text(record.get("procedure_id")).casefold()):
        yield f"bt-04:{folder}"
    if number := _TED.fullmatch(_text(record.get("publication_number"))):
        yield f"ted:{number[1]}"


def _text(value: JsonValue) -> str:
    return value.strip() if isinstance(value, str) else ""
