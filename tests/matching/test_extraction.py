"""Bags: which words, concepts and intents of a document count, and how much."""

from __future__ import annotations

import pytest

from matching.extraction import DETAIL_WEIGHT, Extractor
from matching.lexicon import default_lexicon
from matching.trades import default_trades
from matching.types import StartupDoc, TenderDoc

EXTRACTOR = Extractor(default_lexicon(), default_trades())


def intents(title: str, language: str | None = None) -> dict[str, float]:
    [bag] = EXTRACTOR.tender(TenderDoc(id="t", title=title, language=language))
    return {key[2:]: count for key, count in bag.features.items() if key.startswith("i:")}


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        (
            "Acquisition, installation et maintenance de serveurs",
            None,
            {"supply": 1.0, "integrate": 1.0, "maintain": 1.0},
        ),
        (
            "Acquisition de caméras thermiques et formation du personnel",
            None,
            {"supply": 1.0, "train": DETAIL_WEIGHT},
        ),
        ("Purchase of servers with training for users", "en", {"supply": 1.0, "train": DETAIL_WEIGHT}),
        ("اقتناء خوادم معلوماتية حديثة مع تكوين المستعملين", "ar", {"supply": 1.0, "train": DETAIL_WEIGHT}),
        ("Serveurs", None, {}),
    ],
)
def test_what_follows_the_first_heads_of_a_tender_is_detail(
    title: str, language: str | None, expected: dict[str, float]
) -> None:
    assert intents(title, language) == pytest.approx(expected)


def test_a_detail_does_not_say_which_trade_is_asked_for() -> None:
    [alone] = EXTRACTOR.tender(TenderDoc(id="t", title="Acquisition de serveurs informatiques"))
    [more] = EXTRACTOR.tender(
        TenderDoc(id="t", title="Acquisition de serveurs informatiques neufs avec sensibilisation")
    )
    trades = {key: count for key, count in alone.features.items() if key.startswith("t:")}
    assert trades
    assert {key: more.features[key] for key in trades} == pytest.approx(trades)


def test_a_profile_does_all_that_it_names() -> None:
    bag = EXTRACTOR.startup(
        StartupDoc(
            id="s", name="", description="Vente de serveurs informatiques, maintenance de réseaux locaux et formation"
        )
    )
    assert {key for key in bag.features if key.startswith("i:")} == {"i:maintain", "i:train"}
    assert bag.features["i:maintain"] == bag.features["i:train"] == 1.0
