"""What calls ask for, through the API and the worker: read, corrected, with documents named as they are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from app.db.session import unit_of_work
from app.jobs.messages import ReadBacklog, ReadDocument, ReadRequirements
from app.jobs.queue import enqueue
from app.kit.clock import utc_now
from app.requirements.repository import DocumentRepository
from app.requirements.tasks import RequirementJobs
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.decks import docx_file, encrypted_pdf, pdf
from tests.support.factories import startup, tender
from tests.support.imports import jsonl, send

BOND = "Le cautionnement provisoire est fixé à la somme de 20 000,00 dirhams."
NOTICE = f"{BOND} Une visite des lieux est prévue le 12 janvier 2099 à 10 heures."


@pytest.fixture(scope="module")
async def shared(cluster: Cluster) -> AsyncIterator[Api]:
    async with cluster.copy("requirements") as database, running_api(database) as running:
        yield running


@pytest.fixture
async def buyer(shared: Api) -> Person:
    return await shared.person("buyer")


async def posted(api: Api, buyer: Person, read: bool = True, **fields: object) -> str:
    """A published call, its record read."""
    answer = await buyer.client.post("/v1/tenders", json=tender(**fields) | {"status": "published"})
    assert answer.status_code == 201, answer.text
    if read:
        await jobs(api).read_requirements(ReadRequirements(tender_ids=(uuid.UUID(answer.json()["id"]),)))
    return f"/v1/tenders/{answer.json()['id']}"


def jobs(api: Api) -> RequirementJobs:
    return RequirementJobs(api.runtime.sessions, utc_now)


async def asked(person: Person, path: str) -> dict[str, list[dict[str, object]]]:
    """What counts, by kind."""
    told = (await person.client.get(f"{path}/requirements")).json()
    found: dict[str, list[dict[str, object]]] = {}
    for one in told["requirements"]:
        if one["counts"]:
            found.setdefault(one["kind"], []).append(one)
    return found


async def upload(api: Api, buyer: Person, path: str, content: bytes, filename: str = "rc.pdf") -> dict[str, object]:
    answer = await buyer.client.post(f"{path}/documents", params={"filename": filename}, content=content)
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "pending"
    await jobs(api).read_document(ReadDocument(document_id=uuid.UUID(answer.json()["id"])))
    return (await buyer.client.get(answer.headers["Location"])).json()


class TestTheRecord:
    async def test_what_is_found_is_told_with_its_passage_and_the_rest_is_unknown(
        self, shared: Api, buyer: Person
    ) -> None:
        path = await posted(shared, buyer, description=NOTICE)
        anybody = await shared.person("startup")
        told = (await anybody.client.get(f"{path}/requirements")).json()
        assert (told["state"], told["version"], told["read_version"]) == ("read", 1, 1)
        (bond,) = [one for one in told["requirements"] if one["kind"] == "bond"]
        assert bond["value"] == {"amount": 20000, "currency": "MAD"}
        assert NOTICE[bond["start"] : bond["end"]] == bond["quote"]
        assert (bond["field"], bond["source"], bond["clause"]) == ("description", "text", "bond")
        assert 0 < bond["confidence"] <= 1
        assert "bond" not in told["unknown"]
        assert {"turnover", "weights"} <= set(told["unknown"])

    async def test_nothing_is_told_before_it_was_read(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer, read=False, description=NOTICE)
        told = (await buyer.client.get(f"{path}/requirements")).json()
        assert (told["state"], told["read_version"], told["requirements"]) == ("pending", None, [])
        assert len(told["unknown"]) == 23

    async def test_a_new_version_is_read_anew_and_reading_twice_changes_nothing(
        self, shared: Api, buyer: Person
    ) -> None:
        path = await posted(shared, buyer, description=NOTICE)
        etag = (await buyer.client.get(path)).headers["ETag"]
        headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
        changed = await buyer.client.patch(path, json={"description": "Rien de plus."}, headers=headers)
        assert changed.status_code == 200, changed.text
        assert (await buyer.client.get(f"{path}/requirements")).json()["state"] == "pending"
        job = ReadRequirements(tender_ids=(uuid.UUID(path.rpartition("/")[2]),))
        await jobs(shared).read_requirements(job)
        first = (await buyer.client.get(f"{path}/requirements")).json()
        assert first["read_version"] == 2
        assert "bond" in first["unknown"]
        await jobs(shared).read_requirements(job)
        assert (await buyer.client.get(f"{path}/requirements")).json() == first

    async def test_a_published_draft_says_the_same_and_was_read(self, shared: Api, buyer: Person) -> None:
        answer = await buyer.client.post("/v1/tenders", json=tender(description=NOTICE))
        path = f"/v1/tenders/{answer.json()['id']}"
        await jobs(shared).read_requirements(ReadRequirements(tender_ids=(uuid.UUID(answer.json()["id"]),)))
        assert "bond" in await asked(buyer, path), "its owner looks at what a draft asks"
        await buyer.client.post(f"{path}/publish")
        told = (await buyer.client.get(f"{path}/requirements")).json()
        assert (told["state"], told["version"], told["read_version"]) == ("read", 2, 1)

    async def test_an_import_is_read_by_the_worker(self, shared: Api, buyer: Person) -> None:
        calls = [tender(title=f"Appel importé {n}", description=NOTICE) for n in range(3)]
        async with shared.worker():
            await send(buyer, "tenders", jsonl(calls))
        found = (await buyer.client.get("/v1/tenders", params={"q": '"appel importé"'})).json()["items"]
        assert len(found) == 3
        for one in found:
            assert "bond" in await asked(buyer, f"/v1/tenders/{one['id']}")

    async def test_calls_stored_before_are_read_too(self, shared: Api, buyer: Person) -> None:
        paths = [await posted(shared, buyer, read=False, description=NOTICE) for _ in range(2)]
        async with unit_of_work(shared.runtime.sessions) as session:
            await session.execute(text("DELETE FROM pgqueuer.pgqueuer"))
            await enqueue(session, ReadBacklog())
        async with shared.worker():
            pass
        for path in paths:
            assert "bond" in await asked(buyer, path)


class TestCorrections:
    async def test_the_owners_word_counts_and_survives_a_reading(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer, description=NOTICE)
        body = {"values": [{"amount": 15000, "currency": "MAD", "tax_included": True}]}
        answer = await buyer.client.put(f"{path}/requirements/bond", json=body)
        assert answer.status_code == 200, answer.text
        etag = (await buyer.client.get(path)).headers["ETag"]
        headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
        await buyer.client.patch(path, json={"description": f"{NOTICE} Encore."}, headers=headers)
        await jobs(shared).read_requirements(ReadRequirements(tender_ids=(uuid.UUID(path.rpartition("/")[2]),)))
        told = (await buyer.client.get(f"{path}/requirements")).json()
        bonds = [(one["source"], one["counts"], one["value"]["amount"]) for one in told["requirements"]
                 if one["kind"] == "bond"]  # fmt: skip
        assert bonds == [("owner", True, 15000), ("text", False, 20000)]
        assert told["corrected"] == ["bond"]
        assert (await buyer.client.delete(f"{path}/requirements/bond")).status_code == 204
        (bond,) = (await asked(buyer, path))["bond"]
        assert bond["source"] == "text"

    async def test_no_values_dismiss_what_was_found_and_make_it_unknown(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer, description=NOTICE)
        answer = (await buyer.client.put(f"{path}/requirements/bond", json={"values": []})).json()
        assert "bond" in answer["unknown"]
        assert answer["corrected"] == ["bond"]

    @pytest.mark.parametrize(
        ("kind", "value", "pointer"),
        [
            ("bond", {"amount": -1, "currency": "MAD"}, "#/values/0/amount"),
            ("bond", {"amount": 1, "currency": "dirham"}, "#/values/0/currency"),
            ("bond", {"amount": 1, "currency": "MAD", "x": 1}, "#/values/0/x"),
            ("preference", 150, "#/values/0"),
            ("team", {"role": " "}, "#/values/0/role"),
            ("deadline", "bientôt", "#/values/0"),
        ],
    )
    async def test_what_is_no_value_is_refused(
        self, shared: Api, buyer: Person, kind: str, value: object, pointer: str
    ) -> None:
        path = await posted(shared, buyer, read=False)
        answer = await buyer.client.put(f"{path}/requirements/{kind}", json={"values": [value]})
        assert answer.status_code == 422, answer.text
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]

    async def test_only_the_owner_corrects(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer, description=NOTICE)
        other = await shared.person("buyer")
        assert (await other.client.put(f"{path}/requirements/bond", json={"values": []})).status_code == 404
        assert (await other.client.delete(f"{path}/requirements/bond")).status_code == 404
        assert "bond" in await asked(other, path)


class TestDocuments:
    async def test_a_document_counts_before_the_notice_and_names_its_page(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer, description=NOTICE)
        content = pdf("Règlement de consultation, article premier : objet.",
                      "Le cautionnement provisoire est fixé à la somme de 30 000,00 dirhams.")  # fmt: skip
        read = await upload(shared, buyer, path, content)
        assert (read["state"], read["media_type"]) == ("read", "application/pdf")
        (bond,) = (await asked(buyer, path))["bond"]
        assert (bond["value"]["amount"], bond["source"], bond["page"]) == (30000, "document", 2)
        assert read["text"][bond["start"] : bond["end"]] == bond["quote"]
        assert (await buyer.client.delete(f"{path}/documents/{read['id']}")).status_code == 204
        (bond,) = (await asked(buyer, path))["bond"]
        assert (bond["value"]["amount"], bond["source"]) == (20000, "text")

    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (docx_file(BOND), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (f"<html><body><p>{BOND} Le dossier peut être retiré.</p></body></html>".encode(), "text/html"),
            (BOND.encode(), "text/plain"),
        ],
    )
    async def test_other_kinds_are_read_too(self, shared: Api, buyer: Person, content: bytes, media_type: str) -> None:
        path = await posted(shared, buyer)
        read = await upload(shared, buyer, path, content)
        assert (read["state"], read["media_type"]) == ("read", media_type)
        assert (await asked(buyer, path))["bond"][0]["document_id"] == read["id"]

    @pytest.mark.parametrize(
        ("content", "state", "word"),
        [
            (pdf(" "), "scanned", "scanned"),
            (encrypted_pdf("secret"), "unreadable", "encrypted"),
            (b"%PDF-1.7 broken", "unreadable", "unreadable"),
        ],
    )
    async def test_what_can_not_be_read_is_named_as_such(
        self, shared: Api, buyer: Person, content: bytes, state: str, word: str
    ) -> None:
        path = await posted(shared, buyer, read=True)
        read = await upload(shared, buyer, path, content, "scan.pdf")
        assert read["state"] == state
        assert str(read["reason"]).startswith(word)
        told = (await (await shared.person("startup")).client.get(f"{path}/requirements")).json()
        assert [(one["filename"], one["state"]) for one in told["documents"]] == [("scan.pdf", state)]
        assert told["state"] == "read"

    async def test_scanned_pages_of_one_that_was_read_are_named(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer)
        read = await upload(shared, buyer, path, pdf(BOND, " ", BOND, " "))
        assert (read["state"], read["reason"]) == ("read", "scanned: pages 2, 4")

    async def test_contacts_do_not_stay_nor_does_the_document(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer)
        content = f"{BOND}\nContact : Mme Tamarist, tamarist@commune.example, tél : 05 22 00 00 00."
        read = await upload(shared, buyer, path, content.encode())
        assert "amarist" not in str(read["text"])
        assert "05 22" not in str(read["text"])
        kept = await shared.runtime.hot.fetchval(
            "SELECT content FROM tender_document WHERE id = $1", uuid.UUID(str(read["id"]))
        )
        assert kept is None

    async def test_texts_of_old_calls_are_forgotten_and_findings_stay(self, shared: Api, buyer: Person) -> None:
        old = await posted(shared, buyer, deadline="2024-01-31T12:00:00+01:00")
        new = await posted(shared, buyer)
        texts = []
        for path in (old, new):
            read = await upload(shared, buyer, path, BOND.encode())
            texts.append(f"{path}/documents/{read['id']}")
        async with unit_of_work(shared.runtime.sessions) as session:
            await DocumentRepository(session).forget_texts(utc_now() - dt.timedelta(days=180))
        assert [(await buyer.client.get(each)).json()["text"] for each in texts] == [None, BOND]
        assert "bond" in await asked(buyer, old)

    @pytest.mark.parametrize(
        "content", [b"MZ\x90\x00", b"PK\x03\x04zip", b"\x89PNG\r\n\x1a\n", b"\x00\x01\x02", b"  \n"]
    )
    async def test_anything_else_is_refused(self, shared: Api, buyer: Person, content: bytes) -> None:
        path = await posted(shared, buyer, read=False)
        assert (await buyer.client.post(f"{path}/documents", content=content)).status_code == 415

    async def test_the_same_twice_too_many_and_too_large_are_refused(
        self, shared: Api, buyer: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.requirements.service.MOST_DOCUMENTS", 2)
        path = await posted(shared, buyer, read=False)
        answers = [
            await buyer.client.post(f"{path}/documents", content=content)
            for content in (b"un", b"un", b"deux", b"trois")
        ]
        assert [one.status_code for one in answers] == [202, 409, 202, 409]
        slugs = [one.json().get("type", "").removeprefix("/problems/") for one in answers]
        assert slugs[1::2] == ["tender-document-exists", "tender-documents-full"]
        large = await buyer.client.post(f"{path}/documents", content=b"x" * 20_000_001)
        assert large.status_code == 413

    async def test_documents_are_their_owners_alone(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer)
        read = await upload(shared, buyer, path, BOND.encode())
        for kind in ("buyer", "startup"):
            other = await shared.person(kind)
            for address in (f"{path}/documents", f"{path}/documents/{read['id']}"):
                assert (await other.client.get(address)).status_code == 404
        other = await shared.person("buyer")
        assert (await other.client.post(f"{path}/documents", content=b"x")).status_code == 404
        assert (await other.client.delete(f"{path}/documents/{read['id']}")).status_code == 404
        draft = (await buyer.client.post("/v1/tenders", json=tender())).json()["id"]
        assert (await other.client.get(f"/v1/tenders/{draft}/requirements")).status_code == 404


async def test_the_lane_follows_what_is_found(shared: Api, buyer: Person) -> None:
    path = await posted(
        shared, buyer, sector="private", description="Aucune attestation de référence n'est exigée des concurrents."
    )
    before = (await buyer.client.get(path)).json()["simplified_access"]
    answer = await buyer.client.put(
        f"{path}/requirements/references", json={"values": [{"required": True, "count": 3}]}
    )
    assert answer.status_code == 200, answer.text
    after = (await buyer.client.get(path)).json()["simplified_access"]
    assert (before, after) != (True, True)
    assert before is True


class TestEligibility:
    """What documents and owners say counts for the startup; a buyer learns nothing by changing its word."""

    async def test_the_owners_word_is_judged_by_on_both_sides(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer, sector="public", procedure="Appel d'offres ouvert", description=BOND)
        firm = await shared.person("startup")
        mine = (await firm.client.post("/v1/startups", json=startup())).json()["id"]
        tender_id = path.rpartition("/")[2]
        word = {"values": [{"name": "Zirkhoun 22000", "scheme": "other"}]}
        assert (await buyer.client.put(f"{path}/requirements/certificate", json=word)).status_code == 200
        own = (await firm.client.get(f"/v1/startups/{mine}/tenders/{tender_id}/eligibility")).json()
        assert "certificate:zirkhoun-22000" in [one["clause"] for one in own["checks"]]
        theirs = await buyer.client.get(f"{path}/startups/{mine}/eligibility")
        assert theirs.status_code == 200
        assert "certificate:zirkhoun-22000" in [one["clause"] for one in theirs.json()["checks"]]

    async def test_a_document_is_judged_by(self, shared: Api, buyer: Person) -> None:
        path = await posted(shared, buyer, sector="public", description=BOND)
        await upload(shared, buyer, path, b"Le cautionnement provisoire est de 30 000,00 dirhams.")
        firm = await shared.person("startup")
        mine = (await firm.client.post("/v1/startups", json=startup())).json()["id"]
        own = await firm.client.get(f"/v1/startups/{mine}/tenders/{path.rpartition('/')[2]}/eligibility")
        assert "30000" in own.text.replace("\u202f", "").replace(" ", "")
