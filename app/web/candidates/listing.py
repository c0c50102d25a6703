"""A candidate as a buyer reads of it: reasons in plain words, the matched ones marked, and what is in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.eligibility.schemas import CheckOut, EligibilityBrief, EligibilityWithChecks
from app.kit.i18n import Lang
from app.matches.schemas import CandidateOut, ReasonOut
from app.tenders.place_names import region_in
from app.tenders.regions import region_of, regions
from app.web.marking import Piece, pieces
from app.web.reasons import gathered

_PLAIN: Final = frozenset({"base", "rest"})
"""Parts of a score that say nothing of the pair."""

SHOWN_REASONS: Final = 4
_QUOTED: Final = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: its sentence with the matched word marked, and how the profile writes it."""

    code: str
    sentence: Sequence[Piece]
    quoted: Sequence[str]
    contribution: float


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate of a list. ``rank``: from 1, over all pages; ``in_the_way``: what fails before what is unknown."""

    rank: int
    item: CandidateOut
    reasons: Sequence[Reason]
    further: Sequence[Reason]
    in_the_way: Sequence[CheckOut]
    region: str | None


def rows_of(items: Sequence[CandidateOut], before: int, lang: Lang) -> list[Row]:
    """Candidates as they are listed, after so many others."""
    return [_row(before + place, item, lang) for place, item in enumerate(items, 1)]


def _row(rank: int, item: CandidateOut, lang: Lang) -> Row:
    told = reasons_of(gathered(item.reasons, lang))
    return Row(
        rank, item, told[:SHOWN_REASONS], told[SHOWN_REASONS:], in_the_way(item.eligibility),
        region_of_startup(item.startup.regions, item.startup.city, item.startup.country),
    )  # fmt: skip


def reasons_of(reasons: Sequence[ReasonOut]) -> list[Reason]:
    """The reasons that say something of a pair, the weightiest first; a word of the profile is quoted once."""
    telling = sorted((each for each in reasons if each.code not in _PLAIN), key=lambda each: -abs(each.contribution))
    quoted: set[str] = set()
    return [_reason(each, quoted) for each in telling]


def _reason(reason: ReasonOut, said: set[str]) -> Reason:
    spans = []
    for form in {span.text for span in (*reason.in_tender, *reason.in_startup) if span.text}:
        at = reason.sentence.find(form)
        if at >= 0:
            spans.append((at, at + len(form)))
    forms = dict.fromkeys(span.text for span in reason.in_startup if span.text)
    quoted = [form for form in forms if form not in said and form not in reason.sentence][:_QUOTED]
    said.update(quoted)
    return Reason(reason.code, pieces(reason.sentence, spans), quoted, reason.contribution)


def in_the_way(found: EligibilityBrief | None) -> list[CheckOut]:
    """What a startup does not surely pass, what fails first."""
    if not isinstance(found, EligibilityWithChecks):
        return []
    return sorted(found.checks, key=lambda check: check.outcome != "fail")


def region_of_startup(places: Sequence[str], city: str | None, country: str | None) -> str | None:
    """The first region that a profile names, by itself or by a place in it; French, as filters say it."""
    for place in (*places, city):
        region = region_of(place, country)
        if region is not None:
            return region
    return None


def region_names(lang: Lang) -> dict[str, str]:
    """The twelve regions, by the French name that filters say, in the reader's language."""
    return {each.name_fr: region_in(each, lang) for each in regions()}
