"""A startup as its founder might write it."""

from __future__ import annotations

from copy import deepcopy

_ATLAS: dict[str, object] = {
    "id": "atlas-irrigation",
    "name": "Écotech Atlas",
    "description": "Capteurs et pilotage de l'irrigation goutte à goutte ; الري بالتنقيط",
    "sectors": ["AgriTech", "E-santé"],
    "technologies": ["LoRaWAN"],
    "cpv": ["43323000-3"],
    "regions": ["Souss-Massa"],
    "city": "Agadir",
    "country": "MA",
    "languages": ["fr", "ar"],
    "founded": 2021,
    "employees": 12,
    "turnover": {"amount": 1_234_567.5, "currency": "MAD", "year": 2025},
    "labels": [{"name": "Jeune entreprise innovante", "issuer": "Technopark", "number": "secret-label-7"}],
    "certifications": ["ISO 9001"],
    "references": [
        {
            "title": "Télégestion de forages",
            "buyer": "Commune de Biougra",
            "value": {"amount": 480_000, "currency": "MAD"},
            "date": "2025-03-01",
            "contact": "secret-contact",
        }
    ],
    "website": "https://secret-site.example",
    "phone": "secret-phone",
}


def atlas(**changes: object) -> dict[str, object]:
    """A full record; a change to ``None`` leaves the field out."""
    record = deepcopy(_ATLAS) | changes
    return {name: value for name, value in record.items() if value is not None}
