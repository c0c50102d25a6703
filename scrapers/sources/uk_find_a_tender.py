"""UK Find a Tender: notices above the thresholds, as OCDS release packages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from scrapers.base import Run
from scrapers.client import Request
from scrapers.errors import SourceChanged
from scrapers.manners import Manners
from scrapers.ocds_documents import Procedure, is_ocds
from scrapers.ocds_source import OcdsSource, release_refs
from scrapers.paged import NextLink, Page, PagedApi, linked, query
from scrapers.payload import Bundle


class FindATender(OcdsSource, PagedApi):
    """Find a Tender: notices of the United Kingdom above the thresholds, and all under the Procurement Act 2023.

    Site: https://www.find-tender.service.gov.uk   Language: en   Updates: all day
    Interface: ``/api/1.0/ocdsReleasePackages`` (OCDS 1.1, no key). Updates and awards are releases that hold only what
    changed: the whole record of such a procedure is asked for.
    Caveats: windows of more than six hours lose releases without a word; some pages lacked their next link (2026-06).
    """

    name, title, country, zone = "uk_find_a_tender", "Find a Tender (UK)", "GB", ZoneInfo("Europe/London")
    base_url = "https://www.find-tender.service.gov.uk"
    licence = "Open Government Licence v3.0"
    attribution = "Contains public sector information licensed under the Open Government Licence v3.0 (Find a Tender)."
    window = dt.timedelta(hours=6)  # longer ones drop releases silently
    window_overlap = dt.timedelta(minutes=5)
    overlap = dt.timedelta(hours=3)  # whether the window's clock is London's or UTC is not documented
    paging = NextLink()
    page_size = 100
    ocid_prefix = "ocds-h6vhtk-"
    record_path = "/api/1.0/ocdsRecordPackages/{ocid}"

    @property
    def manners(self) -> Manners:
        """Twelve requests in two minutes are the interface's limit."""
        return Manners(
            hosts=self.hosts(),
            interval_seconds=10.0,  # "12 request limit in 2 minute exceeded"
            slow_down={429: 120.0},
            robots="delay_only",  # a documented interface under the OGL
        )

    def request(self, since: dt.datetime, until: dt.datetime, token: str | None) -> Request:
        """One window; all stages at once, as a list of stages answers nothing."""
        if token:
            return Request(url=linked(self.base, token))
        times = {"updatedFrom": f"{since:%Y-%m-%dT%H:%M:%S}", "updatedTo": f"{until:%Y-%m-%dT%H:%M:%S}"}
        return Request(url=query(self.base, "/api/1.0/ocdsReleasePackages", **times, limit=self.page_size))

    def page(self, document: object) -> Page:
        """The releases of a package."""
        if not isinstance(document, dict) or not is_ocds(document):
            raise SourceChanged("the answer is no release package")
        return Page(refs=release_refs(document))

    async def bundles(self, run: Run, bundle: Bundle, document: object) -> tuple[Bundle, ...]:
        """A page with the records of what was merely updated."""
        return (await self.with_records(run, bundle, document),)

    def completed(self, fields: Mapping[str, object], procedure: Procedure) -> Mapping[str, object]:
        """Its notice's page, where the release names none."""
        release = str(procedure.release.get("id") or "")
        page = {"url": f"{self.base_url}/Notice/{release}"} if release.replace("-", "").isalnum() else {}
        return {**page, **fields}
