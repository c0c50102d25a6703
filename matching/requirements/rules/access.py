"""Who may take part: reserved calls and national preference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Kind, Percent, Reservation, ReservedGroup
from matching.requirements.patterns import pattern
from matching.requirements.quantities import PERCENT, percent_of
from matching.requirements.stance import denied

_RESERVED = pattern(
    r"reservee?s?(?: \w+)?(?: exclusivement| uniquement)?(?: au profit| aux?| a la| a l'\w+| pour| en faveur)?",
    "exclusivement (?:destinee?s?|ouverte?s?) (?:aux?|a la)",
    "reservation(?: aux?| pour| au profit)",
    "lots? reserves?",
    "reserved (?:for|to|contract|participation)",
    "set[- ]aside(?: for)?",
    "participation is (?:reserved|restricted)",
    "restricted to",
    "(?:محجوز|مخصص|محصور|تخصص|يخصص|تحجز|حصري)\\w{0,4}",
    "حصر[يا]ا?(?: على| ل)?",
    "خاصة? ب@مقاولات",
    "حجز",
)
_GROUPS = (
    (
        ReservedGroup.INNOVATIVE,
        pattern(
            "jeunes? entreprises? (?:innovantes?|inovantes?)",
            "entreprises? innovantes?",
            "start-?ups?",
            "jei",
            "innovative (?:young )?(?:companies|enterprises|firms)",
            "@مقاولات @(?:شابة|ناشئة|مبتكرة)(?: @(?:مبتكرة|مبدعة|مجددة))?",
            "@مقاولات @مبتكرة",
        ),
    ),
    (
        ReservedGroup.SME,
        pattern(
            "(?:tres )?petites? ?,? ?(?:et|/|&|petites)? ?(?:petites? )?(?:et )?(?:aux )?moyennes? entreprises?",
            "(?:petites?|moyennes?|tres petites?)(?: ?,| et| ou) (?:tres )?(?:petites?|moyennes?)"
            "[^.;]{0,30}entreprises?",
            "t?pme",
            "tpe",
            "smes?",
            "small (?:and|or|&) medium[- ](?:sized )?(?:enterprises?|businesses|companies)?",
            "@مقاولات(?: @صغيرة جدا و| @صغرى جدا و| @صغيرة جدا و@| @)?(?:صغرى|صغيرة|متوسطة)(?: و@متوسطة| جدا)?",
            "@مقاولات @صغيرة",
            "@مقاولات @صغرى",
            "@مقاولة @صغيرة",
            "@مقاولات @متوسطة",
        ),
    ),
    (
        ReservedGroup.COOPERATIVE,
        pattern("(?:(?:aux |les )?unions? de )?cooperatives?", "co-?operatives?", "@تعاونيات", "@تعاونية"),
    ),
    (
        ReservedGroup.AUTO_ENTREPRENEUR,
        pattern(
            "auto[- ]? ?entrepreneurs?",
            "autoentrepreneurs?",
            "self[- ]employed",
            "@مقاول(?:ين|ون)? @ذاتي(?:ين|ون)?",
            "@مقاول @ذاتي",
        ),
    ),
    (
        ReservedGroup.SOCIAL,
        pattern(
            "entreprises? adaptees?",
            "(?:structures?|entreprises?) d'insertion",
            "esat",
            "ateliers? proteges?",
            "economie sociale(?: et solidaire)?",
            "sheltered workshops?",
            "social enterprises?",
            "supported businesses",
            "@ورشات @محمية",
        ),
    ),
)
_YES_NO = re.compile(r"[ ]?(?:[:|?=][\s|:]{0,4})(?P<a>oui|non|yes|no|نعم|لا|true|false)(?!\w)")
_SHARE_OF_BUDGET = pattern("du montant previsionnel", "des marches que", "de l'annee budgetaire", "annuel previsionnel")
_PREFERENCE = pattern(
    r"preference (?:nationale|en faveur|est|sera|a l'entreprise|accordee)",
    r"(?:marge|clause|regime) (?:de |nationale )?preference",
    "preference",
    r"major\w{2,5}",
    "domestic preference",
    "national preference",
    "margin of preference",
    "preferential margin",
    "@أفضلية(?: @وطنية)?",
    "@هامش @أفضلية",
    "زيادة",
)
_PREFERRED = pattern(
    "entreprises? nationales?",
    "nationales?",
    "etrange\\w{1,3}",
    "preference",
    "domestic",
    "national",
    "foreign",
    "@وطنية",
    "@أجنبية",
    "@أفضلية",
)


def read_reserved(clause: Clause, document: Document) -> Iterator[Hit]:
    """Whom a call is reserved for, or that it is not."""
    text = clause.text
    for cue in _RESERVED.finditer(text):
        if _SHARE_OF_BUDGET.search(text):
            return
        stop = min(len(text), cue.end() + 330)
        found = {
            group: match for group, spelt in _GROUPS if (match := _first(spelt, text, max(0, cue.start() - 3), stop))
        }
        if not found:
            continue
        last = max(_last(spelt, text, cue.start(), stop) for group, spelt in _GROUPS if group in found)
        answer = _YES_NO.match(text, last) or _YES_NO.search(text, last, min(len(text), last + 40))
        no = answer is not None and answer["a"] in {"non", "no", "لا", "false"}
        refused = denied(text[max(0, cue.start() - 24) : cue.start() + 12])
        groups = () if no or refused else tuple(group for group in ReservedGroup if group in found)
        end = answer.end() if answer else last
        begin = max(0, cue.start() - 24) if refused else cue.start()
        yield Hit(Kind.RESERVED, Reservation(groups), clause.start + begin, clause.start + end, 0.95 if answer else 0.9)
        return


def _first(spelt: re.Pattern[str], text: str, start: int, stop: int) -> re.Match[str] | None:
    return spelt.search(text, start, stop)


def _last(spelt: re.Pattern[str], text: str, start: int, stop: int) -> int:
    return max((match.end() for match in spelt.finditer(text, start, stop)), default=start)


def read_preference(clause: Clause, document: Document) -> Iterator[Hit]:
    """The preference for national firms, in percent."""
    text = clause.text
    cue = _PREFERENCE.search(text)
    if cue is None or not _PREFERRED.search(text):
        return
    share = re.search(PERCENT, text)
    if share is not None:
        percent = percent_of(share[0])
        if percent is not None and percent <= 30:
            start, end = min(cue.start(), share.start()), max(cue.end(), share.end())
            yield Hit(Kind.PREFERENCE, Percent(percent), clause.start + start, clause.start + end, 0.9)
    elif "preference" in cue[0] or "فضلي" in cue[0]:
        around = text[max(0, cue.start() - 30) : cue.end() + 70]
        if denied(around):
            start, end = max(0, cue.start() - 30), min(len(text), cue.end() + 70)
            yield Hit(Kind.PREFERENCE, Percent(Decimal(0)), clause.start + start, clause.start + end, 0.8)
