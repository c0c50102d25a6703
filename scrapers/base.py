"""What every source is: a declaration, a walk through its portal, and a parser that needs no network.

A source hands payloads out in hauls; the base parses them, removes contact persons and checks the records. Most sources
build on one of the shapes: ``scrapers.paged`` (interfaces with pages and date windows), ``scrapers.listing`` (web pages
with a list and details), ``scrapers.bulk`` (files and feeds).
"""

from __future__ import annotations

import datetime as dt
import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeAlias, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from scrapers.client import Answer, Session, Validators
from scrapers.cursor import Position
from scrapers.errors import AnswerTooLarge, RecordRejected, SourceMisconfigured
from scrapers.excerpts import cleaned_excerpt
from scrapers.manners import MIB, Manners
from scrapers.normalise import Edge, parse_iso, parse_written, to_instant, zone_of_country
from scrapers.payload import Bundle, Payload, Rejection
from scrapers.records import AwardRecord, TenderRecord
from scrapers.redaction import cleaned_text, without_contacts

RowT = TypeVar("RowT")
Fields: TypeAlias = Mapping[str, object]
Parsed: TypeAlias = TenderRecord | AwardRecord | Rejection
_EXCERPT = 2_000
_LARGEST_SAVED = 256 * MIB
_TIMES: tuple[tuple[str, Edge], ...] = (("published", "start"), ("deadline", "end"))


class Award(dict[str, object]):
    """Fields of an award, where a plain mapping would be a tender's."""


Read: TypeAlias = Fields | Award | RecordRejected
"""What a parser gives for one notice; a refusal is given, not raised, so that the next notice is still read."""


def attempted(read: Callable[[RowT], Fields], rows: Iterable[RowT]) -> Iterator[Read]:
    """Read row after row; one that is refused does not stop the others."""
    for row in rows:
        try:
            yield read(row)
        except RecordRejected as refusal:
            yield refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """What one step of a walk brought.

    ``position``: where to go on after this haul (None: only from the start of the run). ``refs``: the source's ids of
    everything it listed here, unchanged ones too; ``items``: how many more it listed that have no ids worth keeping
    (None: where there are no refs, as many as are parsed).
    ``expected``: what the source says the whole run holds. ``gap``: why this walk cannot be called complete.
    """

    bundles: tuple[Bundle, ...] = ()
    position: Position | None = None
    refs: tuple[str, ...] = ()
    items: int | None = None
    expected: int | None = None
    unchanged: int = 0
    gap: str | None = None


@dataclass(slots=True)
class Run:
    """What a walk is given. ``since`` and ``until`` are aware; ``position`` is where an earlier run was interrupted.

    ``known(ref)`` is the fingerprint with which a notice was last stored, ``open`` those that stood on the list of the
    last run. ``validators`` hold what to ask for changes with, per address: whoever updates them here has them stored
    together with the haul.
    """

    session: Session
    since: dt.datetime
    until: dt.datetime
    position: Position | None = None
    known: Callable[[str], str | None] = lambda _: None
    open: frozenset[str] = frozenset()
    validators: dict[str, Validators] = field(default_factory=dict)


class Source(ABC):
    """One portal, interface or feed. The class docstring is published: site, languages, updates, caveats.

    ``licence`` and ``attribution`` are shown wherever its data is. ``overlap`` is how far a run reaches back behind the
    last one; ``first_days`` how far the very first does. ``closes_vanished``: whether a call that a complete run does
    not list any more is closed. ``options`` are what an operator may set (name: what it means).
    """

    name: str
    title: str
    base_url: str = ""
    country: str | None = None
    zone: ZoneInfo | None = None
    licence: str
    attribution: str
    experimental: ClassVar[bool] = False
    network: ClassVar[bool] = True
    overlap: ClassVar[dt.timedelta] = dt.timedelta(days=1)
    first_days: ClassVar[int] = 7
    closes_vanished: ClassVar[bool] = False
    options: ClassVar[Mapping[str, str]] = {}

    def __init__(self, settings: Mapping[str, str] | None = None, *, base_url: str | None = None) -> None:
        settings = dict(settings or {})
        self.base = (base_url or settings.pop("base_url", None) or self.base_url).rstrip("/")
        if unknown := settings.keys() - self.options.keys():
            allowed = ", ".join(sorted([*self.options, "base_url"]))
            raise SourceMisconfigured(f"{self.name} has no option {min(unknown)!r} (it has: {allowed})")
        self.settings = settings

    @property
    @abstractmethod
    def manners(self) -> Manners:
        """How the portal is treated."""

    @abstractmethod
    def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """Bring everything between ``run.since`` and ``run.until``, haul by haul, to the source's own end.

        Raises the SourceErrors; a walk that merely stops without reaching the end says so by ``Haul.gap``.
        """

    @abstractmethod
    def read(self, bundle: Bundle) -> Iterator[Read]:
        """The notices of a bundle. Raises SourceChanged where it is not what this source sends, and nothing else."""

    def saved(self, path: Path) -> Iterator[Bundle]:
        """A saved payload as bundles; sources with pages of several kinds override ``kind_of``."""
        with path.open("rb") as file:
            body = file.read(_LARGEST_SAVED + 1)
        if len(body) > _LARGEST_SAVED:
            raise AnswerTooLarge(f"{path.name} is larger than any page")
        kind = self.kind_of(body)
        yield Bundle((Payload(source=self.name, kind=kind, body=body, context={"file": path.name}),))

    def kind_of(self, body: bytes) -> str:  # noqa: ARG002 - for sources whose pages are of several kinds
        """What a saved payload is. Raises SourceChanged where it is nothing that this source sends."""
        return "page"

    def parse(self, bundle: Bundle) -> Iterator[Parsed]:
        """The records of a bundle, checked and without contact persons. Raises SourceChanged."""
        for found in self.read(bundle):
            if isinstance(found, RecordRejected):
                excerpt = cleaned_excerpt(found.excerpt[:_EXCERPT]) or _excerpt(bundle)
                yield Rejection(found.code, cleaned_text(found.reason), bundle.ref, excerpt)
                continue
            fields = {"source": self.name, **self._zoned(without_contacts(found))}
            kind = AwardRecord if isinstance(found, Award) else TenderRecord
            try:
                yield kind.model_validate(fields)
            except ValidationError as error:
                first = error.errors(include_url=False, include_context=False, include_input=False)[0]
                where = ".".join(str(part) for part in first["loc"])
                ref = str(fields.get("id", bundle.ref))[:200]
                yield Rejection("record.invalid", f"{where}: {first['msg']}", ref, str(fields)[:_EXCERPT])

    def _zoned(self, fields: dict[str, object]) -> dict[str, object]:
        """Give times without a zone that of the source, or of the notice's country; never UTC, and never a guess."""
        country = fields.setdefault("country", self.country)
        for name, edge in _TIMES:
            written = fields.get(name)
            if not isinstance(written, str) or f"{name}_basis" in fields:
                continue
            try:
                when = parse_iso(written)
                if not isinstance(when, dt.datetime):
                    fields[f"{name}_basis"] = "day"
                    continue
                zone = self.zone or (zone_of_country(country) if isinstance(country, str) else None)
                instant, fields[f"{name}_basis"] = to_instant(when, zone, edge)
            except ValueError as error:
                del fields[name]
                noted = fields.get("unreadable")
                fields["unreadable"] = [
                    *(noted if isinstance(noted, list) else []),
                    f"{name}: {written[:40]!r} {error}",
                ]
                continue
            if fields[f"{name}_basis"] == "zone":
                fields[f"{name}_text"] = written
            fields[name] = instant.isoformat()
        return fields

    def number(self, name: str, usual: float, least: float, most: float) -> float:
        """An option that is a number. Raises SourceMisconfigured."""
        try:
            found = float(self.settings.get(name, usual))
        except ValueError:
            found = math.nan
        if not least <= found <= most:
            raise SourceMisconfigured(f"{name} is a number from {least:g} to {most:g}")
        return found

    def payload(self, answer: Answer, kind: str = "page", **context: str) -> Payload:
        """An answer as it will be kept."""
        return Payload(
            source=self.name,
            kind=kind,
            body=answer.body,
            url=answer.url,
            content_type=answer.headers.get("content-type", ""),
            fetched_at=answer.fetched_at,
            context=context,
        )

    def hosts(self, *more: str) -> frozenset[str]:
        """The host of the base address, and others."""
        return frozenset({urlsplit(self.base).hostname or "", *more})

    def local_time(self, name: str, written: str, edge: Edge) -> dict[str, str]:
        """The fields of a time that was written without its zone: the instant, how it was found, and what was written.

        A day alone stays a day (its edge is for the reader to apply). Raises RecordRejected.
        """
        try:
            when = parse_written(written)
            if not isinstance(when, dt.datetime):
                return {name: when.isoformat(), f"{name}_basis": "day", f"{name}_text": written}
            instant, basis = to_instant(when, self.zone, edge)
        except ValueError as error:
            raise RecordRejected(f"{self.name}.{name}", f"{name}: {written[:40]!r} {error}") from None
        return {name: instant.isoformat(), f"{name}_basis": basis, f"{name}_text": written}

    @classmethod
    def description(cls) -> str:
        """The published docstring, without its indentation."""
        return inspect.getdoc(cls) or ""


def _excerpt(bundle: Bundle) -> str:
    first = bundle.payloads[0].body[: 2 * _EXCERPT].decode("utf-8", "replace") if bundle.payloads else ""
    return cleaned_excerpt(first[:_EXCERPT].replace("\x00", "\ufffd"))
