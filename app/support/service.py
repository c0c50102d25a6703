"""Support offers, and what closes a gap: offers and the catalogue of aid together."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.kit.errors import NotFound
from app.kit.ids import new_uuid
from app.models.organisation import OrganisationKind
from app.models.support_offer import SupportOffer
from app.startups.errors import WrongOrganisationKind
from app.support.aid import Aid, aid_for
from app.support.errors import TooManyOffers
from app.support.repository import Need, OfferRepository
from app.support.schemas import OfferBody
from app.tenders.regions import region_of

PROVIDERS = frozenset({OrganisationKind.INCUBATOR, OrganisationKind.OPERATOR})
MOST_OFFERS = 200
MOST_TOLD = 10
"""Offers beside one gap of one call: more is a list to be read by itself."""


@dataclass(frozen=True, slots=True)
class Support:
    """What closes gaps: offers with the name of who makes them, the newest first, and programmes."""

    offers: Sequence[tuple[SupportOffer, str]]
    aid: Sequence[Aid]


async def support_for(session: AsyncSession, need: Need) -> Support:
    """What closes one of some gaps on a day: at most ``MOST_TOLD`` offers, and every programme; ended ones left out.

    For whoever shows what blocks a startup; ``need.gaps`` empty is every gap.
    """
    rows = await OfferRepository(session).closing(need, None, MOST_TOLD)
    return Support(
        [(made, provider) for made, provider in rows], aid_for(need.gaps, need.country, need.region, need.as_of)
    )


async def offer(session: AsyncSession, caller: Caller, body: OfferBody, now: dt.datetime) -> SupportOffer:
    """Enter an offer of the caller's organisation.

    Raises:
        WrongOrganisationKind: only incubators (federations, CRIs, partners) and operators offer support.
        TooManyOffers: the organisation has enough.

    """
    if caller.kind not in PROVIDERS:
        raise WrongOrganisationKind(kind=caller.kind, allowed=PROVIDERS)
    repository = OfferRepository(session)
    if await repository.count(caller.organisation_id) >= MOST_OFFERS:
        raise TooManyOffers(limit=MOST_OFFERS)
    made = SupportOffer(
        id=new_uuid(), provider_id=caller.organisation_id, **_columns(body), created_at=now, updated_at=now
    )
    await repository.add(made)
    return made


async def change(session: AsyncSession, caller: Caller, offer_id: uuid.UUID, body: OfferBody, now: dt.datetime) -> None:
    """Make an offer say something else.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    repository = OfferRepository(session)
    held = await repository.held(caller.organisation_id, offer_id)
    if held is None:
        raise NotFound
    for name, value in _columns(body).items():
        setattr(held, name, value)
    held.updated_at = now
    await repository.flush()


async def remove(session: AsyncSession, caller: Caller, offer_id: uuid.UUID) -> None:
    """Delete an offer.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    if not await OfferRepository(session).remove(caller.organisation_id, offer_id):
        raise NotFound


async def own(session: AsyncSession, caller: Caller, offer_id: uuid.UUID) -> tuple[SupportOffer, str]:
    """An offer of the caller's, with the organisation's name.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    row = await OfferRepository(session).own(caller.organisation_id, offer_id)
    if row is None:
        raise NotFound
    found, provider = row
    return found, provider


def _columns(body: OfferBody) -> dict[str, object]:
    fields: dict[str, object] = body.model_dump()
    known = [region_of(name, body.country) or name for name in body.regions]
    return {
        **fields,
        "gaps": sorted({gap.value for gap in body.gaps}),
        "regions": list(dict.fromkeys(known)),
    }
