"""The best of some tenders that stand in no index."""

from __future__ import annotations

import pytest

from matching import Matcher
from matching.types import StartupDoc, TenderDoc

STARTUP = StartupDoc(id="s", name="x", description="Capteurs et télérelève d'eau potable", country="MA")
TENDERS = [
    TenderDoc("far", "Repas chauds pour une cantine", country="MA"),
    TenderDoc("near", "Capteurs de télérelève pour l'eau potable", country="MA"),
    TenderDoc("some", "Réseau d'eau potable", country="MA"),
    TenderDoc("also", "Réseau d'eau potable", country="MA"),
]


def test_they_are_ordered_and_explained_as_each_pair_is() -> None:
    matcher = Matcher()
    matcher.upsert_startups([STARTUP])
    found = matcher.best_of(STARTUP, TENDERS, k=10)
    assert [item.tender_id for item in found] == ["near", "also", "some", "far"]
    for item in found:
        alone = matcher.explain(next(tender for tender in TENDERS if tender.id == item.tender_id), STARTUP)
        assert (item.score, item.grade) == (alone.score, alone.grade)
        assert sum(reason.contribution for reason in item.reasons) == pytest.approx(item.score)
    assert matcher.best_of(STARTUP, TENDERS, k=2) == found[:2]
    assert matcher.best_of(STARTUP, [], k=2) == ()
