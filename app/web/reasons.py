"""Reasons told as a person would: what is one sentence about several subjects is said once, with all of them; no stem
of a word stands for the word, and places are called as the reader calls them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.kit.i18n import Lang, translate
from app.matches.schemas import ReasonOut
from app.tenders.place_names import place_in

_GATHERED: Final = frozenset({"text.term", "text.concept", "text.trade", "intent.same"})
_PLAIN: Final = frozenset({"base", "rest"})
"""Parts of a score that say nothing of the pair."""

_MOST: Final = 5
"""What one sentence names at most: the others follow in the next."""


def telling(reasons: Sequence[ReasonOut]) -> list[ReasonOut]:
    """Those that say something of the pair, the weightiest first."""
    return sorted((each for each in reasons if each.code not in _PLAIN), key=lambda each: -each.contribution)


def gathered(reasons: Sequence[ReasonOut], lang: Lang) -> list[ReasonOut]:
    """The same reasons in the same order, those that speak alike as one where the first of them stands.

    Reasons against, and those that feedback has changed, stay by themselves: each has something of its own to say.
    """
    groups: dict[object, list[ReasonOut]] = {}
    for at, reason in enumerate(reasons):
        learned = reason.facts.get("startup_learned") or reason.facts.get("tender_learned")
        alone = reason.code not in _GATHERED or reason.contribution <= 0 or learned or not _subject(reason, lang)
        alike = [key for key in groups if not alone and isinstance(key, tuple) and key[0] == reason.code]
        if alone:
            groups[at] = [reason]
        elif alike and len(groups[alike[-1]]) < _MOST:
            groups[alike[-1]].append(reason)
        else:
            groups[reason.code, at] = [reason]
    return [_spelt(group[0], lang) if len(group) == 1 else _together(group, lang) for group in groups.values()]


def _spelt(reason: ReasonOut, lang: Lang) -> ReasonOut:
    """A reason with the word as the notice writes it where its term is folded or a stem, and its place by its name."""
    learned = reason.facts.get("startup_learned") or reason.facts.get("tender_learned")
    if reason.code == "buyer.known":
        return reason.model_copy(update={"sentence": translate("web.reason.buyer.known", lang)})
    if reason.code == "text.term" and not learned:
        return reason.model_copy(update={"sentence": translate("reason.text.term", lang, term=_subject(reason, lang))})
    place = reason.facts.get("tender")
    if reason.code == "place.same" and isinstance(place, str):
        return reason.model_copy(
            update={"sentence": translate("reason.place.same", lang, tender=place_in(place, lang))}
        )
    return reason


def _together(group: Sequence[ReasonOut], lang: Lang) -> ReasonOut:
    first = group[0]
    subjects = [_subject(each, lang) for each in group]
    return first.model_copy(
        update={
            "sentence": translate(f"web.reason.{first.code}", lang, terms=" · ".join(dict.fromkeys(subjects))),
            "contribution": sum(each.contribution for each in group),
            "in_tender": [span for each in group for span in each.in_tender],
            "in_startup": [span for each in group for span in each.in_startup],
        }
    )


def _subject(reason: ReasonOut, lang: Lang) -> str:
    written = next((span.text for span in reason.in_tender if span.text), None)
    if reason.code == "text.term" and written:
        return written.lower()
    return str(reason.facts.get(f"label_{lang}") or reason.term or "")
