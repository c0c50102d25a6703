"""Evidence through the API: told, dated, seen by its owner alone."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import AsyncIterator

import pytest

from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import startup, tender

TOLD = {
    "legal_form": "cooperative",
    "cash": {"amount": 150_000, "currency": "MAD"},
    "turnover": [{"year": 2025, "turnover": {"amount": "1234567890123456.5", "currency": "MAD"}}],
    "documents": [
        {"kind": "tax_certificate", "issuer": "DGI", "issued": "2026-01-10", "expires": "2027-01-09"},
        {"kind": "social_security_certificate", "issuer": "CNSS"},
    ],
    "certificates": [{"name": "ISO 9001", "scheme": "iso", "expires": "2099-06-30"}],
    "labels": [{"name": "Jeune entreprise innovante", "issuer": "ADD", "expires": "2030-01-01"}],
    "complete": ["certificates"],
}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"


@pytest.fixture(scope="module")
async def shared(cluster: Cluster) -> AsyncIterator[Api]:
    async with cluster.copy("evidence") as database, running_api(database) as running:
        yield running


async def made(person: Person, **fields: object) -> str:
    answer = await person.client.post("/v1/startups", json=startup(**fields))
    assert answer.status_code == 201, answer.text
    return f"/v1/startups/{answer.json()['id']}/evidence"


async def put(person: Person, path: str, body: object) -> dict[str, object]:
    etag = (await person.client.get(path)).headers["ETag"]
    answer = await person.client.put(path, json=body, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_is_told_is_answered_and_can_be_sent_back(shared: Api) -> None:
    owner = await shared.person("startup")
    path = await made(owner)
    empty = (await owner.client.get(path)).json()
    assert (empty["version"], empty["updated_at"], empty["files"]) == (0, None, [])
    told = await put(owner, path, TOLD)
    assert told["version"] == 1
    assert {name: told[name] for name in TOLD} == TOLD
    again = await put(owner, path, told)
    assert again == told, "the same makes no version"


async def test_a_change_needs_the_present_version(shared: Api) -> None:
    owner = await shared.person("startup")
    path = await made(owner)
    old = (await owner.client.get(path)).headers["ETag"]
    await put(owner, path, TOLD)
    assert (await owner.client.put(path, json=TOLD)).status_code == 428
    assert (await owner.client.put(path, json=TOLD, headers={"If-Match": old})).status_code == 412


async def test_a_patch_changes_what_it_names_and_versions_stay_as_they_were(shared: Api) -> None:
    owner = await shared.person("startup")
    path = await made(owner)
    await put(owner, path, TOLD)
    etag = (await owner.client.get(path)).headers["ETag"]
    headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
    answer = await owner.client.patch(path, json={"legal_form": None, "cash": {"amount": 9}}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["cash"] == {"amount": 9, "currency": "MAD"}
    assert "legal_form" not in answer.json()
    listed = (await owner.client.get(f"{path}/versions")).json()["items"]
    assert [one["version"] for one in listed] == [2, 1]
    assert listed[0]["author_id"] == str(owner.id)
    first = (await owner.client.get(f"{path}/versions/1")).json()
    assert first["document"] == TOLD
    page = (await owner.client.get(f"{path}/versions", params={"limit": 1})).json()
    rest = (await owner.client.get(f"{path}/versions", params={"limit": 1, "cursor": page["next"]})).json()
    assert [one["version"] for one in rest["items"]] == [1]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"documents": [{"kind": "tax_certificate", "expire": "2027-01-01"}]}, "#/documents/0/expire"),
        ({"documents": [{"kind": "love_letter"}]}, "#/documents/0/kind"),
        ({"labels": [{"name": "JEI", "issued": "2027-01-01", "expires": "2026-01-01"}]}, "#/labels/0"),
        ({"cash": {"amount": -1, "currency": "MAD"}}, "#/cash/amount"),
        ({"cash": {"amount": "NaN", "currency": "MAD"}}, "#/cash/amount"),
        ({"turnover": [{"year": 2025, "turnover": {"amount": 1, "currency": "MAD"}}] * 2}, "#"),
        ({"team": [{"role": "Chef\0"}]}, "#/team"),
        ({"complete": ["everything"]}, "#/complete/0"),
        ({"certificates": [{"name": "ISO", "file": str(uuid.uuid4())}]}, "#/certificates/0/file"),
    ],
)
async def test_what_is_wrong_is_refused_with_its_place(shared: Api, body: dict[str, object], pointer: str) -> None:
    owner = await shared.person("startup")
    path = await made(owner)
    etag = (await owner.client.get(path)).headers["ETag"]
    answer = await owner.client.put(path, json=body, headers={"If-Match": etag})
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert (await owner.client.get(path)).json()["version"] == 0


async def test_a_listed_startups_evidence_is_nobody_elses(shared: Api) -> None:
    owner = await shared.person("startup")
    path = await made(owner)
    told = await put(owner, path, {"certificates": [{"name": "Zirkhounite"}]})
    file = await owner.client.post(f"{path}/files", content=PDF)
    profile = path.removesuffix("/evidence")
    for kind in ("buyer", "incubator", "startup"):
        stranger = await shared.person(kind)
        for address in (path, f"{path}/versions", f"{path}/versions/1", f"{path}/expiring?until=2030-01-01"):
            assert (await stranger.client.get(address)).status_code == 404, (kind, address)
        assert (await stranger.client.get(file.headers["Location"])).status_code == 404
        assert "Zirkhounite" not in (await stranger.client.get(profile)).text
    operator = await shared.person("operator")
    assert (await operator.client.get(path)).json()["version"] == told["version"]


async def test_whoever_brought_a_startup_in_has_its_evidence_until_it_is_claimed(shared: Api) -> None:
    incubator, owner = await shared.person("incubator"), await shared.person("startup")
    path = await made(incubator)
    await put(incubator, path, TOLD)
    claim = await incubator.client.post(path.replace("evidence", "claims"))
    await owner.client.post("/v1/claims", json={"token": claim.json()["token"]})
    assert (await owner.client.get(path)).json()["legal_form"] == "cooperative"
    answer = await incubator.client.get(path)
    assert answer.status_code == 404
    assert (await incubator.client.get(path.removesuffix("/evidence"))).status_code == 200


class TestExpiring:
    async def test_what_ends_before_a_day_first_first(self, shared: Api) -> None:
        owner = await shared.person("startup")
        path = await made(owner)
        await put(owner, path, TOLD)
        answer = (await owner.client.get(f"{path}/expiring", params={"until": "2035-01-01"})).json()
        assert [(one["list"], one["position"], one["expires"]) for one in answer["expiring"]] == [
            ("documents", 0, "2027-01-09"),
            ("labels", 0, "2030-01-01"),
        ]
        assert [(one["kind"], one["ended"]) for one in answer["undated"]] == [("social_security_certificate", None)]
        last_day = (await owner.client.get(f"{path}/expiring", params={"until": "2027-01-09"})).json()
        assert last_day["expiring"] == [], "the last day is valid"

    async def test_the_day_of_a_deadline_is_that_of_the_call(self, shared: Api) -> None:
        owner, buyer = await shared.person("startup"), await shared.person("buyer")
        path = await made(owner)
        await put(owner, path, TOLD)
        call = tender(deadline="2027-01-09T23:30:00Z", country="MA") | {"status": "published"}
        tender_id = (await buyer.client.post("/v1/tenders", json=call)).json()["id"]
        answer = (await owner.client.get(f"{path}/expiring", params={"tender_id": tender_id})).json()
        assert answer["until"] == "2027-01-10", "half past midnight in Casablanca"
        assert [one["kind"] for one in answer["expiring"]] == ["tax_certificate"]

    async def test_a_draft_of_somebody_is_no_call(self, shared: Api) -> None:
        owner, buyer = await shared.person("startup"), await shared.person("buyer")
        path = await made(owner)
        draft = (await buyer.client.post("/v1/tenders", json=tender())).json()["id"]
        assert (await owner.client.get(f"{path}/expiring", params={"tender_id": draft})).status_code == 404

    @pytest.mark.parametrize("params", [{}, {"until": "2030-01-01", "tender_id": str(uuid.uuid4())}])
    async def test_one_of_two_is_asked(self, shared: Api, params: dict[str, str]) -> None:
        owner = await shared.person("startup")
        path = await made(owner)
        assert (await owner.client.get(f"{path}/expiring", params=params)).status_code == 422


def _docx(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (PDF, "application/pdf"),
            (b"\x89PNG\r\n\x1a\n....", "image/png"),
            (b"\xff\xd8\xff\xe0....", "image/jpeg"),
            (
                _docx("word/document.xml"),
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
        ],
    )
    async def test_what_it_holds_says_what_it_is(self, shared: Api, content: bytes, media_type: str) -> None:
        owner = await shared.person("startup")
        path = await made(owner)
        sent = {"file": ("Attestation « fiscale ».exe", content, "text/html")}
        answer = await owner.client.post(f"{path}/files", files=sent)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["media_type"], answer.json()["size"]) == (media_type, len(content))
        back = await owner.client.get(answer.headers["Location"])
        assert back.content == content
        assert back.headers["content-type"] == media_type
        assert back.headers["content-disposition"].startswith("attachment; ")
        assert back.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in back.headers["content-security-policy"]

    @pytest.mark.parametrize(
        "content",
        [b"<html><script>", b"MZ\x90", b"PK\x03\x04 broken", _docx("xl/workbook.xml"),
         _docx("word/document.xml", "word/vbaProject.bin")],
    )  # fmt: skip
    async def test_anything_else_is_refused(self, shared: Api, content: bytes) -> None:
        owner = await shared.person("startup")
        path = await made(owner)
        answer = await owner.client.post(f"{path}/files", content=content)
        assert answer.status_code == 415

    async def test_more_than_a_file_may_have_is_refused(self, shared: Api) -> None:
        owner = await shared.person("startup")
        path = await made(owner)
        answer = await owner.client.post(f"{path}/files", content=PDF + b"\0" * 10_000_000)
        assert answer.status_code == 413

    async def test_a_startup_keeps_so_much_and_no_more(self, shared: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.evidence.service.MOST_BYTES", 2 * len(PDF))
        owner = await shared.person("startup")
        path = await made(owner)
        for expected in (201, 201, 409):
            answer = await owner.client.post(f"{path}/files", content=PDF)
            assert answer.status_code == expected
        assert answer.json()["type"] == "/problems/evidence-quota-exceeded"

    async def test_a_deleted_file_is_named_no_more(self, shared: Api) -> None:
        owner = await shared.person("startup")
        path = await made(owner)
        file = (await owner.client.post(f"{path}/files", content=PDF)).json()
        await put(owner, path, {"certificates": [{"name": "ISO 9001", "file": file["id"]}]})
        address = f"{path}/files/{file['id']}"
        assert (await owner.client.delete(address)).status_code == 204
        assert (await owner.client.get(address)).status_code == 404
        assert (await owner.client.delete(address)).status_code == 404
        told = (await owner.client.get(path)).json()
        assert (told["version"], told["certificates"], told["files"]) == (2, [{"name": "ISO 9001"}], [])

    async def test_a_file_of_another_startup_shows_nothing(self, shared: Api) -> None:
        one, other = await shared.person("startup"), await shared.person("startup")
        mine, theirs = await made(one), await made(other)
        file = (await one.client.post(f"{mine}/files", content=PDF)).json()["id"]
        etag = (await other.client.get(theirs)).headers["ETag"]
        body = {"labels": [{"name": "JEI", "file": file}]}
        assert (await other.client.put(theirs, json=body, headers={"If-Match": etag})).status_code == 422
        assert (await other.client.get(f"{theirs}/files/{file}")).status_code == 404
        assert (await other.client.delete(f"{theirs}/files/{file}")).status_code == 404


async def test_a_profile_brings_its_evidence_and_does_not_show_it(shared: Api) -> None:
    owner = await shared.person("startup")
    body = startup(evidence=TOLD)
    answer = await owner.client.post("/v1/startups", json=body)
    assert "evidence" not in answer.json()
    path = f"/v1/startups/{answer.json()['id']}"
    assert (await owner.client.get(f"{path}/evidence")).json()["legal_form"] == "cooperative"
    headers = {"If-Match": answer.headers["ETag"]}
    kept = await owner.client.put(path, json=answer.json() | {"id": body["id"]}, headers=headers)
    assert kept.json()["version"] == 1
    assert (await owner.client.get(f"{path}/evidence")).json()["version"] == 1, "a profile without leaves it alone"
    headers = {"If-Match": kept.headers["ETag"]}
    changed = await owner.client.put(path, json={**body, "evidence": {"legal_form": "company"}}, headers=headers)
    assert changed.json()["version"] == 1, "it is beside the profile"
    assert (await owner.client.get(f"{path}/evidence")).json()["version"] == 2
