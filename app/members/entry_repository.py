"""One-time links and invitations in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import OrganisationId
from app.models.entry import AttemptCount, Invitation, LinkPurpose, OneTimeLink
from app.models.organisation import Organisation
from app.models.person import PersonSession

WAYS_IN: Final = (LinkPurpose.SIGN_IN, LinkPurpose.SIGN_UP)
_MOST_LISTED = 200


class EntryRepository:
    """Links and invitations, found by the keyed hash of their token, by id when they are sent, by organisation."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, row: OneTimeLink | Invitation) -> None:
        """Enter a link or an invitation."""
        self._session.add(row)

    async def link(
        self, digests: Sequence[bytes], purposes: Sequence[LinkPurpose], now: dt.datetime
    ) -> OneTimeLink | None:
        """The link of a token, if it is for one of these purposes and can still be used, as it is stored just now."""
        query = select(OneTimeLink).where(
            OneTimeLink.digest.in_(digests), OneTimeLink.purpose.in_(purposes), OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )  # fmt: skip
        return (await self._session.scalars(query, execution_options={"populate_existing": True})).first()

    async def link_to_send(self, link_id: uuid.UUID, now: dt.datetime) -> OneTimeLink | None:
        """A link that waits to be sent."""
        query = select(OneTimeLink).where(
            OneTimeLink.id == link_id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
        )
        return (await self._session.scalars(query.with_for_update())).first()

    async def spend_links(self, hashes: Sequence[bytes], now: dt.datetime) -> None:
        """No link by which one comes in with an address works any more."""
        await self._spend((OneTimeLink.address_hash.in_(hashes), OneTimeLink.purpose.in_(WAYS_IN)), now)

    async def spend_moves(self, person_id: uuid.UUID, now: dt.datetime, *, since: dt.datetime | None = None) -> None:
        """No link moves an account to another address any more; nor do those made ``since`` bring it back to one."""
        which = OneTimeLink.purpose == LinkPurpose.MOVE
        if since is not None:
            which |= (OneTimeLink.purpose == LinkPurpose.TAKE_BACK) & (OneTimeLink.created_at >= since)
        await self._spend((OneTimeLink.person_id == person_id, which), now)

    async def _spend(self, which: Sequence[ColumnElement[bool]], now: dt.datetime) -> None:
        await self._session.execute(
            update(OneTimeLink).where(OneTimeLink.used_at.is_(None), *which).values(used_at=now)
        )

    async def invitation(
        self, digests: Sequence[bytes], now: dt.datetime, *, to_use: bool = False
    ) -> tuple[Invitation, Organisation] | None:
        """The invitation of a token with its organisation, if it can still be accepted; locked, where it is to be."""
        query = (
            select(Invitation, Organisation)
            .join(Organisation, Organisation.id == Invitation.organisation_id)
            .where(Invitation.digest.in_(digests), *_open(now))
        )
        row = (await self._session.execute(query.with_for_update(of=Invitation) if to_use else query)).first()
        return None if row is None else (row[0], row[1])

    async def invitation_to_send(
        self, invitation_id: uuid.UUID, now: dt.datetime
    ) -> tuple[Invitation, Organisation] | None:
        """An invitation that waits to be sent, with its organisation."""
        query = (
            select(Invitation, Organisation)
            .join(Organisation, Organisation.id == Invitation.organisation_id)
            .where(Invitation.id == invitation_id, *_open(now))
            .with_for_update(of=Invitation)
        )
        row = (await self._session.execute(query)).first()
        return None if row is None else (row[0], row[1])

    async def invitations_for(self, hashes: Sequence[bytes], now: dt.datetime) -> Sequence[Invitation]:
        """The open invitations of an address, of whichever organisation; locked."""
        found = await self._session.scalars(
            select(Invitation).where(Invitation.address_hash.in_(hashes), *_open(now)).limit(_MOST_LISTED)
            .with_for_update()
        )  # fmt: skip
        return found.all()

    async def pending(self, organisation_id: OrganisationId, now: dt.datetime) -> Sequence[Invitation]:
        """The open invitations of an organisation, the newest first."""
        found = await self._session.scalars(
            select(Invitation)
            .where(Invitation.organisation_id == organisation_id, *_open(now))
            .order_by(Invitation.id.desc())
            .limit(_MOST_LISTED)
        )
        return found.all()

    async def count_pending(self, organisation_id: OrganisationId, now: dt.datetime) -> int:
        """How many invitations of an organisation are open."""
        found = await self._session.execute(
            select(func.count()).select_from(Invitation).where(
                Invitation.organisation_id == organisation_id, *_open(now)
            )
        )  # fmt: skip
        return found.scalar_one()

    async def revoke(
        self, organisation_id: OrganisationId, now: dt.datetime, *, invitation_id: uuid.UUID | None = None,
        address_hash: bytes | None = None,
    ) -> bool:  # fmt: skip
        """Take back an open invitation of an organisation, by its id or its address; whether there was one."""
        which = Invitation.id == invitation_id if invitation_id is not None else Invitation.address_hash == address_hash
        done = await self._session.execute(
            update(Invitation)
            .where(Invitation.organisation_id == organisation_id, which, *_open(now))
            .values(revoked_at=now)
            .returning(Invitation.id)
        )
        return done.first() is not None

    async def revoke_all_by(self, organisation_id: OrganisationId, person_id: uuid.UUID, now: dt.datetime) -> None:
        """Take back the open invitations to an organisation that a person wrote."""
        await self._session.execute(
            update(Invitation)
            .where(Invitation.organisation_id == organisation_id, Invitation.invited_by == person_id, *_open(now))
            .values(revoked_at=now)
        )

    async def forget_address(self, hashes: Sequence[bytes]) -> None:
        """Forget the links and invitations of an address."""
        await self._session.execute(delete(OneTimeLink).where(OneTimeLink.address_hash.in_(hashes)))
        await self._session.execute(delete(Invitation).where(Invitation.address_hash.in_(hashes)))

    async def forget(self, before: dt.datetime) -> int:
        """Forget sessions, links and invitations that ended before, and attempts that count no more."""
        ended = await self._session.execute(
            delete(PersonSession)
            .where((PersonSession.expires_at < before) | (PersonSession.ended_at < before))
            .returning(PersonSession.id)
        )
        await self._session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < before))
        await self._session.execute(delete(Invitation).where(Invitation.expires_at < before))
        await self._session.execute(delete(AttemptCount).where(AttemptCount.resets_at < before))
        return len(ended.all())


def _open(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return (Invitation.revoked_at.is_(None), Invitation.accepted_at.is_(None), Invitation.expires_at > now)
