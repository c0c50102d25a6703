"""Numbers, counts and percentages in folded text: "1 399 968,00", "l 2OO,5" of a scanner, "soixante (60)", "٪7"."""

from __future__ import annotations

import re
from decimal import Decimal

from matching.requirements.numerals_ar import WORDS_AR, parse_ar
from matching.requirements.numerals_fr import WORDS_FR, parse_fr

_DIGIT = "[0-9ol]"
NUMBER = (
    rf"(?<![\w.,/])(?:(?=[ol]{{0,2}}[0-9]){_DIGIT}{{1,15}}|l(?=[ .][0-9][0-9o]{{2}}(?![0-9])))"
    rf"(?:[ .,']{{1,2}}{_DIGIT}{{3}}(?!{_DIGIT})){{0,5}}(?:[ ]?[.,][ ]?{_DIGIT}{{1,2}}(?!{_DIGIT}))?(?![0-9/])"
)
"""A number with any of the usual separators; o and l stand for the 0 and 1 that a scanner took them for."""
COUNT = (
    rf"(?:(?:(?:{WORDS_FR}|{WORDS_AR})[ \n]{{0,3}})?[(\[]{{1,2}}[ ]?[0-9]{{1,4}}[ ]?[)\]]{{1,2}}"
    rf"|(?<![\w.,/])[0-9]{{1,4}}(?![.,/]?[0-9])(?:[ ]?\((?:{WORDS_FR}|{WORDS_AR})\))?|{WORDS_FR}|{WORDS_AR})"
)
"""A whole number in digits, in words, or in both: read it with ``count_of``."""
PERCENT_SIGN = r"(?:%|pour[ ]?cents?(?!\w)|per[ ]?cent(?!\w)|بالما?[يء]ه|في الما?[يء]ه)"
PERCENT = (
    rf"(?:(?<![\w.,])[0-9]{{1,3}}(?:[.,][0-9]{{1,3}})?[ \n]{{0,2}}[)\]]?[ ]?{PERCENT_SIGN}|%[ ]?[0-9]{{1,3}}(?![0-9])"
    rf"|(?:{WORDS_FR}|{WORDS_AR})[ \n]{{1,2}}{PERCENT_SIGN}(?:[ ]?\([ ]?[0-9][^()\n]{{0,12}}\))?)"
)
"""A percentage: read it with ``percent_of``."""
_SPACES = re.compile(r"[ ']")
_DIGITS = re.compile(r"[0-9]{1,4}")
_DECIMAL = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,3})?")
_OCR = str.maketrans("ol", "01")
_EDGES = "()[] \n"


def number_of(written: str) -> Decimal | None:
    """The value of what ``NUMBER`` found; a group of exactly three digits after "." or "," is thousands.

    >>> number_of("1.399.968,00")
    Decimal('1399968.00')
    """
    plain = _SPACES.sub("", written.translate(_OCR))
    if not any(map(str.isdigit, plain)):
        return None
    whole, point, part = plain, "", ""
    if (last := max(plain.rfind("."), plain.rfind(","))) >= 0 and len(plain) - last <= 3:
        whole, point, part = plain[:last], ".", plain[last + 1 :]
    plain = whole.replace(".", "").replace(",", "") + point + part
    return Decimal(plain)


def count_of(written: str) -> int | None:
    """The value of what ``COUNT`` found; digits count more than the words beside them."""
    if digits := _DIGITS.search(written):
        return int(digits[0])
    words = written.strip(_EDGES)
    return parse_fr(words) or parse_ar(words)


def percent_of(written: str) -> Decimal | None:
    """The value of what ``PERCENT`` found; ``None`` above a hundred."""
    if digits := _DECIMAL.search(written):
        value = Decimal(digits[0].replace(",", "."))
    else:
        words = re.sub(PERCENT_SIGN, "", written).strip(_EDGES)
        said = parse_fr(words) or parse_ar(words)
        if said is None:
            return None
        value = Decimal(said)
    return value if value <= 100 else None
