"""Bodies that no honest client sends: refused by name or kept whole, never a fault of ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.tenders.calls import a_call, posted
from tests.support.api import Api

_JSON = {"Content-Type": "application/json"}


def _body(**fields: object) -> bytes:
    return json.dumps(a_call(**fields)).encode()


WRONG: list[tuple[bytes, str]] = [
    (_body(title="a\0b"), "#/title"),
    (_body(title=""), "#/title"),
    (_body(title=None), "#/title"),
    (_body(title=["a"]), "#/title"),
    (_body(id="x" * 201), "#/id"),
    (_body(note="a\0b"), "#"),
    (_body(**{"a\0b": 1}), "#"),
    (_body(note="\ud800"), "#"),
    (_body(note=2**64), "#"),
    (_body(note=float("inf")), "#"),
    (_body(note={"a": [float("nan")]}), "#"),
    (_body(value={"amount": "NaN", "currency": "MAD"}), "#/value/amount"),
    (_body(value={"amount": -1, "currency": "MAD"}), "#/value/amount"),
    (_body(value={"amount": 0, "currency": "MAD"}), "#/value/amount"),
    (_body(value={"amount": "1e400", "currency": "MAD"}), "#/value/amount"),
    (_body(value={"amount": True, "currency": "MAD"}), "#/value/amount"),
    (_body(value={"amount": 1, "currency": "dirham"}), "#/value/currency"),
    (_body(deadline="2027-01-10T10:00:00"), "#/deadline"),
    (_body(deadline="2027-02-30"), "#/deadline"),
    (_body(deadline="0001-01-01T00:00:00+14:00"), "#/deadline"),
    (_body(deadline=1_800_000_000), "#/deadline"),
    (_body(deadline="tomorrow"), "#/deadline"),
    (_body(deadline="2027-01-10", country="US"), "#/deadline"),
    (_body(published="2026-01-10", country="BR"), "#/published"),
    (_body(cpv=["7200"]), "#/cpv/0"),
    (_body(cpv="72000000"), "#/cpv"),
    (_body(lots=[{"id": "1"}]), "#/lots/0/title"),
    (_body(lots={"id": "1"}), "#/lots"),
    (_body(language="Français"), "#/language"),
    (_body(sector="military"), "#/sector"),
    (_body(status="withdrawn"), "#/status"),
    (_body(note=1).replace(b'"note": 1', b'"note": 1e9999'), "#"),
    (_body(note=1).replace(b'"note": 1', b'"note": ' + b"[" * 60 + b"]" * 60), "#"),
    (b"[]", "#"),
    (b'"x"', "#"),
    (b"null", "#"),
]


async def test_each_wrong_field_is_named(api: Api) -> None:
    buyer = await api.person("buyer")
    for body, pointer in WRONG:
        answer = await buyer.client.post("/v1/tenders", content=body, headers=_JSON)
        assert answer.status_code == 422, (body[:200], answer.text)
        assert any(error["pointer"].startswith(pointer) for error in answer.json()["errors"]), (pointer, answer.text)
    assert (await buyer.client.get("/v1/tenders?owner=me")).json()["items"] == []


async def test_what_is_odd_but_lawful_is_kept_to_the_letter(api: Api) -> None:
    buyer = await api.person("buyer")
    odd = {
        "title": "\u202eمناقصة 💧 ' \" \\ ${x} {{y}} <b>", "id": "../../ #?&%00", "note": "\\u0000", "n": -(2**63) + 1,
        "f": 1e-300, "value": {"amount": "9999999999999999.9999", "currency": "MAD"}, "empty": {}, "t": True,
        "q": "qzbuyersecret", "description": "mot " * 100_000, "__proto__": 1, "place": "قرية",
    }  # fmt: skip
    made = await posted(buyer, **odd)
    read = (await buyer.client.get(f"/v1/tenders/{made['id']}")).json()
    assert read == made
    kept = {name: read[name] for name in odd} | {"id": read["external_id"]}
    assert kept == odd | {"description": odd["description"].strip()}
    versions = (await buyer.client.get(f"/v1/tenders/{made['id']}/versions")).json()["items"]
    assert versions[0]["record"]["title"] == odd["title"]


@pytest.mark.parametrize("patch", [b"[]", b"1", b'{"a": 1e999}', b'{"title": "a\\u0000"}', b'{"lots": {"0": {}}}'])
async def test_a_wrong_patch_changes_nothing(api: Api, patch: bytes) -> None:
    buyer = await api.person("buyer")
    made = await posted(buyer)
    url = f"/v1/tenders/{made['id']}"
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    assert (await buyer.client.patch(url, content=patch, headers=headers)).status_code == 422
    assert (await buyer.client.get(url)).json() == made


async def test_ids_and_tags_that_are_none(api: Api) -> None:
    buyer = await api.person("buyer")
    for tender_id in ("x", "0", "00000000-0000-0000-0000-000000000000", "%00"):
        for method, path in (("GET", ""), ("GET", "/ocds"), ("GET", "/versions"), ("DELETE", ""), ("POST", "/publish")):
            answer = await buyer.client.request(method, f"/v1/tenders/{tender_id}{path}")
            assert answer.status_code in (404, 422), answer.text
    url = f"/v1/tenders/{(await posted(buyer))['id']}"
    for tag in ("", "x", 'W/"x"', ",", '"' * 50):
        answer = await buyer.client.patch(url, json={"place": "Fès"}, headers={"If-Match": tag})
        assert answer.status_code == 412, tag


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = (
    "id",
    "title",
    "buyer",
    "value",
    "lots",
    "deadline",
    "published",
    "cpv",
    "place",
    "activities",
    "x",
    "status",
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(st.sampled_from(_FIELDS), _ANY, max_size=4))
async def test_any_json_is_taken_or_refused(api: Api, fields: dict[str, object]) -> None:
    buyer = await api.person("buyer")
    body = json.dumps({**a_call(), **fields}).encode("utf-8", "surrogatepass")
    answer = await buyer.client.post("/v1/tenders", content=body, headers=_JSON)
    assert answer.status_code in (201, 409, 422), answer.text
    if answer.status_code == 201:
        read = await buyer.client.get(answer.headers["Location"])
        # PostgreSQL writes a large float in digits: the same number to a reader of doubles.
        assert json.loads(read.text, parse_int=float) == json.loads(answer.text, parse_int=float)


async def test_a_page_holds_ten_versions_however_many_are_asked_for(api: Api) -> None:
    """A hundred versions of a call of 2 MB were an answer of hundreds of megabytes."""
    buyer = await api.person("buyer")
    made = await posted(buyer, title="version 1")
    for number in range(2, 13):
        changed = await buyer.client.put(
            f"/v1/tenders/{made['id']}",
            json=a_call(id=made["external_id"], title=f"version {number}"),
            headers={"If-Match": "*"},
        )
        assert changed.status_code == 200, changed.text
    first = (await buyer.client.get(f"/v1/tenders/{made['id']}/versions", params={"limit": 100})).json()
    then = (
        await buyer.client.get(f"/v1/tenders/{made['id']}/versions", params={"limit": 100, "cursor": first["next"]})
    ).json()
    assert [one["version"] for one in first["items"]] == list(range(12, 2, -1))
    assert [one["version"] for one in then["items"]] == [2, 1]
    assert then["next"] is None
