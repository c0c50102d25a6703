"""Attestations: signed, checked by anybody, revoked, and made references."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator

import pypdf
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.kit.crypto import Keyring
from app.pilots.signing import AttestationKeys, new_code, read_code
from tests.support.api import Api, running_api
from tests.support.db import Cluster
from tests.support.pilots import Trial, applied

SECRETS = ("one secret of thirty-two characters or more", "another secret of thirty-two characters or so")


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.fixture(scope="module")
async def shared(cluster: Cluster) -> AsyncIterator[Api]:
    """One database for tests that make people of their own."""
    async with cluster.copy("attestations") as database, running_api(database) as api:
        yield api


@pytest.fixture
def api(shared: Api) -> Api:
    return shared


@pytest.fixture
async def trial(api: Api) -> Trial:
    return await applied(api)


@pytest.fixture
async def code(trial: Trial) -> str:
    closed = await trial.close("met", "met", statement="Très utile.", paid={"amount": 99000, "currency": "MAD"})
    made: str = closed["attestation"]
    return made


class TestChecking:
    async def test_anybody_with_the_code_is_told_the_facts(self, api: Api, trial: Trial, code: str) -> None:
        typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        told = (await api.client.get(f"/v1/attestations/{typed}")).json()
        assert (told["code"], told["status"], told["signature"]) == (code, "valid", "verified")
        facts = told["facts"]
        assert facts["pilot"]["until"] == facts["issued_at"][:10], "over before its window: it is not attested to 2099"
        assert facts["buyer"]["name"] == "Régie fictive des eaux du Souss"
        assert facts["budget"] == {"amount": "120000.5", "currency": "MAD"}
        assert [one["verdict"] for one in facts["criteria"]] == ["met", "met"]

    async def test_it_is_checked_offline_with_the_published_key(self, api: Api, code: str) -> None:
        told = (await api.client.get(f"/v1/attestations/{code}")).json()
        keys = (await api.client.get("/.well-known/safqa-attestations.json")).json()["keys"]
        header, payload, signature = told["jws"].split(".")
        named = json.loads(decoded(header))
        (key,) = [one for one in keys if one["kid"] == named["kid"]]
        public = Ed25519PublicKey.from_public_bytes(decoded(key["x"]))
        public.verify(decoded(signature), f"{header}.{payload}".encode())
        assert json.loads(decoded(payload)) == told["facts"]
        with pytest.raises(InvalidSignature):
            public.verify(decoded(signature), f"{header}.{payload}x".encode())

    @pytest.mark.parametrize("wrong", ["x", "0000-0000-0000-0000", "U" * 16, "é" * 16, "%00", "1" * 400])
    async def test_a_code_that_is_none_says_nothing(self, api: Api, wrong: str) -> None:
        answer = await api.client.get(f"/v1/attestations/{wrong}")
        assert answer.status_code in {404, 422}, answer.text

    async def test_whoever_guesses_is_slowed_down(self, cluster: Cluster) -> None:
        async with cluster.copy("guessing") as database, running_api(database, rate_limit=1_000) as api:
            answers: list[int] = []
            while 429 not in answers and len(answers) < 200:  # a slow machine earns some while it asks
                answers.append((await api.client.get(f"/v1/attestations/{new_code()}")).status_code)
        assert answers[:60] == [404] * 60
        assert answers[-1] == 429


class TestDocument:
    @pytest.mark.parametrize("lang", ["ar", "fr", "en"])
    async def test_the_two_sides_print_it(self, trial: Trial, code: str, lang: str) -> None:
        answer = await trial.owner.client.get(f"/v1/attestations/{code}/document", headers={"Accept-Language": lang})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["content-language"] == lang
        document = pypdf.PdfReader(io.BytesIO(answer.content))
        assert code in document.pages[-1].extract_text()
        (attached,) = document.attachments["attestation.jws"]
        assert attached.decode().count(".") == 2
        again = await trial.buyer.client.get(f"/v1/attestations/{code}/document", params={"lang": lang})
        assert again.content == answer.content

    async def test_nobody_else_does(self, api: Api, code: str) -> None:
        for kind in ("startup", "buyer", "incubator"):
            person = await api.person(kind)
            assert (await person.client.get(f"/v1/attestations/{code}/document")).status_code == 404
            revoked = await person.client.post(f"/v1/attestations/{code}/revoke", json={"because": "x"})
            assert revoked.status_code in {403, 404}


class TestReference:
    async def test_it_becomes_one_once_the_startup_says_so(self, trial: Trial, code: str) -> None:
        listing = f"/v1/startups/{trial.startup_id}/attestations"
        (one,) = (await trial.owner.client.get(listing)).json()["items"]
        assert (one["code"], one["reference"]) == (code, "suggested")
        assert await trial.references() == []
        assert (await trial.owner.client.put(f"{listing}/{code}", json={"accepted": True})).status_code == 204
        assert (await trial.owner.client.put(f"{listing}/{code}", json={"accepted": True})).status_code == 204
        (reference,) = await trial.references()
        assert reference["attestation"] == code
        assert reference["value"] == {"amount": 99000, "currency": "MAD"}
        assert reference["date"] == one["facts"]["issued_at"][:10], "closed before its window ended: nothing is in 2099"
        assert (await trial.owner.client.put(f"{listing}/{code}", json={"accepted": False})).status_code == 204
        assert await trial.references() == []
        (one,) = (await trial.owner.client.get(listing)).json()["items"]
        assert one["reference"] == "declined"

    async def test_nobody_else_decides_or_lists(self, api: Api, trial: Trial, code: str) -> None:
        other = await api.person("startup")
        for person in (other, trial.buyer):
            url = f"/v1/startups/{trial.startup_id}/attestations"
            assert (await person.client.get(url)).status_code == 404
            assert (await person.client.put(f"{url}/{code}", json={"accepted": True})).status_code in {403, 404}

    async def test_a_revoked_one_leaves_the_profile_and_says_why(self, api: Api, trial: Trial, code: str) -> None:
        url = f"/v1/startups/{trial.startup_id}/attestations/{code}"
        await trial.owner.client.put(url, json={"accepted": True})
        revoked = await trial.buyer.client.post(f"/v1/attestations/{code}/revoke", json={"because": "Mesures fausses"})
        assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
        assert await trial.references() == []
        told = (await api.client.get(f"/v1/attestations/{code}")).json()
        assert (told["status"], told["revoked_because"]) == ("revoked", "Mesures fausses")
        refused = await trial.owner.client.put(url, json={"accepted": True})
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/attestation-revoked")
        twice = await trial.buyer.client.post(f"/v1/attestations/{code}/revoke", json={"because": "x"})
        assert twice.status_code == 409
        printed = await trial.owner.client.get(f"/v1/attestations/{code}/document", params={"lang": "en"})
        assert "REVOKED" in pypdf.PdfReader(io.BytesIO(printed.content)).pages[0].extract_text()

    async def test_both_sides_may_act_at_once(self, api: Api) -> None:
        for _ in range(3):
            trial = await applied(api)
            code = (await trial.close("met", "met"))["attestation"]
            url = f"/v1/startups/{trial.startup_id}/attestations/{code}"
            await trial.owner.client.put(url, json={"accepted": True})
            answers = await asyncio.gather(
                trial.buyer.client.post(f"/v1/attestations/{code}/revoke", json={"because": "x"}),
                *(trial.owner.client.put(url, json={"accepted": yes}) for yes in (False, True, True)),
            )
            assert {answer.status_code for answer in answers} <= {200, 204, 409}
            assert await trial.references() == []

    async def test_an_erased_startup_takes_its_attestations_along(self, api: Api, trial: Trial, code: str) -> None:
        export = (await trial.owner.client.get(f"/v1/startups/{trial.startup_id}/export")).json()
        assert [one["code"] for one in export["attestations"]] == [code]
        assert [one["pilot_id"] for one in export["applications"]] == [trial.pilot_id]
        assert (await trial.owner.client.delete(f"/v1/startups/{trial.startup_id}")).status_code == 204
        assert (await api.client.get(f"/v1/attestations/{code}")).status_code == 404
        assert (await trial.buyer.client.get(f"/v1/pilots/{trial.pilot_id}/applications")).json()["items"] == []

    async def test_a_startup_that_is_erased_before_the_end_is_not_attested(self, trial: Trial) -> None:
        await trial.step("choose", {"startup_id": trial.startup_id})
        await trial.owner.client.delete(f"/v1/startups/{trial.startup_id}")
        told = [{"criterion": number, "verdict": "met"} for number in (1, 2)]
        closed = await trial.step("close", {"verdicts": told})
        assert (closed["successful"], closed["attestation"]) == (True, None)


class TestSigning:
    FACTS = {"b": "é", "a": ["1", {"x": None}]}

    def test_a_changed_fact_or_signature_is_noticed(self) -> None:
        keys = AttestationKeys(Keyring(SECRETS[:1]))
        jws = keys.sign(self.FACTS)
        assert keys.verifies(jws, {"a": ["1", {"x": None}], "b": "é"})
        assert not keys.verifies(jws, {**self.FACTS, "b": "e"})
        for wrong in (jws[:-4], jws.replace(".", "", 1), "", "..", "é.é.é", jws.swapcase(), f"{jws}.x"):
            assert not keys.verifies(wrong, self.FACTS), wrong

    def test_keys_follow_the_secrets_over_a_rotation(self) -> None:
        jws = AttestationKeys(Keyring(SECRETS[:1])).sign(self.FACTS)
        rotated = AttestationKeys(Keyring(SECRETS[::-1]))
        assert rotated.verifies(jws, self.FACTS)
        assert len(rotated.public()) == 2
        assert rotated.sign(self.FACTS) != jws
        assert not AttestationKeys(Keyring(SECRETS[1:])).verifies(jws, self.FACTS)

    def test_codes_are_read_as_people_type_them(self) -> None:
        made = new_code()
        assert len(made) == 19
        assert read_code(made.lower()) == read_code(made.replace("-", " ")) == made
        assert read_code("OIL0-OIL0-OIL0-OIL0") == "0110-0110-0110-0110"
        assert read_code("UUUU-UUUU-UUUU-UUUU") is read_code("") is None
        assert len({new_code() for _ in range(1_000)}) == 1_000
