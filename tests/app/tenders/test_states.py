"""The states of a call."""

from __future__ import annotations

import pytest

from app.models.tender import TenderStatus
from app.tenders.states import TRANSITIONS, Action, TenderState, after


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("at", TenderStatus)
def test_an_action_leads_where_the_table_says_or_is_refused_with_what_is_lawful(
    action: Action, at: TenderStatus
) -> None:
    if at in TRANSITIONS[action]:
        assert after(action, at) is TRANSITIONS[action][at]
        return
    with pytest.raises(TenderState) as refused:
        after(action, at)
    assert refused.value.facts["tender_status"] == at.value
    assert refused.value.facts["allowed"] == [a.value for a in Action if at in TRANSITIONS[a]]


@pytest.mark.parametrize("final", [TenderStatus.WITHDRAWN, TenderStatus.CANCELLED, TenderStatus.AWARDED])
def test_final_states_are_final(final: TenderStatus) -> None:
    assert not any(final in lawful for lawful in TRANSITIONS.values())


def test_nothing_becomes_a_draft_again() -> None:
    reached = {
        to for action, lawful in TRANSITIONS.items() for at, to in lawful.items() if at is not TenderStatus.DRAFT
    }
    assert TenderStatus.DRAFT not in reached
