"""World Bank, AfDB and UNGM against portals with their habits."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.base import Source
from scrapers.client import PoliteClient
from scrapers.errors import SourceChanged
from scrapers.payload import Bundle, Payload, Rejection
from scrapers.records import AwardRecord, TenderRecord
from scrapers.registry import get_source
from scrapers.sources.afdb import Afdb
from scrapers.sources.ungm import Ungm
from scrapers.sources.world_bank import WorldBank
from tests.support.crawling import Store, crawl, parsed
from tests.support.portal import Portal, Reply, hurried
from tests.support.portal_banks import AfdbPortal, UngmPortal, WorldBankPortal, rss_item, ungm_row, wb_notice
from tests.support.processes import ROOT

NOW = dt.datetime(2026, 9, 10, 12, tzinfo=dt.UTC)
SAMPLES = ROOT.parent / "shared" / "sources" / "mdb_worldbank_afdb_ungm" / "samples"


def client(portal: Portal, name: str) -> PoliteClient:
    return portal.client(name, timing=replace(hurried(), now=lambda: NOW))


def read(name: str, body: bytes, kind: str = "page") -> list[object]:
    source = get_source(name)
    return list(source.parse(Bundle((Payload(source=name, kind=kind, body=body),))))


def only(found: list[object]) -> TenderRecord:
    (record,) = found
    assert isinstance(record, TenderRecord), record
    return record


@pytest.fixture
async def bank() -> AsyncIterator[WorldBankPortal]:
    async with WorldBankPortal() as running:
        running.notices = [wb_notice(number, NOW.date() - dt.timedelta(days=number // 10)) for number in range(1_500)]
        yield running


class TestWorldBank:
    async def test_the_list_is_walked_back_to_the_beginning_of_the_run(self, bank: WorldBankPortal) -> None:
        store = Store()
        source = WorldBank({"base_url": bank.url})
        report = await crawl(source, client(bank, "world_bank"), store)
        assert (report.outcome, report.reason) == ("complete", None)
        wanted = {str(one["id"]) for one in bank.notices[:910]}  # ninety days and today, ten a day
        assert wanted <= set(store.ids)
        assert report.tally.requests == 11  # ten pages and the one that is older as a whole; not the other five
        assert report.tally.expected is None
        again = await crawl(source, client(bank, "world_bank"), store)
        assert (again.outcome, again.tally.requests) == ("complete", 2)

    async def test_nothing_is_lost_when_notices_come_in_meanwhile(self, bank: WorldBankPortal) -> None:
        before = {str(one["id"]) for one in bank.notices[:910]}
        bank.arriving = [wb_notice(9_000 + number, NOW.date()) for number in range(30)]
        store = Store()
        report = await crawl(WorldBank({"base_url": bank.url}), client(bank, "world_bank"), store)
        assert report.outcome == "complete"
        assert before <= set(store.ids)

    async def test_killed_anywhere_it_goes_on(self, bank: WorldBankPortal) -> None:
        for kill_after in (0, 1, 5, 10):
            store = Store()
            source = WorldBank({"base_url": bank.url})
            await crawl(source, client(bank, "world_bank"), store, kill_after=kill_after)
            report = await crawl(source, client(bank, "world_bank"), store)
            assert report.outcome == "complete"
            assert len(store.ids) == len(set(store.ids)) == 1_100

    async def test_a_list_that_is_not_sorted_is_a_changed_source(self, bank: WorldBankPortal) -> None:
        bank.notices[3], bank.notices[500] = bank.notices[500], bank.notices[3]
        report = await crawl(WorldBank({"base_url": bank.url}), client(bank, "world_bank"), Store())
        assert (report.outcome, report.reason) == ("partial", "changed")

    def test_the_clock_of_the_deadline_is_the_buyers(self) -> None:
        """20 February 2027 lies in Ramadan: Morocco's clocks stand at +00:00. The interface's own Z is not read."""
        record = only(_wb())
        assert str(record.deadline) == "2027-02-20 10:00:00+00:00"
        assert record.deadline_basis == "zone"
        kenyan = only(_wb(project_ctry_name="Kenya", submission_deadline_time="2:30 PM"))
        assert str(kenyan.deadline) == "2027-02-20 14:30:00+03:00"

    def test_a_country_of_several_zones_leaves_the_deadline_unknown(self) -> None:
        record = only(_wb(project_ctry_name="Brazil"))
        assert record.deadline is None
        assert "deadline" in str((record.model_extra or {})["unreadable"])
        day = only(_wb(submission_deadline_time="noon"))
        assert (str(day.deadline), day.deadline_basis) == ("2027-02-20", "day")

    def test_what_it_says_becomes_ours(self) -> None:
        record = only(_wb(bid_estimate_amount="1 250 000.50", bid_currency_code="MAD"))
        assert record.buyer is not None
        assert record.buyer.name == "Agence fictive de l'eau"
        assert record.description.splitlines()[0] == "Capteurs d'humidité."
        assert record.value is not None
        assert str(record.value.amount) == "1250000.50"
        assert (record.category, record.language, record.country) == ("goods", "fr", "MA")
        assert "Jeanne" not in record.model_dump_json()

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"procurement_method_code": "INDV"}, "world_bank.individual"),
            ({"notice_status": "Draft"}, "world_bank.status"),
            ({"id": ""}, "world_bank.incomplete"),
            ({"bid_description": "", "project_name": None}, "world_bank.incomplete"),
        ],
    )
    def test_refused(self, more: dict[str, object], code: str) -> None:
        (found,) = _wb(**more)
        assert isinstance(found, Rejection)
        assert found.code == code

    @pytest.mark.parametrize(
        ("more", "status"),
        [({"notice_status": "Cancelled"}, "cancelled"), ({"notice_type": "General Procurement Notice"}, "planned"),
         ({"notice_status": "Revised"}, "active")],
    )  # fmt: skip
    def test_where_it_stands(self, more: dict[str, object], status: str) -> None:
        assert (only(_wb(**more)).model_extra or {})["status"] == status

    def test_an_award(self) -> None:
        (award,) = _wb(notice_type="Contract Award")
        assert isinstance(award, AwardRecord)
        assert (award.id, str(award.date), award.winners) == ("OP00000001", "2026-09-01", ())

    def test_a_country_in_the_banks_own_words(self) -> None:
        assert only(_wb(project_ctry_name="Egypt, Arab Republic of")).country == "EG"
        assert only(_wb(project_ctry_name="Cote d'Ivoire")).country == "CI"
        region = only(_wb(project_ctry_name="Western and Central Africa"))
        assert (region.country, region.place) == (None, "Western and Central Africa")

    def test_ids_alone_are_not_notices(self) -> None:
        with pytest.raises(SourceChanged):
            read("world_bank", b'{"total": "5", "procnotices": [{"id": "OP1", "project_id": "P1"}]}')
        assert read("world_bank", b'{"total": "0", "procnotices": {}}') == []


def _wb(**more: object) -> list[object]:
    notice = wb_notice(1, dt.date(2026, 9, 1), **more)
    return read("world_bank", orjson.dumps({"total": "1", "procnotices": [notice]}))


@pytest.fixture
async def afdb() -> AsyncIterator[AfdbPortal]:
    async with AfdbPortal() as running:
        running.specific = [rss_item(n, f"SPN - Maroc - Étude {n} - lot {n}", running) for n in range(1, 31)]
        running.general = [rss_item(90, "GPN - Kenya - Roads", running)]
        yield running


class TestAfdb:
    async def test_feeds_and_their_pages(self, afdb: AfdbPortal) -> None:
        store = Store()
        report = await crawl(Afdb({"base_url": afdb.url}), client(afdb, "afdb"), store)
        assert report.outcome == "complete"
        assert len(store.ids) == len(set(store.ids)) == 31
        first = store.tenders[0]
        assert (first.id, first.title, first.country) == ("1", "Étude 1 - lot 1", "MA")
        assert str(first.deadline) == "2026-10-15 10:00:00+00:00"
        assert first.description == "All about notice 1."
        assert (store.tenders[-1].model_extra or {})["status"] == "planned"
        assert parsed(Afdb(), store.bundles) == store.records

    async def test_what_has_not_changed_is_not_asked_for_again(self, afdb: AfdbPortal) -> None:
        store = Store()
        await crawl(Afdb({"base_url": afdb.url}), client(afdb, "afdb"), store)
        afdb.asked.clear()
        afdb.specific.insert(0, rss_item(31, "EOI - Côte d'Ivoire - Consultant", afdb))
        report = await crawl(Afdb({"base_url": afdb.url}), client(afdb, "afdb"), store)
        assert len(afdb.paths()) == 3  # two feeds, one of them changed, and one page
        assert store.tenders[-1].country == "CI"
        assert (report.outcome, report.tally.unchanged) == ("complete", 31)

    async def test_refused_pages_leave_calls_without_a_deadline(self, afdb: AfdbPortal) -> None:
        afdb.refuses_pages = True
        store = Store()
        report = await crawl(Afdb({"base_url": afdb.url}), client(afdb, "afdb"), store)
        assert report.outcome == "complete"
        assert len(store.tenders) == 31
        assert all((one.model_extra or {})["deadline_unknown"] and one.deadline is None for one in store.tenders)
        assert len(afdb.paths()) == 3  # one page was refused, no other was asked for

    async def test_killed_anywhere_it_goes_on(self, afdb: AfdbPortal) -> None:
        for kill_after in range(6):
            store = Store()
            await crawl(Afdb({"base_url": afdb.url}), client(afdb, "afdb"), store, kill_after=kill_after)
            report = await crawl(Afdb({"base_url": afdb.url}), client(afdb, "afdb"), store)
            assert report.outcome == "complete"
            assert len(store.ids) == len(set(store.ids)) == 31

    async def test_twins_are_one_notice(self, afdb: AfdbPortal) -> None:
        afdb.specific = [
            rss_item(1, "SPN - Maroc - Étude", afdb),
            rss_item(2, "SPN - Morocco - Study", afdb, guid="1 at https://www.afdb.org"),
        ]
        store = Store()
        await crawl(Afdb({"base_url": afdb.url}), client(afdb, "afdb"), store)
        assert [one.title for one in store.tenders] == ["Étude", "Roads"]

    @pytest.mark.parametrize(
        ("title", "status", "title_left"),
        [
            ("SPN - Maroc - Annulation - Étude", "cancelled", "Annulation - Étude"),
            ("Something - with a dash - inside", "active", "Something - with a dash - inside"),
            ("SPN - Multinational - Ponts", "active", "Ponts"),
        ],
    )
    def test_titles(self, title: str, status: str, title_left: str) -> None:
        record = only(read("afdb", _rss(title)))
        assert (record.title, (record.model_extra or {})["status"]) == (title_left, status)

    def test_an_award_by_its_title(self) -> None:
        (award,) = read("afdb", _rss("Contract Award - Ghana - Pumps"))
        assert isinstance(award, AwardRecord)
        assert (award.country, str(award.date)) == ("GH", "2026-09-07")

    def test_a_saved_page_names_itself_or_is_refused(self) -> None:
        page = (
            b"<html><head><meta property='og:title' content='SPN - Maroc - Ponts | African Development Bank'>"
            b"<link rel='canonical' href='https://www.afdb.org/en/documents/spn-maroc-ponts'></head>"
            b"<div class='field-name-field-procurement-end-date'><i content='2026-10-15T10:00:00+00:00'></i></div></html>"
        )
        source = get_source("afdb")
        assert source.kind_of(page) == "detail"
        record = only(read("afdb", page, "detail"))
        assert (record.id, record.title, record.country) == ("spn-maroc-ponts", "Ponts", "MA")
        (refused,) = read("afdb", b"<div class='field-name-field-procurement-end-date'></div>", "detail")
        assert isinstance(refused, Rejection)
        with pytest.raises(SourceChanged):
            source.kind_of(b"<html>Just a moment</html>")


def _rss(title: str) -> bytes:
    item = rss_item(1, title, Portal())
    return f"<rss><channel>{item}</channel></rss>".encode()


@pytest.fixture
async def ungm() -> AsyncIterator[UngmPortal]:
    async with UngmPortal() as running:
        yield running


class TestUngm:
    async def test_the_list_is_walked_until_nothing_new_turns_up(self, ungm: UngmPortal) -> None:
        store = Store()
        report = await crawl(Ungm({"base_url": ungm.url}), client(ungm, "ungm"), store)
        assert (report.outcome, report.tally.expected) == ("complete", None)
        assert sorted(store.ids) == [str(310_000 + number) for number in range(40)]
        assert ungm.searches[0]["PublishedFrom"] == "03-Sep-2026"

    def test_a_deadline_without_its_clock_is_a_day(self) -> None:
        payload = Payload(source="ungm", kind="page", body=ungm_row(310_001, deadline="26-Aug-2026").encode())
        (found,) = Ungm().parse(Bundle((payload,)))
        assert isinstance(found, TenderRecord)
        assert (str(found.deadline), found.deadline_basis) == ("2026-08-26", "day")

    async def test_a_site_that_repeats_its_last_page_ends_too(self, ungm: UngmPortal) -> None:
        ungm.route("/Public/Notice/Search", lambda _: _rows(range(310_000, 310_015)))
        report = await crawl(Ungm({"base_url": ungm.url}), client(ungm, "ungm"), Store())
        assert (report.outcome, report.tally.seen) == ("complete", 15)

    async def test_not_so_fast(self, ungm: UngmPortal) -> None:
        ungm.late = 2
        store = Store()
        source = Ungm({"base_url": ungm.url})
        await crawl(source, client(ungm, "ungm"), store)
        report = await crawl(source, client(ungm, "ungm"), store)
        assert report.outcome == "complete"
        assert len(store.ids) == len(set(store.ids)) == 40

    async def test_countries_by_the_sites_own_list(self, ungm: UngmPortal) -> None:
        source = Ungm({"base_url": ungm.url, "countries": "morocco, France"})
        await crawl(source, client(ungm, "ungm"), Store())
        assert ungm.searches[0]["Countries"] == [2399, 2363]
        other = Ungm({"base_url": ungm.url, "countries": "Atlantis"})
        report = await crawl(other, client(ungm, "ungm"), Store())
        assert (report.outcome, report.reason) == ("partial", "misconfigured")

    async def test_a_page_in_place_of_rows_is_not_an_empty_list(self, ungm: UngmPortal) -> None:
        ungm.route("/Public/Notice", lambda _: _rows([]))  # no token: the search asks to sign in
        report = await crawl(Ungm({"base_url": ungm.url}), client(ungm, "ungm"), Store())
        assert (report.outcome, report.reason) == ("partial", "changed")

    @pytest.mark.parametrize(
        ("written", "offset"),
        [("GMT 5.50", "+05:30"), ("GMT -3.00", "-03:00"), ("GMT", "+00:00"), ("GMT 3.00", "+03:00")],
    )
    def test_offsets_are_decimal(self, written: str, offset: str) -> None:
        record = only(read("ungm", ungm_row(1, f"26-Aug-2026 23:59 ({written})").encode()))
        assert str(record.deadline) == f"2026-08-26 23:59:00{offset}"

    def test_a_row_with_a_cell_less_is_refused_and_the_next_is_read(self) -> None:
        cell = '<div role="cell" class="tableCell"><span>13-Aug-2026</span></div>'
        found = read("ungm", (ungm_row(1).replace(cell, "") + ungm_row(2, country="Multiple destinations")).encode())
        assert isinstance(found[0], Rejection)
        assert only(found[1:]).country is None


def _rows(numbers: Iterable[int]) -> Reply:
    return Reply.html("".join(ungm_row(number) for number in numbers))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of ../shared are not on this machine")
@pytest.mark.parametrize(
    ("name", "sample", "count"),
    [
        ("world_bank", "worldbank/SYNTHETIC_dict_shape.json", 1),
        ("world_bank", "worldbank/SYNTHETIC_list_shape.json", 1),
        ("world_bank", "worldbank/bad_fl_answer_shape.json", None),
        ("afdb", "afdb/SYNTHETIC_spn_rss.xml", 2),
        ("ungm", "ungm/search_fragment_retyped.html", 1),
        ("ungm", "ungm/search_request.json", None),
    ],
)
def test_samples(name: str, sample: str, count: int | None) -> None:
    source = get_source(name)
    if count is None:
        with pytest.raises(SourceChanged):
            _all(source, sample)
        return
    found = _all(source, sample)
    assert len(found) == count
    assert all(isinstance(one, TenderRecord) for one in found)


def _all(source: Source, sample: str) -> list[object]:
    return [one for bundle in source.saved(SAMPLES / sample) for one in source.parse(bundle)]


_PAGES: dict[str, bytes] = {
    "world_bank": orjson.dumps({"total": "1", "procnotices": [wb_notice(1, dt.date(2026, 9, 1))]}),
    "afdb": _rss("SPN - Maroc - Étude - lot 2"),
    "ungm": (ungm_row(1) + ungm_row(2)).encode(),
}


@pytest.mark.parametrize("name", _PAGES)
@given(data=st.data())
def test_a_damaged_page_is_refused_or_read_never_worse(name: str, data: st.DataObject) -> None:
    body = bytearray(_PAGES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 40))] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"<", b">", b'"', b"{}", b"null", b"&#x0;", b"1e999", b"</div>"])
        )
    source = get_source(name)
    for kind in ("page", "row", "detail"):
        try:
            found = list(source.parse(Bundle((Payload(source=name, kind=kind, body=bytes(body)),))))
        except SourceChanged:
            continue
        assert all(isinstance(one, TenderRecord | AwardRecord | Rejection) for one in found)
