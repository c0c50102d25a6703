"""Changes that do the same are told as one."""

from __future__ import annotations

import uuid

from app.openness.schemas_openings import CohortOpeningOut, EffortOut, HelpedOut, OpenedOut, OpeningOut
from app.web.alternatives import alternatives
from matching.openness.effort import ChangeKind

HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)


def opening(kind: ChangeKind, what: str, *calls: uuid.UUID, opens: int = 1) -> OpeningOut:
    return OpeningOut(
        kind=kind, what=what, amount=None, sentence=what, opens=opens, unblocks=1, loses=0, value=5.0,
        effort=EffortOut(weeks=3, cost=0),
        tenders=[OpenedOut(tender_id=call, title=None, deadline=None) for call in calls],
    )  # fmt: skip


def test_references_that_open_the_same_calls_are_one_card_and_nothing_else_is() -> None:
    told = alternatives(
        [
            opening(ChangeKind.REFERENCE, "cpv:38", HERE, THERE),
            opening(ChangeKind.PARTNER_REFERENCES, "cpv:38", HERE, THERE),
            opening(ChangeKind.REFERENCE, "cpv:71", THERE, HERE),
            opening(ChangeKind.REFERENCE, "cpv:72", HERE),
            opening(ChangeKind.REFERENCE, "cpv:73", HERE, THERE, opens=3),
            opening(ChangeKind.REFERENCE, "cpv:45", HERE, THERE),
            opening(ChangeKind.CERTIFICATE, "ISO 9001", HERE, THERE),
            opening(ChangeKind.CERTIFICATE, "ISO 14001", HERE, THERE),
        ],
        "fr",
    )
    assert [each.sentence.partition(":")[2].strip() for each in told] == [
        "division CPV 38, division CPV 71 ou division CPV 45",
        "division CPV 38",
        "division CPV 72",
        "division CPV 73",
        "ISO 9001",
        "ISO 14001",
    ]
    assert [each.opening.what for each in told][:2] == ["cpv:38", "cpv:38"]
    assert alternatives([], "ar") == []


def test_references_that_help_the_same_startups_as_much_are_one_line() -> None:
    def line(what: str, *helped: tuple[int, int]) -> CohortOpeningOut:
        return CohortOpeningOut(
            kind=ChangeKind.PARTNER_REFERENCES, what=what, sentence=what, pairs=sum(opens for _, opens in helped),
            startups=[HelpedOut(startup_id=uuid.UUID(int=firm), opens=opens) for firm, opens in helped],
            effort=EffortOut(weeks=3, cost=0),
        )  # fmt: skip

    told = alternatives(
        [line("cpv:63", (1, 1), (2, 2)), line("cpv:72", (2, 2), (1, 1)), line("cpv:79", (1, 2), (2, 1))], "en"
    )
    assert [each.sentence for each in told] == [
        "A partner who has the references: CPV division 63 or CPV division 72",
        "A partner who has the references: CPV division 79",
    ]
