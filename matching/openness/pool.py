"""A pool of startups as columns: what each of them can show, arranged by what the checks of eligibility look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from matching.eligibility.facts import HeldCertificate, HeldReference, Part, StartupFacts
from matching.openness.columns import Coded, Listed, Ordered, by_currency, by_day
from matching.openness.grades import Codes
from matching.types import Amount

Aspect: TypeAlias = Literal[
    "country", "legal_form", "employees", "founded", "labels", "team", "equipment", "regions", "languages"
]
Complete: TypeAlias = npt.NDArray[np.int64]
NO_DAY = 0
"""The day number of a date that is not known."""


@dataclass(frozen=True, slots=True)
class CertificateColumns:
    """All certificates of all startups; ``kinds`` are certificates without their last day."""

    entries: Listed
    kinds: Coded[HeldCertificate]
    expires: Codes
    complete: Complete


@dataclass(frozen=True, slots=True)
class ReferenceColumns:
    """All references of all startups, each of the aspects that checks look at by itself."""

    entries: Listed
    trades: Coded[frozenset[str]]
    days: Ordered[dt.date]
    values: Ordered[Amount]
    attested: Coded[bool | None]
    complete: Complete


@dataclass(frozen=True, slots=True)
class TurnoverColumns:
    """All years of turnover. ``patterns``: which years a startup tells, in which order; ``place``: of an entry there.

    ``latest``: the turnover by which firms are sized, that of the latest year.
    """

    entries: Listed
    place: Codes
    amounts: Ordered[Amount]
    patterns: Coded[tuple[int, ...]]
    complete: Complete
    latest: Ordered[Amount]


@dataclass(frozen=True, slots=True)
class Pool:
    """Startups as rows. ``alike``: for each aspect the startups with nothing but this aspect, blank otherwise."""

    startups: Sequence[StartupFacts]
    row_of: dict[str, int]
    certificates: CertificateColumns
    references: ReferenceColumns
    turnover: TurnoverColumns
    balance: Ordered[Amount]
    alike: dict[Aspect, Coded[StartupFacts]]

    def __len__(self) -> int:
        return len(self.startups)

    @classmethod
    def of(cls, startups: Iterable[StartupFacts]) -> Pool:
        """The pool of these startups; of those with one id the last counts."""
        kept = list({each.id: each for each in startups}.values())
        return cls(
            startups=kept,
            row_of={each.id: row for row, each in enumerate(kept)},
            certificates=_certificates(kept),
            references=_references(kept),
            turnover=_turnover(kept),
            balance=Ordered.of([each.balance_sheet for each in kept], by_currency),
            alike={aspect: Coded.by(kept, key, only) for aspect, (key, only) in _ASPECTS.items()},
        )

    def rows(self, ids: Iterable[str]) -> npt.NDArray[np.intp]:
        """Where these startups stand; ids that are not in the pool are passed over."""
        return np.array(sorted({self.row_of[each] for each in ids if each in self.row_of}), dtype=np.intp)


def _part(startup: StartupFacts, part: Part) -> frozenset[Part]:
    return startup.complete & {part}


def _told(aspect: str, part: Part) -> Callable[[StartupFacts], Hashable]:
    return lambda s: (getattr(s, aspect), part in s.complete)


_ASPECTS: dict[Aspect, tuple[Callable[[StartupFacts], Hashable], Callable[[StartupFacts], StartupFacts]]] = {
    "country": (attrgetter("country"), lambda s: StartupFacts("", s.country)),
    "legal_form": (attrgetter("legal_form"), lambda s: StartupFacts("", legal_form=s.legal_form)),
    "employees": (attrgetter("employees"), lambda s: StartupFacts("", employees=s.employees)),
    "founded": (attrgetter("founded"), lambda s: StartupFacts("", founded=s.founded)),
    "labels": (
        _told("labels", Part.LABELS),
        lambda s: StartupFacts("", labels=s.labels, complete=_part(s, Part.LABELS)),
    ),
    "team": (_told("team", Part.TEAM), lambda s: StartupFacts("", team=s.team, complete=_part(s, Part.TEAM))),
    "equipment": (
        _told("equipment", Part.EQUIPMENT),
        lambda s: StartupFacts("", equipment=s.equipment, complete=_part(s, Part.EQUIPMENT)),
    ),
    "regions": (
        _told("regions", Part.REGIONS),
        lambda s: StartupFacts("", regions=s.regions, complete=_part(s, Part.REGIONS)),
    ),
    "languages": (
        _told("languages", Part.LANGUAGES),
        lambda s: StartupFacts("", languages=s.languages, complete=_part(s, Part.LANGUAGES)),
    ),
}
"""For each aspect what tells startups apart by it, and a startup with nothing else."""


def _complete(startups: Sequence[StartupFacts], part: Part) -> Complete:
    return np.array([part in each.complete for each in startups], dtype=np.int64)


def day_number(day: dt.date | None) -> int:
    """A day as a number that rises with it."""
    return NO_DAY if day is None else day.toordinal()


def _certificates(startups: Sequence[StartupFacts]) -> CertificateColumns:
    held = [each for startup in startups for each in startup.certificates]
    return CertificateColumns(
        Listed.of([len(startup.certificates) for startup in startups]),
        Coded.of(replace(each, expires=None, issuer=None) for each in held),
        np.array([day_number(each.expires) for each in held], dtype=np.int64),
        _complete(startups, Part.CERTIFICATES),
    )


def _references(startups: Sequence[StartupFacts]) -> ReferenceColumns:
    held: list[HeldReference] = [each for startup in startups for each in startup.references]
    return ReferenceColumns(
        Listed.of([len(startup.references) for startup in startups]),
        Coded.of(each.trades for each in held),
        Ordered.of([each.date for each in held], by_day),
        Ordered.of([each.value for each in held], by_currency),
        Coded.of(each.attested for each in held),
        _complete(startups, Part.REFERENCES),
    )


def _turnover(startups: Sequence[StartupFacts]) -> TurnoverColumns:
    latest = [max(s.turnover, key=lambda each: (each.year, each.turnover.amount), default=None) for s in startups]
    return TurnoverColumns(
        Listed.of([len(startup.turnover) for startup in startups]),
        np.array([place for startup in startups for place in range(len(startup.turnover))], dtype=np.int64),
        Ordered.of([each.turnover for startup in startups for each in startup.turnover], by_currency),
        Coded.of(tuple(each.year for each in startup.turnover) for startup in startups),
        _complete(startups, Part.TURNOVER),
        Ordered.of([None if each is None else each.turnover for each in latest], by_currency),
    )
