"""The payload of every job. A low layer may ask for work of a high one without importing it.

Every job is idempotent: it says which rows to look at, and the handler looks at how they stand when it runs.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Base of all messages. ``entrypoint`` is the job's name in the queue and never changes once released."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entrypoint: ClassVar[str]
    priority: ClassVar[int] = 0

    def dedupe_key(self) -> str | None:
        """What this job is known by: while one of the same key waits or runs, another is dropped; ``None``: never.

        Jobs are the same where they say the same.
        """
        return ":".join((self.entrypoint, *(str(value) for _, value in self)))


class Batch(Message):
    """Base of messages about several rows: what has changed of them since a job began is never taken for done."""

    def dedupe_key(self) -> str | None:
        """Every batch is worked off."""
        return None


class MatchTender(Message):
    """Rank the startups for one tender and keep the best as matches."""

    entrypoint = "match_tender"
    priority = 10

    tender_id: uuid.UUID
    version: int


class MatchStartup(Message):
    """Rank the open tenders for one startup and keep the best as matches."""

    entrypoint = "match_startup"
    priority = 5

    startup_id: uuid.UUID
    version: int


class MatchTenders(Batch):
    """Rank for a batch of tenders, as an import leaves them."""

    entrypoint = "match_tenders"

    tender_ids: tuple[uuid.UUID, ...]


class LinkTenders(Batch):
    """Find the same calls on other portals for tenders that are new or have changed; before anybody ranks for them."""

    entrypoint = "link_tenders"
    priority = 20

    tender_ids: tuple[uuid.UUID, ...]


class ReadRequirements(Batch):
    """Read what tenders that are new or have changed ask for; after whatever is waited for."""

    entrypoint = "read_requirements"
    priority = -1

    tender_ids: tuple[uuid.UUID, ...]


class ReadBacklog(Message):
    """Ask for the reading of calls stored before there was one: a stretch of those after an id."""

    entrypoint = "read_backlog"
    priority = -1

    after: uuid.UUID | None = None


class ReadDocument(Message):
    """Read what a document of a tender asks for."""

    entrypoint = "read_document"
    priority = 1

    document_id: uuid.UUID


class MatchStartups(Batch):
    """Rank for a batch of startups, as an import leaves them. ``part``: which of those that a person asked for."""

    entrypoint = "match_startups"

    startup_ids: tuple[uuid.UUID, ...]
    part: str | None = None

    def dedupe_key(self) -> str | None:
        """Once for whoever asks again and again; what an import has changed is never taken for ranked already."""
        return None if self.part is None else f"match_startups:{self.part}"


class RunImport(Message):
    """Read an uploaded file and store its records."""

    entrypoint = "run_import"
    priority = 1

    run_id: uuid.UUID


class CrawlSource(Message):
    """Collect what a source has published since its last run. One at a time: a slot that falls due meanwhile is left
    out.
    """

    entrypoint = "crawl_source"

    source: str


class StorePush(Message):
    """Make what a sender pushed a version of its call."""

    entrypoint = "store_push"
    priority = 2

    delivery_id: uuid.UUID


class ProposeProfile(Message):
    """Read a startup's website and draft a profile from it."""

    entrypoint = "propose_profile"
    priority = 1

    proposal_id: uuid.UUID


class MakeDigests(Message):
    """Make the digests that are due, and have every letter sent that waits."""

    entrypoint = "make_digests"


class SendLetter(Message):
    """Hand one letter to the mail server."""

    entrypoint = "send_letter"

    letter_id: uuid.UUID


class SendMemberLetter(Message):
    """Send a person the link that they asked for, the invitation that somebody wrote for them, or word of a change.

    ``row_id``: of the link or the invitation; of the person, where what lets them in was changed.
    """

    entrypoint = "send_member_letter"
    priority = 30

    kind: Literal["link", "invitation", "password", "second-factor-on", "second-factor-off", "recovery-codes"]
    row_id: uuid.UUID


class SendMatterLetter(Message):
    """Tell one person what waits for their organisation."""

    entrypoint = "send_matter_letter"
    priority = 15

    letter_id: uuid.UUID

    def dedupe_key(self) -> str:
        """A letter is sent once."""
        return f"send_matter_letter:{self.letter_id}"


class Tidy(Message):
    """Forget what is kept for a while only: old answers to repeated requests, dead claims, the queue's own log."""

    entrypoint = "tidy"


class ExpireMatches(Message):
    """Withdraw the matches of tenders whose deadline has passed, and rank anew for the startups that lost some."""

    entrypoint = "expire_matches"


class MatchUnlisted(Message):
    """Rank for the startups that are not listed: calls that come in are ranked over the listed ones alone."""

    entrypoint = "match_unlisted"


class TellDeadlines(Message):
    """Tell of the calls whose deadline has come near."""

    entrypoint = "tell_deadlines"


class DeriveLanes(Message):
    """Work out the simplified-access lane of calls stored before there was one: a stretch of those after an id."""

    entrypoint = "derive_lanes"

    after: uuid.UUID | None = None
