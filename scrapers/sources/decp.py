"""DECP, the award data that every French public buyer must publish: who won, and for how much."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scrapers.base import Haul, Read, Run
from scrapers.bulk import BulkFile
from scrapers.client import Request
from scrapers.decp_awards import awards, ref_of
from scrapers.decp_files import contract_lines, items
from scrapers.errors import RecordRejected, SourceChanged, SourceMisconfigured
from scrapers.json_text import loads
from scrapers.loose_json import Json
from scrapers.manners import MIB, Manners
from scrapers.ods import OdsDataset
from scrapers.payload import Bundle, Payload

_DATASET = re.compile(r"[a-z0-9_-]{1,100}", re.ASCII)


class Decp(OdsDataset, BulkFile):
    """DECP: the essential data of France's public contracts and concessions: past winners and price levels.

    Site: https://data.economie.gouv.fr   Language: fr   Updates: daily
    Interface: dataset ``decp-2022-marches-valides`` of Opendatasoft's Explore API 2.1, no key; with ``url`` or
    ``file`` a consolidated file instead: JSON or lines of JSON (schemas of 2019 and 2022, rows, the OCDS export), XML,
    packed by gzip or not, read as a stream.
    Caveats: awards only, from 40,000 euros without tax; amounts are without tax, and the greatest possible one of a
    framework (``framework``); a contract stands as it was awarded, with its ``modifications``; suppliers are numbers,
    mostly without names; names of private persons are not kept.
    """

    name, title, country, zone = "decp", "DECP (France)", "FR", ZoneInfo("Europe/Paris")
    base_url = "https://data.economie.gouv.fr"
    licence = "Licence Ouverte 2.0 (etalab-2.0)"
    attribution = (
        "Source : données essentielles de la commande publique, ministère de l'Économie (DAJ), Licence Ouverte 2.0."
    )
    options: ClassVar[Mapping[str, str]] = {
        "dataset": "another dataset of the same interface (decp-2022-marches-valides)",
        "url": "address of a consolidated file, in place of the interface",
        "file": "a file of this machine, in place of an address",
    }
    day_column: ClassVar[str] = "datepublicationdonnees"
    order: ClassVar[str] = "acheteur_id,id,datenotification"

    def __init__(self, settings: Mapping[str, str] | None = None, *, base_url: str | None = None) -> None:
        super().__init__(settings, base_url=base_url)
        self.dataset = self.settings.get("dataset", "decp-2022-marches-valides")  # type: ignore[misc]
        if not _DATASET.fullmatch(self.dataset):
            raise SourceMisconfigured("dataset is letters, digits and dashes")
        self.network = "file" not in self.settings  # type: ignore[misc]

    @property
    def manners(self) -> Manners:
        """Quotas are daily and by address; files of data.gouv.fr lie on another host."""
        elsewhere = urlsplit(self.settings.get("url", "")).hostname
        return Manners(
            hosts=self.hosts(*((elsewhere, "static.data.gouv.fr") if elsewhere else ())),
            interval_seconds=1.0,
            slow_down={429: 3_600.0},  # a day's quota is spent: asking again within the hour is pointless
            robots="delay_only",  # a documented interface under an open licence
            max_bytes=128 * MIB,  # the export of a day on which a large platform publishes its year
        )

    def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """Days of the interface, or one file."""
        as_file = {"url", "file"} & self.settings.keys()
        return BulkFile.walk(self, run) if as_file else OdsDataset.walk(self, run)

    def local_file(self) -> Path | None:
        """The file of this machine, where one is set."""
        return Path(self.settings["file"]) if "file" in self.settings else None

    def file_request(self) -> Request:
        """The address as it stands."""
        return Request(url=self.settings["url"])

    def lines(self, file: BinaryIO, folder: Path) -> Iterator[bytes]:  # noqa: ARG002 - needs no scratch space
        """One line per contract."""
        return contract_lines(file)

    def ref(self, row: Json) -> str:
        """Buyer and number."""
        return ref_of(row)

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """One award per contract of the bundle, however many rows tell of it."""
        return awards(item for payload in bundle for item in _items(payload))


def _items(payload: Payload) -> Iterator[object]:
    if payload.kind != "lines":
        yield from items(loads(payload.body))
        return
    for line in payload.body.split(b"\n"):
        if line.strip():
            try:
                yield loads(line)
            except SourceChanged as error:
                yield RecordRejected("json.invalid", str(error))
