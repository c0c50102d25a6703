"""The second factor: codes by time (TOTP, RFC 6238) from an app, and recovery codes for when that is lost."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import secrets
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyotp
import segno
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import unit_of_work
from app.jobs.messages import SendMemberLetter
from app.jobs.queue import enqueue
from app.kit.crypto import DecryptionFailed, Keyring
from app.kit.ids import OrganisationId
from app.members.attempts import SECOND_FACTOR, SECOND_FACTOR_A_DAY, forgive, within
from app.members.entering import Browser, Door, Entered, Entry, Refusal
from app.members.repository import PersonRepository
from app.members.sessions import Awaited, SignedIn, begin_session, end_other_sessions, end_session, require_live
from app.models.person import Person, PersonSession, RecoveryCode

ISSUER: Final = "Safqa"
STEP_SECONDS: Final = 30
_DRIFT: Final = (0, -1, 1)
"""Steps beside the present one whose codes are taken: clocks of telephones are a few seconds off."""
RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_HALF = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret to be set up. ``sealed``: as a form carries it until its first code comes; ``qr_size``: modules a side,
    ``qr_path``: the path of an SVG that draws the dark ones.
    """

    sealed: str
    secret: str
    qr_size: int
    qr_path: str


def offer(keyring: Keyring, person_id: uuid.UUID, account: str, sealed: str | None = None) -> Offer:
    """A new secret for a person, or the one of a form again."""
    secret = (None if sealed is None else _opened(keyring, person_id, sealed)) or pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)
    matrix = segno.make(uri, error="m", micro=False).matrix
    path = "".join(_runs(y, row) for y, row in enumerate(matrix))
    hidden = keyring.encrypt(secret.encode(), context=_context(person_id))
    return Offer(base64.urlsafe_b64encode(hidden).decode(), secret, len(matrix), path)


async def enable(door: Door, who: SignedIn, sealed: str, code: str, now: dt.datetime) -> list[str] | None:
    """Set up an offered secret with its first code; the recovery codes. ``None``: the code is wrong.

    All other sessions end: they never gave the factor.

    Raises:
        Unauthenticated: they were signed out meanwhile.

    """
    secret = _opened(door.keyring, who.person_id, sealed)
    if secret is None or (step := _step_of(secret, _typed(code), now)) is None:
        return None
    async with unit_of_work(door.sessions) as session:
        person = await PersonRepository(session).held(who.person_id)
        await require_live(session, who.session_id)
        present = await session.get(PersonSession, who.session_id)
        if person is None or present is None:
            return None
        person.totp_secret = door.keyring.encrypt(secret.encode(), context=_context(person.id))
        person.totp_step, present.second_factor_at = step, now
        codes = await _new_codes(session, door.keyring, person.id)
        await enqueue(session, SendMemberLetter(kind="second-factor-on", row_id=person.id))
        await end_other_sessions(session, person.id, who.session_id, now)
    return codes


async def disable(session: AsyncSession, person_id: uuid.UUID, kept: uuid.UUID | None, now: dt.datetime) -> None:
    """Do without a second factor from now on.

    All sessions but ``kept`` end: one that waits for its factor would be signed in without it.
    """
    people = PersonRepository(session)
    person = await people.person(person_id)
    if person is not None:
        await people.forget_second_factor(person)
    await end_other_sessions(session, person_id, kept, now)
    await enqueue(session, SendMemberLetter(kind="second-factor-off", row_id=person_id))


async def new_recovery_codes(session: AsyncSession, keyring: Keyring, person_id: uuid.UUID) -> list[str]:
    """Ten new codes, shown this once; those made before work no more. Their owner is told: each lets somebody in."""
    await enqueue(session, SendMemberLetter(kind="recovery-codes", row_id=person_id))
    return await _new_codes(session, keyring, person_id)


async def codes_left(session: AsyncSession, person_id: uuid.UUID) -> int:
    """How many recovery codes were not used yet."""
    found = await session.execute(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    )
    return found.scalar_one()


async def give(door: Door, awaited: Awaited, code: str, browser: Browser, now: dt.datetime) -> Entry:
    """Give the second factor that a session waits for: that one ends, another begins."""
    async with unit_of_work(door.sessions) as session:
        allowed = await within(session, door.keyring, SECOND_FACTOR, awaited.person_id, now)
        allowed = allowed and await within(session, door.keyring, SECOND_FACTOR_A_DAY, awaited.person_id, now)
    if not allowed:
        return Refusal.TOO_OFTEN
    async with unit_of_work(door.sessions) as session:
        if not await check(session, door.keyring, awaited.person_id, code, now):
            return Refusal.WRONG_CODE
        pending = await session.get(PersonSession, awaited.session_id)
        if pending is None or not await end_session(session, awaited.person_id, awaited.session_id, now):
            return Refusal.SPENT
        for limit in (SECOND_FACTOR, SECOND_FACTOR_A_DAY):
            await forgive(session, door.keyring, limit, awaited.person_id)
        owner = OrganisationId(pending.organisation_id)
        token = await begin_session(
            session, door.keyring, awaited.person_id, owner, now, second_factor=True, agent=browser.agent
        )
    return Entered(token, half=False)


async def check(session: AsyncSession, keyring: Keyring, person_id: uuid.UUID, code: str, now: dt.datetime) -> bool:
    """Whether a code is right: one of the app's, each step once, or a recovery code, each once."""
    typed = _typed(code)
    if len(typed) == 2 * _HALF:
        return await _spend(session, keyring, person_id, typed, now)
    person = await PersonRepository(session).person(person_id)
    if person is None or person.totp_secret is None:
        return False
    try:
        secret = keyring.decrypt(person.totp_secret, context=_context(person_id)).decode()
    except DecryptionFailed:
        return False
    step = _step_of(secret, typed, now)
    if step is None:
        return False
    # One statement, so that of two who send the same code at once one is too late.
    taken = await session.execute(
        update(Person)
        .where(Person.id == person_id, or_(Person.totp_step.is_(None), Person.totp_step < step))
        .values(totp_step=step)
        .returning(Person.id)
    )
    return taken.first() is not None


async def _spend(session: AsyncSession, keyring: Keyring, person_id: uuid.UUID, typed: str, now: dt.datetime) -> bool:
    used = await session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.digest.in_(keyring.token_hashes(_named(person_id, typed))),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.person_id)
    )
    return used.first() is not None


async def _new_codes(session: AsyncSession, keyring: Keyring, person_id: uuid.UUID) -> list[str]:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    plain = ["".join(secrets.choice(_LETTERS) for _ in range(2 * _HALF)) for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(person_id=person_id, digest=keyring.token_hash(_named(person_id, code))) for code in plain
    )
    await session.flush()
    return [f"{code[:_HALF]}-{code[_HALF:]}" for code in plain]


def _runs(y: int, row: Sequence[int]) -> str:
    """The dark modules of a row as parts of an SVG path, one for those that stand together."""
    drawn, x = "", 0
    for dark, run in itertools.groupby(row):
        wide = len(list(run))
        drawn += f"M{x} {y}h{wide}v1h-{wide}z" if dark else ""
        x += wide
    return drawn


def _typed(code: str) -> str:
    """A code without what people put between its parts, in Latin digits."""
    kept = (char for char in code.casefold() if char.isalnum())
    return "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in kept)


def _step_of(secret: str, typed: str, now: dt.datetime) -> int | None:
    """The time step whose code this is."""
    present = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret)
    matching = [
        present + drift for drift in _DRIFT if pyotp.utils.strings_equal(codes.generate_otp(present + drift), typed)
    ]
    return matching[0] if matching else None


def _opened(keyring: Keyring, person_id: uuid.UUID, sealed: str) -> str | None:
    try:
        return keyring.decrypt(base64.urlsafe_b64decode(sealed), context=_context(person_id)).decode()
    except (DecryptionFailed, ValueError):
        return None


def _named(person_id: uuid.UUID, code: str) -> str:
    return f"recovery:{person_id}:{code}"


def _context(person_id: uuid.UUID) -> str:
    return f"totp:{person_id}"
