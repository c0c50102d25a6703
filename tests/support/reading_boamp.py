"""Reading payloads of BOAMP without a network."""

from __future__ import annotations

import json
from typing import Any

from scrapers.payload import Bundle, Payload
from scrapers.sources.boamp import Boamp
from tests.support.portal_boamp import call

SOURCE = Boamp()


def read(document: object, file: str = "") -> list[Any]:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    context = {"file": file} if file else {}
    return list(SOURCE.parse(Bundle((Payload(source="boamp", kind="page", body=body, context=context),))))


def one(donnees: object = None, **more: object) -> Any:
    """The only record of a notice with this inner document."""
    row = call(2_000, **more)
    if donnees is not None:
        row["donnees"] = donnees if isinstance(donnees, str) else json.dumps(donnees)
    (found,) = read({"total_count": 1, "results": [row]})
    return found


def extra(record: Any, name: str) -> Any:
    return (record.model_extra or {}).get(name)
