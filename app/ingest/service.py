"""Bulk imports: taken in, followed, carried out. Below the upload, worker and command line do the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.ingest.previews import Preview
from app.ingest.repository import ImportRepository
from app.jobs.messages import RunImport
from app.jobs.queue import enqueue
from app.kit.errors import AppError, NotFound
from app.kit.ids import ImportRunId, OrganisationId, new_uuid
from app.models.import_run import ImportKind, ImportRun, ImportState, RejectedRecord
from app.models.organisation import OrganisationKind
from app.startups.errors import WrongOrganisationKind

IMPORTERS: Mapping[ImportKind, frozenset[OrganisationKind]] = MappingProxyType({
    ImportKind.STARTUPS: frozenset({OrganisationKind.INCUBATOR, OrganisationKind.OPERATOR}),
    ImportKind.TENDERS: frozenset({OrganisationKind.BUYER, OrganisationKind.OPERATOR}),
})  # fmt: skip

MOST_HELD: Final = 5
"""Looked-at uploads that an organisation has waiting: each takes the room of a whole file."""


class AgreementNotYours(AppError):
    """Only the operator may say that imported startups have agreed to being listed; others are listed once claimed."""

    status, slug = 403, "agreement-not-yours"


@dataclass(frozen=True, slots=True)
class NewImport:
    """What an import is asked to be."""

    kind: ImportKind
    filename: str
    size: int
    agreed: bool = False


def check_importer(caller: Caller, kind: ImportKind, *, agreed: bool) -> None:
    """Refuse what the caller may not bring in, before its file is read.

    Raises:
        WrongOrganisationKind: startups are brought in by incubators, tenders by buyers, both by the operator.
        AgreementNotYours: somebody else than the operator says that the startups have agreed.

    """
    if caller.kind not in IMPORTERS[kind]:
        raise WrongOrganisationKind(kind=caller.kind, allowed=IMPORTERS[kind])
    if agreed and not caller.is_operator:
        raise AgreementNotYours


async def start(
    session: AsyncSession, caller: Caller, wanted: NewImport, file: BinaryIO, now: dt.datetime
) -> ImportRun:
    """Keep an uploaded file and queue its import, both or neither."""
    check_importer(caller, wanted.kind, agreed=wanted.agreed)
    run = await enter(session, caller.organisation_id, wanted, now)
    await ImportRepository(session).keep_upload(ImportRunId(run.id), file)
    await enqueue(session, RunImport(run_id=run.id))
    return run


async def hold(
    session: AsyncSession, caller: Caller, wanted: NewImport, file: BinaryIO, found: Preview, now: dt.datetime
) -> ImportRun:
    """Keep an uploaded file with what was found in it, until its owner begins the import or drops it.

    Of an organisation ``MOST_HELD`` are kept at a time: the oldest makes room for another one.
    """
    check_importer(caller, wanted.kind, agreed=wanted.agreed)
    repository = ImportRepository(session)
    await repository.drop_oldest_held(caller, MOST_HELD - 1)
    run = await enter(session, caller.organisation_id, wanted, now)
    run.state = ImportState.HELD
    await repository.keep_upload(ImportRunId(run.id), file)
    await repository.add_preview(ImportRunId(run.id), found.model_dump(mode="json"))
    return run


async def begin(session: AsyncSession, caller: Caller, run_id: ImportRunId) -> None:
    """Queue a held import; one that was begun already stays as it is.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    if await ImportRepository(session).release(caller, run_id):
        await enqueue(session, RunImport(run_id=run_id))
    else:
        await show(session, caller, run_id)


async def drop(session: AsyncSession, caller: Caller, run_id: ImportRunId) -> ImportRun:
    """Forget a held import; one that was begun stays.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    run = await show(session, caller, run_id)
    await ImportRepository(session).drop_held(caller, run_id)
    return run


async def preview(session: AsyncSession, caller: Caller, run_id: ImportRunId) -> Preview | None:
    """What was found in the beginning of a held import; ``None`` once it was begun."""
    found = await ImportRepository(session).preview(caller, run_id)
    return None if found is None else Preview.model_validate(found)


async def enter(
    session: AsyncSession, organisation_id: OrganisationId, wanted: NewImport, now: dt.datetime
) -> ImportRun:
    """Enter a run in the list, without asking for it to be carried out."""
    run = ImportRun(
        id=new_uuid(),
        organisation_id=organisation_id,
        kind=wanted.kind,
        state=ImportState.QUEUED,
        filename=wanted.filename,
        size=wanted.size,
        agreed=wanted.agreed,
        created_at=now,
        **dict.fromkeys(("seen", "created", "updated", "unchanged", "rejected"), 0),
    )
    await ImportRepository(session).add(run)
    return run


async def show(session: AsyncSession, caller: Caller, run_id: ImportRunId) -> ImportRun:
    """One run.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    run = await ImportRepository(session).run(caller, run_id)
    if run is None:
        raise NotFound
    return run


async def rejected(
    session: AsyncSession, caller: Caller, run_id: ImportRunId, after: int, limit: int
) -> Sequence[RejectedRecord]:
    """What a run refused, after the given position (-1 for the beginning).

    Raises:
        NotFound: there is no such run, or it is somebody else's.

    """
    found = await ImportRepository(session).rejected(caller, run_id, after, limit)
    if not found:
        await show(session, caller, run_id)
    return found
