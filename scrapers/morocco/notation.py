"""How Moroccan notices write amounts, yes and no, categories and their own language.

Arabic labels are inferred from the portal's menus, not from captured pages: one that is not known here leaves its field
unknown, and never turns into another value.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, TypedDict

from scrapers.markup import text_of
from scrapers.normalise import parse_amount

Category = Literal["works", "goods", "services"]

_CURRENCY = re.compile(
    r"(?<![^\W\d_])(?P<MAD>mad|d\.?hs?|dirhams?|درهما?|دراهم)(?=t\.?t\.?c|h\.?t|[\W\d_]|$)\.?"
    r"|(?P<EUR>(?<![^\W\d_])(?:eur|euros?)(?![^\W\d_])|€)"
    r"|(?P<USD>(?<![^\W\d_])usd(?![^\W\d_])|\$)",
    re.IGNORECASE,
)
_TAX = re.compile(
    r"(?<![^\W\d_])(?:(?P<with>t\.?t\.?c\.?|toutes taxes comprises)"
    r"|(?P<without>h\.?t\.?(?:v\.?a\.?)?|hors taxes?))(?!\w)"
    r"|(?P<with_ar>مع احتساب الرسوم|باحتساب الرسوم|شامل للرسوم)|(?P<without_ar>دون احتساب الرسوم|بدون رسوم)",
    re.IGNORECASE,
)
_LONGEST = 500
_NOTHING = frozenset({"", "-", "--", "—", "néant", "neant", "لا شيء"})
_YES, _NO = frozenset({"oui", "نعم"}), frozenset({"non", "لا"})
_CATEGORIES: dict[str, Category] = {
    "travaux": "works", "fournitures": "goods", "services": "services",
    "اشغال": "works", "الاشغال": "works", "توريدات": "goods", "التوريدات": "goods",
    "لوازم": "goods", "خدمات": "services", "الخدمات": "services",
}  # fmt: skip
_ARABIC = re.compile(r"[\u0620-\u064a]")
_LATIN = re.compile(r"[^\W\d_\u0600-\u06ff]")


class Amount(TypedDict, total=False):
    """An amount as ``scrapers.records.Money`` takes it. ``tax_included`` is there where the notice says it."""

    amount: str
    currency: str
    tax_included: bool


def amount_of(written: str, label: str = "") -> Amount | None:
    """An amount as portals write it: ``1 234 567,00 DH TTC``. ``label`` may tell the currency and the tax instead.

    None where nothing is given: an empty cell, a dash, and zero, which the portal writes for "not given".
    Raises ValueError where it cannot be read.
    """
    if len(written) > _LONGEST:
        raise ValueError("is too long for an amount")
    text = text_of(written)
    if text.casefold() in _NOTHING:
        return None
    bare = _CURRENCY.sub(" ", text)
    number = _TAX.sub(" ", bare).strip(" :/.()")
    value = parse_amount(number)
    if value < 0:
        raise ValueError("is negative")
    if not value:
        return None
    found: Amount = {"amount": str(value), "currency": _currency(text) or _currency(label) or "MAD"}
    tax = _tax(bare)
    if (tax := _tax(label) if tax is None else tax) is not None:
        found["tax_included"] = tax
    return found


def _currency(text: str) -> str | None:
    found = _CURRENCY.search(text)
    return found.lastgroup if found else None


def _tax(text: str) -> bool | None:
    found = _TAX.search(text)
    return None if found is None else bool(found["with"] or found["with_ar"])


def yes_or_no(written: str) -> bool | None:
    """``Oui`` and ``Non``, in French or Arabic; None for everything else."""
    word = text_of(written).casefold()
    return True if word in _YES else False if word in _NO else None


def category_of(written: str) -> Category | None:
    """``Travaux``, ``Fournitures``, ``Services``, in French or Arabic; None for everything else."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text_of(written)) if not unicodedata.combining(c))
    return _CATEGORIES.get(plain.casefold())


def language_of(*texts: str) -> Literal["ar", "fr"] | None:
    """The language that most of the letters belong to; None where there are none."""
    joined = " ".join(texts)
    if not _ARABIC.search(joined):
        return "fr" if _LATIN.search(joined) else None
    return "ar" if len(_ARABIC.findall(joined)) > len(_LATIN.findall(joined)) else "fr"


def is_given(written: str) -> bool:
    """Whether a cell says anything: portals fill empty ones with a dash."""
    return text_of(written).casefold() not in _NOTHING
