"""French and English numbers in words, as contracts write them out: "soixante mille", "quatre-vingt-dix", "sixty"."""

from __future__ import annotations

import re

_UNITS = {
    "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
    "huitante": 80, "nonante": 90,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_HUNDRED = frozenset({"cent", "cents", "hundred"})
_SCALES = {
    "mille": 1_000, "mil": 1_000, "thousand": 1_000, "million": 1_000_000, "millions": 1_000_000,
    "milliard": 1_000_000_000, "milliards": 1_000_000_000, "billion": 1_000_000_000,
}  # fmt: skip
_JOINING = frozenset({"et", "and", "de"})
_WORD = "|".join(sorted({*_UNITS, *_HUNDRED, *_SCALES}, key=len, reverse=True))
WORDS_FR = rf"(?<!\w)(?:{_WORD})(?:(?:[ \n]{{1,3}}|-|[ \n]et[ \n]|-et-|[ \n]and[ \n])(?:{_WORD})(?!\w)){{0,24}}(?!\w)"
"""What a number in words looks like in folded text; ``parse_fr`` decides whether it is one."""
_SPLIT = re.compile(r"[\s-]+")


def parse_fr(words: str) -> int | None:
    """The number that folded French or English words say; ``None`` where they say none.

    >>> parse_fr("deux cent cinquante mille")
    250000
    """
    parts = [word for word in _SPLIT.split(words.strip()) if word not in _JOINING]
    if not parts:
        return None
    total = group = 0
    last_scale = 10**18
    for word in parts:
        if word in _SCALES:
            scale = _SCALES[word]
            if scale >= last_scale:
                return None
            total += (group or 1) * scale
            group, last_scale = 0, scale
        elif word in _HUNDRED:
            group = group * 100 if 0 < group < 100 else group + 100
        elif word in _UNITS:
            group = _add(group, _UNITS[word])
        else:
            return None
        if group < 0 or group >= 1_000:
            return None
    return total + group


def _add(group: int, unit: int) -> int:
    """Add a word to what was said since the last "mille"; -1 where they do not follow each other ("cinq six")."""
    tens = group % 100
    if unit == 20 and tens == 4:
        return group + 76  # quatre-vingts
    if tens == 0 or (tens in {60, 80} and unit < 20) or (tens >= 20 and tens % 10 == 0 and 0 < unit < 10):
        return group + unit
    if tens == 10 and unit in {7, 8, 9}:
        return group + unit  # dix-sept
    return group + unit if tens in {70, 90} and unit in {7, 8, 9} else -1


def say_fr(number: int) -> str:
    """A whole number below a thousand million in folded French words, as a contract would write it."""
    said = []
    for scale, name in ((1_000_000, "million"), (1_000, "mille"), (1, "")):
        group, number = divmod(number, scale)
        if not group:
            continue
        if name == "mille" and group == 1:
            said.append(name)
        elif name:
            said.append(f"{_say_group(group)} {name}{'s' if name == 'million' and group > 1 else ''}")
        else:
            said.append(_say_group(group))
    return " ".join(said) or "zero"


_NAMES = {value: word for word, value in reversed(list(_UNITS.items())) if value <= 16 or value % 10 == 0}
_NAMES |= {1: "un", 20: "vingt"}


def _say_group(group: int) -> str:
    hundreds, tens = divmod(group, 100)
    said = []
    if hundreds:
        said.append("cent" if hundreds == 1 else f"{_NAMES[hundreds]} cent{'' if tens else 's'}")
    if tens:
        said.append(_say_tens(tens))
    return " ".join(said)


def _say_tens(tens: int) -> str:
    if tens <= 16:
        return _NAMES[tens]
    if tens < 70:
        ten, unit = tens - tens % 10, tens % 10
    else:
        ten, unit = (60, tens - 60) if tens < 80 else (80, tens - 80)
    name = "quatre-vingt" if ten == 80 else _NAMES[ten]
    if unit == 0:
        return f"{name}s" if ten == 80 else name
    if unit in {1, 11} and ten != 80 and ten >= 20:
        return f"{name} et {_say_tens(unit)}"
    return f"{name}-{_say_tens(unit)}"
