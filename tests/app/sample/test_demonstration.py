"""The sample set shows what the product does: right startups first, across languages and lots, and none by force."""

from __future__ import annotations

import datetime as dt

import pytest

from app.files.to_matching import startup_doc, tender_doc
from app.sample import sample_plan, sample_startups, sample_tenders
from matching import Matcher
from matching.types import Gates, Grade, MatchResult, TenderDoc

NO_STARTUP_SELLS_THIS = ("029", "032", "034", "069", "070", "071", "072", "073", "086")
"""Roads, cleaning, office supplies, guarding, catering, furniture, painting."""

ACROSS_LANGUAGES = {
    "016": "wadalert",  # French notice, English profile: flood warning
    "027": "takwin-atlas",  # French notice, Arabic profile: training
    "040": "lisanbot",  # French notice, Arabic profile: assistant in darija
    "051": "noqtaqua",  # Arabic notice, French profile: leaks
    "053": "warqia",  # Arabic notice, French profile: civil registers
    "059": "hisnova",  # Arabic notice, French profile: security audit
    "068": "sensouss",  # Arabic notice, French profile: smart irrigation
    "077": "stoqia",  # English notice, French profile: warehouse
}


@pytest.fixture(scope="module")
def tenders() -> dict[str, TenderDoc]:
    return {each.id: tender_doc(each) for each in sample_tenders(dt.date(2026, 11, 22))}


@pytest.fixture(scope="module")
def matcher(tenders: dict[str, TenderDoc]) -> Matcher:
    matcher = Matcher()
    matcher.load(tenders=tenders.values(), startups=[startup_doc(each) for each in sample_startups()])
    return matcher


def best(matcher: Matcher, tender: TenderDoc, k: int = 3) -> tuple[MatchResult, ...]:
    return matcher.startups_for(tender, k=k, gates=Gates(same_country=True)).items


@pytest.mark.parametrize(("tender", "startup"), ACROSS_LANGUAGES.items())
def test_the_right_startup_is_first_in_whatever_language_it_wrote(
    matcher: Matcher,
    tenders: dict[str, TenderDoc],
    tender: str,
    startup: str,
) -> None:
    first, second = best(matcher, tenders[f"sample-t-{tender}"], 2)
    assert first.startup_id == f"sample-{startup}"
    assert first.grade in {Grade.STRONG, Grade.GOOD}
    assert first.score > second.score


def test_each_lot_of_the_first_shown_tender_has_its_own_startup(
    matcher: Matcher, tenders: dict[str, TenderDoc]
) -> None:
    found = {each.lot_id: each.startup_id for each in best(matcher, tenders["sample-t-001"])}
    assert found == {"1": "sample-sensouss", "2": "sample-bazvol", "3": "sample-chamsenor"}


def test_the_shown_tenders_are_won_by_startups_with_a_key_of_their_own(
    matcher: Matcher,
    tenders: dict[str, TenderDoc],
) -> None:
    plan = sample_plan()
    winners = [best(matcher, tenders[id_])[0].startup_id for id_ in plan.show]
    assert winners == ["sample-sensouss", "sample-noqtaqua", "sample-stoqia"]
    assert set(winners) == set(plan.startup_owner)


@pytest.mark.parametrize("tender", NO_STARTUP_SELLS_THIS)
def test_no_startup_is_called_strong_where_none_fits(
    matcher: Matcher,
    tenders: dict[str, TenderDoc],
    tender: str,
) -> None:
    assert best(matcher, tenders[f"sample-t-{tender}"])[0].grade not in {Grade.STRONG, Grade.GOOD}
