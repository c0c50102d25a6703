"""What a startup says of awards that bear its name, and what a buyer's awards tell."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import JsonValue
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.awards.repository import AwardRepository, Supplier
from app.awards.schemas import Amounts, AwardOut, BuyerHistory, Share
from app.db.base import JsonObject
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.models.startup import Startup
from app.startups import service as startups
from app.tenders.schemas import MoneyOut, SourceOut
from matching.dedupe import name_key
from scrapers.records import StartupRecord

MOST_AWARDS = 100
_SHOWN = 10
_MOST_IDENTIFIERS = 20
_AWARD_MARK = "award_id"
"""An unknown field of a reference, which is kept: what it was made of, so that it can be taken back."""


def supplier_of(startup: Startup) -> Supplier:
    """A startup as winners are compared with it; its record may name ``identifiers`` (ICE, SIRET ...)."""
    told: JsonValue = startup.record.get("identifiers")
    listed = told if isinstance(told, list) else []
    identifiers = [each for each in listed[:_MOST_IDENTIFIERS] if isinstance(each, str) and each.strip()]
    return Supplier(startup.id, name_key(startup.name), startup.country, identifiers)


async def decide(
    session: AsyncSession, caller: Caller, startup_id: StartupId, award_id: uuid.UUID, now: dt.datetime, *, mine: bool
) -> None:
    """Keep whose win an award is; the profile's references follow.

    Raises:
        NotFound: there is no such startup to change, or no such award that may be its win.

    """
    startup = await startups.lock_for_change(session, caller, startup_id)
    repository = AwardRepository(session)
    award = await repository.win(supplier_of(startup), award_id)
    if award is None:
        raise NotFound
    await repository.decide(startup.id, award_id, now, mine=mine)
    told = startup.record.get("references")
    kept = [one for one in told if not _made_of(one, award_id)] if isinstance(told, list) else []
    references = [*kept, _reference(award)] if mine else kept
    record = StartupRecord.model_validate({**startup.record, "id": startup.external_id, "references": references})
    await startups.replace(session, caller, startup, record, now)


def _made_of(reference: JsonValue, award_id: uuid.UUID) -> bool:
    return isinstance(reference, dict) and reference.get(_AWARD_MARK) == str(award_id)


def _reference(award: RowMapping) -> JsonObject:
    """The award as a reference of its winner. The value is that of the whole award, however many won it together."""
    fields: JsonObject = {
        "title": award["title"] or award["reference"] or award["buyer_name"] or str(award["id"]),
        "buyer": award["buyer_name"],
        "cpv": list(award["cpv"]),
        "date": award["awarded_on"].isoformat() if award["awarded_on"] else None,
        _AWARD_MARK: str(award["id"]),
        "source": award["source_name"],
    }
    if award["value_amount"] is not None and award["value_currency"]:
        fields["value"] = {"amount": str(award["value_amount"]), "currency": award["value_currency"]}
    return {name: value for name, value in fields.items() if value not in (None, [])}


async def awards_of(session: AsyncSession, tender_id: uuid.UUID) -> list[AwardOut]:
    """How a call and its lots ended, as far as is known: the latest ``MOST_AWARDS``.

    Whether the caller may see the call is decided before.
    """
    return [award_out(row) for row in await AwardRepository(session).of_tender(tender_id, MOST_AWARDS)]


async def history(session: AsyncSession, buyer: str, country: str | None) -> BuyerHistory:
    """What is known of a buyer's awards.

    Raises:
        NotFound: no award of such a buyer is known.

    """
    repository, key = AwardRepository(session), name_key(buyer)
    habit = await repository.habit(key, country) if key else None
    if habit is None:
        raise NotFound
    suppliers, top = await repository.suppliers(key, country, _SHOWN)
    return BuyerHistory(
        buyer=habit.name,
        awards=habit.awards,
        since=habit.since,
        until=habit.until,
        unsuccessful=habit.unsuccessful,
        cancelled=habit.cancelled,
        median_offers=habit.median_offers,
        values=[Amounts.model_validate(dict(row)) for row in await repository.amounts(key, country)],
        suppliers=suppliers,
        top_suppliers=[Share(name=row["name"], awards=row["awards"]) for row in top],
        cpv_divisions=[Share.model_validate(dict(row)) for row in await repository.divisions(key, country, _SHOWN)],
        latest=[award_out(row) for row in await repository.latest_of_buyer(key, country, _SHOWN)],
    )


def award_out(row: RowMapping) -> AwardOut:
    """An award as it is shown, with the attribution that its data asks for."""
    amount, currency = row["value_amount"], row["value_currency"]
    return AwardOut(
        id=row["id"],
        tender_id=row["tender_id"],
        reference=row["reference"],
        lot_id=row["lot_id"],
        title=row["title"],
        buyer=row["buyer_name"],
        winners=row["winners"] or [],
        outcome=row["outcome"],
        value=MoneyOut(amount=float(amount), currency=currency) if amount is not None and currency else None,
        offers=row["offers"],
        cpv=row["cpv"],
        country=row["country"],
        date=row["awarded_on"],
        source=SourceOut(
            name=row["source_name"],
            title=row["source_title"],
            licence=row["source_licence"],
            attribution=row["source_attribution"],
        ),
    )
