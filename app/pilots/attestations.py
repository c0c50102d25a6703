"""Attestations: issued when a pilot succeeds, revoked by the buyer, taken among its references by the startup."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.kit.errors import NotFound
from app.kit.ids import StartupId, new_uuid
from app.models.attestation import Attestation
from app.models.pilot import Pilot
from app.models.startup import Startup
from app.pilots.attestation_repository import AttestationRepository
from app.pilots.errors import AttestationIsRevoked
from app.pilots.signing import AttestationKeys, new_code, read_code
from app.startups import service as startups
from app.startups.visibility import sees_whole
from scrapers.records import StartupRecord

_MARK = "attestation"
"""An unknown field of a reference, which is kept: the code of the attestation behind it."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs what a closed pilot is attested with."""

    keys: AttestationKeys

    async def issue(self, session: AsyncSession, pilot: Pilot, startup: Startup, now: dt.datetime) -> Attestation:
        """Attest a pilot that succeeded, for the startup that ran it."""
        repository = AttestationRepository(session)
        code = new_code()
        facts = _facts(pilot, startup, await repository.organisation_name(pilot.buyer_id), code, now)
        attestation = Attestation(
            id=new_uuid(),
            code=code,
            pilot_id=pilot.id,
            buyer_id=pilot.buyer_id,
            startup_id=startup.id,
            facts=facts,
            jws=self.keys.sign(facts),
            issued_at=now,
        )
        await repository.add(attestation)
        return attestation


async def check(session: AsyncSession, typed: str) -> Attestation:
    """The attestation of a code, as somebody typed it.

    Raises:
        NotFound: there is none, or what it told of was erased.

    """
    code = read_code(typed)
    found = None if code is None else await AttestationRepository(session).by_code(code)
    if found is None:
        raise NotFound
    return found


async def of_side(session: AsyncSession, caller: Caller, typed: str) -> Attestation:
    """An attestation that the caller gave or earned.

    Raises:
        NotFound: there is none, or the caller has no part in it.

    """
    code = read_code(typed)
    found = None if code is None else await AttestationRepository(session).of_side(caller, code)
    if found is None:
        raise NotFound
    return found


async def earned_by(
    session: AsyncSession, caller: Caller, startup_id: StartupId, before: uuid.UUID | None, limit: int
) -> Sequence[Attestation]:
    """The attestations of a startup that the caller sees the whole of.

    Raises:
        NotFound: there is no such startup.

    """
    await startups.show(session, caller, startup_id)
    if not sees_whole(caller):
        raise NotFound
    return await AttestationRepository(session).of_startup(startup_id, before, limit)


async def revoke(session: AsyncSession, caller: Caller, typed: str, because: str, now: dt.datetime) -> Attestation:
    """Take an attestation back, and the reference that was made of it.

    Raises:
        NotFound: the caller gave no such attestation.
        AttestationIsRevoked: it did so before.

    """
    repository = AttestationRepository(session)
    known = await check(session, typed)
    # The startup is held first, as when it decides: in another order the two could wait for one another.
    startup = await repository.startup(known.startup_id)
    found = await repository.given(caller, known.code)
    if found is None:
        raise NotFound
    if found.revoked_at is not None:
        raise AttestationIsRevoked
    found.revoked_at, found.revoked_because = now, because
    await repository.flush()
    if startup is not None and found.referenced:
        await _with_references(session, caller, startup, _others(startup, found.code), now)
    return found


async def decide(
    session: AsyncSession, caller: Caller, startup_id: StartupId, typed: str, now: dt.datetime, *, accepted: bool
) -> None:
    """Put an attestation among the references of the caller's profile, or take it from them.

    Raises:
        NotFound: there is no such startup to change, or no such attestation of it.
        AttestationIsRevoked: it is to be a reference, and was taken back.

    """
    startup = await startups.lock_for_change(session, caller, startup_id)
    repository = AttestationRepository(session)
    code = read_code(typed)
    found = None if code is None else await repository.earned(startup.id, code)
    if found is None:
        raise NotFound
    if accepted and found.revoked_at is not None:
        raise AttestationIsRevoked
    found.referenced, found.referenced_at = accepted, now
    await repository.flush()
    kept = _others(startup, found.code)
    references = [*kept, _reference(found)] if accepted else kept
    await _with_references(session, caller, startup, references, now)


async def _with_references(
    session: AsyncSession, caller: Caller, startup: Startup, references: list[JsonValue], now: dt.datetime
) -> None:
    record = StartupRecord.model_validate({**startup.record, "id": startup.external_id, "references": references})
    await startups.replace(session, caller, startup, record, now)


def _others(startup: Startup, code: str) -> list[JsonValue]:
    told = startup.record.get("references")
    return (
        [one for one in told if not (isinstance(one, dict) and one.get(_MARK) == code)]
        if isinstance(told, list)
        else []
    )


def _facts(pilot: Pilot, startup: Startup, buyer: str, code: str, now: dt.datetime) -> JsonObject:
    """What is attested. Amounts are digits as text, days and instants ISO 8601; what is unknown is left out.

    The days are the window's; of a pilot that was over before them, up to the day of its attestation.
    """
    until = min(pilot.window_until, now.date())
    told: JsonObject = {
        "code": code,
        "issued_at": now.isoformat(),
        "buyer": {"id": str(pilot.buyer_id), "name": buyer},
        "startup": {"id": str(startup.id), "name": startup.name, "country": startup.country},
        "pilot": {
            "id": str(pilot.id),
            "title": pilot.title,
            "problem": pilot.problem,
            "place": pilot.place,
            "country": pilot.country,
            "sector": pilot.sector,
            "cpv": list(pilot.cpv),
            "from": min(pilot.window_from, until).isoformat(),
            "until": until.isoformat(),
        },
        "budget": _money(pilot.budget_amount, pilot.budget_currency),
        "paid": _money(pilot.paid_amount, pilot.paid_currency),
        "criteria": [
            {"text": text, "verdict": verdict["verdict"], "note": verdict.get("note")}
            for text, verdict in zip(pilot.criteria, pilot.verdicts, strict=True)
        ],
        "statement": pilot.statement,
    }
    return _without_unknown(told)


def _without_unknown(told: JsonObject) -> JsonObject:
    return {
        name: _without_unknown(value) if isinstance(value, dict) else value
        for name, value in told.items()
        if value not in (None, [])
    }


def _money(amount: Decimal | None, currency: str | None) -> JsonObject | None:
    return None if amount is None or currency is None else {"amount": f"{amount.normalize():f}", "currency": currency}


def _reference(attestation: Attestation) -> JsonObject:
    """The attestation as a reference of the flat format. The value is what was paid; a budget is no turnover.

    Its date is the pilot's last day, or the day of the attestation where the pilot ended sooner than planned.
    """
    facts = attestation.facts
    pilot, buyer = facts["pilot"], facts["buyer"]
    assert isinstance(pilot, dict)
    assert isinstance(buyer, dict)
    fields: JsonObject = {
        "title": pilot["title"],
        "buyer": buyer["name"],
        "cpv": pilot.get("cpv"),
        "place": pilot.get("place"),
        "value": facts.get("paid"),
        "date": min(str(pilot["until"]), attestation.issued_at.date().isoformat()),
        "sector": pilot.get("sector"),
        _MARK: attestation.code,
    }
    return {name: value for name, value in fields.items() if value is not None}
