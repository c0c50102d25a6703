"""Calls as OCDS 1.1 releases (https://standard.open-contracting.org/1.1/en/).

A release says what one version of a call says. OCDS has no place for the bond, for "reserved to small firms" and for
whether the buyer is public: these are in the flat format only. ``source`` is a field of ours, which OCDS allows.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import ClassVar

from babel import Locale
from pydantic import ConfigDict, Field, JsonValue
from sqlalchemy.engine import RowMapping

from app.db.base import JsonObject
from app.kit.schemas import OutSchema
from app.models.tender import TenderStatus

_EXTENSIONS_AT = "https://raw.githubusercontent.com/open-contracting-extensions"
EXTENSIONS = (
    f"{_EXTENSIONS_AT}/ocds_lots_extension/v1.1.5/extension.json",
    f"{_EXTENSIONS_AT}/ocds_location_extension/v1.1.5/extension.json",
    f"{_EXTENSIONS_AT}/ocds_tenderDatePublished_extension/master/extension.json",
)
_STATUS: Mapping[TenderStatus, str] = {
    TenderStatus.DRAFT: "planned",
    TenderStatus.PLANNED: "planned",
    TenderStatus.PUBLISHED: "active",
    TenderStatus.CLOSED: "complete",
    TenderStatus.AWARDED: "complete",
    TenderStatus.WITHDRAWN: "withdrawn",
    TenderStatus.CANCELLED: "cancelled",
}
_ENDED = frozenset({TenderStatus.WITHDRAWN, TenderStatus.CANCELLED})


class Publisher(OutSchema):
    """Who publishes the package."""

    name: str


class Links(OutSchema):
    """Further packages of the same selection."""

    next: str


class ReleasePackage(OutSchema):
    """An OCDS 1.1 release package."""

    model_config: ClassVar[ConfigDict] = ConfigDict(json_schema_serialization_defaults_required=False)

    uri: str
    version: str = "1.1"
    extensions: list[str]
    published_date: dt.datetime = Field(serialization_alias="publishedDate")
    publisher: Publisher
    releases: list[dict[str, JsonValue]]
    links: Links | None = Field(default=None, description="Left out on the last page.")


def package(rows: Sequence[RowMapping], *, uri: str, at: dt.datetime, following: str | None) -> ReleasePackage:
    """A package of one release for each row; ``following``: where the next one is."""
    return ReleasePackage(
        uri=uri,
        extensions=list(EXTENSIONS),
        published_date=at,
        publisher=Publisher(name="Safqa"),
        releases=[release(row) for row in rows],
        links=Links(next=following) if following else None,
    )


def release(row: RowMapping) -> JsonObject:
    """One call at its present version. ``row`` is what :func:`app.tenders.pages.one_whole` selects."""
    record: JsonObject = row["record"]
    status = TenderStatus(row["status"])
    buyer = _buyer(record)
    made: JsonObject = {
        "ocid": row["ocid"],
        "id": f"{row['ocid']}-{row['version']}",
        "date": _zoned(row["updated_at"]),
        "tag": ["tenderCancellation" if status in _ENDED else "tender" if row["version"] == 1 else "tenderUpdate"],
        "initiationType": "tender",
        "language": record.get("language"),
        "parties": [{**buyer, "roles": ["buyer"]}] if buyer else None,
        "buyer": buyer,
        "tender": _tender(row, record, status),
        "source": _source(row),
    }
    return _without_nothing(made)


def _source(row: RowMapping) -> JsonObject | None:
    """Where the call was published, with the line that belongs beside its data; OCDS has no field for either."""
    if row["source_name"] is None:
        return None
    return _without_nothing({name: row[f"source_{name}"] for name in ("name", "title", "licence", "attribution")})


def _tender(row: RowMapping, record: JsonObject, status: TenderStatus) -> JsonObject:
    period: JsonObject = {"startDate": _zoned(row["published_at"]), "endDate": _zoned(row["deadline_at"])}
    return _without_nothing({
        "id": row["external_id"],
        "title": record.get("title"),
        "description": record.get("description"),
        "status": _STATUS[status],
        "mainProcurementCategory": record.get("category"),
        "procurementMethodDetails": record.get("procedure"),
        "value": _money(record.get("value")),
        "datePublished": period["startDate"],
        "tenderPeriod": _without_nothing(period) if row["deadline_at"] else None,
        "items": _items(record),
        "lots": [_lot(lot) for lot in _objects(record.get("lots"))],
        "documents": _documents(record),
    })  # fmt: skip


def _buyer(record: JsonObject) -> JsonObject | None:
    """The buyer with an id that refers to its party: its own, else one made from its name."""
    given = record.get("buyer")
    if not isinstance(given, dict) or not given:
        return None
    name = _text(given.get("name"))
    made = f"safqa-{hashlib.sha256(str(name).encode()).hexdigest()[:16]}"
    return _without_nothing({"id": given.get("id") or made, "name": name})


def _items(record: JsonObject) -> list[JsonValue]:
    """What is bought: an item per activity, the first carrying the tender's codes and place, and one per coded lot."""
    address = _without_nothing({
        "locality": record.get("place"),
        "countryName": country_name(_text(record.get("country"))),
    })  # fmt: skip
    shared = _classified(record.get("cpv")) | ({"deliveryAddress": address} if address else {})
    described: list[JsonObject] = [{"description": text} for text in _list(record.get("activities"))]
    if shared:
        described = [{**(described[0] if described else {}), **shared}, *described[1:]]
    of_lots = [
        {"relatedLot": lot["id"], **codes}
        for lot in _objects(record.get("lots"))
        if (codes := _classified(lot.get("cpv")))
    ]
    return [{"id": str(position), **item} for position, item in enumerate([*described, *of_lots], start=1)]


def _classified(codes: JsonValue) -> JsonObject:
    found: list[JsonObject] = [{"scheme": "CPV", "id": code} for code in _list(codes)]
    if not found:
        return {}
    return {"classification": found[0], **({"additionalClassifications": [*found[1:]]} if len(found) > 1 else {})}


def _lot(lot: JsonObject) -> JsonObject:
    return _without_nothing({
        "id": lot["id"],
        "title": lot.get("title"),
        "description": lot.get("description"),
        "value": _money(lot.get("value")),
    })  # fmt: skip


def _documents(record: JsonObject) -> list[JsonValue]:
    if "url" not in record:
        return []
    return [_without_nothing({
        "id": "notice", "documentType": "tenderNotice", "url": record["url"], "language": record.get("language"),
    })]  # fmt: skip


def _money(value: JsonValue) -> JsonObject | None:
    if not isinstance(value, dict):
        return None
    amount = value.get("amount")
    return {"amount": float(amount) if isinstance(amount, str) else amount, "currency": value.get("currency")}


@cache
def country_name(code: str | None) -> str | None:
    """The English name of a country, as OCDS addresses give it; the code where it has none."""
    return None if code is None else Locale("en").territories.get(code, code)


def _zoned(instant: dt.datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _objects(value: JsonValue) -> list[JsonObject]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _without_nothing(made: JsonObject) -> JsonObject:
    return {name: value for name, value in made.items() if value not in (None, "", [])}
