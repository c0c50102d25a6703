"""A pushed message read against its schema, and the record that it becomes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

import orjson
from pydantic import ValidationError

from app.db.base import JsonObject
from app.models.push import PushSender
from app.models.tender import TenderStatus
from app.push.schemas import PushCall, PushMessage, PushMoney
from scrapers.redaction import without_contacts

STATUSES: Mapping[str, TenderStatus] = MappingProxyType({
    "open": TenderStatus.PUBLISHED,
    "amended": TenderStatus.PUBLISHED,
    "cancelled": TenderStatus.CANCELLED,
    "awarded": TenderStatus.AWARDED,
    "closed": TenderStatus.CLOSED,
})  # fmt: skip
MAX_FAULTS = 100
_UNMAPPED = "unmapped"


class Fault(NamedTuple):
    """One thing wrong in a message."""

    pointer: str
    code: str
    reason: str


class Unreadable(Exception):
    """The message is not what the schema says."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


class Pushed(NamedTuple):
    """A message that holds: which call in which version, the record to store, and the digest of what it says."""

    external_id: str
    version: int
    status: str
    record: JsonObject
    digest: bytes


def read_message(body: bytes, sender: PushSender) -> Pushed:
    """What a message says.

    Raises:
        Unreadable: it is not what the schema says; every fault that was found is told.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as wrong:
        raise Unreadable([Fault("#", "json-invalid", str(wrong))]) from None
    try:
        message = PushMessage.model_validate(document, context={"zone": ZoneInfo(sender.zone) if sender.zone else None})
    except ValidationError as wrong:
        raise Unreadable(_faults(wrong)) from None
    call = message.data
    if call.country is None and sender.country is None:
        raise Unreadable([Fault("#/data/country", "missing", "is needed: the sender has none of its own")])
    record = _record(call, sender)
    digest = hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).digest()
    return Pushed(call.id, call.version, call.status, record, digest)


def _record(call: PushCall, sender: PushSender) -> JsonObject:
    """The call in the flat contract of tenders, without contact persons. Its status is part of what it says."""
    said = {
        "id": f"{sender.code}:{call.id}",
        "reference": call.id,
        "sender": sender.code,
        "status": call.status,
        "title": call.title,
        "description": call.description,
        "buyer": {"id": call.buyer.id, "name": call.buyer.name, **_extra(call.buyer.model_extra)},
        "sector": call.sector or sender.sector,
        "category": call.category,
        "procedure": call.procedure,
        "cpv": call.cpv,
        "place": call.place,
        "country": call.country or sender.country,
        "value": _money(call.value),
        "bond": _money(call.bid_bond),
        "published": call.published.isoformat() if call.published else None,
        "deadline": call.deadline.isoformat(),
        "lots": [
            {
                "id": lot.id, "title": lot.title, "description": lot.description, "cpv": lot.cpv,
                "value": _money(lot.value), **_extra(lot.model_extra),
            }
            for lot in call.lots
        ],
        "reserved_sme": call.sme_reserved,
        "language": call.language,
        "url": call.url,
        "documents": [
            {"url": one.url, "title": one.title, "sha256": one.sha256, **_extra(one.model_extra)}
            for one in call.documents
        ],
        _UNMAPPED: call.model_extra,
    }  # fmt: skip
    # Addresses were checked already, and a number of seven digits in one is no telephone.
    addresses = {"documents": said.pop("documents"), "lots": said.pop("lots")}
    kept = without_contacts(said)
    kept["lots"] = [without_contacts(lot) for lot in cast("list[dict[str, object]]", addresses["lots"])]
    kept["documents"] = [
        {**without_contacts(one), "url": one["url"], "sha256": one["sha256"]}
        for one in cast("list[dict[str, object]]", addresses["documents"])
    ]
    return cast("JsonObject", _without_nothing(kept))


def _extra(unknown: Mapping[str, object] | None) -> dict[str, object]:
    """Unknown fields of a part, under one name, so that none is taken for a field of ours."""
    return {_UNMAPPED: dict(unknown)} if unknown else {}


def _money(money: PushMoney | None) -> dict[str, object] | None:
    return None if money is None else {"amount": money.amount, "currency": money.currency}


def _without_nothing(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: _without_nothing(part)
            for name, part in value.items()
            if part is not None and part not in ("", [], {})
        }
    return [_without_nothing(part) for part in value] if isinstance(value, list) else value


def _faults(wrong: ValidationError) -> list[Fault]:
    found = []
    for error in wrong.errors(include_url=False, include_context=False, include_input=False)[:MAX_FAULTS]:
        path = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"])
        reason = str(error["msg"]).removeprefix("Value error, ")
        found.append(Fault(f"#{path}", str(error["type"]).replace("_", "-"), reason[:500]))
    return found
