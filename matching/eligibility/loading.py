"""Rule packs from TOML, checked to the letter: a pack that is loaded can be evaluated.

Raises ``RuleError`` that names the file, the rule and the field. docs/eligibility.md describes the format.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Final, cast, get_args

from matching.eligibility.facts import Part
from matching.eligibility.parsing import Table, parse_condition
from matching.eligibility.rulebook import WORLD, Pack, Rule, RuleBook, RuleEffect
from matching.eligibility.verdicts import Citation, Confidence, Settlement, Settler
from matching.errors import RuleError
from matching.requirements.findings import Kind

_EFFECTS: Final = get_args(RuleEffect)
_CONFIDENCES: Final = get_args(Confidence)


def load_rules(texts: Mapping[str, str]) -> RuleBook:
    """A book of packs, given as file name to text. Packs of the world come first, narrower ones later."""
    packs = [_pack(name, text) for name, text in sorted(texts.items())]
    packs.sort(key=lambda pack: (pack.jurisdiction != WORLD, -len(pack.countries), pack.jurisdiction))
    _no_overlap([rule for pack in packs for rule in pack.rules])
    return RuleBook(tuple(packs))


@lru_cache(maxsize=1)
def default_rules() -> RuleBook:
    """The packs that ship."""
    folder = files("matching") / "data" / "rules"
    return load_rules({file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")})


def _pack(name: str, text: str) -> Pack:
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{name}: {error}") from error
    table = Table(raw, name)
    head = Table(table.take("pack", dict), f"{name}: pack")
    jurisdiction = head.take("jurisdiction", str)
    countries = frozenset(head.words("countries"))
    tax = head.number("highest_tax")
    if not 0 <= tax < 1:
        raise RuleError(f"{head.at}.highest_tax: must be a share of 1, as 0.20")
    if (jurisdiction == WORLD) == bool(countries):
        raise RuleError(f"{head.at}.countries: a jurisdiction names its countries, {WORLD!r} names none")
    head.nothing_else()
    rules = tuple(_rule(each, name, jurisdiction) for each in table.tables("rule"))
    table.nothing_else()
    return Pack(jurisdiction, countries, tax, rules)


def _rule(raw: Mapping[str, object], file: str, jurisdiction: str) -> Rule:
    id_ = raw.get("id")
    table = Table(raw, f"{file}: rule {id_!r}")
    rule_id = table.take("id", str)
    effect = cast("RuleEffect", table.one_of("effect", _EFFECTS))
    name = table.maybe("name", str)
    applies, requires = table.maybe("applies", dict), table.maybe("requires", dict)
    rule = Rule(
        id=rule_id,
        jurisdiction=jurisdiction,
        effect=effect,
        citation=_citation(table, jurisdiction),
        message=f"eligibility.{table.maybe('message', str) or rule_id}",
        public_only=table.one_of("sector", ("public", "any")) == "public",
        valid_from=_day(table, "valid_from"),
        valid_to=_day(table, "valid_to"),
        applies=None if applies is None else parse_condition(applies, f"{table.at}.applies"),
        requires=None if requires is None else parse_condition(requires, f"{table.at}.requires"),
        settle=tuple(_settlement(each, table.at) for each in table.tables("settle", required=False)),
        kind=Kind(table.one_of("kind", tuple(Kind))) if "kind" in raw else None,
        waivable=bool(table.maybe("waivable", bool)),
        name=name,
        outright=bool(table.maybe("outright", bool)),
    )
    table.nothing_else()
    _consistent(rule, table.at)
    return rule


def _consistent(rule: Rule, at: str) -> None:
    if (rule.effect in {"defines", "lane"}) != (rule.name is not None):
        raise RuleError(f"{at}.name: stands in rules that define a group or give a ground, and in no others")
    if rule.effect in {"binds", "hint"} and rule.requires is None:
        raise RuleError(f"{at}.requires: a rule that can fail says what it requires")
    if rule.effect == "note" and (rule.requires is not None or rule.applies is None):
        raise RuleError(f"{at}: a note says when it applies, and requires nothing")
    if rule.outright and rule.effect != "lane":
        raise RuleError(f"{at}.outright: stands in grounds of the lane only")
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        raise RuleError(f"{at}.valid_to: lies before valid_from")


def _citation(table: Table, jurisdiction: str) -> Citation | None:
    """Where the rule comes from; a rule of the world may rest on the notice alone and cite nothing."""
    if jurisdiction == WORLD and "source" not in table.raw:
        return None
    return Citation(
        jurisdiction=jurisdiction,
        article=table.maybe("article", str),
        source=table.take("source", str),
        as_of=table.take("as_of", dt.date),
        confidence=cast("Confidence", table.one_of("confidence", _CONFIDENCES)),
    )


def _settlement(raw: Mapping[str, object], at: str) -> Settlement:
    table = Table(raw, f"{at}.settle")
    found = Settlement(
        Settler(table.one_of("by", tuple(Settler))),
        table.take("what", str),
        Part(table.one_of("part", tuple(Part))) if "part" in raw else None,
    )
    table.nothing_else()
    return found


def _day(table: Table, name: str) -> dt.date | None:
    day = table.maybe(name, dt.date)
    if isinstance(day, dt.datetime):
        raise RuleError(f"{table.at}.{name}: is a day, not an instant")
    return day


def _no_overlap(rules: Iterable[Rule]) -> None:
    """One rule may have versions; on no day there are two."""
    seen: dict[str, list[Rule]] = {}
    for rule in rules:
        for other in seen.setdefault(rule.id, []):
            if other.jurisdiction != rule.jurisdiction or (
                (rule.valid_from or dt.date.min) <= (other.valid_to or dt.date.max)
                and (other.valid_from or dt.date.min) <= (rule.valid_to or dt.date.max)
            ):
                raise RuleError(f"rule {rule.id!r}: two versions of it are valid on one day")
        seen[rule.id].append(rule)
