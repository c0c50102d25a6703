"""Which jobs are needless beside one that waits."""

from __future__ import annotations

import uuid

import pytest

from app.jobs.messages import (
    LinkTenders,
    MatchStartups,
    MatchTender,
    Message,
    ReadBacklog,
    SendMemberLetter,
    Tidy,
)

ROW = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (Tidy(), "tidy"),
        (MatchTender(tender_id=ROW, version=3), f"match_tender:{ROW}:3"),
        (SendMemberLetter(kind="link", row_id=ROW), f"send_member_letter:link:{ROW}"),
        (ReadBacklog(), "read_backlog:None"),
        (LinkTenders(tender_ids=(ROW,)), None),
        (MatchStartups(startup_ids=(ROW,)), None),
        (MatchStartups(startup_ids=(ROW,), part="cohort"), "match_startups:cohort"),
    ],
)
def test_jobs_that_say_the_same_are_the_same_but_for_batches(message: Message, key: str | None) -> None:
    assert message.dedupe_key() == key
