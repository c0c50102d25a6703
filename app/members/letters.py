"""Letters to people: links, invitations, word of changes. A token is made when its letter leaves; its hash is stored.

A letter that the server could not take is tried again, with another token; one of which nobody knows whether it was
taken is left alone: its link may have come, and whoever waits in vain asks again.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.channels.mail.posting import MailPlan
from app.channels.mail.rendering import Summons, clean, summons
from app.channels.mail.smtp import Answer, Handed, handed_over
from app.db.session import Sessions, unit_of_work
from app.jobs.errors import Retry
from app.jobs.messages import SendMemberLetter
from app.jobs.runner import Handler
from app.kit.clock import Clock
from app.kit.crypto import DecryptionFailed, Keyring, new_token
from app.kit.i18n import DEFAULT_LANG, Fact, Lang, translate
from app.kit.metrics import Metrics
from app.kit.observability import get_logger
from app.members import addresses, invitations, links, moving
from app.members.entry_repository import EntryRepository
from app.members.repository import PersonRepository
from app.models.entry import LinkPurpose, OneTimeLink
from app.models.person import Person

log = get_logger(__name__)

_AGAIN: Final = dt.timedelta(minutes=1)
_ATTEMPTS: Final = 12


@dataclass(frozen=True, slots=True)
class MemberLetters:
    """What sends them. ``plan``: ``None`` where this installation sends no mail: what is queued is dropped."""

    sessions: Sessions
    clock: Clock
    keyring: Keyring
    plan: MailPlan | None
    metrics: Metrics

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (Handler(SendMemberLetter, self.send, concurrency=2, attempts=_ATTEMPTS),)

    async def send(self, job: SendMemberLetter) -> None:
        """Send one letter, if there is anybody to send it to."""
        if self.plan is None:
            return
        now = self.clock()
        async with unit_of_work(self.sessions) as session:
            try:
                letter = await self._letter(session, job, now)
            except DecryptionFailed:
                return
        if letter is None:
            return
        message_id = uuid.uuid5(job.row_id, str(now.timestamp()))
        content = summons(self.plan.post, message_id, letter, now)
        async with handed_over(self.plan.server, letter.to, content, _at_once) as answer:
            self._tell(job, answer)
            if answer.outcome is Handed.LATER:
                raise Retry(_AGAIN, answer.code)

    async def _letter(self, session: AsyncSession, job: SendMemberLetter, now: dt.datetime) -> Summons | None:
        match job.kind:
            case "link":
                return await self._link(session, job.row_id, now)
            case "invitation":
                return await self._invitation(session, job.row_id, now)
            case changed:
                return await self._change(session, job.row_id, changed)

    async def _change(self, session: AsyncSession, person_id: uuid.UUID, changed: str) -> Summons | None:
        """Word of a change to whoever it lets in, so that nobody else makes it unseen."""
        person = await PersonRepository(session).person(person_id)
        if person is None or person.disabled_at is not None or person.mail_confirmed_at is None:
            return None
        lang: Lang = person.lang or DEFAULT_LANG  # type: ignore[assignment]  # written from a Lang
        return _said(lang, changed, addresses.unseal(self.keyring, person.id, person.mail), "/account")

    async def _link(self, session: AsyncSession, link_id: uuid.UUID, now: dt.datetime) -> Summons | None:
        link = await EntryRepository(session).link_to_send(link_id, now)
        if link is None:
            return None
        address = addresses.unseal(self.keyring, link.id, link.address)
        people = PersonRepository(session)
        person = await people.by_mail(addresses.hashes_of(self.keyring, address))
        if link.person_id is not None:
            return self._moving(link, address, person, now)
        known = person is not None and person.disabled_at is None
        if not known and (person is not None or link.purpose is LinkPurpose.SIGN_IN):
            link.used_at = now
            return None
        if person is not None:  # to the address as they gave it, not as whoever asked wrote it
            address = addresses.unseal(self.keyring, person.id, person.mail)
        token = self._token_of(link, now + links.USED_WITHIN)
        lang: Lang = link.lang  # type: ignore[assignment]  # written from a Lang
        kind = "known" if known and link.purpose is LinkPurpose.SIGN_UP else link.purpose.value
        return _said(lang, kind, address, f"/sign-in/link/{token}", minutes=_minutes())

    def _moving(self, link: OneTimeLink, address: str, holder: Person | None, now: dt.datetime) -> Summons | None:
        """To the new address of an account; to the one before, that it is no more; to whose it is already."""
        lang: Lang = link.lang  # type: ignore[assignment]  # written from a Lang
        if link.purpose is LinkPurpose.TAKE_BACK:
            token = self._token_of(link, now + moving.TAKEN_BACK_WITHIN)
            days = moving.TAKEN_BACK_WITHIN.days
            return _said(lang, "moved", address, f"/sign-in/take-back/{token}", days=days)
        if holder is None or holder.id == link.person_id:
            token = self._token_of(link, now + links.USED_WITHIN)
            kind = "move" if holder is None else "confirm"
            return _said(lang, kind, address, f"/account/address/{token}", minutes=_minutes())
        link.used_at = now
        if holder.disabled_at is not None:
            return None
        return _said(lang, "taken", addresses.unseal(self.keyring, holder.id, holder.mail), "/sign-in")

    def _token_of(self, link: OneTimeLink, until: dt.datetime) -> str:
        token = new_token(links.TOKEN_PREFIX)
        link.digest, link.expires_at = self.keyring.token_hash(token), until
        return token

    async def _invitation(self, session: AsyncSession, invitation_id: uuid.UUID, now: dt.datetime) -> Summons | None:
        found = await EntryRepository(session).invitation_to_send(invitation_id, now)
        if found is None:
            return None
        invitation, organisation = found
        token = new_token(invitations.TOKEN_PREFIX)
        invitation.digest = self.keyring.token_hash(token)
        address = addresses.unseal(self.keyring, invitation.id, invitation.address)
        lang: Lang = invitation.lang  # type: ignore[assignment]  # written from a Lang
        days = invitations.ACCEPTED_WITHIN.days
        path = f"/invitation/{token}"
        return _said(lang, "invitation", address, path, organisation=clean(organisation.name, 80), days=days)

    def _tell(self, job: SendMemberLetter, answer: Answer) -> None:
        level = "info" if answer.outcome is Handed.SENT else "warning"
        getattr(log, level)("member.letter", row_id=str(job.row_id), kind=job.kind, answer=answer.code)
        self.metrics.mailed(job.kind, "retried" if answer.outcome is Handed.LATER else answer.outcome.value)


def _minutes() -> int:
    return int(links.USED_WITHIN.total_seconds() // 60)


async def _at_once() -> bool:
    return True


def _said(lang: Lang, kind: str, address: str, path: str, **facts: Fact) -> Summons:
    return Summons(
        to=address,
        lang=lang,
        subject=translate(f"mail.member.{kind}.subject", lang, **facts),
        text=translate(f"mail.member.{kind}.text", lang, **facts),
        path=path,
        button=translate(f"mail.member.{kind}.button", lang, **facts),
        after=translate(f"mail.member.{kind}.after", lang, **facts),
    )
