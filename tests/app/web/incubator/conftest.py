"""An incubator with eight startups, some of them matched with open calls; nobody changes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import in_days, startup, tender
from tests.support.imports import imported, jsonl

TEXT = (
    "Audit de sécurité des systèmes d'information, tests d'intrusion et supervision SOC pour les administrations "
    "et les banques. Équipe certifiée."
)
HOSTILE = '<script>alert("x")</script>'
CALLS = (
    f"Tests d'intrusion {HOSTILE}", "Tests d'intrusion des applications bancaires", "Supervision SOC d'un réseau",
    "Conseil en sécurité des systèmes d'information",
)  # fmt: skip


@dataclass
class Cohort:
    """``ids``: the startups by their own ids."""

    api: Api
    incubator: Person
    other: Person
    buyer: Person
    ids: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="package")
async def cohort(cluster: Cluster) -> AsyncIterator[Cohort]:
    async with cluster.copy("cohort") as database, running_api(database) as api:
        made = Cohort(
            api,
            await api.person("incubator", "Pépinière du Souss"),
            await api.person("incubator", "Une autre"),
            await api.person("buyer"),
        )
        calls = [
            tender(
                title,
                deadline=in_days(9 + number),
                language="fr",
                description="Chiffre d'affaires annuel minimum exigé : 5 000 000 DH.",
            )
            for number, title in enumerate(CALLS)
        ]
        assert (await imported(api, made.buyer, "tenders", jsonl(calls)))["created"] == 4
        full = {
            "sectors": ["cybersécurité"], "technologies": ["SOC"], "regions": ["Souss-Massa"], "languages": ["fr"],
            "employees": 9, "website": "javascript:alert(1)",
        }  # fmt: skip
        firms = [startup(f"{TEXT} Numéro {number}.", id=f"f{number}", **full) for number in range(5)]
        thin = [startup("Apps", id=f"t{number}", name=f"{HOSTILE} {number}") for number in range(3)]
        assert (await imported(api, made.incubator, "startups", jsonl([*firms, *thin])))["created"] == 8
        rows = await api.runtime.hot.fetch("SELECT external_id, id FROM startup")
        made.ids = {row["external_id"]: str(row["id"]) for row in rows}
        async with api.worker():
            paper = {"documents": [{"kind": "tax_certificate", "expires": in_days(20)[:10]}],
                     "complete": ["documents"]}  # fmt: skip
            answer = await made.incubator.client.put(
                f"/v1/startups/{made.ids['f0']}/evidence", json=paper, headers={"If-Match": "*"}
            )
            assert answer.status_code < 300, answer.text
        yield made
