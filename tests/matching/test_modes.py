"""Whether a startup works to order or sells a product, as its own words tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching import Matcher
from matching.errors import LexiconError
from matching.modes import PRODUCT, SERVICE, default_modes, load_modes, places, service_share
from matching.types import StartupDoc, TenderDoc


def _startup(description: str, identity: str = "s") -> StartupDoc:
    return StartupDoc(id=identity, name="Exemple", description=description)


@pytest.mark.parametrize(
    "text",
    [
        "Notre agence réalise des sites sur mesure pour nos clients.",
        "CABINET DE CONSEIL EN ORGANISATION",
        "We are a software development company and tailor every solution; our clients come first.",
        "مكتب دراسات متخصص، خدماتنا حسب الطلب",
    ],
)
def test_who_works_to_order_says_so(text: str) -> None:
    assert service_share(_startup(text)) > 0.5


@pytest.mark.parametrize(
    "text",
    [
        "Exemple est une application mobile qui met en relation les voisins.",
        "Première plateforme de covoiturage, disponible sur tous les téléphones.",
        "Exemple is a platform that connects farmers and buyers; users pay a subscription.",
        "أول منصة تتيح حجز الملاعب",
    ],
)
def test_who_sells_a_product_says_so(text: str) -> None:
    assert service_share(_startup(text)) < 0.5


@pytest.mark.parametrize("text", ["", "Informatique", "🙂", "développement d'applications"])
def test_who_tells_neither_stands_between(text: str) -> None:
    assert service_share(_startup(text)) == 0.5


def test_the_words_of_a_phrase_must_stand_side_by_side() -> None:
    modes = default_modes()
    assert [mention.mode for mention in modes.of("Exemple est une application")] == [PRODUCT]
    assert modes.of("une gestion, une application") == []


def test_places_are_where_the_words_stand() -> None:
    text = "Nous sommes une agence. Notre plateforme plaît."
    startup = _startup(text)
    (service,), (product,) = places(startup, SERVICE), places(startup, PRODUCT)
    assert (text[service.start : service.end], text[product.start : product.end]) == ("agence", "Notre plateforme")


def test_of_two_of_one_trade_the_one_that_works_to_order_comes_first_and_both_are_told_why() -> None:
    trade = "développement d'applications mobiles et de sites web"
    matcher = Matcher()
    matcher.load(
        startups=[
            _startup(f"Agence, {trade} sur mesure pour nos clients.", "agency"),
            _startup(f"Exemple est une application qui parle de {trade}, aux utilisateurs.", "app"),
            _startup("Transport de béton.", "other"),
        ],
    )
    ranking = matcher.startups_for(TenderDoc(id="t", title="Développement d'une application mobile"), k=3)
    assert [item.startup_id for item in ranking.items][:2] == ["agency", "app"]
    codes = {item.startup_id: {r.code: r.contribution for r in item.reasons} for item in ranking.items}
    assert codes["agency"]["mode.service"] > 0 > codes["app"]["mode.product"]


@pytest.mark.parametrize("text", ["[[mode]]\nid = 'service'", "nonsense", "[[mode]]\nid='x'\nfr=[]\nar=[]\nen=[]"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "modes.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError, match=r"modes\.toml"):
        load_modes(file)
