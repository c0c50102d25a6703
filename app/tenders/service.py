"""What owners do to their calls: enter, amend, move through the states, delete a draft."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.etag import make_etag, require_match
from app.api.merge_patch import merge_patch
from app.db.base import JsonObject
from app.db.session import driver_connection
from app.events.tenders import tell_tenders
from app.jobs.messages import LinkTenders, MatchTender, ReadRequirements
from app.jobs.queue import enqueue
from app.kit.errors import AppError, FieldError, NotFound, ValidationFailed
from app.kit.ids import OrganisationId, TenderId, new_uuid
from app.models.organisation import OrganisationKind
from app.models.tender import Tender, TenderStatus
from app.tenders.columns import TenderColumns, UndatableDay, tender_columns
from app.tenders.ocid import ocid_of
from app.tenders.repository import TenderRepository, column_values
from app.tenders.schemas import NewTender, TenderBody
from app.tenders.states import Action, after
from scrapers.normalise import zone_of_country
from scrapers.records import TenderRecord


class NotABuyer(AppError):
    """Only buyers and the operator post calls for tenders."""

    status, slug = 403, "not-a-buyer"


class TenderExists(AppError):
    """The organisation already has a call with this ``id``; ``tender_id`` is ours of it: amend that one."""

    status, slug = 409, "tender-exists"


@dataclass(frozen=True, slots=True)
class Edit:
    """Who changes which call, when, and from which version on (``If-Match``)."""

    caller: Caller
    tender_id: TenderId
    now: dt.datetime
    if_match: str | None


def tender_etag(tender_id: object, version: int, lane: bool | None) -> str:
    """The entity tag of a version of a call; the same for everybody who may see it. What its documents say of
    references (``lane``) may become known within one version.
    """
    return make_etag("tender", tender_id, version, lane)


async def post(db: AsyncSession, caller: Caller, body: NewTender, now: dt.datetime) -> Tender:
    """Enter a call, as a draft or published at once.

    Raises:
        NotABuyer: startups and incubators post no calls.
        TenderExists: the caller has one with this id.

    """
    if caller.kind not in (OrganisationKind.BUYER, OrganisationKind.OPERATOR):
        raise NotABuyer
    repository = TenderRepository(db)
    tender_id = TenderId(new_uuid())
    columns = _columns(TenderRecord.model_validate(body.model_dump(exclude={"status"}, exclude_defaults=True)))
    status = TenderStatus(body.status)
    values = column_values(columns) | {
        "ocid": ocid_of(tender_id),
        "status": status,
        "published_at": _published_at(columns, status, None, now),
        "created_at": now,
        "updated_at": now,
    }
    made = await repository.add(caller.organisation_id, tender_id, values)
    if made is None:
        known = await repository.id_of(caller.organisation_id, columns.external_id)
        raise TenderExists(tender_id=str(known))
    await _keep(db, made, {})
    return made


async def amend(db: AsyncSession, edit: Edit, body: TenderBody) -> Tender:
    """Replace what a draft or published call says; content that is the same makes no version."""
    tender = await _held(db, edit, needs_match=True)
    return await _amend(db, edit, tender, body)


async def patch(db: AsyncSession, edit: Edit, changes: dict[str, JsonValue]) -> Tender:
    """Change some fields of a call by a merge patch.

    Raises:
        pydantic.ValidationError: the patched call is not a tender any more.

    """
    tender = await _held(db, edit, needs_match=True)
    return await _amend(db, edit, tender, TenderBody.model_validate(merge_patch(tender.record, changes)))


async def move(db: AsyncSession, edit: Edit, action: Action) -> Tender:
    """Take a call to its next state, as a version of its own."""
    tender = await _held(db, edit, needs_match=False)
    old = tender.status
    tender.status = after(action, old)
    tender.published_at = _published_at(tender, tender.status, tender.published_at, edit.now)
    await _next_version(db, edit, tender, {"status": {"old": old.value, "new": tender.status.value}})
    return tender


async def discard(db: AsyncSession, edit: Edit) -> None:
    """Delete a draft; what was once published is withdrawn instead."""
    tender = await _held(db, edit, needs_match=False)
    after(Action.DELETE, tender.status)
    await TenderRepository(db).delete(edit.caller.organisation_id, edit.tender_id)


async def _held(db: AsyncSession, edit: Edit, *, needs_match: bool) -> Tender:
    tender = await TenderRepository(db).own_for_update(OrganisationId(edit.caller.organisation_id), edit.tender_id)
    if tender is None:
        raise NotFound
    if needs_match or edit.if_match is not None:
        require_match(edit.if_match, tender_etag(tender.id, tender.version, tender.simplified_access))
    return tender


async def _amend(db: AsyncSession, edit: Edit, tender: Tender, body: TenderBody) -> Tender:
    after(Action.AMEND, tender.status)
    if body.id not in (tender.external_id, str(tender.id)):
        raise ValidationFailed(FieldError("#/id", "immutable", fallback="does not change once a call is entered"))
    columns = _columns(body.model_copy(update={"id": tender.external_id}))
    if columns.content_hash == tender.content_hash:
        return tender
    changes = differences(tender.record, columns.record)
    published_at = _published_at(columns, tender.status, tender.published_at, edit.now)
    for name, value in (column_values(columns) | {"published_at": published_at}).items():
        setattr(tender, name, value)
    await _next_version(db, edit, tender, changes)
    return tender


def differences(old: JsonObject, new: JsonObject) -> JsonObject:
    """Which fields differ: name to ``{"old": ..., "new": ...}``, ``None`` standing for nothing."""
    return {
        name: {"old": old.get(name), "new": new.get(name)}
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


async def _next_version(db: AsyncSession, edit: Edit, tender: Tender, changes: JsonObject) -> None:
    tender.version += 1
    tender.updated_at = edit.now
    await _keep(db, tender, changes)


async def _keep(db: AsyncSession, tender: Tender, changes: JsonObject) -> None:
    """Keep the version; tell of it and ask for its ranking in the same transaction unless nobody may see it yet."""
    repository = TenderRepository(db)
    repository.add_version(tender, changes)
    await repository.flush()
    await enqueue(db, ReadRequirements(tender_ids=(tender.id,)))  # drafts too: their owners look at what they ask
    if tender.status is not TenderStatus.DRAFT:
        await tell_tenders(await driver_connection(db), [tender.id])
        changed = MatchTender(tender_id=tender.id, version=tender.version)
        await enqueue(db, LinkTenders(tender_ids=(tender.id,)), changed)


def _published_at(
    given: TenderColumns | Tender, status: TenderStatus, known: dt.datetime | None, now: dt.datetime
) -> dt.datetime | None:
    """The date that the record gives, else the moment it was published here."""
    return given.published_at or known or (None if status is TenderStatus.DRAFT else now)


def _columns(record: TenderRecord) -> TenderColumns:
    try:
        return tender_columns(record, zone=zone_of_country(record.country))
    except UndatableDay as wrong:
        pointer = f"#/{wrong.field}"
        raise ValidationFailed(FieldError(pointer, "date-without-zone", fallback=wrong.sentence)) from wrong
