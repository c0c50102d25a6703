"""Telling the people of an organisation what waits for them: letters, queued in the transaction of what happened.

Who is told: the members whose address is confirmed, who are not disabled, not provisional, and have not switched such
letters off. Whether that still holds is looked at again in the moment in which a letter leaves. Addresses that digests
go to are not told: somebody who left may still read there.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.channels.mail.smtp import Answer, Handed
from app.channels.mail.times import AGAIN, LEASE
from app.jobs.messages import SendMatterLetter
from app.jobs.queue import enqueue
from app.kit.ids import new_uuid
from app.models.digest import LetterState
from app.models.matter import Matter, MatterLetter

MOST_A_DAY: Final = 20
"""Letters that one organisation's deeds bring one person in 24 hours; what goes beyond is on the pages only."""
APART: Final = dt.timedelta(days=1)
"""Between two letters to a person that startups have applied for a pilot: each says how many there are by then."""

_WANTS = """
    person.disabled_at IS NULL AND person.mail_confirmed_at IS NOT NULL AND NOT member.provisional
    AND NOT CAST(:group AS text) = ANY (person.quiet)
"""
_TELL = text(f"""
WITH deed AS (
    SELECT CAST(:by AS uuid) AS caused_by, CAST(:matter AS text) AS matter, CAST(:subject AS uuid) AS subject_id,
        CAST(:startup AS uuid) AS startup_id, CAST(:key AS text) AS key, CAST(:now AS timestamptz) AS at
)
INSERT INTO matter_letter (
    id, person_id, organisation_id, caused_by, matter, subject_id, startup_id, key, due_at, created_at
)
SELECT safqa_uuid7(), person.id, member.organisation_id, deed.caused_by, deed.matter, deed.subject_id, deed.startup_id,
    deed.key,
    greatest(deed.at, (
        SELECT max(told.due_at) + CAST(:apart AS interval) FROM matter_letter told
        WHERE told.person_id = person.id AND told.matter = deed.matter AND told.subject_id = deed.subject_id
            AND told.matter = 'pilot-application'
    )), deed.at
FROM deed CROSS JOIN membership member
JOIN person ON person.id = member.person_id
WHERE member.organisation_id = ANY (:hearers) AND member.organisation_id <> deed.caused_by AND {_WANTS}
    AND NOT EXISTS (
        SELECT FROM matter_letter waiting
        WHERE waiting.person_id = person.id AND waiting.matter = deed.matter AND waiting.subject_id = deed.subject_id
            AND waiting.matter = 'pilot-application' AND waiting.state = 'queued'
    )
    AND :most > (
        SELECT count(*) FROM matter_letter sent
        WHERE sent.person_id = person.id AND sent.caused_by = deed.caused_by
            AND sent.created_at > deed.at - CAST(:day AS interval)
    )
ORDER BY member.created_at, person.id
LIMIT :people
ON CONFLICT (person_id, key) DO NOTHING
RETURNING id, due_at
""")  # noqa: S608 (constants of this module only)
_BEGIN = text(f"""
UPDATE matter_letter letter SET state = 'sending', due_at = CAST(:until AS timestamptz)
FROM person, membership member
WHERE letter.id = :id AND letter.claim = :mark AND letter.state = 'queued' AND person.id = letter.person_id
    AND member.person_id = person.id AND member.organisation_id = letter.organisation_id AND {_WANTS}
RETURNING letter.id
""")  # noqa: S608
_DAY: Final = dt.timedelta(days=1)
_PEOPLE: Final = 2_000


@dataclass(frozen=True, slots=True)
class News:
    """What happened to whose people. ``turn``: what tells it from the same happening again to the same subject."""

    matter: Matter
    subject_id: uuid.UUID
    hearers: Collection[uuid.UUID]
    startup_id: uuid.UUID | None = None
    turn: str = ""

    @property
    def key(self) -> str:
        """What a person is told of once."""
        return f"{self.matter}:{self.subject_id}:{self.startup_id or ''}:{self.turn}"


async def tell(session: AsyncSession, by: uuid.UUID, news: News, now: dt.datetime) -> int:
    """Queue a letter to each of the people who hear of it, but for those of the organisation ``by``; how many."""
    rows = await session.execute(
        _TELL,
        {
            "by": by, "matter": news.matter.value, "subject": news.subject_id, "startup": news.startup_id,
            "key": news.key, "now": now, "apart": APART, "hearers": list(news.hearers),
            "group": news.matter.group.value, "most": MOST_A_DAY, "day": _DAY,
            "people": _PEOPLE,
        },
    )  # fmt: skip
    due: dict[dt.datetime, list[SendMatterLetter]] = defaultdict(list)
    for letter_id, due_at in rows:
        due[due_at].append(SendMatterLetter(letter_id=letter_id))
    for due_at, jobs in due.items():
        await enqueue(session, *jobs, delay=max(due_at - now, dt.timedelta(0)))
    return sum(map(len, due.values()))


async def claim(session: AsyncSession, letter_id: uuid.UUID) -> MatterLetter | None:
    """Take a letter that waits, with a mark of one's own; ``None``: it has left, or there is none."""
    return await session.scalar(
        update(MatterLetter)
        .where(MatterLetter.id == letter_id, MatterLetter.state == LetterState.QUEUED)
        .values(claim=new_uuid(), attempts=MatterLetter.attempts + 1)
        .returning(MatterLetter)
    )


async def begin(session: AsyncSession, letter: MatterLetter, now: dt.datetime) -> bool:
    """Note that the content is about to leave; whether it may: the claim holds, and its reader is still to be told."""
    named = {"id": letter.id, "mark": letter.claim, "group": letter.matter.group.value, "until": now + LEASE}
    return (await session.execute(_BEGIN, named)).first() is not None


async def close(
    session: AsyncSession, letter: MatterLetter, answer: Answer, now: dt.datetime
) -> tuple[LetterState, dt.timedelta | None]:
    """Write what became of a letter; its state, and after what pause it is to be tried again."""
    again = AGAIN[letter.attempts - 1] if answer.outcome is Handed.LATER and letter.attempts <= len(AGAIN) else None
    state = LetterState.QUEUED if again is not None else _CLOSED[answer.outcome]
    await session.execute(
        update(MatterLetter)
        .where(MatterLetter.id == letter.id, MatterLetter.claim == letter.claim)
        .values(
            state=state, answer=answer.code, finished_at=None if again is not None else now,
            due_at=now + (again or dt.timedelta(0)),
        )
    )  # fmt: skip
    return state, again


_CLOSED: Final = {
    Handed.SENT: LetterState.SENT,
    Handed.UNCERTAIN: LetterState.UNCERTAIN,
    Handed.WITHDRAWN: LetterState.DROPPED,
    Handed.LATER: LetterState.FAILED,
    Handed.REFUSED: LetterState.FAILED,
    Handed.REJECTED: LetterState.FAILED,
}


async def give_up_lapsed(session: AsyncSession, now: dt.datetime) -> Sequence[MatterLetter]:
    """Close the letters whose worker was lost while it sent them: nobody knows whether they were accepted."""
    done = await session.scalars(
        update(MatterLetter)
        .where(MatterLetter.state == LetterState.SENDING, MatterLetter.due_at <= now)
        .values(state=LetterState.UNCERTAIN, answer="worker-lost", finished_at=now)
        .returning(MatterLetter)
    )
    return done.all()


async def forget(session: AsyncSession, before: dt.datetime) -> None:
    """Forget letters that were written before an instant."""
    await session.execute(delete(MatterLetter).where(MatterLetter.created_at < before))
