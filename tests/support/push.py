"""A portal that pushes its calls, signed as Standard Webhooks says. All of it is fictional."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass

import httpx

from tests.support.api import Api, Person

_ids = itertools.count(1)


def call(**fields: object) -> dict[str, object]:
    """What a portal says of a call."""
    said: dict[str, object] = {
        "id": "call-1",
        "version": 1,
        "status": "open",
        "title": "Plateforme de données agricoles",
        "buyer": {"name": "Acheteur fictif SA"},
        "country": "MA",
        "deadline": "2099-12-20T16:00:00+01:00",
    }
    return said | fields


def message(kind: str = "call.published", **fields: object) -> bytes:
    """The body of a message about it."""
    envelope = {"type": kind, "timestamp": "2026-11-20T09:00:00Z", "data": call(**fields)}
    return json.dumps(envelope, ensure_ascii=False).encode()


def signature(secret: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    """Computed here anew, from the words of the standard, not by the code under test."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()


def headers(secret: str, body: bytes, webhook_id: str | None = None, at: float | None = None) -> dict[str, str]:
    """The headers of a message signed with ``secret``."""
    webhook_id = webhook_id or f"msg_{next(_ids)}"
    timestamp = str(int(time.time() if at is None else at))
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret, webhook_id, timestamp, body),
    }


@dataclass
class Sender:
    """A registered sender."""

    api: Api
    owner: Person
    id: str
    secret: str

    @property
    def url(self) -> str:
        return f"/v1/push/{self.id}"

    async def push(
        self, body: bytes, webhook_id: str | None = None, at: float | None = None, **parameters: str
    ) -> httpx.Response:
        """Post a signed message."""
        return await self.api.client.post(
            self.url, content=body, headers=headers(self.secret, body, webhook_id, at), params=parameters
        )

    async def look(self, path: str) -> httpx.Response:
        """Read with a signature over an empty body."""
        return await self.api.client.get(path, headers=headers(self.secret, b""))

    async def done(self, body: bytes, **more: str) -> dict[str, object]:
        """Post a message, let the worker store it, and read what became of it."""
        answer = await self.push(body, **more)
        assert answer.status_code == 202, answer.text
        async with self.api.worker():
            pass
        outcome: dict[str, object] = (await self.look(answer.headers["Location"])).json()
        return outcome


async def sender(api: Api, owner: Person | None = None, **fields: object) -> Sender:
    """Register a sender."""
    owner = owner or await api.person("buyer")
    wanted = {"code": "portail", "name": "Portail fictif", **fields}
    answer = await owner.client.post("/v1/senders", json=wanted)
    assert answer.status_code == 201, answer.text
    return Sender(api, owner, answer.json()["id"], answer.json()["secret"])
