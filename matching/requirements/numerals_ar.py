"""Arabic numbers in words, folded: "خمسون الف", "ثلاثه ملايين ومايتا الف", "ستون يوما"."""

from __future__ import annotations

import re

from matching.requirements.folding import folded_pattern

_UNITS = {
    "واحد": 1, "واحدة": 1, "اثنان": 2, "اثنين": 2, "اثنتان": 2, "اثنتين": 2, "ثلاث": 3, "ثلاثة": 3, "أربع": 4,
    "أربعة": 4, "خمس": 5, "خمسة": 5, "ست": 6, "ستة": 6, "سبع": 7, "سبعة": 7, "ثمان": 8, "ثماني": 8, "ثمانية": 8,
    "تسع": 9, "تسعة": 9, "عشر": 10, "عشرة": 10, "عشرون": 20, "عشرين": 20, "ثلاثون": 30, "ثلاثين": 30,
    "أربعون": 40, "أربعين": 40, "خمسون": 50, "خمسين": 50, "ستون": 60, "ستين": 60, "سبعون": 70, "سبعين": 70,
    "ثمانون": 80, "ثمانين": 80, "تسعون": 90, "تسعين": 90, "إحدى": 1, "أحد": 1, "اثنا": 2, "اثني": 2, "اثنتا": 2,
    "اثنتي": 2,
}  # fmt: skip
_HUNDREDS = {"مائة": 100, "مئة": 100, "مائتان": 200, "مائتين": 200, "مئتان": 200, "مئتين": 200, "مائتا": 200,
             "مائتي": 200, "مئتا": 200}  # fmt: skip
_SCALES = {
    "ألف": 1_000, "ألفا": 1_000, "آلاف": 1_000, "ألفان": 2_000, "ألفين": 2_000, "ألفي": 2_000,
    "مليون": 1_000_000, "مليونا": 1_000_000, "ملايين": 1_000_000, "مليونان": 2_000_000, "مليونين": 2_000_000,
    "مليوني": 2_000_000, "مليار": 1_000_000_000,
}  # fmt: skip
_UNIT = {folded_pattern(word): value for word, value in _UNITS.items()}
_HUNDRED = {folded_pattern(word): value for word, value in _HUNDREDS.items()}
_SCALE = {folded_pattern(word): value for word, value in _SCALES.items()}
_JOINED = {  # "ثلاثمائة" in one word
    unit + hundred: _UNIT[unit] * 100
    for unit in _UNIT for hundred in ("مايه", "ميه", "مءه") if 3 <= _UNIT[unit] <= 9
}  # fmt: skip
_HUNDRED |= _JOINED
_WORD = "|".join(sorted({*_UNIT, *_HUNDRED, *_SCALE}, key=len, reverse=True))
WORDS_AR = rf"(?<!\w)[وبل]?(?:ال)?(?:{_WORD})(?:[ \n]{{1,3}}و?(?:{_WORD})(?!\w)){{0,12}}(?!\w)"
"""What a number in words looks like in folded text; ``parse_ar`` decides whether it is one."""
_LEAD = re.compile(r"^[بل]?(?:ال)?")


def parse_ar(words: str) -> int | None:
    """The number that folded Arabic words say; ``None`` where they say none. The hundred may follow its digit apart.

    >>> parse_ar("مايتان وخمسون الف")
    250000
    """
    total = group = 0
    last_scale = 10**18
    for word in _words(words):
        if word in _SCALE:
            scale = _SCALE[word]
            step = 10 ** (len(str(scale)) - 1)
            if step >= last_scale:
                return None
            if scale != step and group:  # "three two-thousands"
                return None
            total += (group or 1) * scale if scale == step else scale
            group, last_scale = 0, step
        elif word in _HUNDRED:
            value = _HUNDRED[word]
            if value == 100 and 3 <= group <= 9:
                group *= 100
            elif group == 0:
                group = value
            else:
                return None
        else:
            group = _add(group, _UNIT[word])
            if group < 0:
                return None
    return total + group or None


def _words(words: str) -> list[str]:
    known = _UNIT.keys() | _HUNDRED.keys() | _SCALE.keys()
    found = []
    for word in words.split():
        bare = word.removeprefix("و")
        plain = next((each for each in (word, bare, _LEAD.sub("", bare, count=1)) if each in known), None)
        if plain is None:
            return []
        found.append(plain)
    return found


def _add(group: int, unit: int) -> int:
    """Add a word to what was said since the last thousand; -1 where they do not follow each other."""
    tens = group % 100
    if tens == 0:
        return group + unit
    if unit == 10 and 1 <= tens <= 9:
        return group + 10  # "خمسة عشر"
    if unit >= 20 and 1 <= tens <= 9:
        return group + unit  # "خمسة وعشرون"
    return -1


def say_ar(number: int) -> str:
    """A whole number below a thousand million in Arabic words (nominative, unvocalised), as a notice would write it."""
    said = []
    for scale, one, two, few in (
        (1_000_000, "مليون", "مليونان", "ملايين"),
        (1_000, "ألف", "ألفان", "آلاف"),
        (1, "", "", ""),
    ):
        group, number = divmod(number, scale)
        if not group:
            continue
        if not one:
            said.append(_say_group(group))
        elif group <= 2:
            said.append(one if group == 1 else two)
        else:
            said.append(f"{_say_group(group)} {few if group <= 10 else one}")
    return " و".join(said)


_NAMES = {1: "واحد", 2: "اثنان", 3: "ثلاثة", 4: "أربعة", 5: "خمسة", 6: "ستة", 7: "سبعة", 8: "ثمانية", 9: "تسعة",
          10: "عشرة", 20: "عشرون", 30: "ثلاثون", 40: "أربعون", 50: "خمسون", 60: "ستون", 70: "سبعون", 80: "ثمانون",
          90: "تسعون"}  # fmt: skip


def _say_group(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    said = []
    if hundreds:
        said.append({1: "مائة", 2: "مائتان"}.get(hundreds) or _NAMES[hundreds].removesuffix("ة") + "مائة")
    if rest:
        said.append(_say_rest(rest))
    return " و".join(said)


def _say_rest(rest: int) -> str:
    if rest <= 10 or rest % 10 == 0:
        return _NAMES[rest]
    ten, unit = rest - rest % 10, rest % 10
    if ten == 10:
        return {1: "أحد عشر", 2: "اثنا عشر"}.get(unit) or f"{_NAMES[unit]} عشر"
    return f"{_NAMES[unit]} و{_NAMES[ten]}"
