"""Gates: what must hold before ranking. Each is decided on columns, so that a filter costs microseconds.

An unknown value passes and is reported as unknown; labels, certifications and languages must be shown to count.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from matching.analysis.analyser import default_analyser
from matching.documents import told_share
from matching.specialities import default_specialities
from matching.text import fold
from matching.types import Gates, StartupDoc, StartupFilter, TenderDoc, TenderFilter
from matching.vectorizer import F64, I32, I64

Mask = npt.NDArray[np.bool_]
UNKNOWN: Final = -1
_NOT_WORD = re.compile(r"[\W_]+")


def facet_key(value: str) -> str:
    """How two spellings of a region, sector, label ... are compared: folded words."""
    return " ".join(_NOT_WORD.sub(" ", fold(value)).split())


class Codes:
    """Facet values to numbers, shared by all columns of a matcher; append-only."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._numbers = {value: number for number, value in enumerate(values)}
        self._lock = threading.Lock()

    def values(self) -> tuple[str, ...]:
        """All values in the order of their numbers."""
        with self._lock:
            return tuple(self._numbers)

    def add(self, value: str | None) -> int:
        """The number of a value, new if need be; ``UNKNOWN`` for none."""
        key = facet_key(value or "")
        if not key:
            return UNKNOWN
        with self._lock:
            return self._numbers.setdefault(key, len(self._numbers))

    def find(self, values: Iterable[str]) -> I32:
        """The numbers of the values that are known."""
        keys = (facet_key(value) for value in values)
        return np.array(sorted({self._numbers[key] for key in keys if key in self._numbers}), np.int32)


@dataclass(frozen=True, slots=True)
class Columns:
    """Facets of the documents of one segment: single values, and lists as (pointer, numbers)."""

    single: Mapping[str, F64]
    several: Mapping[str, tuple[I64, I32]]

    def take(self, wanted: I64) -> Columns:
        """The documents at these positions."""
        several: dict[str, tuple[I64, I32]] = {}
        for name, (ptr, numbers) in self.several.items():
            lengths = np.diff(ptr)[wanted]
            new = np.zeros(wanted.size + 1, np.int64)
            np.cumsum(lengths, out=new[1:])
            several[name] = (new, numbers[np.repeat(ptr[wanted] - new[:-1], lengths) + np.arange(new[-1])])
        return Columns({name: column[wanted] for name, column in self.single.items()}, several)

    def joined(self, other: Columns) -> Columns:
        """These documents, then the others."""
        return Columns(
            {name: np.concatenate([column, other.single[name]]) for name, column in self.single.items()},
            {
                name: (np.concatenate([ptr, other.several[name][0][1:] + ptr[-1]]),
                       np.concatenate([numbers, other.several[name][1]]))
                for name, (ptr, numbers) in self.several.items()
            },
        )  # fmt: skip

    def any_of(self, name: str, wanted: I32) -> tuple[Mask, Mask]:
        """(has one of the wanted numbers, has none at all: unknown) for a list facet."""
        ptr, numbers = self.several[name]
        hits = np.isin(numbers, wanted)
        counts = np.concatenate([[0], np.cumsum(hits)])
        return counts[ptr[1:]] > counts[ptr[:-1]], ptr[1:] == ptr[:-1]


def _several(rows: Sequence[Sequence[int]]) -> tuple[I64, I32]:
    ptr = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=ptr[1:])
    return ptr, np.fromiter((number for row in rows for number in row), np.int32, int(ptr[-1]))


def _column(values: Iterable[float | None]) -> F64:
    return np.array([np.nan if value is None else float(value) for value in values], np.float64)


def _numbers(codes: Codes, values: Iterable[str | None]) -> list[int]:
    return sorted({codes.add(value) for value in values} - {UNKNOWN})


def startup_columns(startups: Sequence[StartupDoc], codes: Codes) -> Columns:
    """The facets of startups."""
    return Columns(
        {
            "country": np.array([codes.add(s.country) for s in startups], np.float64),
            "employees": _column(s.employees for s in startups),
            "told": _column(told_share(s) for s in startups),
            "serves": default_analyser().service_shares(startups),
            "region": _column(default_specialities().number_of(s) for s in startups),
        },
        {
            "regions": _several([_numbers(codes, [*s.regions, s.city]) for s in startups]),
            "sectors": _several([_numbers(codes, s.sectors) for s in startups]),
            "languages": _several([_numbers(codes, s.languages) for s in startups]),
            "labels": _several([_numbers(codes, [label.name for label in s.labels]) for s in startups]),
            "certifications": _several([_numbers(codes, s.certifications) for s in startups]),
        },
    )


def tender_columns(tenders: Sequence[TenderDoc], codes: Codes, known_regions: F64) -> Columns:
    """The facets of tenders; ``known_regions`` are those known for what each asks (see ``specialities``)."""
    return Columns(
        {
            "country": np.array([codes.add(t.country) for t in tenders], np.float64),
            "deadline": _column(t.deadline.timestamp() if t.deadline else None for t in tenders),
            "value": _column(float(t.value.amount) if t.value else None for t in tenders),
            "currency": np.array([codes.add(t.value.currency if t.value else None) for t in tenders], np.float64),
            "category": np.array([codes.add(t.category) for t in tenders], np.float64),
            "sector": np.array([codes.add(t.sector) for t in tenders], np.float64),
            "reserved_sme": _column(t.reserved_sme for t in tenders),
            "known_regions": known_regions,
        },
        {"regions": _several([_numbers(codes, re.split(r"[,;/|]", t.place or "")) for t in tenders])},
    )


@dataclass(slots=True)
class Verdict:
    """What the gates left of a segment, what each removed and where each could not be decided."""

    allowed: Mask
    gated: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, Mask] = field(default_factory=dict)

    def apply(self, name: str, passes: Mask, unknown: Mask | None = None) -> None:
        """Remove what neither passes nor is unknown."""
        if unknown is not None:
            passes = passes | unknown
            self.unknown[name] = unknown
        removed = int(np.count_nonzero(self.allowed & ~passes))
        if removed:
            self.gated[name] = self.gated.get(name, 0) + removed
            self.allowed = self.allowed & passes

    def unknown_at(self, position: int) -> tuple[str, ...]:
        """The gates that could not be decided for one document."""
        return tuple(name for name, mask in self.unknown.items() if mask[position])


def judge_startups(columns: Columns, tender: TenderDoc, gates: Gates, codes: Codes, alive: Mask) -> Verdict:
    """Which startups may be ranked for a tender."""
    verdict = Verdict(alive)
    if gates.as_of is not None:
        open_still = tender.deadline is None or tender.deadline >= gates.as_of
        everyone = np.ones(alive.size, np.bool_)
        verdict.apply("deadline", everyone & open_still, everyone if tender.deadline is None else None)
    _country(verdict, columns, tender.country, gates, codes)
    _startup_filter(verdict, columns, gates.startups, codes)
    return verdict


def judge_tenders(columns: Columns, startup: StartupDoc, gates: Gates, codes: Codes, alive: Mask) -> Verdict:
    """Which tenders may be ranked for a startup."""
    verdict = Verdict(alive)
    if gates.as_of is not None:
        deadline = columns.single["deadline"]
        verdict.apply("deadline", deadline >= gates.as_of.timestamp(), np.isnan(deadline))
    _country(verdict, columns, startup.country, gates, codes)
    _tender_filter(verdict, columns, gates.tenders, codes)
    return verdict


def pick(verdict: Verdict, gates: Gates, position: Callable[[str], int | None]) -> None:
    """Apply the lists of ids: ``only`` and ``exclude``."""
    for name, wanted in (("only", gates.only), ("exclude", gates.exclude or None)):
        if wanted is None:
            continue
        listed = np.zeros(verdict.allowed.size, np.bool_)
        for document in wanted:
            at = position(document)
            if at is not None:
                listed[at] = True
        verdict.apply(name, listed if name == "only" else ~listed)


def _country(verdict: Verdict, columns: Columns, country: str | None, gates: Gates, codes: Codes) -> None:
    if not gates.same_country:
        return
    column = columns.single["country"]
    asked = codes.find([country or ""])
    unknown = (column == UNKNOWN) | (not facet_key(country or ""))
    passes = column == asked[0] if asked.size else np.zeros(column.size, np.bool_)
    verdict.apply("country", passes, unknown)


def _startup_filter(verdict: Verdict, columns: Columns, wanted: StartupFilter, codes: Codes) -> None:
    for name, values in (("regions", wanted.regions), ("sectors", wanted.sectors)):
        if values:
            verdict.apply(name, *columns.any_of(name, codes.find(values)))
    for name, values in (
        ("languages", wanted.languages), ("labels", wanted.labels), ("certifications", wanted.certifications),
    ):  # fmt: skip
        if values:
            verdict.apply(name, columns.any_of(name, codes.find(values))[0])
    if wanted.min_employees is not None or wanted.max_employees is not None:
        employees = columns.single["employees"]
        low = -np.inf if wanted.min_employees is None else wanted.min_employees
        high = np.inf if wanted.max_employees is None else wanted.max_employees
        verdict.apply("employees", (employees >= low) & (employees <= high), np.isnan(employees))


def _tender_filter(verdict: Verdict, columns: Columns, wanted: TenderFilter, codes: Codes) -> None:
    if wanted.regions:
        verdict.apply("regions", *columns.any_of("regions", codes.find(wanted.regions)))
    single = columns.single
    if wanted.categories:
        verdict.apply("category", np.isin(single["category"], codes.find(wanted.categories)), single["category"] < 0)
    if wanted.sector is not None:
        verdict.apply("sector", np.isin(single["sector"], codes.find([wanted.sector])), single["sector"] < 0)
    if wanted.reserved_sme is not None:
        reserved = single["reserved_sme"]
        verdict.apply("reserved_sme", reserved == float(wanted.reserved_sme), np.isnan(reserved))
    if wanted.min_value is not None or wanted.max_value is not None:
        value = single["value"]
        unknown = np.isnan(value)
        if wanted.currency is not None:  # another currency can't be compared: it is unknown, not too small
            unknown = unknown | ~np.isin(single["currency"], codes.find([wanted.currency]))
        low = -np.inf if wanted.min_value is None else float(wanted.min_value)
        high = np.inf if wanted.max_value is None else float(wanted.max_value)
        verdict.apply("value", (value >= low) & (value <= high), unknown)
