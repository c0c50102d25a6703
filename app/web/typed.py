"""What was typed into a field, read to the letter or refused: nothing is guessed right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

Values = Mapping[str, Sequence[str]]
_AMOUNT: Final = re.compile(r"([0-9]{1,18})(?:[.,]([0-9]{1,2}))?")
_ARABIC_DIGITS: Final = {0x0660 + digit: str(digit) for digit in range(10)} | {0x066B: ","}
_SPACE: Final = re.compile(r"\s+")


class Unreadable(ValueError):
    """What was typed is none of what the field takes; ``field`` and the ``key`` of its sentence."""

    def __init__(self, name: str, key: str) -> None:
        super().__init__(key)
        self.field = name
        self.key = key


def one(values: Values, name: str) -> str:
    """What was typed into a field, without blanks around."""
    given = values.get(name)
    return given[0].strip() if given else ""


def bare(typed: str) -> str:
    """A number without the spaces between its thousands, in the digits that programs read."""
    return _SPACE.sub("", typed).translate(_ARABIC_DIGITS)


def amount_of(typed: str, name: str) -> str | None:
    """The digits of an amount, of either script: spaces between thousands, a comma or a point before the decimals.

    Raises:
        Unreadable: anything else: more than two decimals, as three digits after a point may be thousands or not.

    """
    plain = bare(typed)
    if not plain:
        return None
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise Unreadable(name, "web.officer.wrong.amount")
    return found.group(1) + (f".{found.group(2)}" if found.group(2) else "")
