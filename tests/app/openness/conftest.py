"""A small fictional market: five firms, of which three have said what they can show."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support.api import Api, Person
from tests.support.factories import startup, tender

TEXT = "Audit de sécurité des systèmes d'information, tests d'intrusion et supervision SOC."
ASKS = (
    "Audit de la sécurité du système d'information et tests d'intrusion. Le concurrent doit produire deux (2) "
    "attestations de référence similaires. Certificat exigé : ISO 27001. "
    "Chiffre d'affaires annuel minimum exigé : 2 000 000 DH."
)


@dataclass
class Market:
    api: Api
    buyer: Person
    owner: Person
    firms: list[str]
    draft: str
    call: str


@pytest.fixture
async def market(api: Api) -> Market:
    buyer, owner = await api.person("buyer", "Commune (fictional)"), await api.person("startup", "Groupe (fictional)")
    firms = []
    for number in range(5):
        firm = await owner.client.post(
            "/v1/startups", json=startup(f"{TEXT} Équipe {number}.", name=f"Zirkhoun {number}")
        )
        assert firm.status_code == 201, firm.text
        firms.append(firm.json()["id"])
    for number in range(3):
        told = await owner.client.get(f"/v1/startups/{firms[number]}/evidence")
        evidence = {
            "turnover": [{"year": 2025, "turnover": {"amount": 900_000, "currency": "MAD"}}],
            "complete": ["turnover", "certificates", "references"],
        }
        kept = await owner.client.put(
            f"/v1/startups/{firms[number]}/evidence", json=evidence, headers={"If-Match": told.headers["ETag"]}
        )
        assert kept.status_code == 200, kept.text
    made = [
        await buyer.client.post(
            "/v1/tenders",
            json=tender("Audit de la sécurité du système d'information", description=ASKS, status=status,
                        buyer={"name": "Commune (fictional)"}, procedure="appel d'offres ouvert", sector="public"),
        )
        for status in ("draft", "published")
    ]  # fmt: skip
    assert [each.status_code for each in made] == [201, 201], made[0].text
    await api.ranker.index.catch_up()
    return Market(api, buyer, owner, firms, *(each.json()["id"] for each in made))
