"""Switching letters off by the link that each has: who reads a letter at an address may end such letters to it.

The token holds the person and a signature over person and group. Nothing of it is stored, so that the link of an old
letter still works, whichever letters are kept.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.crypto import Keyring, held_by, same_secret, token_of
from app.models.matter import MatterGroup
from app.models.person import Person

TOKEN_PREFIX: Final = "sfq"  # noqa: S105 (the visible start of a token, for secret scanners)
_PURPOSE: Final = "quiet-letters"
_ID_BYTES: Final = 16
_OFF = text("""
UPDATE person SET quiet = array_append(quiet, CAST(:group AS text))
WHERE id = :id AND NOT CAST(:group AS text) = ANY (quiet)
""")


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a link belongs to, in which language they read, and whether they have switched such letters off."""

    person_id: uuid.UUID
    group: MatterGroup
    lang: str | None
    off: bool


def quiet_token(keyring: Keyring, person_id: uuid.UUID, group: MatterGroup) -> str:
    """What ends letters of a group to a person."""
    return token_of(TOKEN_PREFIX, person_id.bytes + _seal(keyring.signing_key(_PURPOSE), person_id, group))


async def reader_of(session: AsyncSession, keyring: Keyring, token: str) -> Reader | None:
    """Whom a token belongs to; ``None``: it is none, or they are gone."""
    raw = held_by(TOKEN_PREFIX, token)
    if raw is None:
        return None
    person_id, seal = uuid.UUID(bytes=raw[:_ID_BYTES]), raw[_ID_BYTES:]
    keys = keyring.signing_keys(_PURPOSE)
    for group in MatterGroup:
        if any(same_secret(seal, _seal(key, person_id, group)) for key in keys):
            row = (await session.execute(select(Person.lang, Person.quiet).where(Person.id == person_id))).one_or_none()
            return None if row is None else Reader(person_id, group, row[0], group.value in row[1])
    return None


async def quieten(session: AsyncSession, reader: Reader) -> None:
    """Send a person no letters of the group any more."""
    await session.execute(_OFF, {"id": reader.person_id, "group": reader.group.value})


def _seal(key: bytes, person_id: uuid.UUID, group: MatterGroup) -> bytes:
    return hmac.digest(key, person_id.bytes + group.value.encode(), "sha256")[:_ID_BYTES]
