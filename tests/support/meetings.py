"""Requests for meetings, as people write them."""

from __future__ import annotations

from tests.support.factories import in_days


def meeting(startup_id: str, **fields: object) -> dict[str, object]:
    """A request; say which call or pilot it is about."""
    made: dict[str, object] = {
        "startup_id": startup_id,
        "topic": "Une démonstration de trente minutes",
        "starts_at": in_days(7),
        "place": "online",
        "contact": "Demander l'équipe fictive, equipe@exemple.invalid",
    }
    return {**made, **fields}
