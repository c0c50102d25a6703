"""Sums of money in folded text: figure and currency in either order, in words, or in words with the figure after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from matching.requirements.numerals_ar import WORDS_AR, parse_ar
from matching.requirements.numerals_fr import WORDS_FR, parse_fr
from matching.requirements.patterns import fragment
from matching.requirements.quantities import NUMBER, number_of

_CURRENCIES = {
    "AED": ("aed", "dirhams? (?:des )?emirat(?:s|is)?", "درهم إماراتي"),
    "TND": ("tnd", "dinars? tunisiens?", "دينار تونسي"),
    "DZD": ("dzd", "dinars? algeriens?", "دينار جزائري"),
    "MAD": (
        "dirhams?(?: marocains?)?",
        r"d\.?h\.?s?",
        "mad",
        "moroccan dirhams?",
        "@درهما?(?: مغربي)?",
        "@دراهم",
        r"د\. ?م\.?",
    ),
    "EUR": ("euros?", "eur", "€", "@[يا]ورو"),
    "USD": (r"us ?\$", "usd", r"\$(?: ?us)?", "dollars?(?: us| americains?| des etats-unis)?", "@دولارا?(?: أمريكي)?"),
    "GBP": ("gbp", "£", "pounds?(?: sterling)?"),
    "XOF": ("f ?cfa", "xof", "francs? cfa"),
    "XAF": ("xaf",),
    "KES": ("kes", "kshs?", "kenyan? shillings?"),
    "NGN": ("ngn", "nairas?"),
    "CHF": ("chf", "francs? suisses?"),
    "CAD": ("cad", "dollars? canadiens?"),
    "SAR": ("sar", "riyals?(?: saoudiens?)?", "ريال(?: سعودي)?"),
    "EGP": ("egp", "جنيه(?: مصري)?"),
}
_NAMED = {code: re.compile(fragment(*spellings)) for code, spellings in _CURRENCIES.items()}
CURRENCY = "(?:" + "|".join(fragment(*spellings) for spellings in _CURRENCIES.values()) + r")(?!\w)"
"""A currency as written: read it with ``currency_of``."""
_BY_MULTIPLE = {
    "million": 1_000_000,
    "millions": 1_000_000,
    "m": 1_000_000,
    "md": 1_000_000_000,
    "milliard": 1_000_000_000,
    "milliards": 1_000_000_000,
    "mille": 1_000,
    "k": 1_000,
    "thousand": 1_000,
    "مليون": 1_000_000,
    "ملايين": 1_000_000,
    "الف": 1_000,
    "الاف": 1_000,
}
_MULTIPLE = "(?:(?:" + "|".join(sorted(_BY_MULTIPLE, key=len, reverse=True)) + r")(?!\w)|m(?=dhs?(?!\w)))"
_WITH_TAX = fragment(
    r"t\.?t\.?c",
    "toutes? taxes? comprises?",
    "tva comprise",
    "taxes comprises",
    "incl(?:uding|usive|\\.)?(?: of)? (?:vat|tax(?:es)?)",
    "(?:مع |ب)احتساب (?:جميع )?(?:@رسوم|@ضرائب|@ضريبة)",
    "@شامل[هة]?(?: لجميع| لكل| ل)? ?(?:@رسوم|@ضرائب|@ضريبة)",
    "متضمن[هة]? @(?:رسوم|ضرائب|ضريبة)",
    "مع @رسوم",
)
_BEFORE_TAX = fragment(
    r"h\.?t\.?(?:v\.?a\.?)?",
    "hors(?: |-)(?:taxes?|tva|droits et taxes)",
    "excl(?:uding|usive|\\.)?(?: of)? (?:vat|tax(?:es)?)",
    "(?:ex|net of) vat",
    "before tax(?:es)?",
    "(?:دون|بدون|من غير) (?:احتساب )?(?:@رسوم|@ضرائب|@ضريبة)",
    "خارج @رسوم",
    "غير شامل[هة]? ?ل?(?:@رسوم|@ضرائب|@ضريبة)",
)
TAX = rf"(?<!\w)(?:{_WITH_TAX}|{_BEFORE_TAX})(?!\w)"
_WITH = re.compile(rf"(?<!\w){_WITH_TAX}(?!\w)")
_BEFORE = re.compile(rf"(?<!\w){_BEFORE_TAX}(?!\w)")
_TAX_TAIL = rf"(?:[ \n,()]{{1,3}}{TAX}\)?)?"
_GAP = r"[ \n]{0,3}"
_NUMBER_AFTER_SIGN = NUMBER.removeprefix(r"(?<![\w.,/])")
_BY_FIGURE = re.compile(
    rf"(?P<n>{NUMBER})(?:,-|/-)?{_GAP}[)\]]?{_GAP}(?:(?P<m>{_MULTIPLE}){_GAP})?(?:de |d')?"
    rf"(?:\([^()\d]{{3,120}}\){_GAP})?(?P<c>{CURRENCY}){_TAX_TAIL}"
    rf"|(?P<c2>(?<!\w){CURRENCY}){_GAP}(?P<n2>{NUMBER})(?![./-]\d)(?:{_GAP}(?P<m2>{_MULTIPLE}))?{_TAX_TAIL}"
    rf"|(?P<c3>[€£$]|us\$)[ ]?(?P<n3>{_NUMBER_AFTER_SIGN})(?:[ ]?(?P<m3>{_MULTIPLE}))?{_TAX_TAIL}"
)
_BY_WORDS = re.compile(
    rf"(?P<w>{WORDS_FR}|{WORDS_AR}){_GAP}(?:de |d')?(?:(?P<c>{CURRENCY}){_TAX_TAIL}|(?=[(\[]{{1,2}}[ ]?[0-9ol]))"
)
_LOT_BEFORE = re.compile(r"(?<!\w)lots?[ ]?(?:n[°o]?)?[ ]?$")
_NEAR = 24


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum and where it stands. ``agreed``: words and figure say the same (``None``: only one of them is there)."""

    start: int
    end: int
    value: Decimal
    currency: str
    tax_included: bool | None = None
    agreed: bool | None = None


def currency_of(written: str) -> str | None:
    """The ISO 4217 code of what ``CURRENCY`` found."""
    return next((code for code, spelt in _NAMED.items() if spelt.fullmatch(written)), None)


def tax_told(text: str) -> bool | None:
    """Whether a passage says with tax (true) or before tax (false); ``None`` where it says neither, or both."""
    before = _BEFORE.search(text)
    included = _WITH.search(text)
    return None if bool(before) == bool(included) else bool(included)


def amounts(text: str) -> list[Amount]:
    """The sums of a clause in their order; words and the figure beside them are one sum."""
    figures = list(_figures(text))
    merged: list[Amount] = []
    said = list(_in_words(text))
    for figure in figures:
        partner = next((each for each in said if _beside(each, figure, text)), None)
        if partner is None:
            merged.append(figure)
            continue
        said.remove(partner)
        tax = figure.tax_included if figure.tax_included is not None else partner.tax_included
        # "5 millions de dirhams": the words are the figure's own multiple.
        inside = figure.start < partner.start and text[partner.start - 1] not in "(["
        merged.append(
            replace(
                figure,
                start=min(figure.start, partner.start),
                end=max(figure.end, partner.end),
                tax_included=tax,
                agreed=None if inside else figure.value // 1 == partner.value,
            )
        )
    taken = [(each.start, each.end) for each in merged]
    merged += [
        each
        for each in said
        if each.currency and not any(start < each.end and each.start < end for start, end in taken)
    ]
    return sorted(merged, key=lambda each: each.start)


def _figures(text: str) -> Iterator[Amount]:
    for found in _BY_FIGURE.finditer(text):
        part = {name[0]: value for name, value in found.groupdict().items() if value is not None}
        start = found.start()
        number = part["n"]
        if found["n"] and " " in number and _LOT_BEFORE.search(text[max(0, start - 12) : start]):
            # "lot 1 200 000 DH": the first group is the lot's number.
            cut = number.index(" ") + 1
            start, number = start + cut, number[cut:]
        value, currency = number_of(number), currency_of(part["c"])
        if value is None or currency is None:
            continue
        value *= _BY_MULTIPLE.get(part.get("m", ""), 1)
        yield Amount(start, found.end(), value, currency, tax_told(found[0]))


def _in_words(text: str) -> Iterator[Amount]:
    for found in _BY_WORDS.finditer(text):
        value = parse_fr(found["w"]) or parse_ar(found["w"])
        if value:
            currency = currency_of(found["c"]) if found["c"] else ""
            yield Amount(found.start(), found.end(), Decimal(value), currency or "", tax_told(found[0]))


def _beside(words: Amount, figure: Amount, text: str) -> bool:
    """Whether words and figure are one sum: one of them stands in brackets directly after the other."""
    if words.start < figure.end and figure.start < words.end:
        return True
    first, second = sorted((words, figure), key=lambda each: each.start)
    between = text[first.end : second.start]
    return len(between) <= _NEAR and bool(re.fullmatch(r"[ \n,:;]{0,4}[(\[]{1,2}[ \n:]{0,3}", between))
