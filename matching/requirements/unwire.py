"""Values read back from the JSON that ``matching.requirements.wire`` writes: to the letter, or refused with the place.

What a kind holds is one dataclass, or a moment; nothing is guessed, unknown names are refused.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, Union, cast, get_args, get_origin, get_type_hints

from matching.requirements.findings import (
    Certificate,
    Count,
    Days,
    Demand,
    Equipment,
    Event,
    Kind,
    Languages,
    Money,
    Payment,
    Percent,
    Permission,
    Presence,
    References,
    Reservation,
    Team,
    Turnover,
    Value,
    Weights,
)
from matching.requirements.wire import BARE

VALUE_OF: Final[Mapping[Kind, type]] = MappingProxyType({
    Kind.BOND: Money, Kind.ESTIMATE: Money, Kind.TURNOVER: Turnover, Kind.REFERENCES: References,
    Kind.CERTIFICATE: Certificate, Kind.TEAM: Team, Kind.EQUIPMENT: Equipment, Kind.LOCAL_PRESENCE: Presence,
    Kind.RESERVED: Reservation, Kind.PREFERENCE: Percent, Kind.CONSORTIUM: Permission,
    Kind.SUBCONTRACTING: Permission, Kind.SITE_VISIT: Event, Kind.SAMPLES: Event, Kind.ELECTRONIC_FILING: Demand,
    Kind.LANGUAGE: Languages, Kind.DEADLINE: dt.date, Kind.QUESTIONS_DEADLINE: dt.date, Kind.LOTS: Count,
    Kind.AWARD_PER_LOT: Demand, Kind.WEIGHTS: Weights, Kind.PAYMENT: Payment, Kind.VALIDITY: Days,
})  # fmt: skip
"""What each kind holds; moments are dates or date-times, and of questions also a number of days before the deadline."""


class NotAValue(ValueError):
    """The JSON is no value of its kind; ``pointer`` says where (``/amount``; empty: the whole)."""

    def __init__(self, pointer: str, sentence: str) -> None:
        super().__init__(f"{pointer or '/'}: {sentence}")
        self.pointer = pointer
        self.sentence = sentence


def value_from(kind: Kind, told: object) -> Value:
    """The value that ``value_json`` wrote.

    Raises:
        NotAValue: it is none of that kind.
    """
    wanted = VALUE_OF[kind]
    if kind is Kind.QUESTIONS_DEADLINE and not isinstance(told, str):
        wanted = Days
    alone = BARE.get(wanted)
    if alone is not None:
        return cast("Value", wanted(_read(_hints(wanted)[alone], told, "")))
    return cast("Value", _read(wanted, told, ""))


def _read(wanted: object, told: object, at: str) -> object:  # noqa: PLR0911 - one branch for each sort of type
    origin = get_origin(wanted)
    if origin in {Union, types.UnionType}:
        return _one_of(get_args(wanted), told, at)
    if origin is Literal:
        return _member(get_args(wanted), told, at)
    if origin is tuple:
        return _several(get_args(wanted), told, at)
    if is_dataclass(wanted) and isinstance(wanted, type):
        return _parts(wanted, told, at)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return wanted(_member(tuple(str(each.value) for each in wanted), told, at))
    if wanted is Decimal:
        return _decimal(told, at)
    if wanted in {dt.date, dt.datetime}:
        return _moment(told, at)
    assert isinstance(wanted, type)
    if not isinstance(told, wanted) or (wanted is int and isinstance(told, bool)):
        raise NotAValue(at, f"must be {_NAMES[wanted]}")
    return told


_NAMES: Final = MappingProxyType({str: "a text", int: "a whole number", bool: "true or false"})


def _one_of(choices: tuple[object, ...], told: object, at: str) -> object:
    """``X | None``; both sorts of moments are read by one function."""
    if told is None and type(None) in choices:
        return None
    return _read(next(each for each in choices if each is not type(None)), told, at)


def _member(allowed: tuple[object, ...], told: object, at: str) -> object:
    if not isinstance(told, str) or told not in allowed:
        raise NotAValue(at, "must be one of " + ", ".join(map(str, allowed)))
    return told


def _several(inner: tuple[object, ...], told: object, at: str) -> tuple[object, ...]:
    if not isinstance(told, list | tuple):
        raise NotAValue(at, "must be a list")
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_read(inner[0], each, f"{at}/{n}") for n, each in enumerate(told))
    if len(told) != len(inner):
        raise NotAValue(at, f"must be a list of {len(inner)}")
    return tuple(_read(wanted, each, f"{at}/{n}") for n, (wanted, each) in enumerate(zip(inner, told, strict=True)))


@lru_cache(maxsize=64)
def _hints(wanted: type) -> dict[str, object]:
    return get_type_hints(wanted)


def _parts(wanted: type, told: object, at: str) -> object:
    if not isinstance(told, Mapping):
        raise NotAValue(at, "must be an object")
    assert is_dataclass(wanted)
    known = {each.name: each for each in fields(wanted)}
    if unknown := next((name for name in told if name not in known), None):
        raise NotAValue(f"{at}/{unknown}", "is no part of it")
    hints = _hints(wanted)
    parts = {name: _read(hints[name], part, f"{at}/{name}") for name, part in told.items()}
    for name, each in known.items():
        if name not in parts and each.default is MISSING:
            if type(None) not in get_args(hints[name]):
                raise NotAValue(f"{at}/{name}", "is missing")
            parts[name] = None  # unknown parts are not written
    return wanted(**parts)


def _decimal(told: object, at: str) -> Decimal:
    if isinstance(told, bool) or not isinstance(told, str | int | float | Decimal):
        raise NotAValue(at, "must be an amount")
    try:
        amount = Decimal(str(told))
    except InvalidOperation:
        raise NotAValue(at, "must be an amount") from None
    if not amount.is_finite():
        raise NotAValue(at, "must be an amount")
    return amount


def _moment(told: object, at: str) -> dt.date:
    if not isinstance(told, str):
        raise NotAValue(at, "must be an ISO 8601 date or date-time")
    try:
        return dt.date.fromisoformat(told) if len(told) == len("2026-01-31") else dt.datetime.fromisoformat(told)
    except ValueError:
        raise NotAValue(at, "must be an ISO 8601 date or date-time") from None
