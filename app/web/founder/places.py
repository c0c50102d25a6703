"""The choices of a profile's form: regions of Morocco and languages, named as the reader names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final
from unicodedata import combining, normalize

from babel import Locale

from app.kit.i18n import Lang
from app.tenders.place_names import region_in
from app.tenders.regions import regions

SPOKEN: Final = ("ar", "fr", "en", "es", "zgh")


@cache
def region_choices(lang: Lang) -> Sequence[tuple[str, str]]:
    """The twelve regions: as profiles write them (in French), and as the reader does."""
    return [(region.name_fr, region_in(region, lang)) for region in regions()]


def language_choices(lang: Lang, also: Iterable[str] = ()) -> Sequence[tuple[str, str]]:
    """Languages that firms answer in, and those in ``also``, by their ISO 639 codes."""
    names = Locale.parse(lang).languages
    return [(code, str(names.get(code, code))) for code in dict.fromkeys([*SPOKEN, *also])]


def country_choices(lang: Lang, present: str = "") -> Sequence[tuple[str, str]]:
    """The countries by their ISO 3166-1 codes, Morocco first, then as the reader's alphabet has them.

    ``present``: the code that a record has, which is always among them.
    """
    return [(code, name) for code, name in _countries(lang) if code not in _LEFT_OUT or code == present]


@cache
def _countries(lang: Lang) -> Sequence[tuple[str, str]]:
    names = {code: str(name) for code, name in Locale.parse(lang).territories.items() if _COUNTRY.fullmatch(code)}
    others = [(code, name) for code, name in names.items() if code != "MA"]
    return [("MA", names["MA"]), *sorted(others, key=lambda choice: _place_of(choice[1]))]


def _place_of(name: str) -> str:
    """Where a name stands in a list: É beside E, آ and أ beside ا."""
    return "".join(sign for sign in normalize("NFD", name.casefold()) if not combining(sign))


_COUNTRY: Final = re.compile("[A-Z]{2}")
_LEFT_OUT: Final = frozenset("EU EZ QO UN XA XB XK ZZ AC CP CQ DG EA IC TA EH".split())  # noqa: SIM905
"""Codes of the locale's list that ISO 3166-1 does not assign, and EH: the form lists its places as regions already."""
