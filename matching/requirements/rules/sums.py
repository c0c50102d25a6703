"""Provisional bond, estimate and turnover: which sum belongs to which words.

Each sum of a clause belongs to the nearest cue before it, else to the one right behind it. Cues of other sums
(definitive bond, retention, penalties, insurance, capital, the price of plans ...) are known so that theirs are not
taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from matching.requirements.amounts import CURRENCY, TAX, Amount, amounts, currency_of, tax_told
from matching.requirements.clauses import Clause
from matching.requirements.document import NO_CURRENCY, Document, Hit, trimmed
from matching.requirements.findings import Kind, Money, Turnover, Value
from matching.requirements.patterns import pattern
from matching.requirements.quantities import COUNT, NUMBER, count_of, number_of
from matching.requirements.rules.lots_named import lots_named
from matching.requirements.rules.sum_cues import NO_ESTIMATE, SUM_CUES
from matching.requirements.stance import denied, void_after

_WAIVED = pattern(r"dispens\w{1,5} (?:de |du |d'|de la |de tout )", "exempt\\w{0,3} (?:de|du)", "معف\\w{1,4} من")
_LABELLED = re.compile(
    rf"(?:[ ]?\([^()]{{1,50}}\)|[ ](?:en )?(?:{CURRENCY}|{TAX})){{0,3}}[\s|.)]{{0,4}}[:|=-][\s|:=-]{{0,6}}"
    rf"(?P<n>{NUMBER})(?![\w])(?![ ]?(?:%|/|jours|mois|pour cent))"
    rf"|[ ]?\((?:en )?{CURRENCY}[^()]{{0,12}}\)[ ]{{1,3}}(?P<b>{NUMBER})(?![\w%])"
)
_YEARS = re.compile(
    rf"(?P<n>{COUNT})[ \n]{{1,3}}(?:derni\w+[ \n]{{1,3}})?(?:ans?|annees?|exercices?|years?|سنوات|سنه|اعوام|سنين"
    rf"|السنوات)(?!\w)|(?:السنوات|سنوات|السنين)[ ](?P<a>{COUNT})|(?:last|past|previous)[ ](?P<l>{COUNT})[ "
    r"](?:financial |fiscal )?years"
)
_LINKED = re.compile(
    r"[\s,)(.-]{0,4}(?:[^:;|]{0,20}(?:a titre|au titre|comme|pour|representant|constitue|correspond\w*|is|as|for"
    r"|برسم|كضمان|بمثابه|عن|هو)"
    r"[^:;|]{0,30}|(?:de|d'|la|le|du|des|l'|l|un|une|a|the|of|in|en|[ ']){0,6}|ك|ل)[(]?"
)
"""What may stand between a sum and the cue behind it: "5 000 DH à titre de caution provisoire"."""
_LABEL_END = re.compile(r"[ ]?(?:\([^()]{1,40}\))?[ ]?[:|=]")
_REACH = 320
_BEHIND = 70
_CEILING = re.compile(
    r"(?:ne |n')(?:depass|exced)|(?<!\w)(?:inferieur|moins de|less than|below|not exceed)|لا (?:يتجاوز|يتعدي)"
)
"""A turnover that must not be passed makes a firm small; it is not asked of it."""
_LIST = 14


@dataclass(frozen=True, slots=True)
class _Cue:
    kind: Kind | None
    start: int
    end: int


def read_sums(clause: Clause, document: Document) -> Iterator[Hit]:
    """Bonds, estimates and turnovers of a clause, and of the list of lots below it."""
    cues = _cues(clause.text)
    wanted = [cue for cue in cues if cue.kind]
    if not wanted:
        return
    sums = amounts(clause.text)
    labelled = [cue for cue in wanted if _has_own_figure(clause.text, cue, sums)]
    for cue in labelled:
        yield from _without_currency(clause, document, cue)
    taken = {cue.kind for cue in labelled}
    for amount in sums:
        owner = _cue_of(amount, cues, clause.text)
        if owner and owner.kind and owner not in labelled and not _is_ceiling(clause.text, owner, amount):
            taken.add(owner.kind)
            if amount.value:
                yield _hit(clause, document, owner, amount)
    if sums and lots_named(clause.text) and len(wanted) == 1:
        yield from _below(clause, document, wanted[0])
    for cue in wanted:
        if cue.kind not in taken:
            yield from _without_sum(clause, document, cue, alone=not sums)


def _has_own_figure(text: str, cue: _Cue, sums: list[Amount]) -> bool:
    """As in "Estimation (en DH) : 500 000,00 10 000,00 MAD": not the next figure with a currency."""
    number = _figure_of(text, cue)
    return number is not None and not any(each.start <= number[0] < each.end for each in sums)


def _is_ceiling(text: str, cue: _Cue, amount: Amount) -> bool:
    return cue.kind is Kind.TURNOVER and _CEILING.search(text[cue.end : amount.start]) is not None


def _without_sum(clause: Clause, document: Document, cue: _Cue, *, alone: bool) -> Iterator[Hit]:
    found = list(_none_asked(clause, document, cue))
    if not found and cue.kind is not Kind.TURNOVER and alone:
        found = list(_below(clause, document, cue))
    yield from found


def _cues(text: str) -> list[_Cue]:
    found: list[_Cue] = []
    for kind, spelt in SUM_CUES:
        for match in spelt.finditer(text):
            if any(cue.start < match.end() and match.start() < cue.end for cue in found):
                continue
            found.append(_Cue(kind, match.start(), match.end()))
    blocked = [match.span() for match in NO_ESTIMATE.finditer(text)]
    return sorted(
        (cue for cue in found if cue.kind is not Kind.ESTIMATE or not any(a <= cue.start < b for a, b in blocked)),
        key=lambda cue: cue.start,
    )


def _cue_of(amount: Amount, cues: list[_Cue], text: str) -> _Cue | None:
    before = [cue for cue in cues if cue.end <= amount.start and amount.start - cue.end <= _REACH]
    behind = [cue for cue in cues if cue.start >= amount.end and cue.start - amount.end <= _BEHIND]
    if before:
        return before[-1]
    if behind and _LINKED.fullmatch(text[amount.end : behind[0].start]) and not _LABEL_END.match(text, behind[0].end):
        return behind[0]
    return None


def _hit(clause: Clause, document: Document, cue: _Cue, amount: Amount) -> Hit:
    text = clause.text
    start, end = min(cue.start, amount.start), max(cue.end, amount.end)
    between = text[min(cue.end, amount.end) : max(cue.start, amount.start)]
    lots = lots_named(text)
    lot = _lot_of(amount, lots, min(each.start for each in (amount, *amounts(text)[:1])))
    if lot:
        begin, stop = min(((a, b) for a, b, name in lots if name == lot), key=lambda at: abs(at[0] - amount.start))
        if not (start <= begin and stop <= end) and len(lots) == 1:
            start, end = min(start, begin), max(end, stop)
        elif len(lots) > 1:
            start, end = min(begin, amount.start), max(stop, amount.end)
    confidence = 0.95 if len(between) <= 60 else 0.9
    if cue.start > amount.start:
        confidence = 0.85
    if amount.agreed is False:
        confidence = 0.5
    label = text[cue.start : amount.end]
    start, end = trimmed(text, start, end)
    return Hit(
        cue.kind or Kind.ESTIMATE,
        _value(cue, amount, lot, label, clause),
        clause.start + start,
        clause.start + end,
        confidence,
    )


def _lot_of(amount: Amount, lots: list[tuple[int, int, str]], first: int) -> str | None:
    """The lot before the sum; behind it where the clause tells its first sum (at ``first``) before its first lot."""
    if not lots:
        return None
    if lots[0][0] > first:
        return next((name for start, _, name in lots if 0 <= start - amount.end <= _BEHIND), None)
    return next((name for _, end, name in reversed(lots) if end <= amount.start), None)


def _value(cue: _Cue, amount: Amount, lot: str | None, label: str, clause: Clause) -> Value:
    if cue.kind is Kind.TURNOVER:
        return Turnover(amount.value, amount.currency, _years(clause.text), lot)
    tax = amount.tax_included
    if tax is None and cue.kind is Kind.ESTIMATE:
        tax = tax_told(label)
        if tax is None and len(amounts(clause.text)) == 1:
            tax = tax_told(clause.text)
    return Money(amount.value, amount.currency, tax if cue.kind is Kind.ESTIMATE else None, lot)


def _years(text: str) -> int | None:
    found = _YEARS.search(text)
    if found is None:
        return None
    years = count_of(found["n"] or found["a"] or found["l"])
    return years if years and years <= 10 else None


def _figure_of(text: str, cue: _Cue) -> tuple[int, int, str] | None:
    """The bare figure that directly follows a label, and what stands between them."""
    found = _LABELLED.match(text, cue.end)
    if found is None:
        return None
    start, end = found.span("n" if found["n"] else "b")
    return start, end, text[cue.end : start]


def _without_currency(clause: Clause, document: Document, cue: _Cue) -> Iterator[Hit]:
    """As in "Caution provisoire (en DH) : 5 000": the currency in the label, else that of the country."""
    text = clause.text
    found = _figure_of(text, cue)
    value = number_of(text[found[0] : found[1]]) if found else None
    if found is None or not value:
        return
    start, end, label = found
    written = re.search(CURRENCY, label)
    told = currency_of(written[0]) if written else None
    currency = told or document.currency
    if currency is None or (told is None and value < 100):
        return
    hit = _hit(clause, document, cue, Amount(start, end, value, currency, tax_told(text[cue.start : end])))
    yield Hit(hit.kind, hit.value, hit.start, hit.end, 0.9 if told else 0.7)


def _none_asked(clause: Clause, document: Document, cue: _Cue) -> Iterator[Hit]:
    """The passage says that no provisional bond is asked: an amount of 0."""
    if cue.kind is not Kind.BOND:
        return
    text = clause.text
    end = void_after(text, cue.end)
    near = text[max(0, cue.start - 60) : cue.end + 90]
    waived = _WAIVED.search(text[max(0, cue.start - 60) : cue.start])
    if end is None and not waived and not denied(near):
        return
    value = Money(Decimal(0), document.currency or NO_CURRENCY)
    first, last = (
        (cue.start, end) if end else (max(0, cue.start - 60) if cue.start > 60 else 0, min(len(text), cue.end + 90))
    )
    start, stop = trimmed(text, first, last)
    yield Hit(Kind.BOND, value, clause.start + start, clause.start + stop, 0.9 if end or waived else 0.8)


def _below(clause: Clause, document: Document, cue: _Cue) -> Iterator[Hit]:
    """A cue that ends its clause: the sums of the lots listed below it, or the one sum that follows."""
    if len(clause.text) - cue.end > 120:
        return
    for number, following in enumerate(document.after(clause, _LIST)):
        sums, lots = amounts(following.text), lots_named(following.text)
        if not sums or _cues(following.text) or len(following.text) > 400:
            return
        if not lots:
            if number == 0 and sums[0].start <= 30:
                yield _hit_below(following, cue, sums[0], None)
            return
        for amount in sums:
            yield _hit_below(following, cue, amount, _lot_of(amount, lots, sums[0].start))


def _hit_below(clause: Clause, cue: _Cue, amount: Amount, lot: str | None) -> Hit:
    value = _value(cue, amount, lot, clause.text, clause)
    first = 0 if lot and amount.end < 200 else amount.start
    start, end = trimmed(clause.text, first, amount.end)
    return Hit(cue.kind or Kind.ESTIMATE, value, clause.start + start, clause.start + end, 0.85)
