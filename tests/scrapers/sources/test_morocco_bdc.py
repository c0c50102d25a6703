"""Bons de commande, against a portal with the habits of the real one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.crawl import Order
from scrapers.errors import SourceChanged
from scrapers.morocco.bdc_cards import ZONE
from scrapers.payload import Bundle, Payload, Rejection
from scrapers.records import AwardRecord, TenderRecord
from scrapers.sources.morocco_bdc import MoroccoBdc
from tests.support.crawling import Store, crawl, parsed
from tests.support.portal import Reply, hurried
from tests.support.portal_bdc import PATH, BdcPortal, Result, bdc_portal, card_of, detail_of, result_of
from tests.support.processes import ROOT

NOW = dt.datetime(2026, 9, 10, 8, 0, tzinfo=ZONE)
SAMPLES = ROOT.parent / "shared" / "sources" / "morocco_bdc" / "samples"


async def run(portal: BdcPortal, store: Store, now: dt.datetime = NOW, **more: object):
    timing = replace(hurried(), now=lambda: now)
    client = portal.client("morocco_bdc", timing=timing)
    return await crawl(MoroccoBdc({"base_url": portal.url}), client, store, **more)


def lists(portal: BdcPortal) -> list[str]:
    return [asked.raw_query for asked in portal.asked if asked.path == PATH]


class TestCalls:
    @pytest.mark.parametrize("count", [1, 50, 51, 132])
    async def test_every_open_call_once(self, count: int) -> None:
        async with bdc_portal(NOW, count) as portal:
            store = Store()
            report = await run(portal, store)
            assert (report.outcome, report.tally.expected, report.tally.seen) == ("complete", count, count)
            assert sorted(store.ids) == sorted(str(ident) for ident in portal.calls)
            assert len(portal.shown()) == count
            assert report.tally.rejected == 0

    async def test_what_a_call_says(self) -> None:
        async with bdc_portal(NOW, 1) as portal:
            store = Store()
            await run(portal, store)
        (call,) = store.tenders
        extra = call.model_extra or {}
        assert (call.title, call.buyer and call.buyer.name) == ("Fourniture n° 1 & pose", "Commune d'Exempleville")
        assert str(call.deadline) == "2026-11-02 10:00:00+01:00"
        assert (call.deadline_basis, extra["deadline_text"]) == ("zone", "02/11/2026 10:00")
        assert str(call.published) == "2026-09-10 08:00:00+01:00"
        assert (call.country, call.place, call.category, call.activities) == (
            "MA",
            "KENITRA",
            "goods",
            ("Informatique",),
        )
        assert (call.procedure, call.sector, call.language) == ("bon de commande", "public", "fr")
        assert call.value is None
        assert call.bond is None
        assert call.reserved_sme is None
        assert call.lots == ()
        assert extra["items"] == [
            {"id": "01", "title": "Ordinateur portable", "unit": "unité", "quantity": "1200.5", "vat": "20",
             "specification": "Date limite de réception des devis\n16 Go"}
        ]  # fmt: skip
        assert call.description.startswith("#01 Ordinateur portable: 1200.5 unité")
        assert [one["title"] for one in extra["documents"]] == ["Cahier des charges"]
        assert (extra["reference"], extra["status"]) == ("01/2026", "active")

    @pytest.mark.parametrize(
        ("deadline", "instant"),
        [
            ("05/02/2027 10:00", "2027-02-05 10:00:00+01:00"),
            ("20/02/2027 10:00", "2027-02-20 10:00:00+00:00"),  # in Ramadan
            ("20/03/2027 10:00", "2027-03-20 10:00:00+01:00"),
        ],
    )
    async def test_hours_are_those_of_casablanca(self, deadline: str, instant: str) -> None:
        async with BdcPortal() as portal:
            portal.put(1, NOW, deadline)
            store = Store()
            await run(portal, store)
        assert str(store.tenders[0].deadline) == instant

    async def test_a_motif_with_the_words_of_a_label_is_no_deadline(self) -> None:
        async with BdcPortal() as portal:
            portal.put(1, NOW, "01/10/2026 15:00", cancelled="Date limite de réception des devis : 05/05/2030 10:00")
            store = Store()
            await run(portal, store)
        extra = store.tenders[0].model_extra or {}
        assert str(store.tenders[0].deadline) == "2026-10-01 15:00:00+01:00"
        assert extra["status"] == "cancelled"
        assert extra["cancellation"] == {
            "date": "2026-09-01",
            "reason": "Date limite de réception des devis : 05/05/2030 10:00",
        }

    async def test_a_search_has_its_page_size_and_an_iso_date_on_every_page(self) -> None:
        async with bdc_portal(NOW, 60) as portal:
            store = Store()
            await run(portal, store)
            await run(portal, store, NOW + dt.timedelta(days=1))
            asked = lists(portal)
        assert all("pageSize%5D=50" in query for query in asked)
        dates = {query.split("Start%5D=")[1][:10] for query in asked if "Start" in query}
        assert dates == {"2026-08-11", "2026-09-03"}  # the first run reaches 30 days back, the others 7

    async def test_unchanged_calls_are_not_fetched_again_and_changed_ones_are(self) -> None:
        async with bdc_portal(NOW, 70) as portal:
            store = Store()
            await run(portal, store)
            before = len(portal.shown())
            portal.calls[370_003].cancelled = "Budget"
            portal.calls[370_005].deadline = "30/12/2026 10:00"
            portal.put(380_000, NOW, "01/10/2026 10:00")
            del portal.calls[370_009]  # has ended
            report = await run(portal, store)
            assert sorted(portal.shown()[before:]) == ["370003", "370005", "380000"]
        assert (report.outcome, report.tally.unchanged, report.tally.parsed) == ("complete", 67, 3)
        assert MoroccoBdc.closes_vanished is False

    async def test_a_list_that_moves_is_read_until_it_is_whole(self) -> None:
        async with bdc_portal(NOW, 160) as portal:
            portal.moods.add("drift")
            store = Store()
            report = await run(portal, store)
        assert report.outcome == "complete"
        assert sorted(store.ids) == sorted(str(ident) for ident in portal.calls)

    async def test_the_same_reference_at_many_buyers_is_many_calls(self) -> None:
        async with BdcPortal() as portal:
            for ident in range(1, 5):
                portal.put(ident, NOW, "01/10/2026 10:00", buyer=f"Commune {ident}")
            store = Store()
            await run(portal, store)
        assert len(set(store.ids)) == 4

    async def test_contact_persons_stay_outside(self) -> None:
        async with BdcPortal() as portal:
            portal.put(1, NOW, "01/10/2026 10:00", articles=[("Devis à m.exemple@commune.example", "unité", "1")])
            store = Store()
            await run(portal, store)
        assert "m.exemple" not in store.tenders[0].model_dump_json()


class TestResults:
    async def test_winners_amounts_and_calls_without_a_winner(self) -> None:
        async with BdcPortal() as portal:
            portal.results = [
                Result("BC1/2026", "Province d'Exemple", NOW),
                Result("01/2026", "Commune d'Exempleville", NOW, winner=None, title="Achat, avis infructueux n° 1"),
                Result("02/2026", "Commune d'Exempleville", NOW, amount="un prix"),
            ]
            store = Store()
            report = await run(portal, store)
        won, lost, unclear = sorted(
            store.records, key=lambda one: ("BC1/2026", "01/2026", "02/2026").index(one.reference)
        )  # type: ignore[union-attr]
        assert isinstance(won, AwardRecord)
        assert won.value
        assert (won.value.amount, won.value.currency) == (Decimal("15600.00"), "MAD")
        assert (won.value.model_extra or {})["tax_included"] is True
        assert ([one.name for one in won.winners], won.offers, won.outcome) == (["STÉ EXEMPLE SARL"], 6, "awarded")
        assert (won.date, won.tender_id) == (NOW.date(), None)  # no id: whoever links goes by reference and buyer
        assert isinstance(lost, AwardRecord)
        assert (lost.outcome, lost.winners, lost.value) == ("unsuccessful", (), None)
        assert isinstance(unclear, AwardRecord)
        assert unclear.value is None
        assert (unclear.model_extra or {})["unreadable"]
        assert (report.outcome, report.tally.seen) == ("complete", 3)

    async def test_a_sorted_list_is_read_up_to_what_is_known(self) -> None:
        async with BdcPortal() as portal:
            portal.results = [Result(f"{n}/2026", "Commune", NOW - dt.timedelta(hours=8 * n)) for n in range(400)]
            store = Store()
            await run(portal, store)
            pages = portal.paths().count(f"{PATH}resultat")
            assert pages == 2  # 30 days are 90 results
            report = await run(portal, store, NOW + dt.timedelta(hours=1))
            assert portal.paths().count(f"{PATH}resultat") == pages + 1
        assert len({one.id for one in store.records}) == len(store.records) == 100
        assert (report.outcome, report.tally.parsed) == ("complete", 0)

    async def test_a_list_in_another_order_is_read_to_its_end(self) -> None:
        async with BdcPortal() as portal:
            portal.moods.add("unsorted")
            portal.results = [Result(f"{n}/2026", "Commune", NOW - dt.timedelta(hours=8 * n)) for n in range(170)]
            store = Store()
            report = await run(portal, store)
        assert (report.outcome, len(store.records)) == ("complete", 170)


class TestThreeEnds:
    async def test_nothing_open_is_empty_where_the_portal_counts_it(self) -> None:
        async with BdcPortal() as portal:
            report = await run(portal, Store())
        assert (report.outcome, report.empty) == ("complete", True)

    @pytest.mark.parametrize("mood", ["no_counter", "no_cards"])
    async def test_a_page_that_shows_nothing_without_counting_nothing_has_changed(self, mood: str) -> None:
        async with bdc_portal(NOW, 20) as portal:
            portal.moods.add(mood)
            report = await run(portal, Store())
        assert (report.outcome, report.reason, report.empty) == ("partial", "changed", False)

    @pytest.mark.parametrize(
        "reply", [Reply(403), Reply(406), Reply(429), Reply.html("<p>", headers=[("x-deny-id", "1")])]
    )
    async def test_a_refusal_stops_it_until_a_person_has_looked(self, reply: Reply) -> None:
        async with bdc_portal(NOW, 20) as portal:
            portal.script(f"{PATH}show/370007", reply)
            store = Store()
            report = await run(portal, store)
            assert (report.outcome, store.cursor.stop is not None) == ("refused", True)
            asked = len(portal.asked)
            await run(portal, store)
            assert len(portal.asked) == asked

    async def test_a_page_about_another_call_is_rejected(self) -> None:
        async with bdc_portal(NOW, 3) as portal:
            other = replace(portal.calls[370_002], reference="77/2026")
            portal.script(f"{PATH}show/370001", Reply.html(detail_of(other)))
            store = Store()
            report = await run(portal, store)
        assert sorted(store.ids) == ["370002", "370003"]
        assert dict(report.rejections) == {"page.changed": 1}

    async def test_a_call_that_ends_while_it_is_read_is_left_for_the_next_run(self) -> None:
        async with bdc_portal(NOW, 30) as portal:
            portal.gone = {370_004}
            report = await run(portal, Store())
        assert (report.outcome, report.reason) == ("partial", "no_end")


class TestKilled:
    @pytest.mark.parametrize("after", [0, 1, 3, 4, 6, 8])
    async def test_it_goes_on_without_loss_or_double(self, after: int) -> None:
        async with bdc_portal(NOW, 90) as portal:
            portal.results = [Result(f"{n}/2026", "Commune", NOW - dt.timedelta(hours=n)) for n in range(120)]
            store = Store()
            await run(portal, store, kill_after=after)
            report = await run(portal, store)
            assert report.outcome == "complete"
            assert sorted(store.ids) == sorted(str(ident) for ident in portal.calls)
            awards = [one.id for one in store.records if isinstance(one, AwardRecord)]
            assert len(awards) == len(set(awards)) == 120
            assert parsed(MoroccoBdc({"base_url": portal.url}), store.bundles) == store.records

    async def test_a_sample_is_one(self) -> None:
        async with bdc_portal(NOW, 90) as portal:
            report = await run(portal, Store(), order=Order(sample=5))
        assert (report.reason, report.tally.parsed) == ("sample", 5)


def bundle(body: bytes, kind: str) -> Bundle:
    return Bundle((Payload(source="morocco_bdc", kind=kind, body=body),))


class TestPages:
    def test_a_card_that_cannot_be_told_from_others_is_rejected_alone(self) -> None:
        idle = BdcPortal()
        cards = [card_of(idle.put(n, NOW, "01/10/2026 10:00")) for n in (1, 2)]
        page = (
            '<div class="content__resultat">Nombre de résultats : 2</div>' + cards[0] + cards[1].replace("show/2", "x")
        )
        found = list(MoroccoBdc().parse(bundle(page.encode(), "listing")))
        assert [type(one) for one in found] == [TenderRecord, Rejection]

    @pytest.mark.parametrize(
        ("count", "records"),
        [("Nombre de résultats : 1", 1), ("Nombre de résultats:1\u202f234", 1), ("Résultat", None)],
    )
    def test_the_counter(self, count: str, records: int | None) -> None:
        card = card_of(BdcPortal().put(1, NOW, "01/10/2026 10:00"))
        page = f'<div class="a content__resultat b"><span>{count}</span></div>{card}'.encode()
        if records is None:
            with pytest.raises(SourceChanged, match="counter"):
                MoroccoBdc().kind_of(page)
        else:
            assert MoroccoBdc().kind_of(page) == "listing"
            assert len(list(MoroccoBdc().parse(bundle(page, "listing")))) == records

    def test_a_result_with_two_ends_is_rejected(self) -> None:
        card = result_of(Result("1/2026", "Commune", NOW)).replace(
            "<span>Montant", "<span>Avis d'achat infructueux</span><span>Montant"
        )
        page = f'<div class="content__resultat">Nombre de résultats : 1</div>{card}'
        (found,) = MoroccoBdc().parse(bundle(page.encode(), "results"))
        assert isinstance(found, Rejection)
        assert found.code == "morocco_bdc.outcome"

    @pytest.mark.parametrize("page", [b"", b"<html><body><h1>Maintenance</h1>", b"%PDF-1.7", b'{"a": 1}', b"\x00" * 99])
    def test_what_is_no_page_of_the_portal(self, page: bytes) -> None:
        with pytest.raises(SourceChanged):
            MoroccoBdc().kind_of(page)


PAGES = {
    "detail": detail_of(BdcPortal().put(375_001, NOW, "01/10/2026 10:00", cancelled="Motif")).encode(),
    "listing": ('<div class="content__resultat">Nombre de résultats : 1</div>' + card_of(BdcPortal().put(1, NOW, "01/10/2026 10:00"))).encode(),
    "results": ('<div class="content__resultat">Nombre de résultats : 1</div>' + result_of(Result("1/2026", "C", NOW))).encode(),
}  # fmt: skip


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_pages_raise_nothing_undeclared(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(PAGES)))
    page = bytearray(PAGES[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(page) - 1))
        page[at : at + data.draw(st.integers(0, 60))] = data.draw(
            st.one_of(
                st.binary(max_size=20), st.sampled_from([b"<div>", b"</span>", b"&#0;", b"<!--", b"\xff\xfe", b":"])
            )
        )
    try:
        told = MoroccoBdc().kind_of(bytes(page))
        for found in MoroccoBdc().parse(bundle(bytes(page), told)):
            assert isinstance(found, TenderRecord | AwardRecord | Rejection)
    except SourceChanged:
        pass


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")
class TestSamples:
    def test_every_sample_is_read(self) -> None:
        source = MoroccoBdc()
        records = {}
        for path in sorted(SAMPLES.glob("*.html")):
            found = [one for one in source.saved(path) for one in source.parse(one)]
            assert found, path.name
            assert not [one for one in found if isinstance(one, Rejection)], path.name
            records[path.name.split("_")[0]] = found
        (detail,), (card,), (won, lost) = records["detail"], records["listing"], records["result"]
        assert (detail.id, str(detail.deadline)) == ("375169", "2026-10-02 15:00:00+01:00")
        assert (card.id, str(card.deadline), card.model_extra["status"]) == (
            "316430", "2027-03-16 14:00:00+01:00", "cancelled",
        )  # fmt: skip
        assert (won.value.amount, won.offers, lost.outcome) == (Decimal(15600), 6, "unsuccessful")
