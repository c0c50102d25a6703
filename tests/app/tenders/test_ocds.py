"""Calls as OCDS: valid by the rules that matter, and read back as the same flat record."""

from __future__ import annotations

import datetime as dt
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models.tender import TenderStatus
from app.tenders.columns import cpv_codes, record_json, tender_columns
from app.tenders.ocds import release
from scrapers.ocds_mapping import tender_fields
from scrapers.records import TenderRecord
from tests.app.tenders.calls import posted
from tests.support.api import Api

_ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_STATUSES = {"planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn"}


def check_release(made: dict[str, object]) -> None:
    """The rules of the OCDS 1.1 release schema for what we send."""
    assert {"ocid", "id", "date", "tag", "initiationType"} <= made.keys()
    assert re.fullmatch(r"ocds-[a-z0-9]{6}-[0-9a-f]{32}", str(made["ocid"]))
    assert "#" not in str(made["id"])
    assert made["initiationType"] == "tender"
    assert set(made["tag"]) <= {"tender", "tenderUpdate", "tenderCancellation"}
    tender = made["tender"]
    assert tender["id"]
    assert tender["status"] in _STATUSES
    assert tender.get("mainProcurementCategory", "works") in {"works", "goods", "services"}
    for instant in (made["date"], *tender.get("tenderPeriod", {}).values()):
        assert _ZONED.fullmatch(instant)
    for holder in (tender, *tender.get("lots", [])):
        if money := holder.get("value"):
            assert isinstance(money["amount"], int | float)
            assert re.fullmatch("[A-Z]{3}", money["currency"])
    for part in ("items", "lots", "documents"):
        ids = [each["id"] for each in tender.get(part, [])]
        assert len(ids) == len(set(ids))
        assert all(ids)
    lots = {lot["id"] for lot in tender.get("lots", [])}
    for item in tender.get("items", []):
        assert item.get("relatedLot") is None or item["relatedLot"] in lots
        for code in [item.get("classification"), *item.get("additionalClassifications", [])]:
            assert code is None or (code["scheme"] == "CPV" and len(code["id"]) == 8)
    parties = {party["id"]: party for party in made.get("parties", [])}
    if buyer := made.get("buyer"):
        assert parties[buyer["id"]]["name"] == buyer.get("name")
        assert parties[buyer["id"]]["roles"] == ["buyer"]
    assert not list(_nothings(made))


def _nothings(value: object):
    """OCDS omits what is unknown: no null, no empty list, text or object."""
    if value is None or value in ("", [], {}):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nothings(inner)


_WORD = st.text("abcdéèçضصث -", min_size=1, max_size=30).filter(str.strip)
_CPV = st.lists(st.from_regex(r"[0-9]{8}", fullmatch=True), max_size=3, unique=True)
_MONEY = st.builds(
    lambda cents, currency: {"amount": f"{cents / 100:.2f}", "currency": currency},
    st.integers(1, 10**13), st.sampled_from(["MAD", "EUR"]),
)  # fmt: skip
_INSTANT = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
_RECORDS = st.fixed_dictionaries(
    {"id": st.from_regex(r"[A-Z0-9/]{1,20}", fullmatch=True), "title": _WORD, "published": _INSTANT},
    optional={
        "description": _WORD, "buyer": st.fixed_dictionaries({"id": _WORD, "name": _WORD}), "value": _MONEY,
        "category": st.sampled_from(["works", "goods", "services"]), "procedure": _WORD, "cpv": _CPV, "place": _WORD,
        "activities": st.lists(_WORD, max_size=3, unique_by=str.strip), "country": st.sampled_from(["MA", "FR", "US"]),
        "deadline": _INSTANT, "language": st.sampled_from(["fr", "ar", "en"]),
        "url": st.just("https://notices.example/1"),
        "lots": st.lists(
            st.fixed_dictionaries(
                {"id": st.from_regex("[a-z0-9]{1,6}", fullmatch=True), "title": _WORD},
                optional={"description": _WORD, "cpv": _CPV, "value": _MONEY},
            ),
            max_size=3, unique_by=lambda lot: lot["id"],
        ),
    },
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fields=_RECORDS, status=st.sampled_from([s for s in TenderStatus if s is not TenderStatus.DRAFT]))
def test_a_release_is_valid_and_reads_back_as_the_record(fields: dict[str, object], status: TenderStatus) -> None:
    record = TenderRecord.model_validate(fields)
    columns = tender_columns(record, zone=None)
    ocid = f"ocds-safqa0-{'0' * 32}"
    made = release({
        "ocid": ocid, "external_id": record.id, "status": status, "version": 1, "record": columns.record,
        "published_at": columns.published_at, "deadline_at": columns.deadline_at,
        "updated_at": dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC), "source_name": "a_portal",
        "source_title": "A portal", "source_licence": None, "source_attribution": "By a portal",
    })  # fmt: skip
    check_release(made)
    read = TenderRecord.model_validate(tender_fields(made))
    expected = record.model_copy(update={"id": ocid, "sector": "public", "cpv": tuple(cpv_codes(record))})
    known = TenderRecord.model_fields.keys()
    assert {k: v for k, v in record_json(read).items() if k in known} == record_json(expected)


class TestThroughTheApi:
    async def test_one_call_is_a_package_of_one_release(self, api: Api) -> None:
        buyer, reader = await api.person("buyer"), await api.person("startup")
        made = await posted(
            buyer, buyer={"name": "Commune d'Ifrane"}, category="services", procedure="Consultation", cpv=["72000000"],
            value={"amount": 1000, "currency": "MAD"}, deadline="2027-01-10", place="IFRANE",
            lots=[{"id": "1", "title": "Serveurs", "cpv": ["48820000"]}],
        )  # fmt: skip
        package = (await reader.client.get(f"/v1/tenders/{made['id']}/ocds")).json()
        assert package["version"] == "1.1"
        assert package["uri"].endswith(f"/v1/tenders/{made['id']}/ocds")
        assert package["publisher"] == {"name": "Safqa"}
        assert _ZONED.fullmatch(package["publishedDate"])
        assert "links" not in package
        (release_,) = package["releases"]
        check_release(release_)
        assert (release_["ocid"], release_["tag"], release_["tender"]["id"]) == (
            made["ocid"], ["tender"], made["external_id"],
        )  # fmt: skip
        assert release_["tender"]["tenderPeriod"]["endDate"] == "2027-01-10T22:59:59Z"
        assert release_["tender"]["items"][-1]["relatedLot"] == "1"

    async def test_a_later_version_is_an_update_with_an_id_of_its_own(self, api: Api) -> None:
        buyer = await api.person("buyer")
        url = f"/v1/tenders/{(await posted(buyer))['id']}"
        first = (await buyer.client.get(f"{url}/ocds")).json()["releases"][0]
        await buyer.client.patch(url, json={"place": "Fès"}, headers={"If-Match": "*"})
        second = (await buyer.client.get(f"{url}/ocds")).json()["releases"][0]
        assert (second["tag"], second["tender"]["status"]) == (["tenderUpdate"], "active")
        assert second["ocid"] == first["ocid"]
        assert second["id"] != first["id"]
        assert second["date"] > first["date"]
        await buyer.client.post(f"{url}/cancel")
        third = (await buyer.client.get(f"{url}/ocds")).json()["releases"][0]
        assert (third["tag"], third["tender"]["status"]) == (["tenderCancellation"], "cancelled")

    async def test_a_selection_is_followed_by_its_links(self, api: Api) -> None:
        buyer = await api.person("buyer")
        for number in range(5):
            await posted(buyer, category="goods" if number else "works", deadline=f"2027-01-0{number + 1}")
        seen: list[str] = []
        url = "/v1/tenders/ocds?category=goods&limit=3"
        while url:
            package = (await buyer.client.get(url)).json()
            for made in package["releases"]:
                check_release(made)
            seen += [made["tender"]["tenderPeriod"]["endDate"][:10] for made in package["releases"]]
            url = package.get("links", {}).get("next")
        assert seen == ["2027-01-02", "2027-01-03", "2027-01-04", "2027-01-05"]
