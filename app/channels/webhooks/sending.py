"""One attempt: the bytes that are signed and sent, and what its answer means."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Final

import orjson

from app.channels.webhooks.claiming import Claimed, Health, Recorded
from app.channels.webhooks.schedule import GIVEN_UP_AFTER, breather, next_delay, rest
from app.kit.clock import Clock
from app.kit.crypto import DecryptionFailed, Keyring
from app.kit.safe_http import FetchFailed, FetchLimits, SafeHttp
from app.kit.standard_webhooks import key_of, signed_headers
from app.models.webhook import DeliveryState, WebhookState

ATTEMPT_LIMITS: Final = FetchLimits(max_bytes=2_000, seconds=15.0)
PING: Final = "webhook.ping"
_GONE = 410


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt met: a status, or the code of what went wrong before there was one."""

    claimed: Claimed
    started_at: dt.datetime
    milliseconds: int
    status: int | None = None
    error: str | None = None
    response: str = ""
    retry_after: str | None = None

    @property
    def delivered(self) -> bool:
        """Any 2xx, and nothing else: a redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def kind(self) -> str:
        """``delivered``, ``1xx`` to ``5xx``, or the code of what went wrong."""
        if self.delivered:
            return "delivered"
        return self.error or f"{(self.status or 0) // 100}xx"


def body_of(claimed: Claimed) -> bytes:
    """The message: the same bytes in each attempt."""
    message: dict[str, object] = {"id": str(claimed.event_id or claimed.id)}
    if claimed.payload is None:
        message |= {"type": PING, "timestamp": claimed.created_at, "data": {"endpoint_id": str(claimed.endpoint_id)}}
    else:
        message |= {
            "sequence": claimed.sequence,
            "type": claimed.type,
            "timestamp": claimed.occurred_at,
            "data": orjson.loads(claimed.payload),
        }
    return orjson.dumps(message, option=orjson.OPT_UTC_Z)


def secret_context(endpoint_id: object) -> str:
    """What an endpoint's secrets are sealed for."""
    return f"webhook_endpoint:{endpoint_id}"


def keys_of(keyring: Keyring, claimed: Claimed, now: dt.datetime) -> list[bytes]:
    """The keys that sign now: the present one first, the one before while both do.

    Raises:
        DecryptionFailed: the server's secret is another one than when it was sealed.
    """
    sealed = [claimed.secret]
    if claimed.previous_secret is not None and claimed.previous_until is not None and now < claimed.previous_until:
        sealed.append(claimed.previous_secret)
    context = secret_context(claimed.endpoint_id)
    return [key_of(keyring.decrypt(one, context=context).decode()) for one in sealed]


async def attempt(http: SafeHttp, keyring: Keyring, claimed: Claimed, clock: Clock) -> Outcome:
    """Send once. Every failure is an outcome."""
    started, counted = clock(), asyncio.get_running_loop().time()

    def spent() -> int:
        return round(1_000 * (asyncio.get_running_loop().time() - counted))

    try:
        body = body_of(claimed)
        webhook_id = str(claimed.event_id or claimed.id)
        headers = signed_headers(keys_of(keyring, claimed, started), webhook_id, started, body)
        answer = await http.post(claimed.url, body, {"Content-Type": "application/json", **headers}, ATTEMPT_LIMITS)
    except DecryptionFailed:
        return Outcome(claimed, started, spent(), error="secret")
    except FetchFailed as failed:
        return Outcome(claimed, started, spent(), error=failed.code, response=failed.reason[:500])
    text = answer.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return Outcome(claimed, started, spent(), answer.status, None, text, answer.retry_after)


def judged(outcome: Outcome, now: dt.datetime, dice: float) -> tuple[Recorded, Health]:
    """What is recorded of an attempt, and what it says of its endpoint."""
    claimed = outcome.claimed
    tries = claimed.tries + 1
    resting = rest(outcome.status, outcome.retry_after, now)
    delay = None if outcome.status == _GONE else next_delay(tries, dice)
    if outcome.delivered:
        state, due, finished = DeliveryState.DELIVERED, now, now
    elif delay is None:
        state, due, finished = DeliveryState.FAILED, now, now
    else:
        state, due, finished = DeliveryState.WAITING, now + max(delay, resting or delay), None
    recorded = Recorded(
        claimed.id, claimed.claim, state, tries, due, finished, outcome.started_at, outcome.milliseconds,
        outcome.status, outcome.error, outcome.response,
    )  # fmt: skip
    if outcome.delivered:
        return recorded, Health(claimed.endpoint_id, failed=False, succeeded=True, resting_until=None, state=None)
    failing = now - (claimed.failing_since or now)
    off = WebhookState.GONE if outcome.status == _GONE else None
    if off is None and failing >= GIVEN_UP_AFTER:
        off = WebhookState.FAILING
    until = now + max(resting or dt.timedelta(0), breather(failing))
    return recorded, Health(claimed.endpoint_id, failed=True, succeeded=False, resting_until=until, state=off)
