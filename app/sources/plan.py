"""What the operator allows: which sources run, under which contact, with which options, how often.

Everything is off until it is named. The file of options is TOML: one table per source, whose keys are the source's own
options besides ``kind`` (the collector, where one runs under another name) and ``schedule`` (five fields as in crontab,
UTC).
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from croniter import croniter

from app.kit.safe_http import address_with_port
from scrapers.base import Source
from scrapers.client import PoliteClient
from scrapers.errors import SourceError, SourceMisconfigured
from scrapers.manners import Permit
from scrapers.net import AddressGuard
from scrapers.registry import SOURCES, get_source

_USUAL_MINUTES = 120
_LARGEST_FILE = 1024 * 1024
_OWN_KEYS = frozenset({"kind", "schedule"})
_NOBODY = "nobody@localhost.invalid"
"""For sources that ask nobody: files of this machine."""


class SourcesMisconfigured(RuntimeError):
    """A setting of the sources can't be used; the text says which, for whoever set it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The settings as they were given; see ``app.config``."""

    names: Sequence[str] = ()
    contact: str | None = None
    file: Path | None = None
    halted: bool = False
    addresses: Sequence[str] = ()
    kept: dt.timedelta = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """One enabled source: its collector, its options, and when it is due (crontab, UTC)."""

    name: str
    kind: str
    options: Mapping[str, str]
    schedule: str

    def make(self) -> Source:
        """The source itself. Raises SourcesMisconfigured."""
        try:
            return get_source(self.kind, self.options)
        except SourceMisconfigured as wrong:
            raise SourcesMisconfigured(f"{self.name}: {wrong}") from wrong


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What the settings allow. ``kept``: how long payloads are kept; ``tables``: the file of options as it stands."""

    enabled: Mapping[str, PlannedSource] = field(default_factory=dict)
    contact: str | None = None
    halted: bool = False
    exceptions: frozenset[tuple[str, int]] = frozenset()
    kept: dt.timedelta = dt.timedelta(days=90)
    tables: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @classmethod
    def of(cls, wanted: Wanted) -> SourcePlan:
        """The plan of the settings. Raises SourcesMisconfigured for names, options and addresses that can't be."""
        tables = _tables(wanted.file) if wanted.file is not None else {}
        enabled = {name: _planned(name, tables.get(name, {})) for name in wanted.names}
        _check_contact(wanted.contact)
        exceptions = frozenset(map(_address, wanted.addresses))
        return cls(enabled, wanted.contact, wanted.halted, exceptions, wanted.kept, tables)

    def source(self, name: str) -> Source:
        """An enabled source, ready to run. Raises SourcesMisconfigured where it is not, or lacks its contact."""
        planned = self.enabled.get(name)
        if planned is None:
            known = name in SOURCES or name in self.tables
            told = f"{name} is not enabled: add it to SAFQA_SOURCES" if known else self._unknown(name)
            raise SourcesMisconfigured(told)
        source = planned.make()
        if source.network and self.contact is None:
            raise SourcesMisconfigured(
                "SAFQA_SOURCE_CONTACT is not set: no network source runs without the mail address at which a portal "
                "reaches whoever operates this installation"
            )
        return source

    def known(self, name: str) -> PlannedSource:
        """A source whether it is enabled or not, as for what asks nobody. Raises SourcesMisconfigured for no source."""
        if name in self.enabled:
            return self.enabled[name]
        if name not in self.tables and name not in SOURCES:
            raise SourcesMisconfigured(self._unknown(name))
        return _planned(name, self.tables.get(name, {}))

    def _unknown(self, name: str) -> str:
        return f"there is no source {name!r}; there are {', '.join(sorted({*SOURCES, *self.tables}))}"

    def client(self) -> PoliteClient:
        """The client that all crawls of this process share: its hosts have one limit each."""
        permit = self.permit(lambda: False)
        return PoliteClient.of(permit, guard=AddressGuard(exceptions=self.exceptions))

    def permit(self, halted: Callable[[], bool]) -> Permit:
        """The permit of one crawl; ``halted`` is asked before every request."""
        return Permit(self.contact or _NOBODY, frozenset(self.enabled), lambda: self.halted or halted())


def _tables(path: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise SourcesMisconfigured(f"SAFQA_SOURCES_FILE {path} is larger than {_LARGEST_FILE:,} bytes")
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise SourcesMisconfigured(f"SAFQA_SOURCES_FILE {path} can't be read: {wrong}") from wrong
    for name, table in found.items():
        if not isinstance(table, dict):
            raise SourcesMisconfigured(f"SAFQA_SOURCES_FILE {path}: {name} is no table, write [{name}]")
    return found


def _planned(name: str, table: Mapping[str, object]) -> PlannedSource:
    kind = table.get("kind", name)
    if not isinstance(kind, str) or kind not in SOURCES:
        raise SourcesMisconfigured(
            f"SAFQA_SOURCES: there is no source {kind!r}; there are {', '.join(sorted(SOURCES))}"
        )
    schedule = table.get("schedule", _usual_schedule(name))
    if not isinstance(schedule, str) or len(schedule.split()) != 5 or not croniter.is_valid(schedule):
        raise SourcesMisconfigured(
            f"SAFQA_SOURCES_FILE: {name}.schedule is five fields as in crontab, not {schedule!r}"
        )
    options = {key: _option(name, key, value) for key, value in table.items() if key not in _OWN_KEYS}
    if kind != name:
        options["name"] = name
    planned = PlannedSource(name, kind, options, schedule)
    planned.make()  # wrong options are told at the start, not at night
    return planned


def _option(name: str, key: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise SourcesMisconfigured(f"SAFQA_SOURCES_FILE: {name}.{key} is a text or a number")
    return str(value)


def _usual_schedule(name: str) -> str:
    """Every two hours, each source at a minute of its own, so that they don't all wake up at once."""
    return f"{sum(name.encode()) % 60} */{_USUAL_MINUTES // 60} * * *"


def _address(written: str) -> tuple[str, int]:
    try:
        return address_with_port(written)
    except ValueError as wrong:
        raise SourcesMisconfigured(f"SAFQA_SOURCES_ADDRESSES: {wrong}") from wrong


def _check_contact(contact: str | None) -> None:
    try:
        Permit(_NOBODY if contact is None else contact)
    except SourceError as wrong:
        raise SourcesMisconfigured(f"SAFQA_SOURCE_CONTACT: {wrong}") from wrong
