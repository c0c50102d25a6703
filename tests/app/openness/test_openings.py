"""Counterfactuals over HTTP."""

from __future__ import annotations

import pytest

from app.openness.openings import named, sentence_of
from matching.openness.effort import ChangeKind
from tests.app.openness.conftest import Market


async def test_a_startup_learns_what_would_open_a_call(market: Market) -> None:
    answer = await market.owner.client.get(f"/v1/startups/{market.firms[0]}/openings")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["looked_at"], told["standing"]) == (1, {"passed": 0, "failed": 1, "unknown": 0})
    assert told["openings"] == [], "three things are lacking: no single change opens the call"


async def test_the_one_thing_that_is_lacking_opens_it(market: Market) -> None:
    firm = market.firms[3]
    kept = await market.owner.client.get(f"/v1/startups/{firm}/evidence")
    evidence = {
        "turnover": [{"year": 2025, "turnover": {"amount": 9_000_000, "currency": "MAD"}}],
        "certificates": [{"name": "ISO 27001", "expires": "2100-01-01"}],
        "complete": ["turnover", "certificates", "references"],
    }
    await market.owner.client.put(
        f"/v1/startups/{firm}/evidence", json=evidence, headers={"If-Match": kept.headers["ETag"]}
    )
    told = (await market.owner.client.get(f"/v1/startups/{firm}/openings", headers={"Accept-Language": "fr"})).json()
    assert "conseil juridique" in told["disclaimer"]
    best = told["openings"][0]
    assert (best["kind"], best["opens"], best["unblocks"]) == ("partner_references", 1, 1)
    assert [each["tender_id"] for each in best["tenders"]] == [market.call]
    assert best["sentence"].startswith("Un partenaire qui a les références")
    cohort = (await market.owner.client.get("/v1/cohort/openings")).json()
    assert cohort["startups"] == 5
    assert cohort["openings"][0]["startups"] == [{"startup_id": firm, "opens": 1}]


async def test_nobody_else_learns_of_a_startup(market: Market) -> None:
    for kind in ("startup", "buyer", "incubator"):
        stranger = await market.api.person(kind)
        assert (await stranger.client.get(f"/v1/startups/{market.firms[0]}/openings")).status_code == 404
        cohort = (await stranger.client.get("/v1/cohort/openings")).json()
        assert (cohort["startups"], cohort["openings"]) == (0, [])


@pytest.mark.parametrize(
    ("kind", "what", "sentences"),
    [
        (ChangeKind.LANGUAGE, "ar", ("cette langue : arabe", "العربية", "too: Arabic")),
        (ChangeKind.TURNOVER, "5000000 MAD", ("5 000 000 MAD", "درهم", "MAD 5,000,000")),
        (ChangeKind.PARTNER_TURNOVER, "2500000.5 EUR", ("2 500 000,50 EUR", "EUR", "EUR 2,500,000.50")),
        (ChangeKind.REFERENCE, "cpv:38", ("division CPV 38", "CPV رقم 38", "CPV division 38")),
        (ChangeKind.CERTIFICATE, "ISO 9001 MAD", ("ISO 9001 MAD", "ISO 9001 MAD", "ISO 9001 MAD")),
    ],
)
def test_a_change_is_told_in_words_of_the_language(kind: ChangeKind, what: str, sentences: tuple[str, ...]) -> None:
    for lang, said in zip(("fr", "ar", "en"), sentences, strict=True):
        told = " ".join(sentence_of(kind, named(kind, what, lang), lang).split())  # blanks of any width
        assert said in told
        assert "cpv:" not in told
