"""All rows that are about one startup, wherever they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import driver_connection
from app.events.log import erase_events_of
from app.events.matches import GONE, Seen, Turn, tell_matches
from app.kit.ids import new_uuid
from app.models.attestation import Attestation
from app.models.decision import Decision, DecisionKind, Feedback
from app.models.digest import DigestSubscription
from app.models.feed import Feed
from app.models.idempotency_key import IdempotencyKey
from app.models.match import Match, MatchState
from app.models.meeting import Meeting
from app.models.pilot import PilotApplication
from app.models.profile_proposal import ProfileProposal
from app.models.startup import Startup
from app.models.startup_claim import StartupClaim
from app.models.startup_evidence import EvidenceFile, EvidenceVersion, StartupEvidence
from app.models.startup_version import StartupVersion


@dataclass(frozen=True, slots=True)
class Held:
    """What is held about a startup beside its profile.

    ``decisions`` and ``feedback`` are those of its own side. What buyers decided and noted for themselves is theirs,
    but for the fact of ``invitations``.
    """

    history: Sequence[StartupVersion]
    matches: Sequence[Match]
    decisions: Sequence[Decision]
    invitations: Sequence[Decision]
    feedback: Sequence[Feedback]
    claims: Sequence[StartupClaim]
    proposals: Sequence[ProfileProposal]
    applications: Sequence[PilotApplication]
    attestations: Sequence[Attestation]
    evidence: Sequence[EvidenceVersion]
    evidence_files: Sequence[EvidenceFile]
    meetings: Sequence[Meeting]


_ABOUT = (
    *(StartupVersion, StartupClaim, Decision, Feedback, ProfileProposal, PilotApplication, Attestation),
    *(StartupEvidence, EvidenceVersion, EvidenceFile, Feed, Meeting, DigestSubscription),
)
"""Whose rows about a startup are deleted with it. What it ran as a pilot stays, and names nobody."""


class PortabilityRepository:
    """Reads or erases what is about one startup; whether the caller may is decided before."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def held(self, startup: Startup) -> Held:
        """Everything held about a startup, the oldest first."""
        scalars = self._session.scalars
        side = startup.owner_id or startup.registrar_id
        history = await scalars(
            select(StartupVersion).where(StartupVersion.startup_id == startup.id).order_by(StartupVersion.version)
        )
        matches = await scalars(select(Match).where(Match.startup_id == startup.id).order_by(Match.id))
        about = select(Decision).where(Decision.startup_id == startup.id).order_by(Decision.tender_id)
        decisions = await scalars(about.where(Decision.organisation_id == side))
        invitations = await scalars(
            about.where(Decision.organisation_id != side, Decision.kind == DecisionKind.INVITED)
        )
        feedback = await scalars(
            select(Feedback)
            .where(Feedback.startup_id == startup.id, Feedback.organisation_id == side)
            .order_by(Feedback.id)
        )
        claims = await scalars(
            select(StartupClaim).where(StartupClaim.startup_id == startup.id).order_by(StartupClaim.id)
        )
        proposals = await scalars(
            select(ProfileProposal).where(ProfileProposal.startup_id == startup.id).order_by(ProfileProposal.id)
        )
        applications = await scalars(
            select(PilotApplication)
            .where(PilotApplication.startup_id == startup.id)
            .order_by(PilotApplication.pilot_id)
        )
        attestations = await scalars(
            select(Attestation).where(Attestation.startup_id == startup.id).order_by(Attestation.id)
        )
        evidence = await scalars(
            select(EvidenceVersion).where(EvidenceVersion.startup_id == startup.id).order_by(EvidenceVersion.version)
        )
        files = await scalars(
            select(EvidenceFile).where(EvidenceFile.startup_id == startup.id).order_by(EvidenceFile.id)
        )
        meetings = await scalars(select(Meeting).where(Meeting.startup_id == startup.id).order_by(Meeting.id))
        return Held(
            history=history.all(),
            matches=matches.all(),
            decisions=decisions.all(),
            invitations=invitations.all(),
            feedback=feedback.all(),
            claims=claims.all(),
            proposals=proposals.all(),
            applications=applications.all(),
            attestations=attestations.all(),
            evidence=evidence.all(),
            evidence_files=files.all(),
            meetings=meetings.all(),
        )

    async def erase(self, startup: Startup, now: dt.datetime) -> None:
        """Empty the row of a locked startup, delete what is about it, withdraw its matches without their reasons.

        Its events go too; that its matches are gone is told anew, by ids alone.
        Whose it was and that it had agreed stay: the feeds decide by them who is told that it is gone.
        """
        execute = self._session.execute
        seen = await execute(
            select(Match.id, Match.grade, Match.public)
            .where(Match.startup_id == startup.id, Match.state == MatchState.ACTIVE)
            .order_by(Match.tender_id)
            .with_for_update()
        )
        turns = [Turn(row.id, Seen(row.grade, row.public), GONE) for row in seen]
        await erase_events_of(self._session, startup.id)
        for table in _ABOUT:
            await execute(delete(table).where(table.startup_id == startup.id))
        await execute(
            update(Match)
            .where(Match.startup_id == startup.id)
            .values(
                state=MatchState.WITHDRAWN,
                for_tender=False,
                for_startup=False,
                public=False,
                score=0.0,
                grade="none",
                reasons=[],
                unknown=[],
                updated_at=now,
            )
        )
        await tell_matches(await driver_connection(self._session), turns, "startup_hidden")
        await execute(
            # The answers to the requests that made the profile and its files repeat them.
            delete(IdempotencyKey).where(
                IdempotencyKey.organisation_id.in_([startup.registrar_id, startup.owner_id or startup.registrar_id]),
                or_(
                    IdempotencyKey.headers["location"].astext == f"/v1/startups/{startup.id}",
                    IdempotencyKey.headers["location"].astext.startswith(f"/v1/startups/{startup.id}/evidence/"),
                ),
            )
        )
        await execute(
            update(Startup)
            .where(Startup.id == startup.id)
            .values(
                # Free again for the registrar, and nothing that anybody could have taken before.
                external_id=f"erased:{new_uuid()}",
                name="",
                sort_name="",
                country=None,
                city=None,
                regions=[],
                sectors=[],
                languages=[],
                labels=[],
                certifications=[],
                employees=None,
                record={},
                search_text="",
                content_hash=b"",
                version=Startup.version + 1,
                listed=False,
                deleted_at=now,
                updated_at=now,
            )
        )
