"""A call's notice as the page shows it: amounts as decimals, documents told apart from what is no address.

What a collector kept beside the contract (documents, further addresses) has any shape: what is no text is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from babel import Locale, UnknownLocaleError
from pydantic import JsonValue

from app.kit.i18n import Lang
from app.matches.schemas import ReasonOut, SpanOut
from app.planning.schemas import CashOut
from app.tenders.schemas import LotOut, MoneyOut, TenderOut
from app.web.lot_titles import tells_number
from app.web.marking import Piece, pieces, spans_in

MOST_DOCUMENTS: Final = 100
MOST_LOTS: Final = 200
LONGEST_TEXT: Final = 60_000
LONGEST_LOT_TEXT: Final = 3_000
"""What a page shows of a text at most: a notice may hold a book."""

_LONGEST_NAME: Final = 300
_LISTS: Final = (("documents", "file"), ("documents_restricted", "restricted"))
_SINGLE: Final = (("documents_url", "file"), ("submission_url", "submission"))


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum that is known: ``amount`` is more than nothing."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document of a call. ``name``: its title, or its address; ``kind``: ``file``, ``restricted``, ``submission``."""

    name: str
    url: str
    kind: str


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot, with the words marked that made the reader's match; ``fits``: it is the lot that made it.
    ``number``: its id, where the title does not tell it itself.
    """

    id: str
    number: str | None
    title: Sequence[Piece]
    description: Sequence[Piece]
    value: Amount | None
    quantity: str | None
    cpv: Sequence[str]
    fits: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """What the templates show of a call beside its plain fields. ``cut``: some text is longer than what is shown."""

    title: Sequence[Piece]
    description: Sequence[Piece]
    activities: Sequence[Sequence[Piece]]
    value: Amount | None
    bond: Amount | None
    lots: Sequence[Lot]
    attachments: Sequence[Attachment]
    languages: Sequence[str]
    country: str | None
    buyers: Sequence[str]
    cut: bool


def notice_of(
    tender: TenderOut, lang: Lang, reasons: Sequence[ReasonOut] = (), fitting_lot: str | None = None
) -> Notice:
    """A call as the page shows it. ``reasons``: of the reader's match, whose words are marked."""
    places = [place for reason in reasons for place in reason.in_tender]
    extra = tender.model_extra or {}
    return Notice(
        title=_marked(tender.title, "title", places),
        description=_marked(tender.description, "description", places, longest=LONGEST_TEXT),
        activities=[_marked(each, "activities", places, at) for at, each in enumerate(tender.activities)],
        value=amount_of(tender.value),
        bond=amount_of(tender.bond),
        lots=[_lot(lot, places if lot.id == fitting_lot else (), fits=lot.id == fitting_lot)
              for lot in tender.lots[:MOST_LOTS]],
        attachments=_attachments(extra),
        languages=_languages(tender.language, extra.get("submission_languages"), lang),
        country=_named("territories", tender.country, lang),
        buyers=[each for each in _texts(extra.get("buyers")) if each != (tender.buyer and tender.buyer.name)],
        cut=len(tender.description) > LONGEST_TEXT
        or any(len(lot.description) > LONGEST_LOT_TEXT for lot in tender.lots[:MOST_LOTS]),
    )  # fmt: skip


def amount_of(money: MoneyOut | None) -> Amount | None:
    """A sum, or nothing where it is not told: 0 is "not told", as notices write it."""
    return None if money is None else _amount(money.amount, money.currency)


def sums_of(cash: CashOut) -> tuple[list[tuple[str, Amount]], Amount | None]:
    """The sums that a bid binds, by name, and what the cash at hand lacks for the bond; the unknown is left out."""
    named = (
        ("bond", cash.bond), ("definitive", cash.definitive_bond), ("retention", cash.retention),
        ("prefinancing", cash.prefinancing),
    )  # fmt: skip
    told = [(name, _amount(sum_, cash.currency)) for name, sum_ in named if sum_ is not None and cash.currency]
    short = _amount(cash.short, cash.currency) if cash.short is not None and cash.currency else None
    return [(name, amount) for name, amount in told if amount is not None], short


def amount_told(value: JsonValue) -> Amount | None:
    """The same of a sum as a record has it."""
    if not isinstance(value, dict):
        return None
    amount, currency = value.get("amount"), value.get("currency")
    if isinstance(amount, bool) or not isinstance(amount, int | float | str) or not isinstance(currency, str):
        return None
    return _amount(amount, currency)


def _amount(amount: float | str, currency: str) -> Amount | None:
    try:
        exact = Decimal(str(amount))
    except InvalidOperation:
        return None
    return Amount(exact, currency) if exact.is_finite() and exact > 0 else None


def _marked(
    text: str, field: str, places: Iterable[SpanOut], item: int | None = None, *, longest: int = LONGEST_TEXT
) -> list[Piece]:
    shown = text if len(text) <= longest else f"{text[:longest]}…"
    return pieces(shown, spans_in(shown, field, places, item))


def _lot(lot: LotOut, places: Iterable[SpanOut], *, fits: bool) -> Lot:
    quantity = (lot.model_extra or {}).get("quantity")
    return Lot(
        id=lot.id,
        number=None if tells_number(lot.title, lot.id) else lot.id,
        title=_marked(lot.title, "lot.title", places),
        description=_marked(lot.description, "lot.description", places, longest=LONGEST_LOT_TEXT),
        value=amount_of(lot.value),
        quantity=str(quantity)[:_LONGEST_NAME] if isinstance(quantity, int | float | str) else None,
        cpv=lot.cpv,
        fits=fits,
    )


def _attachments(extra: dict[str, JsonValue]) -> list[Attachment]:
    found: dict[str, Attachment] = {}
    for field, kind in _LISTS:
        told = extra.get(field)
        for each in told if isinstance(told, list) else []:
            if (one := _attachment(each, kind)) is not None:
                found.setdefault(one.url, one)
    for field, kind in _SINGLE:
        if (one := _attachment(extra.get(field), kind)) is not None:
            found.setdefault(one.url, one)
    return list(found.values())[:MOST_DOCUMENTS]


def _attachment(told: JsonValue, kind: str) -> Attachment | None:
    if isinstance(told, str) and told:
        return Attachment(told[:_LONGEST_NAME], told, kind)
    if isinstance(told, dict):
        url, title = told.get("url"), told.get("title")
        if isinstance(url, str) and url:
            return Attachment((title if isinstance(title, str) and title else url)[:_LONGEST_NAME], url, kind)
    return None


def _texts(told: JsonValue) -> list[str]:
    return [each[:_LONGEST_NAME] for each in told if isinstance(each, str)] if isinstance(told, list) else []


def _languages(own: str | None, others: JsonValue, lang: Lang) -> list[str]:
    codes = dict.fromkeys([*([own] if own else []), *_texts(others)])
    return [named for code in codes if (named := _named("languages", code, lang))]


def _named(what: str, code: str | None, lang: Lang) -> str | None:
    """A language or a country by its name in the reader's language; a code that has none as it is."""
    if code is None:
        return None
    try:
        names = getattr(Locale.parse(lang), what)
    except UnknownLocaleError:
        return code
    return str(names.get(code, code))
