"""BOAMP, the journal of French public procurement: calls, corrections, annulments and results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from zoneinfo import ZoneInfo

from scrapers.base import Read
from scrapers.boamp_files import records
from scrapers.boamp_mapping import notice
from scrapers.errors import RecordRejected
from scrapers.loose_json import Json, line
from scrapers.manners import MIB, Manners
from scrapers.ods import OdsDataset
from scrapers.payload import Bundle


class Boamp(OdsDataset):
    """BOAMP: the calls and results of France's public buyers, from its official journal.

    Site: https://www.boamp.fr   Language: fr   Updates: every morning, some during the day
    Interface: dataset ``boamp`` of Opendatasoft's Explore API 2.1, no key.
    Caveats: descriptors are the journal's own and no CPV; a deadline at midnight UTC is a day; a correction or an
    annulment is a notice of its own, told here as the next state of the notice that it names (``notice_id`` is its
    own id, ``links`` all that it names, ``amended`` its day, ``delta`` that what it leaves out is unknown);
    notices of the family JOUE stand in TED too (``procedure_ids``); a notice without a title has its number as one
    (``untitled``).
    """

    name, title, country, zone = "boamp", "BOAMP (France)", "FR", ZoneInfo("Europe/Paris")
    base_url = "https://boamp-datadila.opendatasoft.com"
    licence = "Licence Ouverte 2.0 (etalab-2.0)"
    attribution = "Source : BOAMP, Direction de l'information légale et administrative (DILA), Licence Ouverte 2.0."
    dataset: ClassVar[str] = "boamp"
    day_column: ClassVar[str] = "dateparution"
    order: ClassVar[str] = "idweb,id"

    @property
    def manners(self) -> Manners:
        """Quotas are daily and by address."""
        return Manners(
            hosts=self.hosts(),
            interval_seconds=1.0,
            slow_down={429: 3_600.0},  # a day's quota is spent: asking again within the hour is pointless
            robots="delay_only",  # a documented interface under an open licence
            max_bytes=128 * MIB,  # a hundred eForms of large buyers; a whole day where the export is asked for
        )

    def ref(self, row: Json) -> str:
        """The journal's number; old notices have only their id."""
        return line(row, "idweb", most=200) or line(row, "id", most=200)

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """Every notice of a page, an export, lines, or an inner document that was saved alone."""
        for payload in bundle:
            for record in records(payload.body, payload.context.get("file", "")):
                if isinstance(record, RecordRejected):
                    yield record
                    continue
                try:
                    yield from notice(record)
                except RecordRejected as refusal:
                    yield refusal
