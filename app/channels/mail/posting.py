"""Sending one letter: claimed, rendered, handed in, closed; short transactions, with the server between them.

A letter is sent at most once. What can be tried again is tried again; once its content was about to leave, only the
server's own word that it did not take it brings the letter back.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.channels.mail import rendering
from app.channels.mail.addresses import unseal
from app.channels.mail.content import matches_of
from app.channels.mail.letters import Claimed, begin, claim, close, to_be_confirmed, wanted_in
from app.channels.mail.rendering import Post, Reader
from app.channels.mail.smtp import Answer, Handed, MailServer, handed_over
from app.channels.mail.times import CONFIRM_WITHIN
from app.db.outages import DATABASE_ERRORS, passing
from app.db.session import Sessions, unit_of_work
from app.kit.clock import Clock
from app.kit.crypto import DecryptionFailed, Keyring, new_token
from app.kit.i18n import Lang
from app.kit.metrics import Metrics
from app.kit.observability import get_logger
from app.models.digest import LetterKind, LetterState

log = get_logger(__name__)

_CLOSING_PAUSES: Final = (0.1, 0.5, 2.0, 5.0, 10.0, 20.0)
"""How long a letter's outcome is held on to while the database is away: what is lost here is uncertain for ever."""


@dataclass(frozen=True, slots=True)
class MailPlan:
    """Where letters are handed in, and where their links lead."""

    server: MailServer
    post: Post


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What sends letters."""

    sessions: Sessions
    clock: Clock
    keyring: Keyring
    plan: MailPlan
    metrics: Metrics

    async def send(self, letter_id: uuid.UUID) -> LetterState | None:
        """Send a letter, if it is due and wanted; what became of it, ``None`` if it is not ours to send."""
        async with unit_of_work(self.sessions) as session:
            claimed = await claim(session, letter_id, self.clock())
        if claimed is None:
            return None
        content = await self._rendered(claimed)
        if isinstance(content, Answer):
            return await self._close(claimed, content)
        to = unseal(self.keyring, claimed.subscription.id, claimed.subscription.address)
        async with handed_over(self.plan.server, to, content, lambda: self._begin(claimed)) as answer:
            return await self._close(claimed, answer)

    async def _rendered(self, claimed: Claimed) -> bytes | Answer:
        """The letter's bytes; why there are none otherwise. What can't be said can't be said the next time either."""
        try:
            async with unit_of_work(self.sessions) as session:
                return await self._content(session, claimed)
        except Exception as fault:  # one of ours, with one letter, must not come back by the minute
            if passing(fault) is not None:
                raise
            log.exception("mail.fault", letter_id=str(claimed.letter.id))
            return Answer(Handed.REJECTED, "internal")

    async def _content(self, session: AsyncSession, claimed: Claimed) -> bytes | Answer:
        """The letter's bytes; why there are none otherwise."""
        letter, subscription = claimed.letter, claimed.subscription
        if subscription.state is not wanted_in(letter.kind):
            return Answer(Handed.WITHDRAWN, "unwanted")
        try:
            address = unseal(self.keyring, subscription.id, subscription.address)
            stop = unseal(self.keyring, subscription.id, subscription.unsubscribe_token)
        except DecryptionFailed:
            return Answer(Handed.REJECTED, "secret-changed")
        now = self.clock()
        lang = cast("Lang", subscription.lang)
        reader = Reader(address, lang, subscription.zone, claimed.organisation, claimed.startup)
        post = self.plan.post
        match letter.kind:
            case LetterKind.CONFIRMATION:
                token = new_token("sfc")
                await to_be_confirmed(session, subscription, self.keyring.token_hash(token), now + CONFIRM_WITHIN)
                facts = {"every": subscription.every.value, "days": CONFIRM_WITHIN.days}
                return rendering.confirmation(post, reader, letter.id, token, {**facts}, now)
            case LetterKind.NOTICE:
                return rendering.webhook_notice(post, reader, letter.id, stop, letter.facts, now)
            case LetterKind.DIGEST:
                fits = await matches_of(session, subscription, letter.id, now)
                if not fits.total:
                    return Answer(Handed.WITHDRAWN, "nothing-left")
                return rendering.digest(post, reader, letter.id, stop, fits, now)

    async def _begin(self, claimed: Claimed) -> bool:
        async with unit_of_work(self.sessions) as session:
            return await begin(session, claimed)

    async def _close(self, claimed: Claimed, answer: Answer) -> LetterState | None:
        for pause in (*_CLOSING_PAUSES, None):
            try:
                async with unit_of_work(self.sessions) as session:
                    state = await close(session, claimed, answer, self.clock())
            except DATABASE_ERRORS as fault:
                if pause is None or passing(fault) is None:
                    raise
                await asyncio.sleep(pause)
            else:
                return self._told(claimed, state, answer)
        raise AssertionError("the last pause is none")

    def _told(self, claimed: Claimed, state: LetterState | None, answer: Answer) -> LetterState | None:
        if state is None:
            return None
        letter = claimed.letter
        level = "info" if state in {LetterState.SENT, LetterState.DROPPED} else "warning"
        getattr(log, level)(
            "mail.letter", letter_id=str(letter.id), kind=letter.kind.value, state=state.value, answer=answer.code,
            attempt=letter.attempts,
        )  # fmt: skip
        outcome = "retried" if state is LetterState.QUEUED else state.value
        self.metrics.mailed(letter.kind.value, "refused" if answer.outcome is Handed.REFUSED else outcome)
        return state
