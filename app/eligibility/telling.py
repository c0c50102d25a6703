"""Checks as sentences in Arabic, French and English, each with what it rests on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from app.eligibility.judging import Judged, quotes_in
from app.eligibility.schemas import CheckOut, CitationOut, EligibilityOut, GroundOut, LaneOut, SettlementOut
from app.kit.i18n import Fact, Lang, format_date, format_money, has_message, listed, translate
from app.kit.languages import language_name
from matching.eligibility.lane import Lane
from matching.eligibility.verdicts import Check, Citation, Effect, Outcome, Settlement, Settler
from matching.types import Facts

_MONEY: Final = re.compile(r"(-?\d{1,30}(?:\.\d{1,6})?) ([A-Z]{3})")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d")
_DOUBT: Final = re.compile(r"(?P<what>.+)_(?P<doubt>tax|rate)")
_CLOSED: Final = frozenset({"procedure", "reserved", "groups", "group", "electronic_filing", "legal_form"})
"""Facts whose words are of closed lists and have names in the catalogues."""
_LANGUAGES: Final = "languages"

STARTUPS_OWN: Final = frozenset({"document.expiry", "clause.bond"})
"""Checks of what is no business of a buyer and shuts nobody out: which papers run out, how much cash is at hand."""

CALLS_OWN: Final = frozenset({
    "asked", "needed", "years", "name", "role", "what", "place", "languages", "groups", "group", "limit", "day",
    "publicity_days", "value", "procedure", "invited_count", "currency", "deadline", "turnover_asked", "lot_count",
    "bond", "reserved", "validity_days", "preference_percent", "retention_percent", "definitive_bond_percent",
    "electronic_filing", "consortium_allowed", "references_asked",
})  # fmt: skip
"""Facts that a call says. All others are a startup's own: its buyers are not told them."""


def told(found: Judged, as_of: dt.datetime, lang: Lang, *, whole: bool = True) -> EligibilityOut:
    """A judgement for people; ``whole`` off: without the startup's own figures."""
    binding = [each.outcome for each in found.eligibility.checks if each.effect is Effect.BINDS]
    quotes = quotes_in(found.tender)
    return EligibilityOut(
        outcome=found.eligibility.outcome.value,
        by_lot={lot: outcome.value for lot, outcome in found.eligibility.by_lot.items()},
        counts={outcome.value: binding.count(outcome) for outcome in Outcome},
        checks=[
            told_check(each, lang, quote=quotes.get(each.clause or ""), whole=whole)
            for each in found.eligibility.checks
            if whole or each.rule not in STARTUPS_OWN
        ],
        groups={name: each.outcome.value for name, each in found.groups.items()},
        simplified_access=told_lane(found.lane, lang),
        as_of=as_of,
        disclaimer=disclaimer(lang),
    )


def disclaimer(lang: Lang) -> str:
    """What stands beside every statement about law."""
    return translate("eligibility.disclaimer", lang)


def told_check(found: Check, lang: Lang, *, quote: str | None = None, whole: bool = True) -> CheckOut:
    """One check with its sentence."""
    facts = {name: fact for name, fact in found.facts.items() if whole or name in CALLS_OWN}
    message = found.message
    if facts.keys() != found.facts.keys() and found.message.count(".") > _PLAIN and not message.endswith(found.outcome):
        # A sentence that tells the startup's own dates has a plainer one beside it.
        plain = message.rpartition(".")[0]
        message = plain if has_message(plain) else message
    return CheckOut(
        rule=found.rule,
        outcome=found.outcome.value,
        effect=found.effect.value,
        sentence=translate(message, lang, **_written(facts, lang)),
        facts=dict(facts),
        kind=found.kind.value if found.kind else None,
        clause=found.clause,
        quote=quote or None,
        lot=found.lot,
        waivable=found.waivable,
        settle=[told_settlement(each, lang, whole=whole) for each in found.settle],
        citation=None if found.citation is None else citation_out(found.citation, lang),
    )


_PLAIN = 2


def told_lane(lane: Lane, lang: Lang) -> LaneOut:
    """The lane with the sentences of its grounds."""
    return LaneOut(
        open=lane.open,
        grounds=[
            GroundOut(
                name=each.name,
                sentence=translate(f"eligibility.ground.{each.name}", lang),
                citation=None if each.citation is None else citation_out(each.citation, lang),
            )
            for each in lane.grounds
        ],
        settle=[told_settlement(each, lang) for each in lane.settle],
    )


def told_settlement(settlement: Settlement, lang: Lang, *, whole: bool = True) -> SettlementOut:
    """What would settle an unknown, and who can; ``whole`` off: told to others than the startup."""
    who = settlement.by.value if whole or settlement.by is not Settler.PROFILE else "startup"
    return SettlementOut(
        by=settlement.by.value,
        what=settlement.what,
        part=settlement.part.value if settlement.part else None,
        sentence=translate(f"eligibility.settle.{who}", lang, what=_named(settlement.what, lang)),
    )


def _named(what: str, lang: Lang) -> str:
    if what.startswith("definition_"):
        group = translate(f"eligibility.word.{what.removeprefix('definition_')}", lang)
        return translate("eligibility.what.definition", lang, group=group)
    doubt = _DOUBT.fullmatch(what)
    if doubt:
        named = translate(f"eligibility.what.{doubt['what']}", lang)
        return translate(f"eligibility.doubt.{doubt['doubt']}", lang, what=named)
    return translate(f"eligibility.what.{what}", lang)


def citation_out(citation: Citation, lang: Lang) -> CitationOut:
    """A citation with its sentence."""
    form = "article" if citation.article else "source"
    source = _source(citation.source, lang)
    sentence = translate(
        f"eligibility.citation.{form}",
        lang,
        article=citation.article,
        source=source,
        day=citation.as_of,
        confidence=translate(f"eligibility.confidence.{citation.confidence}", lang),
    )
    return CitationOut(
        jurisdiction=citation.jurisdiction, article=citation.article, source=source, as_of=citation.as_of,
        confidence=citation.confidence, sentence=sentence,
    )  # fmt: skip


def _source(source: str, lang: Lang) -> str:
    """A law by its title; what is none (``practice``, ``own_words``) as the language names it."""
    key = f"planning.source.{source}"
    return translate(key, lang) if has_message(key) else source


def _written(facts: Facts, lang: Lang) -> Mapping[str, Fact]:
    return {name: _fact(name, fact, lang) for name, fact in facts.items()}


def _fact(name: str, fact: str | float | bool | None, lang: Lang) -> Fact:
    """Sums, days and words of closed lists as the language writes them."""
    if not isinstance(fact, str):
        return fact
    if money := _MONEY.fullmatch(fact):
        return format_money(Decimal(money[1]), money[2], lang)
    if _DAY.fullmatch(fact):
        return dt.date.fromisoformat(fact)
    if _INSTANT.fullmatch(fact):
        local = dt.datetime.fromisoformat(fact)
        return f"{format_date(local.date(), lang)} {local:%H:%M}"
    if name in _CLOSED or name == _LANGUAGES:
        return listed((_word(name, word, lang) for word in fact.split(", ")), lang)
    paper = f"paper.{fact}"
    return translate(paper, lang) if name == "kind" and has_message(paper) else fact


def _word(name: str, word: str, lang: Lang) -> str:
    return language_name(word, lang) if name == _LANGUAGES else translate(f"eligibility.word.{word}", lang)
