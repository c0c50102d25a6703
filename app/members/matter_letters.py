"""Letters to the people of an organisation about what waits for it: one per person and matter, sent at most once.

``sending`` is committed before the content leaves. From then on only the server's own word that it did not take it
brings a letter back: a worker that dies there loses one letter, and nobody gets two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.channels.mail import matters
from app.channels.mail.matter_content import Told, told
from app.channels.mail.posting import MailPlan
from app.channels.mail.quieting import quiet_token
from app.channels.mail.rendering import Summons, clean, isolated, summons
from app.channels.mail.smtp import Answer, Handed, handed_over
from app.db.outages import passing
from app.db.session import Sessions, unit_of_work
from app.jobs.errors import Retry
from app.jobs.messages import SendMatterLetter
from app.jobs.runner import Handler
from app.kit.clock import Clock
from app.kit.crypto import DecryptionFailed, Keyring
from app.kit.i18n import DEFAULT_LANG, Lang, translate
from app.kit.metrics import Metrics
from app.kit.observability import get_logger
from app.members import addresses
from app.models.digest import LetterState
from app.models.matter import MatterLetter
from app.models.organisation import Organisation
from app.models.person import Person

log = get_logger(__name__)

_SIDE_BY_SIDE: Final = 2
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class MatterLetters:
    """What sends them. ``plan``: ``None`` where this installation sends no mail: what is queued is dropped."""

    sessions: Sessions
    clock: Clock
    keyring: Keyring
    plan: MailPlan | None
    metrics: Metrics

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (Handler(SendMatterLetter, self.send, concurrency=_SIDE_BY_SIDE),)

    async def send(self, job: SendMatterLetter) -> None:
        """Send one letter, if it still holds and its reader is still to be told."""
        async with unit_of_work(self.sessions) as session:
            letter = await matters.claim(session, job.letter_id)
        if letter is None:
            return
        if self.plan is None:
            await self._close(letter, Answer(Handed.WITHDRAWN, "mail-off"))
            return
        rendered = await self._rendered(letter, self.plan)
        if isinstance(rendered, Answer):
            await self._close(letter, rendered)
            return
        to, content = rendered
        async with handed_over(self.plan.server, to, content, lambda: self._begin(letter)) as answer:
            await self._close(letter, answer)

    async def _rendered(self, letter: MatterLetter, plan: MailPlan) -> tuple[str, bytes] | Answer:
        """Address and bytes; why there are none otherwise. What can't be said can't be said the next time either."""
        try:
            async with unit_of_work(self.sessions) as session:
                said = await self._said(session, letter)
            if isinstance(said, Answer):
                return said
            return said.to, summons(plan.post, letter.id, said, self.clock())
        except Exception as fault:  # one of ours, with one letter: later ones about the same must not wait for it
            if passing(fault) is not None:
                raise
            log.exception("mail.fault", letter_id=str(letter.id))
            return Answer(Handed.REJECTED, "internal")

    async def _said(self, session: AsyncSession, letter: MatterLetter) -> Summons | Answer:
        """The letter in words; why there is none otherwise."""
        person = await session.get(Person, letter.person_id)
        organisation = await session.get(Organisation, letter.organisation_id)
        if person is None or organisation is None:
            return Answer(Handed.WITHDRAWN, "unwanted")
        lang: Lang = person.lang or DEFAULT_LANG  # type: ignore[assignment]  # written from a Lang
        content = await told(session, letter, lang)
        if content is None:
            return Answer(Handed.WITHDRAWN, "nothing-left")
        try:
            address = addresses.unseal(self.keyring, person.id, person.mail)
        except DecryptionFailed:
            return Answer(Handed.REJECTED, "secret-changed")
        return self._summons(letter, lang, address, clean(organisation.name, _LONGEST_NAME), content)

    def _summons(self, letter: MatterLetter, lang: Lang, address: str, organisation: str, content: Told) -> Summons:
        facts = content.facts
        apart = {name: isolated(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
        return Summons(
            to=address,
            lang=lang,
            subject=translate(f"mail.matter.{letter.matter}.subject", lang, **facts),
            text=translate(f"mail.matter.{letter.matter}.text", lang, **apart),
            path=content.path,
            button=translate("mail.matter.button", lang),
            after=translate("mail.matter.after", lang),
            organisation=organisation,
            stop=f"/mail/quiet/{quiet_token(self.keyring, letter.person_id, letter.matter.group)}",
        )

    async def _begin(self, letter: MatterLetter) -> bool:
        async with unit_of_work(self.sessions) as session:
            return await matters.begin(session, letter, self.clock())

    async def _close(self, letter: MatterLetter, answer: Answer) -> None:
        async with unit_of_work(self.sessions) as session:
            state, again = await matters.close(session, letter, answer, self.clock())
        level = "info" if state in {LetterState.SENT, LetterState.DROPPED} else "warning"
        getattr(log, level)("matter.letter", letter_id=str(letter.id), matter=letter.matter.value, answer=answer.code)
        self.metrics.mailed("matter", "retried" if again is not None else state.value)
        if again is not None:
            raise Retry(again, answer.code)
