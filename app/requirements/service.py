"""What calls ask for: shown to whoever sees the call, corrected by its owner; documents that are read for it."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Final

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.files.given import Given, Intake
from app.jobs.messages import ReadDocument
from app.jobs.queue import enqueue
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.kit.ids import TenderId, new_uuid
from app.models.tender_requirement import DocumentState, TenderDocument
from app.requirements.errors import TenderDocumentExists, TenderDocumentsFull
from app.requirements.findings import Asked, unknown_kinds
from app.requirements.following import follow
from app.requirements.repository import DocumentRepository, RequirementRepository
from app.requirements.sniffing import ACCEPTED, document_type_of
from matching.requirements import value_json
from matching.requirements.findings import Kind
from matching.requirements.unwire import NotAValue, value_from
from matching.requirements.wire import BARE

MOST_DOCUMENTS = 30
MOST_DOCUMENT_BYTES = 20_000_000
MOST_BYTES = 100_000_000
DOCUMENTS: Final = Intake(MOST_DOCUMENT_BYTES, ACCEPTED, document_type_of)
_LONGEST_TEXT = 500
_LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Requirements:
    """What is known of a call's requirements."""

    tender_id: TenderId
    version: int
    pending: bool
    read_version: int | None
    read_at: dt.datetime | None
    asked: Sequence[Asked]
    unknown: Sequence[Kind]
    corrected: Sequence[Kind]
    documents: Sequence[TenderDocument]


async def show(session: AsyncSession, caller: Caller, tender_id: TenderId) -> Requirements:
    """What a call asks for. Raises NotFound: the caller may see no such call."""
    repository = RequirementRepository(session)
    seen = await repository.seen(caller, tender_id)
    if seen is None:
        raise NotFound
    version, content_hash, read_version, read_hash, read_at = seen
    documents = await DocumentRepository(session).of(tender_id)
    asked = (await repository.asked([tender_id]))[tender_id]
    waiting = any(one.state is DocumentState.PENDING for one in documents)
    return Requirements(
        tender_id=tender_id,
        version=version,
        pending=waiting or read_hash != content_hash,
        read_version=read_version,
        read_at=read_at,
        asked=asked,
        unknown=unknown_kinds(asked),
        corrected=[Kind(kind) for kind in await repository.corrected(tender_id)],
        documents=documents,
    )


async def correct(
    session: AsyncSession, caller: Caller, tender_id: TenderId, kind: Kind, told: Sequence[JsonValue], now: dt.datetime
) -> None:
    """Let the owner's word about a kind count, whatever was or will be read.

    Raises:
        NotFound: the call is not the caller's.
        ValidationFailed: something told is no value of that kind.
    """
    repository = RequirementRepository(session)
    if not await repository.owned(caller, tender_id, lock=True):
        raise NotFound
    values = [_value(kind, one, f"#/values/{at}") for at, one in enumerate(told)]
    await repository.correct(caller, tender_id, kind.value, values, now)
    await follow(session, [tender_id], now)


async def withdraw(session: AsyncSession, caller: Caller, tender_id: TenderId, kind: Kind, now: dt.datetime) -> None:
    """Let what was found count again. Raises NotFound: the call is not the caller's."""
    repository = RequirementRepository(session)
    if not await repository.owned(caller, tender_id, lock=True):
        raise NotFound
    await repository.withdraw(tender_id, kind.value)
    await follow(session, [tender_id], now)


async def check_owned(session: AsyncSession, caller: Caller, tender_id: TenderId) -> None:
    """Raises NotFound unless the call is the caller's."""
    if not await RequirementRepository(session).owned(caller, tender_id):
        raise NotFound


async def add_document(
    session: AsyncSession, caller: Caller, tender_id: TenderId, given: Given, now: dt.datetime
) -> TenderDocument:
    """Take a document of a call in, to be read.

    Raises:
        NotFound: the call is not the caller's.
        TenderDocumentsFull: its documents would be too many or too large.
        TenderDocumentExists: it has this one already.
    """
    if not await RequirementRepository(session).owned(caller, tender_id, lock=True):
        raise NotFound
    repository = DocumentRepository(session)
    count, size = await repository.taken(tender_id)
    if count >= MOST_DOCUMENTS or size + len(given.content) > MOST_BYTES:
        raise TenderDocumentsFull(
            documents=count, size_bytes=size, most_documents=MOST_DOCUMENTS, most_bytes=MOST_BYTES
        )
    made = await repository.add({
        "id": new_uuid(), "tender_id": tender_id, "filename": given.filename, "media_type": given.media_type,
        "size": len(given.content), "sha256": hashlib.sha256(given.content).digest(), "content": given.content,
        "state": DocumentState.PENDING, "created_at": now,
    })  # fmt: skip
    if made is None:
        raise TenderDocumentExists
    await enqueue(session, ReadDocument(document_id=made.id))
    return made


async def documents(session: AsyncSession, caller: Caller, tender_id: TenderId) -> Sequence[TenderDocument]:
    """The documents of the caller's call. Raises NotFound."""
    await check_owned(session, caller, tender_id)
    return await DocumentRepository(session).of(tender_id)


async def document(
    session: AsyncSession, caller: Caller, tender_id: TenderId, document_id: uuid.UUID
) -> TenderDocument:  # fmt: skip
    """A document of the caller's call with its text. Raises NotFound."""
    found = await DocumentRepository(session).one(caller, tender_id, document_id)
    if found is None:
        raise NotFound
    return found


async def delete_document(
    session: AsyncSession, caller: Caller, tender_id: TenderId, document_id: uuid.UUID, now: dt.datetime
) -> None:
    """Remove a document and what was found in it. Raises NotFound."""
    if not await RequirementRepository(session).owned(caller, tender_id, lock=True):
        raise NotFound
    if not await DocumentRepository(session).delete(tender_id, document_id):
        raise NotFound
    await follow(session, [tender_id], now)


def _value(kind: Kind, told: JsonValue, pointer: str) -> JsonValue:
    """What is told as it is kept, checked to the letter."""
    try:
        value = value_from(kind, told)
        _check(value)
    except NotAValue as wrong:
        raise ValidationFailed(FieldError(pointer + wrong.pointer, "not-a-value", fallback=wrong.sentence)) from wrong
    return value_json(value)


def _check(value: object, at: str = "") -> None:
    """Refuse what no call asks: texts of pages, sums beyond all budgets, less than nothing."""
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            part = getattr(value, each.name)
            place = at if type(value) in BARE else f"{at}/{each.name}"
            if each.name.endswith("percent") and part is not None and part > 100:
                raise NotAValue(place, "must be 100 at most")
            if each.name == "currency" and not (len(part) == 3 and part.isascii() and part.isupper()):
                raise NotAValue(place, "must be an ISO 4217 code")
            _check(part, place)
    elif isinstance(value, str):
        if not value.strip() or len(value) > _LONGEST_TEXT:
            raise NotAValue(at, f"must have 1 to {_LONGEST_TEXT} characters")
    elif isinstance(value, int | Decimal) and not 0 <= value <= _LARGEST:
        raise NotAValue(at, f"must be between 0 and {_LARGEST:f}")
    elif isinstance(value, tuple):
        for n, one in enumerate(value):
            _check(one, f"{at}/{n}")
