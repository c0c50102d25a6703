"""Packs are checked to the letter; the error names file, rule and field."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.eligibility.checking import the_case
from matching.eligibility.conditions import judge
from matching.eligibility.loading import load_rules
from matching.eligibility.parsing import parse_condition
from matching.eligibility.vocabulary import FACTS
from matching.errors import RuleError
from tests.matching.eligibility.cases import MOMENT, startup, tender

PACK = """
[pack]
jurisdiction = "ZZ"
countries = ["ZZ"]
highest_tax = 0.2
"""
RULE = """
[[rule]]
id = "zz.one"
effect = "hint"
sector = "public"
source = "law of ZZ (fictional)"
as_of = 2026-11-22
confidence = "secondary"
requires = { fact = "tender.lot_count", at_least = 2 }
"""


def test_a_pack_loads() -> None:
    book = load_rules({"zz.toml": PACK + RULE})
    assert [rule.id for rule in book.in_force("ZZ", dt.date(2026, 1, 1)).checks] == ["zz.one"]
    assert book.in_force("MA", dt.date(2026, 1, 1)).checks == ()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('id = "zz.one"', "id = 1", "rule 1.id: must be str"),
        ('effect = "hint"', 'effect = "advice"', "rule 'zz.one'.effect: 'advice' is none of"),
        ("as_of = 2026-11-22", "", "as_of: is missing"),
        ("as_of", "asof", "as_of: is missing"),
        ('sector = "public"', 'sector = "public"\nvalidfrom = 2023-01-01', "validfrom: is no field here"),
        ("at_least = 2", 'at_least = "2"', "requires.at_least: must be a number"),
        ("at_least = 2", "at_least = nan", "must be a number"),
        ("at_least = 2", "has = 2", "a fact of type number is tested by one of"),
        ("at_least = 2", "at_least = 2, at_most = 3", "is tested by one of"),
        ("tender.lot_count", "tender.lots", "'tender.lots' is no fact"),
        ('{ fact = "tender.lot_count", at_least = 2 }', "{ all = [] }", "requires.all: is empty"),
        (
            '{ fact = "tender.lot_count", at_least = 2 }',
            '{ fact = "tender.procedure", is = "opne" }',
            "'opne' is none of",
        ),
        (
            '{ fact = "tender.lot_count", at_least = 2 }',
            '{ fact = "tender.value", at_most = { amount = 5, currency = "MAD" } }',
            "at_most.tax: is missing",
        ),
        (
            '{ fact = "tender.lot_count", at_least = 2 }',
            '{ fact = "tender.value", at_most = { fact = "tender.lot_count" } }',
            "tender.lot_count is no money",
        ),
        ('requires = { fact = "tender.lot_count", at_least = 2 }', "", "requires: a rule that can fail"),
        ('effect = "hint"', 'effect = "defines"', "name: stands in rules that define"),
        ("highest_tax = 0.2", "highest_tax = 20", "highest_tax: must be a share"),
        ('countries = ["ZZ"]', "", "a jurisdiction names its countries"),
        ("[pack]", "[pack", "zz.toml: "),
        ('sector = "public"', 'sector = "public"\nvalid_from = 2023-01-02\nvalid_to = 2023-01-01', "before valid_from"),
    ],
)
def test_a_broken_pack_is_refused_by_name(old: str, new: str, complaint: str) -> None:
    assert old in PACK + RULE
    with pytest.raises(RuleError, match=complaint.replace("(", r"\(")) as told:
        load_rules({"zz.toml": (PACK + RULE).replace(old, new, 1)})
    assert str(told.value).startswith("zz.toml")


def test_two_versions_of_a_rule_may_not_be_law_on_one_day() -> None:
    first = RULE.replace("as_of", "valid_to = 2024-12-31\nas_of", 1)
    later = RULE.replace("as_of", "valid_from = 2025-01-01\nas_of", 1)
    book = load_rules({"zz.toml": PACK + first + later})
    on = {day: book.in_force("ZZ", day).checks for day in (dt.date(2024, 12, 31), dt.date(2025, 1, 1))}
    assert [len(rules) for rules in on.values()] == [1, 1]
    with pytest.raises(RuleError, match="two versions of it are valid on one day"):
        load_rules({"zz.toml": PACK + first.replace("2024-12-31", "2025-01-01") + later})


_words = st.sampled_from(
    [
        "all",
        "any",
        "not",
        "fact",
        "is",
        "in",
        "has",
        "at_least",
        "known",
        "within",
        "times",
        "amount",
        "currency",
        "tax",
    ]
)
_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.sampled_from([*FACTS, "open", "MAD", "before", "", "x"])
)
_trees = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3), max_leaves=12
)


_sums = st.fixed_dictionaries(
    {"amount": st.integers(), "currency": st.just("MAD"), "tax": st.sampled_from(["before", "after", "untold"])}
)
_tests = st.tuples(st.sampled_from(sorted(FACTS)), _words, _trees | _sums).map(
    lambda parts: {"fact": parts[0], parts[1]: parts[2]}
)


@given(st.dictionaries(_words, _trees, max_size=3) | _tests)
def test_a_condition_parses_and_can_be_judged_or_is_refused(raw: dict[str, object]) -> None:
    try:
        condition = parse_condition(raw, "zz")
    except RuleError:
        return
    case, _ = the_case(tender(), startup(), load_rules({"zz.toml": PACK + RULE}), MOMENT)
    found = judge(condition, case)
    assert (found.truth is None) == bool(found.settle)


@given(st.text(max_size=200))
def test_a_text_that_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        load_rules({"zz.toml": text})
