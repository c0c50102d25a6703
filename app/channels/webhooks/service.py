"""Endpoints: made, changed, switched off and on; their secrets shown once, replaced with an overlap; sending again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.channels.webhooks.addresses import fault_of
from app.channels.webhooks.errors import TooManyWebhooks, WebhookDisabled
from app.channels.webhooks.repository import DeliveryRepository, EndpointRepository, happened
from app.channels.webhooks.schemas import WebhookChange, WebhookFilters, WebhookIn, WebhookReplay
from app.channels.webhooks.sending import PING, secret_context
from app.db.base import JsonObject
from app.kit.crypto import Keyring
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.kit.ids import new_uuid
from app.kit.standard_webhooks import new_secret
from app.models.webhook import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookState
from scrapers.net import AddressGuard

MOST_ENDPOINTS = 20


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An endpoint with its new secret, which is shown this once."""

    endpoint: WebhookEndpoint
    secret: str


@dataclass(frozen=True, slots=True)
class Vault:
    """What secrets are sealed with and addresses judged by."""

    keyring: Keyring
    guard: AddressGuard

    def seal(self, endpoint_id: uuid.UUID, secret: str) -> bytes:
        """The secret of an endpoint as it is stored."""
        return self.keyring.encrypt(secret.encode(), context=secret_context(endpoint_id))

    def judge(self, url: str) -> None:
        """Refuse an address that nothing would be sent to. Raises ValidationFailed."""
        if (fault := fault_of(url, self.guard)) is not None:
            raise ValidationFailed(FieldError("#/url", fault))


async def create(session: AsyncSession, vault: Vault, caller: Caller, wanted: WebhookIn, now: dt.datetime) -> NewSecret:
    """Enter an endpoint of the caller's organisation; it hears of what happens from now on.

    Raises:
        ValidationFailed: nothing would be sent to its address.
        TooManyWebhooks: the organisation has enough.
    """
    vault.judge(wanted.url)
    repository = EndpointRepository(session)
    if await repository.count(caller.organisation_id) >= MOST_ENDPOINTS:
        raise TooManyWebhooks(limit=MOST_ENDPOINTS)
    endpoint_id, secret = new_uuid(), new_secret()
    endpoint = WebhookEndpoint(
        id=endpoint_id,
        owner_id=caller.organisation_id,
        url=wanted.url,
        description=wanted.description,
        types=list(wanted.types),
        filters=_stored(wanted.filters),
        rate_per_second=wanted.rate_per_second,
        alerts_per_day=wanted.alerts_per_day,
        secret=vault.seal(endpoint_id, secret),
        state=WebhookState.ENABLED,
        state_since=now,
        created_at=now,
        updated_at=now,
    )
    await repository.add(endpoint)
    return NewSecret(endpoint, secret)


async def show(session: AsyncSession, caller: Caller, endpoint_id: uuid.UUID, *, lock: bool = False) -> WebhookEndpoint:
    """An endpoint of the caller's.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = await EndpointRepository(session).one(caller.organisation_id, endpoint_id, lock=lock)
    if found is None:
        raise NotFound
    return found


async def endpoints(session: AsyncSession, caller: Caller) -> Sequence[WebhookEndpoint]:
    """The endpoints of the caller's organisation."""
    return await EndpointRepository(session).all(caller.organisation_id)


async def change(
    session: AsyncSession, vault: Vault, caller: Caller, endpoint_id: uuid.UUID, wanted: WebhookChange, now: dt.datetime
) -> WebhookEndpoint:  # fmt: skip
    """Change what was given of an endpoint. Switched on again, it begins without a past.

    Raises:
        NotFound: there is none, or it is somebody else's.
        ValidationFailed: nothing would be sent to its address.
    """
    endpoint = await show(session, caller, endpoint_id, lock=True)
    given = wanted.model_fields_set
    if wanted.url is not None:
        vault.judge(wanted.url)
        endpoint.url = wanted.url
    if wanted.description is not None:
        endpoint.description = wanted.description
    if wanted.types is not None:
        endpoint.types = list(wanted.types)
    if wanted.filters is not None:
        endpoint.filters = _stored(wanted.filters)
    if "rate_per_second" in given:
        endpoint.rate_per_second = wanted.rate_per_second
    if "alerts_per_day" in given:
        endpoint.alerts_per_day = wanted.alerts_per_day
    if wanted.enabled is not None and wanted.enabled != (endpoint.state is WebhookState.ENABLED):
        endpoint.state = WebhookState.ENABLED if wanted.enabled else WebhookState.PAUSED
        endpoint.state_since = now
        endpoint.failing_since = endpoint.resting_until = None
    endpoint.updated_at = now
    await session.flush()
    return endpoint


async def remove(session: AsyncSession, caller: Caller, endpoint_id: uuid.UUID) -> None:
    """Delete an endpoint with all that waits for it.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    if not await EndpointRepository(session).remove(caller.organisation_id, endpoint_id):
        raise NotFound


async def rotate(
    session: AsyncSession, vault: Vault, caller: Caller, endpoint_id: uuid.UUID, overlap: dt.timedelta, now: dt.datetime
) -> NewSecret:  # fmt: skip
    """Replace an endpoint's secret; for ``overlap``, the old one signs beside it.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    endpoint = await show(session, caller, endpoint_id, lock=True)
    secret = new_secret()
    endpoint.previous_secret = endpoint.secret if overlap else None
    endpoint.previous_until = now + overlap if overlap else None
    endpoint.secret = vault.seal(endpoint.id, secret)
    endpoint.updated_at = now
    await session.flush()
    return NewSecret(endpoint, secret)


async def ping(session: AsyncSession, caller: Caller, endpoint_id: uuid.UUID, now: dt.datetime) -> WebhookDelivery:
    """Send a message that tells nothing, like any other.

    Raises:
        NotFound: there is none, or it is somebody else's.
        WebhookDisabled: nothing is sent to it now.
    """
    endpoint = await _sent_to(session, caller, endpoint_id)
    delivery = WebhookDelivery(
        id=new_uuid(),
        endpoint_id=endpoint.id,
        event_id=None,
        type=PING,
        state=DeliveryState.WAITING,
        tries=0,
        attempts=0,
        due_at=now,
        created_at=now,
    )
    await DeliveryRepository(session).ping(delivery)
    return delivery


async def delivery(
    session: AsyncSession, caller: Caller, endpoint_id: uuid.UUID, delivery_id: uuid.UUID
) -> tuple[WebhookDelivery, Sequence[WebhookAttempt]]:
    """A delivery with its attempts.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    await show(session, caller, endpoint_id)
    repository = DeliveryRepository(session)
    found = await repository.one(endpoint_id, delivery_id)
    if found is None:
        raise NotFound
    return found, await repository.attempts(delivery_id)


async def replay_one(
    session: AsyncSession, caller: Caller, endpoint_id: uuid.UUID, delivery_id: uuid.UUID, now: dt.datetime
) -> None:
    """Send a delivery again, whatever became of it; its webhook-id stays.

    Raises:
        NotFound: there is none, or it is somebody else's.
        WebhookDisabled: nothing is sent to the endpoint now.
    """
    endpoint = await _sent_to(session, caller, endpoint_id)
    if not await DeliveryRepository(session).again(endpoint.id, WebhookDelivery.id == delivery_id, now):
        raise NotFound


async def replay(
    session: AsyncSession, caller: Caller, endpoint_id: uuid.UUID, wanted: WebhookReplay, now: dt.datetime
) -> int:
    """Send again what was given up, what was missed, or all of a time; how many.

    Raises:
        NotFound: there is none, or it is somebody else's.
        WebhookDisabled: nothing is sent to the endpoint now.
    """
    endpoint = await _sent_to(session, caller, endpoint_id)
    repository = DeliveryRepository(session)
    queued = 0
    if wanted.what in {"failed", "all"}:
        which = WebhookDelivery.state == DeliveryState.FAILED if wanted.what == "failed" else true()
        queued += await repository.again(endpoint.id, which & happened(wanted.since, wanted.until), now)
    if wanted.what == "missed":
        withheld = WebhookDelivery.state == DeliveryState.WITHHELD
        queued += await repository.again(endpoint.id, withheld & happened(wanted.since, wanted.until), now)
    if wanted.what in {"missed", "all"} and wanted.since is not None:
        queued += await repository.missed(endpoint.id, wanted.since, wanted.until or now, now)
    return queued


async def _sent_to(session: AsyncSession, caller: Caller, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    endpoint = await show(session, caller, endpoint_id)
    if endpoint.state is not WebhookState.ENABLED:
        raise WebhookDisabled(state=endpoint.state)
    return endpoint


def _stored(filters: WebhookFilters) -> JsonObject:
    """Only what is set: the statements that select look for members."""
    said: JsonObject = filters.model_dump(mode="json", exclude_none=True)
    return {name: value for name, value in said.items() if value or name == "simplified_access"}
