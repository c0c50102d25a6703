"""Running a source against a portal of the tests, and killing it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from scrapers.base import Source
from scrapers.client import PoliteClient
from scrapers.crawl import Batch, Crawl, Order
from scrapers.cursor import Cursor
from scrapers.payload import Bundle, Rejection
from scrapers.records import AwardRecord, TenderRecord
from scrapers.report import CrawlReport


@dataclass
class Store:
    """What a consumer keeps: batches with their cursor, in one step each. Ids that came twice are noted."""

    cursor: Cursor = field(default_factory=Cursor)
    records: list[TenderRecord | AwardRecord] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    refs: set[str] = field(default_factory=set)
    fingerprints: dict[str, str] = field(default_factory=dict)

    def keep(self, batch: Batch) -> None:
        # As JSON, as it will stand in a database.
        self.cursor = Cursor.model_validate_json(batch.cursor.model_dump_json())
        self.refs.update(batch.refs)
        for bundle, found in batch.bundles:
            self.bundles.append(bundle)
            self.fingerprints[bundle.ref] = bundle.fingerprint
            for one in found:
                (self.rejections if isinstance(one, Rejection) else self.records).append(one)  # type: ignore[arg-type]

    @property
    def tenders(self) -> list[TenderRecord]:
        return [record for record in self.records if isinstance(record, TenderRecord)]

    @property
    def ids(self) -> list[str]:
        return [record.id for record in self.tenders]


async def crawl(
    source: Source, client: PoliteClient, store: Store, *, kill_after: int | None = None, order: Order | None = None
) -> CrawlReport:
    """One run into ``store``; with ``kill_after``, dead before the batch behind that many is kept."""
    run = Crawl(source, client, store.cursor, order or Order(known=store.fingerprints.get))
    async with aclosing(run.batches()) as batches:
        kept = 0
        async for batch in batches:
            if kept == kill_after:
                break
            store.keep(batch)
            kept += 1
    return run.report


def parsed(source: Source, bundles: Sequence[Bundle]) -> list[object]:
    """The records of payloads that were kept, without a network."""
    return [one for bundle in bundles for one in source.parse(bundle)]
