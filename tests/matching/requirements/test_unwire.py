"""Every value of every kind comes back from its JSON as it was; what is none is refused with its place."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.requirements import value_json
from matching.requirements.findings import (
    Count,
    Days,
    Demand,
    Event,
    Kind,
    Languages,
    Money,
    Percent,
    Value,
    Weights,
)
from matching.requirements.unwire import VALUE_OF, NotAValue, value_from

amounts = st.decimals(0, 10**12, places=2)
st.register_type_strategy(Decimal, amounts)
zones = st.sampled_from([None, dt.UTC, dt.timezone(dt.timedelta(hours=1))])
moments = st.dates() | st.datetimes(timezones=zones)


def values(kind: Kind) -> st.SearchStrategy[object]:
    if VALUE_OF[kind] is dt.date:
        return moments | (st.builds(Days) if kind is Kind.QUESTIONS_DEADLINE else st.nothing())
    if VALUE_OF[kind] is Event:
        return st.builds(Event, at=st.none() | moments)
    return st.builds(VALUE_OF[kind])


def test_every_kind_has_a_value() -> None:
    assert set(VALUE_OF) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
@given(data=st.data())
def test_a_value_comes_back_as_it_was(kind: Kind, data: st.DataObject) -> None:
    value = data.draw(values(kind))
    told = json.loads(json.dumps(value_json(value)))  # type: ignore[arg-type]
    assert value_from(kind, told) == value


@pytest.mark.parametrize(
    ("kind", "told", "pointer"),
    [
        (Kind.BOND, {"amount": "NaN", "currency": "MAD"}, "/amount"),
        (Kind.BOND, {"amount": True, "currency": "MAD"}, "/amount"),
        (Kind.BOND, {"amount": "1"}, "/currency"),
        (Kind.BOND, {"amount": "1", "currency": "MAD", "note": 1}, "/note"),
        (Kind.BOND, "1 MAD", ""),
        (Kind.REFERENCES, {"count": True}, "/count"),
        (Kind.REFERENCES, {"amount": {"amount": "x", "currency": "MAD"}}, "/amount/amount"),
        (Kind.CERTIFICATE, {"name": "ISO", "scheme": "iso9001"}, "/scheme"),
        (Kind.CERTIFICATE, {"name": "A", "scheme": "other", "qualifications": ["A2", 3]}, "/qualifications/1"),
        (Kind.WEIGHTS, {"criteria": [["prix", "40", "x"]]}, "/criteria/0"),
        (Kind.DEADLINE, "demain", ""),
        (Kind.DEADLINE, {"days": 3}, ""),
        (Kind.CONSORTIUM, {"allowed": True, "form": "any"}, "/form"),
        (Kind.LANGUAGE, {"codes": ["fr"]}, ""),
        (Kind.LOTS, {"number": 3}, ""),
        (Kind.LOTS, True, ""),
        (Kind.ELECTRONIC_FILING, "perhaps", ""),
    ],
)
def test_what_is_no_value_is_refused_with_its_place(kind: Kind, told: object, pointer: str) -> None:
    with pytest.raises(NotAValue) as refused:
        value_from(kind, told)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Money(Decimal("20000.00"), "MAD"), {"amount": 20000, "currency": "MAD"}),
        (Money(Decimal("1200.50"), "MAD"), {"amount": 1200.5, "currency": "MAD"}),
        (Money(Decimal("0.12345678901234567890"), "MAD"), {"amount": "0.12345678901234567890", "currency": "MAD"}),
        (Money(Decimal(2**53 + 1), "MAD"), {"amount": "9007199254740993", "currency": "MAD"}),
        (Count(3), 3),
        (Percent(Decimal(15)), 15),
        (Days(75), 75),
        (Demand("required"), "required"),
        (Languages(("ar", "fr")), ["ar", "fr"]),
    ],
)
def test_numbers_are_numbers_and_a_single_part_stands_alone(value: Value, told: object) -> None:
    assert value_json(value) == told


def test_numbers_are_amounts_too() -> None:
    assert value_from(Kind.BOND, {"amount": 20000, "currency": "MAD"}) == Money(Decimal(20000), "MAD")
    assert value_from(Kind.WEIGHTS, {"criteria": [["prix", 40]]}) == Weights(criteria=(("prix", Decimal(40)),))


@given(st.sampled_from(list(Kind)), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amount", "currency", "codes", "x"]), inner),
    max_leaves=6,
))  # fmt: skip
def test_anything_is_a_value_or_refused(kind: Kind, told: object) -> None:
    with contextlib.suppress(NotAValue):
        value_from(kind, told)
