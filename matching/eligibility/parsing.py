"""Tables of TOML read field by field, and conditions out of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, TypeVar, cast

from matching.eligibility.conditions import OPERATORS, All, AnyOf, Condition, Multiple, Not, Operator, Test
from matching.eligibility.sums import Sum, Tax
from matching.eligibility.vocabulary import FACTS, Fact, FactValue, whole
from matching.errors import RuleError

T = TypeVar("T")
_MOST_DEEP: Final = 10


class Table:
    """A table of which every field must be taken: what is left over was misspelt."""

    def __init__(self, raw: Mapping[str, object], at: str) -> None:
        self.raw = raw
        self.at = at
        self._taken: set[str] = set()

    def take(self, name: str, of: type[T]) -> T:
        """A field that must be there."""
        found = self.maybe(name, of)
        if found is None:
            raise RuleError(f"{self.at}.{name}: is missing")
        return found

    def maybe(self, name: str, of: type[T]) -> T | None:
        """A field, ``None`` where it is not there."""
        self._taken.add(name)
        found = self.raw.get(name)
        if found is None:
            return None
        if not isinstance(found, of) or (of is not bool and isinstance(found, bool)) or found == "":
            raise RuleError(f"{self.at}.{name}: must be {of.__name__}, not {found!r}")
        return found

    def number(self, name: str) -> Decimal:
        """A number, exact."""
        self._taken.add(name)
        return number_of(self.raw.get(name), f"{self.at}.{name}")

    def one_of(self, name: str, values: Iterable[str]) -> str:
        """One word of a closed list."""
        word = self.take(name, str)
        if word not in set(values):
            raise RuleError(f"{self.at}.{name}: {word!r} is none of {', '.join(values)}")
        return word

    def words(self, name: str) -> tuple[str, ...]:
        """A list of words, empty where it is not there."""
        found = self.maybe(name, list)
        return () if found is None else words_of(found, f"{self.at}.{name}")

    def tables(self, name: str, *, required: bool = True) -> list[Mapping[str, object]]:
        """A list of tables."""
        found = self.take(name, list) if required else self.maybe(name, list) or []
        if not all(isinstance(each, dict) for each in found):
            raise RuleError(f"{self.at}.{name}: must hold tables")
        return cast("list[Mapping[str, object]]", found)

    def nothing_else(self) -> None:
        """Raises for a field that nobody took."""
        if left := sorted(set(self.raw) - self._taken):
            raise RuleError(f"{self.at}.{left[0]}: is no field here")


def number_of(value: object, at: str) -> Decimal:
    """A finite number of TOML."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise RuleError(f"{at}: must be a number, not {value!r}")
    return Decimal(value)


def words_of(value: object, at: str) -> tuple[str, ...]:
    """A list of words, none empty, none twice."""
    words = value if isinstance(value, list) else [None]
    if not words or not all(isinstance(word, str) and word for word in words) or len(set(words)) < len(words):
        raise RuleError(f"{at}: must be a list of words, each once")
    return tuple(words)


def parse_condition(raw: object, at: str, depth: int = 0) -> Condition:
    """A condition; ``at`` is where it stands."""
    if not isinstance(raw, dict) or depth > _MOST_DEEP:
        raise RuleError(f"{at}: must be a condition")
    table = Table(raw, at)
    if "fact" in raw:
        return _test(table)
    found = [name for name in ("all", "any", "not") if name in raw]
    if len(found) != 1 or len(raw) != 1:
        raise RuleError(f"{at}: must have one of fact, all, any, not")
    if found[0] == "not":
        return Not(parse_condition(raw["not"], f"{at}.not", depth + 1))
    items = table.take(found[0], list)
    if not items:
        raise RuleError(f"{at}.{found[0]}: is empty")
    of = tuple(parse_condition(each, f"{at}.{found[0]}[{n}]", depth + 1) for n, each in enumerate(items))
    return All(of) if found[0] == "all" else AnyOf(of)


def _test(table: Table) -> Test:
    fact = _fact(table)
    operators = [name for name in table.raw if name != "fact"]
    allowed = OPERATORS[fact.type]
    if len(operators) != 1 or operators[0] not in allowed:
        raise RuleError(f"{table.at}: a fact of type {fact.type} is tested by one of {', '.join(allowed)}")
    operator = next(each for each in allowed if each == operators[0])
    return Test(fact, operator, _operand(fact, operator, table.raw[operator], f"{table.at}.{operator}"))


def _fact(table: Table) -> Fact:
    name = table.take("fact", str)
    if name not in FACTS:
        raise RuleError(f"{table.at}.fact: {name!r} is no fact; there are {', '.join(sorted(FACTS))}")
    return FACTS[name]


def _operand(fact: Fact, operator: Operator, raw: object, at: str) -> FactValue | Multiple:
    if operator == "known":
        if raw is not True:
            raise RuleError(f"{at}: can only be true; put it in a not")
        return True
    if isinstance(raw, dict) and "fact" in raw:
        return _multiple(fact, raw, at)
    match fact.type:
        case "flag":
            if not isinstance(raw, bool):
                raise RuleError(f"{at}: must be true or false")
            return raw
        case "text" | "words":
            return _closed(fact, operator, raw, at)
        case "number":
            return whole(number_of(raw, at))
        case "money":
            return _sum(raw, at)
        case "instant":
            raise RuleError(f"{at}: an instant is compared with another fact")


def _closed(fact: Fact, operator: Operator, raw: object, at: str) -> str | frozenset[str]:
    single = operator in {"is", "has"}
    words = words_of([raw] if single else raw, at)
    if fact.values is not None and (strange := sorted(set(words) - fact.values)):
        raise RuleError(f"{at}: {strange[0]!r} is none of {', '.join(sorted(fact.values))}")
    return words[0] if single else frozenset(words)


def _multiple(fact: Fact, raw: Mapping[str, object], at: str) -> Multiple:
    table = Table(raw, at)
    other = _fact(table)
    times = table.number("times") if "times" in raw else Decimal(1)
    table.nothing_else()
    if other.type != fact.type or fact.type not in {"number", "money", "instant"}:
        raise RuleError(f"{at}.fact: {other.name} is no {fact.type}")
    return Multiple(other, times)


def _sum(raw: object, at: str) -> Sum:
    if not isinstance(raw, dict):
        raise RuleError(f"{at}: must be a sum: amount, currency, tax")
    table = Table(raw, at)
    amount = table.number("amount")
    currency = table.take("currency", str)
    tax = table.one_of("tax", ("before", "after", "untold"))
    table.nothing_else()
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise RuleError(f"{at}.currency: {currency!r} is no ISO 4217 code")
    return Sum(amount, currency, None if tax == "untold" else cast("Tax", tax))
