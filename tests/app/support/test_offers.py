"""Support offers and the catalogue of aid: what closes a gap, where, in which language, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from app.db.session import unit_of_work
from app.kit.i18n import LANGS
from app.support.aid import Aid, aid_for, catalogue, told_aid
from app.support.gaps import Gap, gap_of
from app.support.repository import Need
from app.support.service import support_for
from matching.requirements.findings import Kind
from tests.support.api import Api, running_api
from tests.support.db import Cluster
from tests.support.offers import offer, today


@pytest.fixture(scope="module")
async def api(cluster: Cluster) -> AsyncIterator[Api]:
    async with cluster.copy("offers") as database, running_api(database) as running:
        yield running


class TestOffers:
    async def test_partners_offer_change_and_delete_their_own(self, api: Api) -> None:
        partner, other = await api.person("incubator", "Réseau fictif"), await api.person("incubator")
        for kind in ("startup", "buyer"):
            person = await api.person(kind)
            assert (await person.client.post("/v1/support-offers", json=offer())).status_code == 403
        made = await partner.client.post("/v1/support-offers", json=offer(regions=["Agadir"]))
        assert made.status_code == 201, made.text
        assert (made.json()["provider"]["name"], made.json()["regions"]) == ("Réseau fictif", ["Souss-Massa"])
        url = made.headers["Location"]
        for answer in (
            await other.client.get(url),
            await other.client.put(url, json=offer()),
            await other.client.delete(url),
        ):
            assert answer.status_code == 404
        assert (await other.client.get("/v1/support-offers")).json()["items"] == []
        changed = await partner.client.put(url, json=offer("Autre", kind="fund", gaps=["bond", "bond"]))
        assert (changed.json()["title"], changed.json()["gaps"]) == ("Autre", ["bond"])
        assert len((await partner.client.get("/v1/support-offers")).json()["items"]) == 1
        assert (await partner.client.delete(url)).status_code == 204
        assert (await partner.client.get(url)).status_code == 404

    @pytest.mark.parametrize(
        "wrong",
        [
            {"gaps": []},
            {"gaps": ["money"]},
            {"kind": "gift"},
            {"url": "javascript:alert(1)"},
            {"valid_until": "2001-01-01"},
        ],
    )
    async def test_what_is_no_offer_is_refused(self, api: Api, wrong: dict[str, object]) -> None:
        partner = await api.person("incubator")
        assert (await partner.client.post("/v1/support-offers", json=offer(**wrong))).status_code == 422

    async def test_a_gap_is_closed_by_what_holds_there_and_now(self, api: Api) -> None:
        partner, founder = await api.person("incubator"), await api.person("startup")
        day = dt.timedelta(days=1)
        for made in (
            offer("partout"),
            offer("ici", regions=["Souss-Massa"]),
            offer("ailleurs", regions=["Oriental"]),
            offer("en arabe", languages=["ar"]),
            offer("en France", country="FR"),
            offer("fini", valid_until=(today() - day).isoformat(), valid_from="2020-01-01"),
            offer("dernier jour", valid_until=today().isoformat()),
            offer("demain", valid_from=(today() + day).isoformat()),
            offer("cautions", gaps=["bond"]),
        ):
            assert (await partner.client.post("/v1/support-offers", json=made)).status_code == 201
        here = {"gap": "references", "country": "MA", "region": "Agadir", "language": "fr"}
        found = (await founder.client.get("/v1/support", params=here)).json()
        assert [one["title"] for one in found["items"]] == ["dernier jour", "ici", "partout"]
        unknown = (await founder.client.get("/v1/support", params={"gap": "references"})).json()
        assert {one["title"] for one in unknown["items"]} >= {"ailleurs", "en France", "en arabe"}
        first = (await founder.client.get("/v1/support", params={**here, "limit": 2})).json()
        rest = (await founder.client.get("/v1/support", params={**here, "limit": 2, "cursor": first["next"]})).json()
        assert [len(first["items"]), len(rest["items"]), rest["next"], rest["aid"]] == [2, 1, None, []]
        with capture_logs() as logs:
            await founder.client.get("/v1/support")
        assert [line["queries"] for line in logs if line["event"] == "request.done"] == [2]
        async with unit_of_work(api.runtime.sessions) as session:
            need = Need([Gap.BOND, Gap.REFERENCES], today(), "MA", "Souss-Massa", "fr")
            support = await support_for(session, need)
        assert [made.title for made, _ in support.offers] == ["cautions", "dernier jour", "ici", "partout"]
        assert {one.id for one in support.aid} >= {"ma-finea", "ma-technopark"}

    @pytest.mark.parametrize("lang", LANGS)
    async def test_aid_is_told_in_the_readers_language_with_what_it_is_worth(self, api: Api, lang: str) -> None:
        founder = await api.person("startup")
        answer = await founder.client.get(
            "/v1/support", params={"gap": "bond", "country": "MA"}, headers={"Accept-Language": lang}
        )
        told = answer.json()
        assert told["notice"]
        names = {one["id"]: one["name"] for one in told["aid"]}
        assert names == {one.id: getattr(one.name, lang) for one in aid_for([Gap.BOND], "MA", None, today())}
        assert all(one["source"] and one["as_of"] and one["confidence"] for one in told["aid"])


class TestCatalogue:
    def test_every_programme_is_dated_cited_and_named_once(self) -> None:
        assert len({one.id for one in catalogue()}) == len(catalogue()) >= 8
        for one in catalogue():
            assert one.id.startswith(f"{one.country.lower()}-")
            assert one.as_of <= today()
            assert one.confidence != "primary" or one.url
            for lang in LANGS:
                told_aid(one, lang)
            assert any("\u0600" <= letter <= "\u06ff" for letter in one.gives.ar + one.who.ar)

    def test_no_amount_is_told(self) -> None:
        for one in catalogue():
            for text in (one.gives, one.who, one.name):
                for lang in LANGS:
                    assert not any(letter.isdigit() for letter in getattr(text, lang)), (one.id, lang)

    def test_a_programme_that_ended_is_left_out_from_the_next_day_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ended = catalogue()[0].model_copy(update={"until": dt.date(2026, 6, 30), "regions": ("Oriental",)})
        monkeypatch.setattr("app.support.aid.catalogue", lambda: (ended,))
        assert aid_for([], None, None, dt.date(2026, 6, 30)) == [ended]
        assert aid_for([], None, None, dt.date(2026, 7, 1)) == []
        assert aid_for([], "MA", "Souss-Massa", dt.date(2026, 6, 1)) == []
        assert aid_for([], "FR", None, dt.date(2026, 6, 1)) == []

    @pytest.mark.parametrize("wrong", [{"gaps": []}, {"regions": ["Agadir"]}, {"amount": 1}, {"id": "X"}])
    def test_a_wrong_entry_is_refused(self, wrong: dict[str, object]) -> None:
        right = catalogue()[0].model_dump()
        Aid.model_validate(right)
        with pytest.raises(ValueError, match="validation error"):
            Aid.model_validate({**right, **wrong})


def test_gaps_are_named_as_the_requirements_that_leave_them() -> None:
    kinds = {kind.value for kind in Kind}
    assert {gap.value for gap in Gap} - kinds == {"prefinancing"}
    assert gap_of(Kind.REFERENCES) is Gap.REFERENCES
    assert gap_of(Kind.PAYMENT) is Gap.PREFINANCING
    assert gap_of(Kind.DEADLINE) is None
