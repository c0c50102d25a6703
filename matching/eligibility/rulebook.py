"""Rules as data: what each says, where and when it is law, and those in force for one call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeAlias

from matching.eligibility.conditions import Condition
from matching.eligibility.verdicts import Citation, Settlement
from matching.requirements.findings import Kind

RuleEffect: TypeAlias = Literal["binds", "hint", "note", "defines", "lane"]
"""As ``verdicts.Effect``; ``defines``: who belongs to a group; ``lane``: a ground for simplified access."""

WORLD = "*"
"""The jurisdiction of rules that hold everywhere."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule. ``applies`` and ``requires`` are conditions; a rule that doesn't apply says nothing.

    ``name``: the group that a ``defines`` rule is about, the ground that a ``lane`` rule gives. ``outright``: the law
    itself asks no references in such calls, so that a call that asks them all the same is a doubt and not a no.
    """

    id: str
    jurisdiction: str
    effect: RuleEffect
    citation: Citation | None
    message: str
    public_only: bool = True
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    applies: Condition | None = None
    requires: Condition | None = None
    settle: tuple[Settlement, ...] = ()
    kind: Kind | None = None
    waivable: bool = False
    name: str | None = None
    outright: bool = False

    def in_force(self, day: dt.date) -> bool:
        """Whether it is law on a day, both ends included."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Pack:
    """The rules of one jurisdiction: of ``countries``, or of all where it is ``WORLD``."""

    jurisdiction: str
    countries: frozenset[str]
    highest_tax: Decimal
    rules: tuple[Rule, ...]

    def holds_in(self, country: str | None) -> bool:
        """Whether it counts in a country."""
        return self.jurisdiction == WORLD or (country is not None and country in self.countries)


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules for one call: by what they do."""

    checks: tuple[Rule, ...]
    lanes: tuple[Rule, ...]
    definitions: Mapping[str, Rule]
    highest_tax: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class RuleBook:
    """All packs, those of the world first: a country's own definition of a group replaces them."""

    packs: tuple[Pack, ...]
    rules: tuple[Rule, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", tuple(rule for pack in self.packs for rule in pack.rules))

    def in_force(self, country: str | None, day: dt.date) -> InForce:
        """The rules of a country on a day."""
        return _in_force(self, country, day)


@lru_cache(maxsize=4_096)
def _in_force(book: RuleBook, country: str | None, day: dt.date) -> InForce:
    packs = [pack for pack in book.packs if pack.holds_in(country)]
    rules = [rule for pack in packs for rule in pack.rules if rule.in_force(day)]
    narrow = [pack.highest_tax for pack in packs if pack.jurisdiction == country]
    return InForce(
        checks=tuple(rule for rule in rules if rule.effect in {"binds", "hint", "note"}),
        lanes=tuple(rule for rule in rules if rule.effect == "lane"),
        definitions={str(rule.name): rule for rule in rules if rule.effect == "defines"},
        highest_tax=narrow[0] if narrow else max((pack.highest_tax for pack in packs), default=Decimal("0.27")),
    )
