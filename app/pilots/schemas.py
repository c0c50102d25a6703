"""Pilots and attestations on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.kit.schemas import OutSchema, Schema, UtcDatetime
from app.matches.schemas import RankingHead, ScoredOut
from app.models.pilot import PilotState
from app.startups.schemas import StartupSummary
from app.tenders.schemas import MoneyOut

Verdict = Literal["met", "partly_met", "not_met"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class MoneyIn(Schema):
    """An amount of money."""

    amount: Annotated[Decimal, Field(gt=0, max_digits=20, decimal_places=4)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217.")]


class PilotBody(Schema):
    """What a buyer says of a pilot."""

    title: Line
    problem: Text = Field(description="What shall be solved, and what there is to work with.")
    criteria: Annotated[list[Note], Field(min_length=1, max_length=20)] = Field(
        description="What makes it a success; each is judged by itself when the pilot is closed."
    )
    trades: Annotated[list[Word], Field(max_length=50)] = Field(default=[], description="Words of the trades it needs.")
    cpv: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{8}$")]], Field(max_length=50)] = []
    sector: Literal["public", "private"] | None = None
    language: Annotated[str | None, Field(pattern="^[a-z]{2,3}$")] = None
    country: Annotated[str | None, Field(pattern="^[A-Z]{2}$")] = None
    place: Line | None = None
    budget: MoneyIn
    window_from: dt.date = Field(description="The first day on which the pilot may run.")
    window_until: dt.date = Field(description="The last day.")
    apply_by: UtcDatetime | None = Field(default=None, description="Until when startups may apply; open end if null.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.window_until < self.window_from:
            raise PydanticCustomError("window_order", "`window_until` is before `window_from`")
        return self


class NewPilot(PilotBody):
    """A pilot to be entered."""

    state: Literal["draft", "open"] = Field(default="draft", description="A draft is seen by its buyer only.")


class Choice(Schema):
    """Which of the startups that applied runs the pilot."""

    startup_id: uuid.UUID


class Cancellation(Schema):
    """Why a pilot comes to nothing; those who applied can read it."""

    because: Note


class VerdictIn(Schema):
    """What became of one criterion."""

    criterion: Annotated[int, Field(ge=1, le=20, description="Its number in the pilot's list, from 1.")]
    verdict: Verdict
    note: Note | None = None


class Closing(Schema):
    """How a pilot ended."""

    verdicts: Annotated[list[VerdictIn], Field(min_length=1, max_length=20)] = Field(
        description="One for each criterion. If all are `met`, the pilot succeeded and is attested."
    )
    statement: Note | None = Field(default=None, description="A sentence of the buyer for the attestation.")
    paid: MoneyIn | None = Field(default=None, description="What the pilot really cost; not told if null.")


class ApplicationIn(Schema):
    """What a startup says when it applies."""

    message: Text


class BuyerOfPilot(OutSchema):
    """Who posted it."""

    id: uuid.UUID
    name: str


class VerdictOut(OutSchema):
    """What became of one criterion."""

    criterion: int
    verdict: Verdict
    note: str | None


class PilotSummary(OutSchema):
    """A pilot in a list."""

    id: uuid.UUID
    state: PilotState
    version: int
    title: str
    buyer: BuyerOfPilot
    sector: Literal["public", "private"] | None
    trades: list[str]
    cpv: list[str]
    language: str | None
    country: str | None
    place: str | None
    region: str | None = Field(description="The region that `place` lies in, where that could be told.")
    budget: MoneyOut
    window_from: dt.date
    window_until: dt.date
    apply_by: dt.datetime | None
    updated_at: dt.datetime


class PilotOut(PilotSummary):
    """A pilot."""

    problem: str
    criteria: list[str]
    startup_id: uuid.UUID | None = Field(description="Who runs or ran it; for its buyer and for that startup only.")
    verdicts: list[VerdictOut] = Field(description="For its buyer and for the startup that ran it.")
    successful: bool | None = Field(description="Whether every criterion was met; null until it is closed.")
    statement: str | None
    paid: MoneyOut | None
    cancelled_because: str | None
    state_since: dt.datetime
    created_at: dt.datetime
    attestation: str | None = Field(description="The code of its attestation, for its two sides.")


class ApplicationOut(OutSchema):
    """An application."""

    pilot_id: uuid.UUID
    startup_id: uuid.UUID
    message: str
    created_at: dt.datetime
    updated_at: dt.datetime


class Applicant(ApplicationOut):
    """An application as the pilot's buyer sees it."""

    name: str
    country: str | None
    city: str | None
    chosen: bool


class OwnApplication(ApplicationOut):
    """An application as its startup sees it."""

    pilot: PilotSummary
    chosen: bool


class PilotCandidate(ScoredOut):
    """A listed startup that fits a pilot."""

    startup: StartupSummary


class PilotCandidates(RankingHead):
    """The best startups for a pilot."""

    items: list[PilotCandidate]


class PilotHit(ScoredOut):
    """An open pilot that fits a startup."""

    pilot: PilotSummary


class PilotHits(OutSchema):
    """The open pilots that fit a startup, best first."""

    algorithm: str
    considered: int = Field(description="How many open pilots were looked at: the newest, at most 200.")
    items: list[PilotHit]


class Revocation(Schema):
    """Why an attestation is taken back; whoever checks it reads this."""

    because: Note


class AttestationOut(OutSchema):
    """What anybody who holds the code of an attestation is told."""

    code: str
    status: Literal["valid", "revoked"]
    signature: Literal["verified", "not-verified"] = Field(
        description="`not-verified`: it was signed with a key that this server no longer has, or was tampered with."
    )
    facts: dict[str, JsonValue] = Field(description="What the buyer attests, as it was signed.")
    jws: str = Field(
        description="The same signed: a compact JWS (RFC 7515, EdDSA), to be checked offline with the keys of "
        "`/.well-known/safqa-attestations.json`."
    )
    issued_at: dt.datetime
    revoked_at: dt.datetime | None
    revoked_because: str | None


class OwnAttestation(AttestationOut):
    """An attestation as the startup that earned it sees it."""

    pilot_id: uuid.UUID
    reference: Literal["suggested", "accepted", "declined"] = Field(
        description="`suggested` until the startup says whether it is among its references."
    )


class ReferenceDecision(Schema):
    """Whether an attestation is among the profile's references."""

    accepted: bool = Field(description="`true` adds it to the profile's references, `false` takes it from them.")


class PublicKeyOut(OutSchema):
    """A public key (RFC 8037)."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    kid: str
    x: str


class KeySet(OutSchema):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[PublicKeyOut]
