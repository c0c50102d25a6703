"""Tables of calls that somebody drops into a folder, or that lie in one file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from scrapers.base import Haul, Read, Run
from scrapers.client import Validators
from scrapers.declared import DeclaredSource
from scrapers.drop import Drop, NotTaken
from scrapers.errors import SourceMisconfigured
from scrapers.manners import Manners
from scrapers.payload import Bundle, Payload
from scrapers.table_calls import LIMITS, TableHabits, calls_of

_KEY = "file:"


class CsvDrop(DeclaredSource):
    """Calls in CSV and XLSX files: one file, or every file of a folder that somebody drops them into.

    Site: this machine   Language: as written   Updates: when a file is new or has changed
    Read: delimiter and encoding (UTF-8, Windows-1252) by the whole file; headings in French, Arabic and English, and
    the sender's own (``columns``); titles above the headings and hidden sheets are passed over. Each row stands for
    itself: one that cannot be read is rejected with its row, its column and the reason.
    Caveats: a file without a column for the id and the title is rejected whole; so are macros, encrypted and old Office
    files and zip bombs. A row that is missing from the next file is not closed. A time without a zone is in ``zone``,
    or else in that of the row's country, and in Morocco's where a row names none.
    """

    name, title = "csv", "CSV and XLSX files"
    network: ClassVar[bool] = False
    licence = "as the sender states"
    attribution = "as the sender states"
    options: ClassVar[Mapping[str, str]] = {
        "folder": "the folder that is watched (not what lies below it; links are not followed)",
        "file": "one file, in place of a folder",
        "columns": "the sender's own headings: HEADING=FIELD; HEADING=FIELD (fields as in formats.md)",
        "zone": "IANA zone of times written without one",
        "country": "country of rows that name none",
        "language": "language of rows that name none (fr)",
        "currency": "currency of amounts that name none (MAD)",
        "decimal": 'the mark before fractions, "," or ".", where 1.250 would be refused as ambiguous',
        "sector": '"public" or "private", for rows that do not tell',
        "settle": "seconds for which a file must have kept its size (2)",
        **DeclaredSource.own_options,
    }

    def __init__(self, settings: Mapping[str, str] | None = None, *, base_url: str | None = None) -> None:
        super().__init__(settings, base_url=base_url)
        chosen = self.settings
        self.settle = self.number("settle", 2, 0, 600)
        self.habits = TableHabits.told(chosen)

    @property
    def manners(self) -> Manners:
        """Nobody is asked for anything."""
        return Manners(hosts=frozenset())

    def drop(self) -> Drop:
        """The folder, or the one file. Raises SourceMisconfigured."""
        if ("folder" in self.settings) == ("file" in self.settings):
            raise SourceMisconfigured(f"{self.name} needs either a folder or a file")
        if folder := self.settings.get("folder"):
            return Drop(Path(folder))
        path = Path(self.settings["file"])
        return Drop(path.parent, path.name)

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """One file after the other, each as a whole; what was read before is known by its content."""
        drop = self.drop()
        names, left = await drop.ready(self.settle)
        for key in [key for key in run.validators if key.startswith(_KEY) and key[len(_KEY) :] not in {*names, *left}]:
            del run.validators[key]
        gaps = [f"{name} is still being written" for name in left]
        for name in names:
            try:
                body = drop.read(name, LIMITS.file)
            except NotTaken as reason:
                gaps.append(str(reason))
                continue
            read = Validators(etag=self._habits_digest(), sha256=hashlib.sha256(body).hexdigest())
            if run.validators.get(_KEY + name) == read:
                yield Haul(unchanged=1)
                continue
            run.validators[_KEY + name] = read
            payload = Payload(source=self.name, kind="page", body=body, context={"file": name})
            yield Haul(bundles=(Bundle((payload,), ref=name[:200]),))
        yield Haul(items=0, gap="; ".join(gaps)[:500] or None)

    def _habits_digest(self) -> str:
        """What a file is read with: whoever declares another heading has the files read again."""
        told = {name: text for name, text in self.settings.items() if name not in {"folder", "file", "settle"}}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """The rows of a file."""
        for payload in bundle:
            yield from calls_of(payload.body, payload.context.get("file", "the file"), self.habits)
