"""Records as the rows that are staged for them, or the reason why one can't be stored."""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

import orjson

from app.evidence.document import content_hash, evidence_json
from app.files.contract import Rejected
from app.files.json_rows import excerpt
from app.kit.ids import new_uuid
from app.models.import_run import ImportKind
from app.models.tender import TenderStatus
from app.startups.columns import startup_columns
from app.startups.errors import UnstorableField
from app.tenders.columns import UndatableDay, tender_columns
from app.tenders.ocid import ocid_of
from scrapers.normalise import zone_of_country
from scrapers.records import StartupRecord, TenderRecord

StagedRow: TypeAlias = tuple[object, ...]

_STATUS: Mapping[str, TenderStatus] = MappingProxyType({
    "planning": TenderStatus.PLANNED,
    "planned": TenderStatus.PLANNED,
    "cancelled": TenderStatus.CANCELLED,
    "withdrawn": TenderStatus.WITHDRAWN,
    "unsuccessful": TenderStatus.CLOSED,
    "complete": TenderStatus.AWARDED,
})  # fmt: skip
"""What the OCDS codelist tenderStatus means here; active ones are published."""

_SAID = MappingProxyType({
    "unstorable-text": "holds a NUL character or half of a surrogate pair",
    "unstorable-number": "holds a number that JSON readers do not agree on",
    "too-deep": "is nested too deeply",
})  # fmt: skip


@dataclass(slots=True)
class Gathered:
    """Records as canonical JSON, their lines, what the reader refused, and notices of publishers if there are any.

    ``statuses``: where each tender stands, if whoever gathered them has judged it; else its record says it.
    """

    records: list[bytes] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    notices: list[bytes] = field(default_factory=list)
    statuses: list[TenderStatus] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A batch ready to be staged. ``rows[i]`` was made of ``records[i]``, which stood at ``lines[i]``.

    ``notices``: the position of a row, an id for its notice if that is new, its SHA-256, and itself compressed.
    """

    rows: Sequence[StagedRow]
    records: Sequence[bytes]
    lines: Sequence[int]
    rejected: Sequence[Rejected]
    notices: Sequence[StagedRow] = ()

    def refuse(self, position: int, code: str, reason: str) -> Rejected:
        """The refusal of a row that was staged and could not be stored."""
        return Rejected(self.lines[position], code, reason, excerpt(self.records[position]))


def map_batch(kind: ImportKind, given: Gathered) -> Mapped:
    """Derive the columns of each record; pure work for a thread."""
    make = _MAPPERS[kind]
    rows: list[StagedRow] = []
    kept: list[bytes] = []
    numbers: list[int] = []
    notices: list[StagedRow] = []
    refused = list(given.rejected)
    for at, (record, line) in enumerate(zip(given.records, given.lines, strict=True)):
        try:
            made = tender_row(record, given.statuses[at]) if given.statuses else make(record)
            rows.append((len(rows), *made))
        except UndatableDay as wrong:
            refused.append(Rejected(line, "date.no_zone", str(wrong), excerpt(record)))
        except UnstorableField as wrong:
            said = f"{wrong.pointer.removeprefix('#/')}: {_SAID.get(wrong.code, wrong.code)}"
            refused.append(Rejected(line, "field.unstorable", said, excerpt(record)))
        except ValueError as wrong:
            refused.append(Rejected(line, "field.unstorable", str(wrong), excerpt(record)))
        else:
            if given.notices and (notice := given.notices[at]):
                notices.append((len(kept), new_uuid(), hashlib.sha256(notice).digest(), zlib.compress(notice)))
            kept.append(record)
            numbers.append(line)
    return Mapped(rows, kept, numbers, refused, notices)


def tender_row(record: bytes, status: TenderStatus | None = None) -> StagedRow:
    """Values of :data:`app.ingest.tender_sql.STAGED`, after the position; ``status`` where it is not the record's."""
    tender = TenderRecord.model_validate_json(record)
    columns = tender_columns(tender, zone=zone_of_country(tender.country))
    tender_id = new_uuid()
    return (
        tender_id, columns.external_id, ocid_of(tender_id), status or _status_of(tender), columns.title,
        columns.buyer_name, columns.sector, columns.category, columns.country, columns.region, columns.value_amount,
        columns.value_currency, columns.reserved_sme, columns.simplified_access, columns.simplified_grounds,
        columns.published_at, columns.deadline_at,
        orjson.dumps(columns.record).decode(), columns.search_text, columns.content_hash,
    )  # fmt: skip


def startup_row(record: bytes) -> StagedRow:
    """Values of :data:`app.ingest.startup_sql.STAGED`, after the position."""
    startup = StartupRecord.model_validate_json(record)
    columns = startup_columns(startup)
    evidence = None if startup.evidence is None else evidence_json(startup.evidence)
    startup_id: uuid.UUID = new_uuid()
    return (
        startup_id, columns.external_id, columns.name, columns.sort_name, columns.country, columns.city,
        columns.regions, columns.sectors, columns.languages, columns.labels, columns.certifications,
        columns.employees, orjson.dumps(columns.record).decode(), columns.search_text, columns.content_hash,
        None if evidence is None else orjson.dumps(evidence).decode(),
        None if evidence is None else content_hash(evidence),
    )  # fmt: skip


def _status_of(tender: TenderRecord) -> TenderStatus:
    """Where a notice stands: the status of an OCDS process, else published; a flat record's own is kept, not read."""
    extra = tender.model_extra or {}
    return (status_called(extra.get("status")) if "ocid" in extra else None) or TenderStatus.PUBLISHED


def status_called(written: object) -> TenderStatus | None:
    """What a word of the OCDS codelist tenderStatus means here; ``None`` where nothing is said."""
    return _STATUS.get(written, TenderStatus.PUBLISHED) if isinstance(written, str) else None


_MAPPERS: Mapping[ImportKind, Callable[[bytes], StagedRow]] = MappingProxyType(
    {ImportKind.TENDERS: tender_row, ImportKind.STARTUPS: startup_row}
)
