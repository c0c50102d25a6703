"""One market for the tests of a call's pages: a call with all its parts, a founder it fits, and people of other roles."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

import pytest

from app.db.session import unit_of_work
from app.kit.ids import new_uuid
from app.models.award import Award, AwardOutcome, AwardWinner
from app.models.source import Source
from app.models.tender_link import LinkStrength, TenderLink
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import in_days, startup, tender

TRADE = "Audit de sécurité des systèmes d'information, tests d'intrusion et supervision SOC."
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
DOCUMENTS = [
    {"title": f"CPS {EVIL}", "url": "https://achats.example/cps.pdf"},
    {"title": f"Piège {EVIL}", "url": "javascript:alert(3)"},
    {"title": "Donnée", "url": "data:text/html,<script>alert(4)</script>"},
    "javascript:alert(5)",
    {"url": 'https://achats.example/"onmouseover="alert(6)'},
]


@dataclass
class Market:
    """``call`` fits ``startup``; ``hostile`` has stored script in every field; ``draft`` is the buyer's secret."""

    api: Api
    buyer: Person
    firm: Person
    startup: str
    call: str
    hostile: str
    draft: str


def _call() -> dict[str, object]:
    return tender(
        "Audit de la sécurité du système d'information et tests d'intrusion",
        description="Tests d'intrusion et audit de sécurité.\nCaution provisoire : 20 000,00 DHS.\n"
        "Trois attestations de références similaires sont exigées.",
        buyer={"name": "Commune fictive d'Aïn Test"}, sector="public", category="services", language="fr",
        procedure="Appel d'offres ouvert", place="Casablanca", cpv=["72800000"],
        value={"amount": 450000, "currency": "MAD"}, deadline=in_days(30), url="https://achats.example/avis/1",
        lots=[{"id": "1", "title": "Audit de sécurité", "value": {"amount": 200000, "currency": "MAD"}, "quantity": 2},
              {"id": "2", "title": "Fourniture de pare-feu"}],
    )  # fmt: skip


def _hostile() -> dict[str, object]:
    return tender(
        f"Audit de sécurité {EVIL}", description=f"Tests d'intrusion {EVIL}\nCaution provisoire : 20 000 DH {EVIL}",
        buyer={"name": f"Commune {EVIL}"}, buyers=[EVIL], procedure=EVIL, place=EVIL, activities=[EVIL],
        url="javascript:alert(7)", documents=DOCUMENTS, documents_restricted=[EVIL], submission_url="data:text/html,x",
        submission_languages=[EVIL, "fr"], lots=[{"id": EVIL, "title": EVIL, "description": EVIL, "quantity": EVIL}],
        part_of={"title": EVIL, "buyer": EVIL, "role": "winner"}, sector="private",
    )  # fmt: skip


async def _known_elsewhere(api: Api, call: str, hostile: str) -> None:
    """How the hostile call ended, and that it may be the other one, by a source that means harm."""
    one, other = sorted((uuid.UUID(call), uuid.UUID(hostile)))
    async with unit_of_work(api.runtime.sessions) as session:
        source = Source(id=new_uuid(), name="fictional", title=EVIL, attribution=EVIL, licence=EVIL)
        session.add(source)
        await session.flush()
        found = Award(
            id=new_uuid(), source_id=source.id, external_id="A-1", tender_id=uuid.UUID(hostile), lot_id=EVIL,
            title=EVIL, outcome=AwardOutcome.AWARDED, value_amount=Decimal(90_000), value_currency="MAD", offers=3,
            cpv=[], record={}, content_hash=b"",
        )  # fmt: skip
        session.add(found)
        await session.flush()
        session.add(AwardWinner(award_id=found.id, position=0, name=EVIL, name_key="evil"))
        session.add(TenderLink(one_id=one, other_id=other, strength=LinkStrength.POSSIBLE, rule="title", evidence={}))


@pytest.fixture(scope="module")
async def market(cluster: Cluster) -> AsyncIterator[Market]:
    async with cluster.copy("tender_pages") as database, running_api(database) as api:
        buyer, firm = await api.person("buyer"), await api.person("startup", "Atlas Sécurité")
        made = []
        async with api.worker():
            mine = await firm.client.post("/v1/startups", json=startup(TRADE, name="Atlas Sécurité", city="Casablanca"))
            for call, status in ((_call(), "published"), (_hostile(), "published"), (tender("Secret"), "draft")):
                answer = await buyer.client.post("/v1/tenders", json={**call, "status": status})
                assert answer.status_code == 201, answer.text
                made.append(answer.json())
        moved = {**made[0], "deadline": in_days(45), "value": {"amount": 500000, "currency": "MAD"}}
        moved["lots"] = [*made[0]["lots"], {"id": "3", "title": "Formation"}]
        changes = ((made[0]["id"], moved), (made[1]["id"], {**made[1], "title": f"Audit 2 {EVIL}", EVIL[:90]: "x"}))
        async with api.worker():
            for call_id, body in changes:
                etag = (await buyer.client.get(f"/v1/tenders/{call_id}")).headers["ETag"]
                told = {**body, "id": body["external_id"]}
                answer = await buyer.client.put(f"/v1/tenders/{call_id}", json=told, headers={"If-Match": etag})
                assert answer.status_code == 200, answer.text
            corrected = {"values": [{"amount": 30000, "currency": "MAD"}]}
            await buyer.client.put(f"/v1/tenders/{made[0]['id']}/requirements/bond", json=corrected)
        await _known_elsewhere(api, made[0]["id"], made[1]["id"])
        await api.ranker.index.catch_up()
        yield Market(api, buyer, firm, mine.json()["id"], *(each["id"] for each in made))
