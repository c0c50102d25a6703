"""Evidence: shown, replaced, patched, dated; its files kept within a quota. The caller's transaction carries it all."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.etag import make_etag, require_match
from app.db.base import JsonObject
from app.evidence.document import content_hash, evidence_json, files_of, without_file
from app.evidence.errors import EvidenceQuotaExceeded
from app.evidence.repository import EvidenceRepository, FileRepository
from app.evidence.sniffing import ACCEPTED, media_type_of
from app.files.given import Given, Intake
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.kit.ids import StartupId, TenderId, new_uuid
from app.models.startup_evidence import EvidenceFile, EvidenceVersion, StartupEvidence
from scrapers.evidence import EvidenceRecord
from scrapers.normalise import HOME_ZONE, zone_of_country

MOST_FILES = 100
MOST_FILE_BYTES = 10_000_000
MOST_BYTES = 100_000_000
"""What one startup may keep: its files live in the database, beside everything else."""

FILES: Final = Intake(MOST_FILE_BYTES, ACCEPTED, media_type_of)


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence as it stands; version 0 where nothing was told yet."""

    startup_id: StartupId
    version: int
    document: JsonObject
    updated_at: dt.datetime | None
    files: Sequence[EvidenceFile]

    @property
    def etag(self) -> str:
        """The tag of the document, which the files beside it don't change."""
        return evidence_etag(self.startup_id, self.version)


def evidence_etag(startup_id: StartupId, version: int) -> str:
    """The tag of a version of a startup's evidence."""
    return make_etag("evidence", startup_id, version)


async def show(session: AsyncSession, caller: Caller, startup_id: StartupId) -> Shown:
    """The evidence of a startup. Raises NotFound: there is no such startup, or its evidence is not the caller's."""
    seen, row = await EvidenceRepository(session).current(caller, startup_id)
    if not seen:
        raise NotFound
    files = await FileRepository(session).of(startup_id)
    if row is None:
        return Shown(startup_id, 0, {}, None, files)
    return Shown(startup_id, row.version, row.document, row.updated_at, files)


async def check_held(session: AsyncSession, caller: Caller, startup_id: StartupId) -> None:
    """Raises NotFound unless there is such a startup and its evidence is the caller's."""
    if not await EvidenceRepository(session).holds(caller, startup_id):
        raise NotFound


async def hold(session: AsyncSession, caller: Caller, startup_id: StartupId, if_match: str | None) -> Shown:
    """The same, the startup locked until the transaction ends, if ``if_match`` names its present version.

    Raises:
        NotFound: as for :func:`show`.
        PreconditionRequired, PreconditionFailed: no tag is given, or that of another version.
    """
    if not await EvidenceRepository(session).holds(caller, startup_id, lock=True):
        raise NotFound
    held = await show(session, caller, startup_id)
    require_match(if_match, held.etag)
    return held


async def replace(
    session: AsyncSession, caller: Caller, held: Shown, evidence: EvidenceRecord, now: dt.datetime
) -> Shown:
    """Make held evidence say what is given.

    Raises:
        ValidationFailed: it refers to a file that the startup does not have.
    """
    known = {str(file.id) for file in held.files}
    missing = [pointer for pointer, file_id in files_of(evidence).items() if file_id not in known]
    if missing:
        raise ValidationFailed(
            *(FieldError(pointer, "unknown-file", fallback="is no file of this startup") for pointer in missing)
        )
    await keep(session, caller, held.startup_id, evidence, now)
    return await show(session, caller, held.startup_id)


async def keep(
    session: AsyncSession, caller: Caller, startup_id: StartupId, evidence: EvidenceRecord, now: dt.datetime
) -> None:
    """Make the evidence of a locked startup say this; a new version, unless it says so already."""
    await _keep(session, caller, startup_id, evidence_json(evidence), now)


async def _keep(
    session: AsyncSession, caller: Caller, startup_id: StartupId, document: JsonObject, now: dt.datetime
) -> None:
    repository = EvidenceRepository(session)
    row, told = await repository.row_of(startup_id), content_hash(document)
    if row is None:
        row = StartupEvidence(startup_id=startup_id, version=0, content_hash=b"")
        repository.add(row)
    elif row.content_hash == told:
        return
    row.version, row.document, row.content_hash, row.updated_at = row.version + 1, document, told, now
    await repository.flush()
    repository.add(
        EvidenceVersion(
            startup_id=startup_id,
            version=row.version,
            document=document,
            author_id=caller.organisation_id,
            created_at=now,
        )
    )
    await repository.flush()


def referred_files(document: JsonObject) -> frozenset[str]:
    """The ids of the files that a document refers to."""
    return frozenset(files_of(EvidenceRecord.model_validate(document)).values())


async def versions(
    session: AsyncSession, caller: Caller, startup_id: StartupId, before: int | None, limit: int
) -> Sequence[EvidenceVersion]:
    """The history, the newest first. Raises NotFound as :func:`show` does."""
    repository = EvidenceRepository(session)
    found = await repository.versions(caller, startup_id, before, limit)
    if not found and not await repository.holds(caller, startup_id):
        raise NotFound
    return found


async def version(session: AsyncSession, caller: Caller, startup_id: StartupId, number: int) -> EvidenceVersion:
    """What one version said. Raises NotFound."""
    found = await EvidenceRepository(session).version(caller, startup_id, number)
    if found is None:
        raise NotFound
    return found


async def day_of(session: AsyncSession, caller: Caller, tender_id: TenderId) -> dt.date:
    """The day of a call's deadline, where the call is.

    Raises:
        NotFound: the caller may see no such call.
        ValidationFailed: the call has no deadline.
    """
    found = await EvidenceRepository(session).deadline_of(caller, tender_id)
    if found is None:
        raise NotFound
    deadline, country = found
    if deadline is None:
        raise ValidationFailed(FieldError("#/tender_id", "no-deadline", "query", fallback="the call has no deadline"))
    return deadline.astimezone(zone_of_country(country) or HOME_ZONE).date()


async def add_file(
    session: AsyncSession, caller: Caller, startup_id: StartupId, given: Given, now: dt.datetime
) -> EvidenceFile:
    """Keep a file.

    Raises:
        NotFound: as for :func:`show`.
        EvidenceQuotaExceeded: the startup's files would be too many or too large.
    """
    if not await EvidenceRepository(session).holds(caller, startup_id, lock=True):
        raise NotFound
    files = FileRepository(session)
    count, size = await files.taken(startup_id)
    if count >= MOST_FILES or size + len(given.content) > MOST_BYTES:
        raise EvidenceQuotaExceeded(files=count, size_bytes=size, most_files=MOST_FILES, most_bytes=MOST_BYTES)
    file = EvidenceFile(
        id=new_uuid(),
        startup_id=startup_id,
        filename=given.filename,
        media_type=given.media_type,
        size=len(given.content),
        sha256=hashlib.sha256(given.content).digest(),
        content=given.content,
        uploaded_by_id=caller.organisation_id,
        created_at=now,
    )
    repository = EvidenceRepository(session)
    repository.add(file)
    await repository.flush()
    return file


async def file_content(
    session: AsyncSession, caller: Caller, startup_id: StartupId, file_id: uuid.UUID
) -> EvidenceFile:  # fmt: skip
    """A file with what it holds. Raises NotFound."""
    found = await FileRepository(session).content(caller, startup_id, file_id)
    if found is None:
        raise NotFound
    return found


async def delete_file(
    session: AsyncSession, caller: Caller, startup_id: StartupId, file_id: uuid.UUID, now: dt.datetime
) -> None:
    """Remove a file for good; evidence that refers to it no longer does, as a version of its own. Raises NotFound."""
    repository = EvidenceRepository(session)
    if not await repository.holds(caller, startup_id, lock=True):
        raise NotFound
    if not await FileRepository(session).delete(startup_id, file_id):
        raise NotFound
    row = await repository.row_of(startup_id)
    if row is not None:
        await _keep(session, caller, startup_id, without_file(row.document, str(file_id)), now)
