"""Candidates side by side: lines of facts, reasons and conditions, each knowing whether the startups differ in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.eligibility.schemas import CheckOut, EligibilityWithChecks
from app.kit.i18n import Lang, format_number, translate, translate_count
from app.kit.languages import language_name
from app.matches.explaining import Profiled
from app.startups.schemas import StartupPublic
from app.tenders.place_names import place_in
from app.web.candidates.listing import Reason, reasons_of, region_of_startup
from app.web.reasons import gathered

FEWEST: Final = 2
MOST: Final = 4

_GROUPS: Final = (
    "text", "cpv", "place", "region", "buyer", "reference", "intent", "value", "mode", "experience",
)  # fmt: skip
"""The first parts of the codes of reasons, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact of the profiles; a cell holds what a startup says, nothing where it says nothing."""

    words: str
    cells: Sequence[Sequence[str]]

    @property
    def differs(self) -> bool:
        """Whether not all say the same."""
        return len({tuple(sorted(cell)) for cell in self.cells}) > 1


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """What a kind of reason adds to each score, and why."""

    words: str
    cells: Sequence[Sequence[Reason]]
    sums: Sequence[float]

    @property
    def differs(self) -> bool:
        """Whether it counts for some more than for others, by more than what rounds away."""
        return len({round(each, 1) for each in self.sums}) > 1


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A condition of the call; ``None``: nothing is said against the startup there."""

    words: str
    quote: str | None
    cells: Sequence[CheckOut | None]

    @property
    def differs(self) -> bool:
        """Whether it comes out differently."""
        return len({(cell.outcome, cell.sentence) if cell else None for cell in self.cells}) > 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """All lines, and how many of them differ."""

    facts: Sequence[FactLine]
    reasons: Sequence[ReasonLine]
    checks: Sequence[CheckLine]

    @property
    def differences(self) -> int:
        """Lines in which the startups differ."""
        return sum(sum(line.differs for line in lines) for lines in (self.facts, self.reasons, self.checks))

    def without_sameness(self) -> Comparison:
        """The lines that differ."""
        return Comparison(
            [line for line in self.facts if line.differs],
            [line for line in self.reasons if line.differs],
            [line for line in self.checks if line.differs],
        )


def compared(shown: Sequence[Profiled], names: Mapping[str, str], lang: Lang) -> Comparison:
    """Startups side by side. ``names``: regions in the reader's language."""
    return Comparison(_facts(shown, names, lang), _reasons(shown, lang), _checks(shown, lang))


def _facts(shown: Sequence[Profiled], names: Mapping[str, str], lang: Lang) -> list[FactLine]:
    told: dict[str, list[list[str]]] = {}
    for each in shown:
        for name, said in _said(each.profile, names, lang).items():
            told.setdefault(name, []).append(said)
    return [FactLine(translate(name, lang), cells) for name, cells in told.items()]


def _said(profile: StartupPublic, names: Mapping[str, str], lang: Lang) -> dict[str, list[str]]:
    region = region_of_startup(profile.regions, profile.city, profile.country)
    staff = profile.employees
    return {
        "web.candidates.region": [names[region]] if region is not None and region in names else list(profile.regions),
        "web.candidates.fact.city": [place_in(profile.city, lang)] if profile.city else [],
        "web.candidates.size": [] if staff is None else [translate_count("web.candidates.employees", lang, staff)],
        "web.candidates.fact.founded": [str(profile.founded)] if profile.founded else [],
        "web.candidates.fact.sectors": profile.sectors,
        "web.candidates.fact.technologies": profile.technologies,
        "web.candidates.fact.languages": [language_name(code, lang) for code in profile.languages],
        "web.candidates.fact.labels": [label.name for label in profile.labels],
        "web.candidates.fact.certifications": profile.certifications,
        "web.candidates.fact.references": [format_number(len(profile.references), lang)] if profile.references else [],
    }


def _reasons(shown: Sequence[Profiled], lang: Lang) -> list[ReasonLine]:
    by_startup: list[dict[str, list[Reason]]] = []
    sums: list[dict[str, float]] = []
    for each in shown:
        groups: dict[str, list[Reason]] = {}
        weights: dict[str, float] = {}
        for reason in reasons_of(gathered(each.candidate.reasons, lang)):
            group = reason.code.partition(".")[0]
            name = group if group in _GROUPS else "other"
            groups.setdefault(name, []).append(reason)
            weights[name] = weights.get(name, 0.0) + reason.contribution
        by_startup.append(groups)
        sums.append(weights)
    return [
        ReasonLine(
            translate(f"web.candidates.reason-group.{name}", lang),
            [groups.get(name, []) for groups in by_startup],
            [weights.get(name, 0.0) for weights in sums],
        )
        for name in (*_GROUPS, "other")
        if any(name in groups for groups in by_startup)
    ]


def condition_name(check: CheckOut, lang: Lang) -> str:
    """What a condition is about: the kind of requirement, or the law."""
    return translate(f"web.incubator.kind.{check.kind or 'law'}", lang)


def _checks(shown: Sequence[Profiled], lang: Lang) -> list[CheckLine]:
    found = [each.candidate.eligibility for each in shown]
    checks = [list(each.checks) if isinstance(each, EligibilityWithChecks) else [] for each in found]
    by_key = [{(check.rule, check.clause, check.lot): check for check in told} for told in checks]
    keys = dict.fromkeys(key for told in by_key for key in told)
    lines = []
    for key in keys:
        cells = [told.get(key) for told in by_key]
        first = next(cell for cell in cells if cell is not None)
        lines.append(CheckLine(condition_name(first, lang), first.quote, cells))
    return lines
