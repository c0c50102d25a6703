"""Tenders and startups for tests, in the flat contracts."""

from __future__ import annotations

import datetime as dt
import itertools

_numbers = itertools.count(1)
FAR = "2099-12-31T12:00:00+01:00"


def tender(title: str = "Développement d'une application mobile", **fields: object) -> dict[str, object]:
    """An open Moroccan call with a distant deadline."""
    made: dict[str, object] = {"id": f"T-{next(_numbers)}", "title": title, "country": "MA", "deadline": FAR}
    return {**made, **fields}


def startup(description: str = "Développement d'applications mobiles", **fields: object) -> dict[str, object]:
    """A Moroccan startup."""
    number = next(_numbers)
    made: dict[str, object] = {
        "id": f"S-{number}",
        "name": f"Jeune pousse {number}",
        "description": description,
        "country": "MA",
    }
    return {**made, **fields}


def in_days(days: float) -> str:
    """An instant that many days from now."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).isoformat()
