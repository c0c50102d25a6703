"""Everything held about a startup, on the wire."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import Field, JsonValue

from app.evidence.schemas import EvidenceVersionWhole, FileOut
from app.kit.schemas import OutSchema
from app.models.decision import DecisionKind, FeedbackVerdict
from app.models.match import MatchState
from app.models.meeting import MeetingState, Side
from app.models.profile_proposal import ProposalOrigin, ProposalState
from app.startups.schemas import StartupVersionWhole, StartupWhole


class ExportedMatch(OutSchema):
    """A match as it is kept."""

    id: uuid.UUID
    tender_id: uuid.UUID
    lot_id: str | None
    score: float
    grade: str
    reasons: list[dict[str, JsonValue]]
    unknown: list[str]
    algorithm: str
    startup_version: int
    tender_version: int
    state: MatchState
    created_at: dt.datetime
    updated_at: dt.datetime


class ExportedInvitation(OutSchema):
    """An invitation that the startup got."""

    organisation_id: uuid.UUID
    tender_id: uuid.UUID
    created_at: dt.datetime


class ExportedDecision(OutSchema):
    """A decision of the startup's own side."""

    tender_id: uuid.UUID
    kind: DecisionKind
    note: str | None
    created_at: dt.datetime
    updated_at: dt.datetime


class ExportedFeedback(OutSchema):
    """What the startup's own side said of a match."""

    id: uuid.UUID
    tender_id: uuid.UUID
    verdict: FeedbackVerdict
    because: str | None
    score: float | None
    created_at: dt.datetime


class ExportedClaim(OutSchema):
    """A claim of the profile."""

    id: uuid.UUID
    issuer_id: uuid.UUID
    expires_at: dt.datetime
    claimed_by_id: uuid.UUID | None
    claimed_at: dt.datetime | None
    created_at: dt.datetime


class ExportedProposal(OutSchema):
    """A proposal for the profile, from its website or from a deck."""

    id: uuid.UUID
    origin: ProposalOrigin
    state: ProposalState
    address: str
    proposed: dict[str, JsonValue]
    evidence: list[dict[str, JsonValue]]
    read: list[dict[str, JsonValue]]
    profile_version: int | None
    created_at: dt.datetime
    decided_at: dt.datetime | None


class ExportedApplication(OutSchema):
    """An application for a pilot."""

    pilot_id: uuid.UUID
    message: str
    created_at: dt.datetime
    updated_at: dt.datetime


class ExportedAttestation(OutSchema):
    """What a pilot of the startup was attested with."""

    code: str
    pilot_id: uuid.UUID
    facts: dict[str, JsonValue]
    jws: str
    issued_at: dt.datetime
    revoked_at: dt.datetime | None
    revoked_because: str | None


class ExportedMeeting(OutSchema):
    """A meeting that was asked for, without the other side's contact."""

    id: uuid.UUID
    tender_id: uuid.UUID | None
    pilot_id: uuid.UUID | None
    asked_by: Side
    state: MeetingState
    topic: str
    starts_at: dt.datetime
    minutes: int
    place: str
    note: str | None
    startup_contact: str | None
    created_at: dt.datetime
    updated_at: dt.datetime


class StartupExport(OutSchema):
    """All that is held about a startup."""

    exported_at: dt.datetime
    startup: StartupWhole
    history: list[StartupVersionWhole]
    matches: list[ExportedMatch]
    decisions: list[ExportedDecision]
    invitations: list[ExportedInvitation]
    feedback: list[ExportedFeedback]
    claims: list[ExportedClaim]
    proposals: list[ExportedProposal]
    applications: list[ExportedApplication]
    attestations: list[ExportedAttestation]
    evidence: list[EvidenceVersionWhole]
    evidence_files: list[FileOut] = Field(description="Each is had by its own route.")
    meetings: list[ExportedMeeting]
