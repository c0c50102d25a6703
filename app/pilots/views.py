"""Rows of pilots and attestations as their readers may see them."""

from __future__ import annotations

import uuid
from decimal import Decimal

from sqlalchemy import Row

from app.accounts.caller import Caller
from app.models.attestation import Attestation
from app.models.pilot import Pilot, PilotApplication
from app.pilots.repository import Seen
from app.pilots.schemas import (
    Applicant,
    AttestationOut,
    BuyerOfPilot,
    OwnApplication,
    OwnAttestation,
    PilotOut,
    PilotSummary,
)
from app.pilots.service import successful
from app.pilots.signing import AttestationKeys
from app.tenders.schemas import MoneyOut

_LINE = (
    "id", "state", "version", "title", "sector", "trades", "cpv", "language", "country", "place", "region",
    "window_from", "window_until", "apply_by", "updated_at",
)  # fmt: skip
_REFERENCE = {None: "suggested", True: "accepted", False: "declined"}


def summary(pilot: Pilot, buyer: str) -> PilotSummary:
    """What a list shows of a pilot."""
    line = {name: getattr(pilot, name) for name in _LINE}
    return PilotSummary.model_validate(
        {
            **line,
            "buyer": BuyerOfPilot(id=pilot.buyer_id, name=buyer),
            "budget": _money(pilot.budget_amount, pilot.budget_currency),
        }
    )


def is_inside(seen: Seen, caller: Caller) -> bool:
    """Whether the caller is the pilot's buyer, or owns the startup that was chosen for it."""
    return caller.organisation_id in (seen.pilot.buyer_id, seen.chosen_owner_id)


def pilot_view(seen: Seen, caller: Caller) -> PilotOut:
    """A pilot as this caller may see it: who was chosen, and how it was judged, is for the two sides."""
    pilot, inside = seen.pilot, is_inside(seen, caller)
    return PilotOut.model_validate(
        {
            **dict(summary(pilot, seen.buyer)),
            "problem": pilot.problem,
            "criteria": pilot.criteria,
            "startup_id": pilot.startup_id if inside else None,
            "verdicts": pilot.verdicts if inside else [],
            "successful": successful(pilot),
            "statement": pilot.statement if inside else None,
            "paid": _money(pilot.paid_amount, pilot.paid_currency) if inside else None,
            "cancelled_because": pilot.cancelled_because,
            "state_since": pilot.state_since,
            "created_at": pilot.created_at,
            "attestation": seen.code if inside else None,
        }
    )


def applicant_view(row: Row[PilotApplication, str, str | None, str | None, uuid.UUID | None]) -> Applicant:
    """An application as the pilot's buyer sees it; a row of ``PilotRepository.applicants``."""
    said, name, country, city, chosen = row
    return Applicant(
        pilot_id=said.pilot_id, startup_id=said.startup_id, message=said.message, created_at=said.created_at,
        updated_at=said.updated_at, name=name, country=country, city=city, chosen=chosen == said.startup_id,
    )  # fmt: skip


def own_application_view(row: Row[PilotApplication, Pilot, str]) -> OwnApplication:
    """An application as its startup sees it; a row of ``PilotRepository.applications_of``."""
    said, pilot, buyer = row
    return OwnApplication(
        pilot_id=said.pilot_id, startup_id=said.startup_id, message=said.message, created_at=said.created_at,
        updated_at=said.updated_at, pilot=summary(pilot, buyer), chosen=pilot.startup_id == said.startup_id,
    )  # fmt: skip


def attestation_view(attestation: Attestation, keys: AttestationKeys) -> AttestationOut:
    """What whoever holds the code is told."""
    return AttestationOut.model_validate(_attested(attestation, keys))


def own_attestation_view(attestation: Attestation, keys: AttestationKeys) -> OwnAttestation:
    """The same for the startup that earned it."""
    return OwnAttestation.model_validate(
        {
            **_attested(attestation, keys),
            "pilot_id": attestation.pilot_id,
            "reference": _REFERENCE[attestation.referenced],
        }
    )


def _attested(attestation: Attestation, keys: AttestationKeys) -> dict[str, object]:
    return {
        "code": attestation.code,
        "status": "valid" if attestation.revoked_at is None else "revoked",
        "signature": "verified" if keys.verifies(attestation.jws, attestation.facts) else "not-verified",
        "facts": attestation.facts,
        "jws": attestation.jws,
        "issued_at": attestation.issued_at,
        "revoked_at": attestation.revoked_at,
        "revoked_because": attestation.revoked_because,
    }


def _money(amount: Decimal | None, currency: str | None) -> MoneyOut | None:
    if amount is None or currency is None:
        return None
    exact = float(amount)
    return MoneyOut(amount=exact if Decimal(repr(exact)) == amount else f"{amount.normalize():f}", currency=currency)
