"""Any OCDS publisher: an address or a file, whatever the package and the paging."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, ClassVar
from urllib.parse import quote, urlsplit

from scrapers.base import Haul, Run
from scrapers.bulk import BulkFile
from scrapers.client import Request
from scrapers.declared import DeclaredSource
from scrapers.errors import SourceChanged, SourceMisconfigured
from scrapers.manners import Manners
from scrapers.ocds_documents import is_ocds
from scrapers.ocds_lines import procedure_lines
from scrapers.ocds_source import OcdsSource, release_refs
from scrapers.paged import NextLink, Offset, Page, PagedApi, PageNumber, Paging, linked

_PLACES = ("since", "until", "page", "offset", "cursor", "size")


class Ocds(DeclaredSource, OcdsSource, PagedApi, BulkFile):
    """Any publisher of OCDS 1.1: release and record packages, single ones, arrays, JSON lines, packed by gzip or not.

    Site: as set   Language: as published   Updates: as published
    Options: ``url`` may hold ``{since}``, ``{until}``, ``{size}`` and one of ``{page}``, ``{offset}``, ``{cursor}``,
    which also says how it is paged; without them it is one file, unless ``paging`` is "links" (``links.next``).
    Caveats: a publisher of mere updates cannot be compiled from a window: such records carry ``delta``.
    """

    name, title = "ocds", "OCDS publisher"
    licence = "as the publisher states"
    attribution = "as the publisher states"
    options: ClassVar[Mapping[str, str]] = {
        "url": "address of the first page, or of the file",
        "file": "a file of this machine, in place of an address",
        "paging": '"file" or "links"; follows from the address otherwise',
        "cursor": "dotted path of the next cursor in an answer (links.next)",
        "size": "items of a full page (100)",
        "interval": "seconds between two requests (2)",
        **DeclaredSource.own_options,
    }

    def __init__(self, settings: Mapping[str, str] | None = None, *, base_url: str | None = None) -> None:
        super().__init__(settings, base_url=base_url)
        chosen = self.settings
        self.url = chosen.get("url", "")
        self.base = "://".join(urlsplit(self.url)[:2]) if self.url else ""
        self.network = "file" not in chosen  # type: ignore[misc]
        self.page_size = int(self.number("size", 100, 1, 10_000))
        self.interval = self.number("interval", 2, 0, 3_600)
        found = self._paging(chosen)
        self.paged = found is not None
        self.paging = found or NextLink()

    def _paging(self, chosen: Mapping[str, str]) -> Paging | None:
        if "{page}" in self.url:
            return PageNumber()
        if "{offset}" in self.url:
            return Offset()
        if "{cursor}" in self.url or chosen.get("paging") == "links":
            return NextLink(tuple(chosen.get("cursor", "links.next").split(".")))
        return None

    @property
    def manners(self) -> Manners:
        """The usual ones, on the host of the address."""
        return Manners(hosts=self.hosts(), interval_seconds=self.interval)

    def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """Pages, or one file."""
        if not self.url and "file" not in self.settings:
            raise SourceMisconfigured("ocds needs a url or a file")
        return PagedApi.walk(self, run) if self.paged else BulkFile.walk(self, run)

    def request(self, since: dt.datetime, until: dt.datetime, token: str | None) -> Request:
        """The address with its places filled."""
        if token and not any(f"{{{place}}}" in self.url for place in ("page", "offset", "cursor")):
            return Request(url=linked(self.base, token))
        told = {
            "since": f"{since.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
            "until": f"{until.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
            "page": token or "1",
            "offset": token or "0",
            "cursor": token or "",
            "size": str(self.page_size),
        }
        address = self.url
        for place in _PLACES:
            address = address.replace(f"{{{place}}}", quote(told[place], safe=":"))
        return Request(url=address)

    def page(self, document: object) -> Page:
        """The releases of a package."""
        if not is_ocds(document):
            raise SourceChanged("the answer is neither a release, a record nor a package of them")
        return Page(refs=release_refs(document))

    def local_file(self) -> Path | None:
        """The file of this machine, where one is set."""
        return Path(self.settings["file"]) if "file" in self.settings else None

    def file_request(self) -> Request:
        """The address as it stands."""
        return Request(url=self.url)

    def lines(self, file: BinaryIO, folder: Path) -> Iterator[bytes]:
        """One line per procedure, with all its releases, wherever they stood in the file."""
        return procedure_lines(file, folder)
