"""World Bank: procurement notices of the projects it pays for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import ClassVar

from scrapers.base import Read, attempted
from scrapers.client import Request
from scrapers.errors import SourceChanged
from scrapers.json_text import loads
from scrapers.manners import Manners
from scrapers.paged import Offset, Page, PagedApi, query
from scrapers.payload import Bundle
from scrapers.world_bank_notices import day_of, notices, read, refs


class WorldBank(PagedApi):
    """World Bank: calls, plans and awards under the projects that it finances, all over the world.

    Site: https://projects.worldbank.org/en/projects-operations/procurement   Language: en, fr, es ...   Updates: daily
    Interface: ``search.worldbank.org/api/v2/procnotices`` (no key), newest first, walked back to the run's beginning.
    Options: ``countries`` as the Bank names them, several by ``^`` ("Morocco^Tunisia"); ``groups`` (GO, CW, CS, NC).
    Caveats: the deadline's clock is the buyer's, without a zone; the country's is assumed, and where a country has
    several the deadline stays unknown. A general procurement notice is a plan, no call. Calls for one consultant in
    person are refused. Awards name no winner: that stands in their text only. No CPV.
    """

    name, title = "world_bank", "World Bank procurement notices"
    base_url = "https://search.worldbank.org"
    licence = "Creative Commons Attribution 4.0 (World Bank terms of use for datasets)"
    attribution = "The World Bank: Procurement Notices."
    first_days = 90
    overlap = dt.timedelta(days=3)  # the date of a notice has no time of the day
    paging = Offset()
    page_size = 100
    options: ClassVar[Mapping[str, str]] = {
        "countries": "names of countries as the Bank writes them, by ^",
        "groups": "procurement groups, by ^",
    }

    @property
    def manners(self) -> Manners:
        """No limit is stated; one request a second is plenty."""
        return Manners(hosts=self.hosts(), interval_seconds=1.0, robots="delay_only")  # a documented public interface

    def request(self, since: dt.datetime, until: dt.datetime, token: str | None) -> Request:  # noqa: ARG002
        """A page of the list, newest first; no parameter asks for a time of publication."""
        return Request(
            url=query(
                self.base, "/api/v2/procnotices", format="json", rows=self.page_size, os=int(token or 0),
                srt="noticedate", order="desc", apilang="en", srce="both",
                project_ctry_name_exact=self.settings.get("countries"),
                procurement_group_exact=self.settings.get("groups"),
            )
        )  # fmt: skip

    def page(self, document: object) -> Page:
        """The notices; the total is that of all years, and says nothing about a run."""
        items = notices(document)
        days = [day for item in items if (day := day_of(item))]
        if any(earlier < later for earlier, later in pairwise(days)):
            raise SourceChanged("the notices are not sorted by their day: the end of a run could not be told")
        named = tuple(refs(items))
        return Page(refs=named, items=len(items) - len(named))

    def passed(self, document: object, since: dt.datetime) -> bool:
        """The whole page is older than what is asked for."""
        days = [day_of(item) for item in notices(document)]
        return bool(days) and all(day is not None and day < since.date() for day in days)

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """Notice by notice."""
        (payload,) = bundle
        yield from attempted(read, notices(loads(payload.body)))
