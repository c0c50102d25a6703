"""Opendatasoft's Explore API 2.1, which both French sources are served by: windows of days, offsets up to a bound.

An offset and its page may not pass 10,000 rows together, the default order is oldest first, and an order that is not
total repeats or skips rows between pages. Days are windows here, ordered by a key; of a day with more rows than the
bound the export is asked for, which has none.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import ClassVar

from scrapers.base import Haul, Run
from scrapers.client import Request
from scrapers.errors import SourceChanged
from scrapers.loose_json import Json
from scrapers.paged import Offset, Page, PagedApi, Paging, query

MOST_ROWS = 10_000
EXPORT = "export"
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OffsetOrExport:
    """Offsets where they reach; else the export, behind the first page."""

    most: int = MOST_ROWS

    def after(self, document: object, page: Page, token: str | None, size: int) -> str | None:
        """The token of the next page."""
        if token == EXPORT:
            return None
        if page.total is not None and page.total > self.most:
            return EXPORT
        return Offset(self.most).after(document, page, token, size)


class OdsDataset(PagedApi):
    """A dataset by day. ``dataset``: its name; ``day_column``: the date by which it grows; ``order``: a total order."""

    dataset: ClassVar[str]
    day_column: ClassVar[str]
    order: ClassVar[str]
    window = DAY
    overlap = dt.timedelta(days=3)  # notices of a day are published until its evening, some later
    page_size = 100
    paging: Paging = OffsetOrExport()

    def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """Whole days: a date has no hour, so that a window beginning at noon would lose or repeat its first day."""
        begin = run.since.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return super().walk(replace(run, since=begin))

    def request(self, since: dt.datetime, until: dt.datetime, token: str | None) -> Request:
        """One page of the days that begin within the window (the last may still be going on), or their export."""
        last = (until.astimezone(dt.UTC) - dt.timedelta(microseconds=1)).date()
        where = (
            f"{self.day_column} >= date'{since.astimezone(dt.UTC).date()}' and {self.day_column} < date'{last + DAY}'"
        )
        base = f"{self.base}/api/explore/v2.1/catalog/datasets/{self.dataset}"
        if token == EXPORT:
            return Request(url=query(base, "/exports/json", where=where, order_by=self.order))
        paged = {"limit": self.page_size, "offset": int(token or 0)}
        return Request(url=query(base, "/records", where=where, order_by=self.order, **paged))

    def page(self, document: object) -> Page:
        """The rows of a page with their ids, or those of an export. A page without its total is no page."""
        rows = rows_of(document)
        total = document.get("total_count") if isinstance(document, dict) else len(rows)
        if not isinstance(total, int) or isinstance(total, bool) or total < 0:
            raise SourceChanged("the page has no total_count")
        refs = [self.ref(row) for row in rows]
        return Page(refs=tuple(ref for ref in refs if ref), items=sum(not ref for ref in refs), total=total)

    @abstractmethod
    def ref(self, row: Json) -> str:
        """The identity of a row; "" where it has none."""


def rows_of(document: object) -> list[Json]:
    """The rows of a page of records or of an export. Raises SourceChanged where the document is neither."""
    listed = document.get("results") if isinstance(document, dict) else document
    if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
        raise SourceChanged("the document is neither a page of records nor an export")
    return listed
