"""Profiles: entered, read, replaced, shown and hidden. The caller's transaction carries it all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.evidence import service as evidence
from app.jobs.messages import MatchStartup, MatchStartups
from app.jobs.queue import enqueue
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.kit.ids import StartupId, new_uuid
from app.models.organisation import OrganisationKind
from app.models.startup import Startup
from app.models.startup_version import StartupVersion
from app.startups.columns import StartupColumns, startup_columns
from app.startups.errors import (
    StartupAlreadyExists,
    StartupClaimed,
    StartupNotAgreed,
    UnstorableField,
    WrongOrganisationKind,
)
from app.startups.repository import StartupRepository
from app.startups.visibility import may_change
from scrapers.records import StartupRecord

CREATORS = frozenset({OrganisationKind.STARTUP, OrganisationKind.INCUBATOR, OrganisationKind.OPERATOR})


async def create(session: AsyncSession, caller: Caller, record: StartupRecord, now: dt.datetime) -> Startup:
    """Enter a startup: a startup's own profile is listed at once, any other one when its startup has claimed it.

    Raises:
        WrongOrganisationKind: buyers make no startups.
        StartupAlreadyExists: the caller's organisation has one with this external id.
        ValidationFailed: an unknown field can't be kept.

    """
    if caller.kind not in CREATORS:
        raise WrongOrganisationKind(kind=caller.kind, allowed=CREATORS)
    columns = columns_of(record)
    own = caller.kind is OrganisationKind.STARTUP
    repository = StartupRepository(session)
    startup = await repository.add(
        {
            **columns._asdict(),
            "id": new_uuid(),
            "registrar_id": caller.organisation_id,
            "owner_id": caller.organisation_id if own else None,
            "listed": own,
            "agreed_at": now if own else None,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
    )
    if startup is None:
        raise StartupAlreadyExists(external_id=record.id)
    await _keep_version(session, caller, startup, now)
    await _keep_evidence(session, caller, startup, record, now)
    return startup


async def show(session: AsyncSession, caller: Caller, startup_id: StartupId) -> Startup:
    """The startup, if the caller may know of it.

    Raises:
        NotFound: there is none, or it is not for this caller.

    """
    startup = await StartupRepository(session).visible(caller, startup_id)
    if startup is None:
        raise NotFound
    return startup


async def lock_for_change(session: AsyncSession, caller: Caller, startup_id: StartupId) -> Startup:
    """The startup that the caller may change, locked until the transaction ends.

    Raises:
        NotFound: there is none, or it never was this caller's to change.
        StartupClaimed: the caller brought it in, and its startup has taken it over.

    """
    startup = await StartupRepository(session).locked(caller, startup_id)
    if startup is None:
        raise NotFound
    if not may_change(caller, startup):
        raise StartupClaimed
    return startup


async def replace(
    session: AsyncSession, caller: Caller, startup: Startup, record: StartupRecord, now: dt.datetime
) -> None:
    """Make a locked startup say what the record says; a new version, unless it says so already.

    Its evidence stays as it was, unless the record brings some.

    Raises:
        ValidationFailed: the record's id is another than the startup's, or an unknown field can't be kept.

    """
    if record.id == str(startup.id):  # an answer of ours, sent back changed
        record = record.model_copy(update={"id": startup.external_id})
    elif record.id != startup.external_id:
        raise ValidationFailed(FieldError("#/id", "id-fixed"))
    await _keep_evidence(session, caller, startup, record, now)
    columns = columns_of(record)
    if columns.content_hash == startup.content_hash:
        return
    for name, value in columns._asdict().items():
        setattr(startup, name, value)
    startup.version += 1
    startup.updated_at = now
    await _keep_version(session, caller, startup, now)


async def set_listed(session: AsyncSession, startup: Startup, now: dt.datetime, *, listed: bool) -> None:
    """Show a locked startup to buyers, or hide it.

    Raises:
        StartupNotAgreed: it shall be shown, and its startup has not agreed to that.

    """
    if listed and startup.agreed_at is None:
        raise StartupNotAgreed
    if startup.listed is listed:
        return
    startup.listed = listed
    startup.updated_at = now
    await session.flush()
    # Not MatchStartup: a ranking that runs for the same version would make it be dropped.
    await enqueue(session, MatchStartups(startup_ids=(startup.id,)))


async def versions(
    session: AsyncSession, caller: Caller, startup_id: StartupId, before: int | None, limit: int
) -> Sequence[StartupVersion]:
    """The history of a startup, the newest first, without what each version said.

    Raises:
        NotFound: the caller does not see the whole of such a startup.

    """
    repository = StartupRepository(session)
    found = await repository.versions(caller, startup_id, before, limit)
    if not found and not await repository.sees_whole(caller, startup_id):
        raise NotFound
    return found


async def version(session: AsyncSession, caller: Caller, startup_id: StartupId, number: int) -> StartupVersion:
    """What one version of a startup said.

    Raises:
        NotFound: no such version, or the caller does not see the whole of the startup.

    """
    found = await StartupRepository(session).version(caller, startup_id, number)
    if found is None:
        raise NotFound
    return found


def columns_of(record: StartupRecord) -> StartupColumns:
    """The columns of a record that came in a request.

    Raises:
        ValidationFailed: an unknown field can't be kept.

    """
    try:
        return startup_columns(record)
    except UnstorableField as wrong:
        raise ValidationFailed(FieldError(wrong.pointer, wrong.code, fallback="can't be kept as it came")) from wrong


async def _keep_version(session: AsyncSession, caller: Caller, startup: Startup, now: dt.datetime) -> None:
    StartupRepository(session).add_version(
        StartupVersion(
            startup_id=startup.id,
            version=startup.version,
            record=startup.record,
            author_id=caller.organisation_id,
            created_at=now,
        )
    )
    await session.flush()
    await enqueue(session, MatchStartup(startup_id=startup.id, version=startup.version))


async def _keep_evidence(
    session: AsyncSession, caller: Caller, startup: Startup, record: StartupRecord, now: dt.datetime
) -> None:
    if record.evidence is not None:
        await evidence.keep(session, caller, StartupId(startup.id), record.evidence, now)
