"""Trades: the loader, how concepts lead to them, and what a buyer's intent and a profile's sector change."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching import Matcher
from matching.errors import LexiconError
from matching.lexicon import LANGS, Concept, Intent, Lexicon, default_lexicon
from matching.trades import (
    ALSO_WEIGHT,
    INHERITED_FACTOR,
    OTHER_INTENT,
    SECTOR_CONCEPT_FACTOR,
    SECTOR_FACTOR,
    default_trades,
    load_trades,
)
from matching.types import StartupDoc, TenderDoc

LEXICON = Lexicon(
    [
        Concept("software", {"fr": ("logiciel",)}),
        Concept("erp", {"fr": ("ERP",)}, broader=("software",)),
        Concept("roads", {"fr": ("routes",)}),
        Concept("poetry", {"fr": ("poésie",)}),
    ],
    [Intent("develop", {"fr": ("développement",)}), Intent("works", {"fr": ("travaux",)})],
)
TRADES = """
[[trade]]
id = "house"
fr = "éditeur"
ar = "ناشر"
en = "vendor"
core = ["software"]
also = ["roads"]
intents = ["develop"]

[[trade]]
sector = true
id = "builder"
fr = "travaux"
ar = "أشغال"
en = "works"
core = ["roads"]
also = []
intents = ["works"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trades.toml"
    path.write_text(TRADES, "utf-8")
    return path


def links(file: Path, concept: str) -> dict[str, float]:
    trades = load_trades(file, LEXICON)
    return {trades.trades[n].id: weight for n, weight in trades.links[LEXICON.number[concept]]}


def test_concepts_lead_to_trades_by_themselves_or_by_what_is_above_them(file: Path) -> None:
    assert links(file, "software") == {"house": 1.0}
    assert links(file, "erp") == {"house": INHERITED_FACTOR}
    assert links(file, "roads") == {"house": ALSO_WEIGHT, "builder": 1.0}
    assert links(file, "poetry") == {}


def test_another_intent_lowers_a_trade(file: Path) -> None:
    trades = load_trades(file, LEXICON)
    house = trades.number["house"]
    assert trades.wanted(house, frozenset()) == trades.wanted(house, frozenset({"develop", "works"})) == 1.0
    assert trades.wanted(house, frozenset({"works"})) == OTHER_INTENT


def test_a_profile_that_names_a_sector_is_hardly_of_it_unless_it_won_there(file: Path) -> None:
    trades = load_trades(file, LEXICON)
    builder = trades.number["builder"]
    assert trades.told(builder, 1.0) == pytest.approx(SECTOR_FACTOR)
    assert trades.told(builder, 0.0) == trades.told(trades.number["house"], 1.0) == 1.0
    only_roads = TRADES.replace('also = ["roads"]', "also = []")
    file.write_text(only_roads, "utf-8")
    assert load_trades(file, LEXICON).told_concept(LEXICON.number["roads"], 1.0) == pytest.approx(SECTOR_CONCEPT_FACTOR)
    assert trades.told_concept(LEXICON.number["roads"], 1.0) == 1.0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('core = ["software"]', 'core = ["hardware"]', "'house'.*'hardware'"),
        ('intents = ["develop"]', 'intents = ["dance"]', "'house'.*'dance'"),
        ('id = "builder"', 'id = "house"', "'house'.*once"),
        ('fr = "éditeur"', "", "'house'.*each of"),
        ("[[trade]]", "[[trade", "trades.toml"),
    ],
)
def test_a_mistake_names_the_trade(file: Path, old: str, new: str, says: str) -> None:
    file.write_text(TRADES.replace(old, new), "utf-8")
    with pytest.raises(LexiconError, match=says):
        load_trades(file, LEXICON)


GENERIC = {"information_technology"}  # said of every digital trade: it would blur them all


def test_every_capability_is_delivered_by_some_trade() -> None:
    shipped = default_trades()
    homeless = {c.id for c, found in zip(default_lexicon().concepts, shipped.links, strict=True) if not found}
    assert homeless == GENERIC


def test_the_trades_that_ship_are_told_apart() -> None:
    trades = default_trades().trades
    for trade in trades:
        assert trade.core, trade.id
        assert trade.intents, trade.id
        assert not set(trade.core) & set(trade.also), trade.id
        assert len({*trade.core, *trade.also}) == len(trade.core) + len(trade.also), trade.id
    for lang in LANGS:
        assert len({trade.labels[lang] for trade in trades}) == len(trades), lang
    assert len({frozenset(trade.core) for trade in trades}) == len(trades)


def test_the_trades_that_ship_load_and_are_explained_in_three_languages() -> None:
    assert len(default_trades().trades) > 70
    matcher = Matcher()
    startup = StartupDoc("s", "Toile", "Développement de logiciels sur mesure et d'applications mobiles")
    tender = TenderDoc("t", "Développement d'une plateforme numérique de gestion des autorisations")
    matcher.load(tenders=[tender], startups=[startup, StartupDoc("o", "Autre", "Vente de mobilier")])
    reasons = matcher.startups_for(tender, k=1).items[0].reasons
    trade = next(reason for reason in reasons if reason.code == "text.trade")
    assert {"label_fr", "label_ar", "label_en"} <= set(trade.facts)
    assert trade.in_tender
    assert trade.in_startup
    mirrored = matcher.tenders_for(startup, k=1).items[0].reasons
    assert next(r for r in mirrored if r.code == "text.trade" and r.term == trade.term).in_tender == trade.in_tender
