"""A pilot as it goes through its states, over the real routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.api import Api, Person
from tests.support.factories import startup


def pilot(title: str = "Détecter les fuites d'un réseau d'eau potable", **fields: object) -> dict[str, object]:
    """A fictional buyer's problem."""
    made: dict[str, object] = {
        "title": title,
        "problem": "Capteurs acoustiques et télérelève pour trouver les fuites d'un réseau d'eau potable.",
        "criteria": ["Une fuite sur deux trouvée", "Aucune coupure d'eau"],
        "trades": ["télérelève", "capteurs"],
        "country": "MA",
        "place": "Agadir",
        "budget": {"amount": 120000.5, "currency": "MAD"},
        "window_from": "2099-01-10",
        "window_until": "2099-04-10",
    }
    return {**made, **fields}


@dataclass
class Trial:
    """A buyer, a startup that applied for its pilot, and the pilot."""

    buyer: Person
    owner: Person
    startup_id: str
    pilot_id: str

    async def step(self, name: str, body: object = None) -> dict[str, Any]:
        """A step of the buyer's that succeeds."""
        answer = await self.buyer.client.post(f"/v1/pilots/{self.pilot_id}/{name}", json=body)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def close(self, *verdicts: str, **fields: object) -> dict[str, Any]:
        """Choose the startup, and close with these verdicts, in order."""
        await self.step("choose", {"startup_id": self.startup_id})
        told = [{"criterion": number, "verdict": verdict} for number, verdict in enumerate(verdicts, 1)]
        return await self.step("close", {"verdicts": told, **fields})

    async def references(self) -> list[dict[str, Any]]:
        """What the startup's profile names as references."""
        made: list[dict[str, Any]] = (await self.owner.client.get(f"/v1/startups/{self.startup_id}")).json()[
            "references"
        ]
        return made


async def applied(api: Api, **fields: object) -> Trial:
    """An open pilot that a startup has applied for."""
    buyer = await api.person("buyer", "Régie fictive des eaux du Souss")
    owner = await api.person("startup", "Firme fictive")
    mine = (await owner.client.post("/v1/startups", json=startup("Capteurs et télérelève d'eau"))).json()["id"]
    posted = await buyer.client.post("/v1/pilots", json=pilot(**fields) | {"state": "open"})
    assert posted.status_code == 201, posted.text
    trial = Trial(buyer, owner, mine, posted.json()["id"])
    answer = await owner.client.put(
        f"/v1/pilots/{trial.pilot_id}/applications/{mine}", json={"message": "Nous avons les capteurs."}
    )
    assert answer.status_code == 200, answer.text
    return trial
