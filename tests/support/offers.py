"""Offers of support, as partners write them."""

from __future__ import annotations

import datetime as dt


def today() -> dt.date:
    """The day by the server's clock; asked late, as a suite may run over midnight."""
    return dt.datetime.now(dt.UTC).date()


def offer(title: str = "Préparer un dossier de références", **fields: object) -> dict[str, object]:
    """A fictional partner's offer."""
    made: dict[str, object] = {
        "kind": "mentor",
        "title": title,
        "description": "Deux séances avec une mentore fictive.",
        "gaps": ["references", "team"],
        "country": "MA",
        "valid_from": (today() - dt.timedelta(days=1)).isoformat(),
    }
    return {**made, **fields}
