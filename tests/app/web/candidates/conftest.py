"""A call with candidates, a draft of its own buyer's, and a buyer who looks."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.members.roles import Role
from tests.support.api import Api, Person
from tests.support.factories import startup, tender
from tests.support.pages import Browser, signed_in

HOSTILE = "<script>alert(1)</script>"
NAMES = ("Hissn Sécurité", "=cmd|' /C calc'!A0", f"Darع {HOSTILE}")
TITLE = "Audit de la sécurité du système d'information et tests d'intrusion"


@dataclass
class Scene:
    """``firms``: from the best candidate on; ``browser``: an admin of the buyer."""

    api: Api
    buyer: Person
    browser: Browser
    call: str
    draft: str
    firms: list[str]


@pytest.fixture
async def scene(api: Api) -> Scene:
    """Three candidates (the second and third with names that mean harm), and one startup of another trade."""
    buyer, owner = await api.person("buyer", "Commune (fictional)"), await api.person("startup", "Groupe (fictional)")
    profiles = [
        startup("Audit de sécurité des systèmes d'information, tests d'intrusion et supervision SOC.",
                name=NAMES[0], regions=["Souss-Massa"], sectors=["cybersécurité"], employees=12, city="Agadir",
                labels=[{"name": "Jeune entreprise innovante"}], certifications=["ISO 27001"], founded=2019),
        startup("Audit de sécurité et tests d'intrusion.", name=NAMES[1], city="Casablanca", employees=60,
                sectors=["cybersécurité", "@conseil"]),
        startup("Audit de sécurité des applications.", name=NAMES[2], regions=[f'"><svg onload={HOSTILE}'],
                sectors=[f"{HOSTILE}"]),
        startup("Irrigation goutte à goutte et pompage solaire.", name="Qatra", regions=["Souss-Massa"]),
    ]  # fmt: skip
    firms = []
    for profile in profiles:
        made = await owner.client.post("/v1/startups", json=profile)
        assert made.status_code == 201, made.text
        firms.append(made.json()["id"])
    description = "Le concurrent produit deux (2) attestations de référence similaires. Certificat exigé : ISO 27001."
    calls = [
        await buyer.client.post(
            "/v1/tenders", json=tender(TITLE, description=description, status=status, sector="public")
        )
        for status in ("published", "draft")
    ]
    assert [each.status_code for each in calls] == [201, 201]
    browser = await signed_in(api, buyer.id, Role.ADMIN, lang="fr")
    call, draft = (each.json()["id"] for each in calls)
    return Scene(api, buyer, browser, call, draft, firms)
