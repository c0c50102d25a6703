"""An Opendatasoft dataset as sources/france_boamp_decp describes it: offsets that end, quotas, rows that come and go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.support.portal import Asked, Portal, Reply

_WHERE = re.compile(r"(\w+) >= date'(\d{4}-\d{2}-\d{2})' and (\w+) < date'(\d{4}-\d{2}-\d{2})'")


@dataclass
class OdsPortal(Portal):
    """``/api/explore/v2.1/catalog/datasets/{dataset}``: ``records`` and ``exports/json``.

    ``quota``: requests before a 429 with the headers of a spent quota (None: no end). ``between``: rows to add (or, with
    ``gone``, ids to take away) once the first page of a day has been served. ``odd``: replies to send in place of the
    next pages. ``lie``: how many rows more are announced than there are. ``most``: how
    far offset and limit reach together.
    """

    rows: list[dict] = field(default_factory=list)
    dataset: str = "boamp"
    day: str = "dateparution"
    key: str = "idweb"
    quota: int | None = None
    between: list[dict] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    odd: list[Reply] = field(default_factory=list)
    lie: int = 0
    most: int = 10_000
    offsets: list[int] = field(default_factory=list)
    days: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        base = f"/api/explore/v2.1/catalog/datasets/{self.dataset}"
        self.route(f"{base}/records", self._records)
        self.route(f"{base}/exports/json", self._export)

    def _records(self, asked: Asked) -> Reply:
        if self.quota is not None:
            if self.quota == 0:
                return Reply(
                    429,
                    b'{"error_code": "TooManyRequests"}',
                    (("X-RateLimit-Limit", "5"), ("X-RateLimit-Remaining", "0")),
                )
            self.quota -= 1
        limit, offset = int(asked.query["limit"]), int(asked.query["offset"])
        if limit > 100 or offset + limit > self.most:
            return Reply.json({"error_code": "InvalidRESTParameterError", "message": "offset + limit"}, status=400)
        if self.odd:
            return self.odd.pop(0)
        found = self._selected(asked)
        self.offsets.append(offset)
        page = Reply.json({"total_count": len(found) + self.lie, "results": found[offset : offset + limit]})
        if offset == 0 and len(found) > limit:
            self.rows = [row for row in [*self.rows, *self.between] if row.get(self.key) not in self.gone]
            self.between, self.gone = [], set()
        return page

    def _export(self, asked: Asked) -> Reply:
        return Reply.json(self._selected(asked))

    def _selected(self, asked: Asked) -> list[dict]:
        found = _WHERE.fullmatch(asked.query["where"])
        assert found is not None, asked.query["where"]
        assert {found[1], found[3]} == {self.day}
        self.days.append((found[2], found[4]))
        order = asked.query["order_by"].split(",")
        rows = [row for row in self.rows if found[2] <= str(row.get(self.day)) < found[4]]
        return sorted(rows, key=lambda row: [str(row.get(name) or "") for name in order])


def call(number: int, day: str = "2026-09-01", **more: object) -> dict:
    """A fictional call, flat."""
    return {
        "idweb": f"26-{number}",
        "id": f"26_{number}",
        "objet": f"Entretien des espaces verts, secteur {number}",
        "famille": "FNS",
        "code_departement": ["03"],
        "dateparution": day,
        "datelimitereponse": f"{day[:8]}28T10:00:00+00:00",
        "nomacheteur": "COMMUNE DE VILLENEUVE",
        "nature": "APPEL_OFFRE",
        "nature_categorise_libelle": "Avis de marché",
        "type_marche": ["SERVICES"],
        "descripteur_code": ["126"],
        "descripteur_libelle": ["Espaces verts"],
        "etat": "INITIAL",
        **more,
    }


def contract(number: int, day: str = "2026-09-01", **more: object) -> dict:
    """A fictional row of award data."""
    return {
        "id": f"2026M{number:05d}",
        "acheteur_id": "21030310100018",
        "objet": f"Fourniture de mobilier, lot {number}",
        "codecpv": "39130000-2",
        "procedure": "Procédure adaptée",
        "montant": 40_000.5 + number,
        "datenotification": "2026-08-20",
        "datepublicationdonnees": day,
        "titulaire_id_1": "73282932000074",
        "titulaire_typeidentifiant_1": "SIRET",
        **more,
    }
