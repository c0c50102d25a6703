"""The named filters of a list of calls, as SQL conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, SQLColumnExpression, false, func, literal_column, or_, select

from app.kit.errors import FieldError, ValidationFailed
from app.kit.ids import OrganisationId
from app.models.tender import Tender, TenderStatus
from app.tenders.columns import BUYER_MARK, CPV_MARK, fold_words
from app.tenders.regions import region_of
from app.tenders.words import Term, Words, read_words

_SIMPLE: ColumnElement[str] = literal_column("'simple'::regconfig")


@dataclass(frozen=True, slots=True)
class TenderFilters:
    """Which calls are asked for; ``None`` or empty means any. Conditions on what a call leaves open don't match it.

    ``statuses`` empty: published calls, or with ``own``, the caller's calls in every status. ``drafts`` off: none, not
    even the caller's own. ``open_at``, ``over_at``: calls that take bids at an instant, or took their last before.
    ``duplicates``: also tenders that another publisher's tender stands for.
    """

    statuses: Sequence[TenderStatus] = ()
    regions: Sequence[str] = ()
    categories: Sequence[str] = ()
    sector: str | None = None
    country: str | None = None
    procedure: str | None = None
    reserved_sme: bool | None = None
    simplified_access: bool | None = None
    subcontracting: bool | None = None
    min_value: Decimal | None = None
    max_value: Decimal | None = None
    currency: str | None = None
    deadline_after: dt.datetime | None = None
    deadline_before: dt.datetime | None = None
    open_at: dt.datetime | None = None
    over_at: dt.datetime | None = None
    cpv: str | None = None
    buyer: str | None = None
    language: str | None = None
    own: bool = False
    drafts: bool = True
    duplicates: bool = False
    q: str | None = None

    def __post_init__(self) -> None:
        """Refuse amounts without a currency."""
        hold_currency(self.currency, self.min_value, self.max_value)


def hold_currency(currency: str | None, *amounts: Decimal | None) -> None:
    """Raise ValidationFailed where a query has amounts and no currency: those of different ones can't be compared."""
    if currency is None and any(amount is not None for amount in amounts):
        raise ValidationFailed(FieldError("#/currency", "currency-needed", "query", fallback="needed with an amount"))


def conditions(filters: TenderFilters, viewer: OrganisationId) -> list[ColumnElement[bool]]:
    """Everything that must hold of a row that ``viewer`` is shown; drafts are shown to their owner only."""
    return [
        *unworded(filters, viewer),
        *([] if filters.q is None else [holds_words(Tender.search, filters.q)]),
    ]


def unworded(filters: TenderFilters, viewer: OrganisationId) -> list[ColumnElement[bool]]:
    """The same, whatever words are asked for."""
    return [*_visibility(filters, viewer), *_facets(filters), *_bounds(filters), *_marked(filters)]


def _visibility(filters: TenderFilters, viewer: OrganisationId) -> Iterator[ColumnElement[bool]]:
    if not filters.drafts:
        yield Tender.status != TenderStatus.DRAFT
    if filters.own:
        yield Tender.owner_id == viewer
        if filters.statuses:
            yield Tender.status.in_(filters.statuses)
        return
    if not filters.duplicates:
        yield Tender.duplicate_of.is_(None)
    statuses = list(dict.fromkeys(filters.statuses or (TenderStatus.PUBLISHED,)))
    # A single status as an equality lets the index on (status, deadline_at, id) give the order too.
    yield Tender.status == statuses[0] if len(statuses) == 1 else Tender.status.in_(statuses)
    if TenderStatus.DRAFT in statuses:
        yield or_(Tender.status != TenderStatus.DRAFT, Tender.owner_id == viewer)


def _facets(filters: TenderFilters) -> Iterator[ColumnElement[bool]]:
    if filters.regions:
        yield Tender.region.in_([region_of(name, "MA") or name for name in filters.regions])
    if filters.categories:
        yield Tender.category.in_(filters.categories)
    for column, value in (
        (Tender.sector, filters.sector),
        (Tender.country, filters.country),
        (Tender.record["procedure"].astext, filters.procedure),
        (Tender.record["language"].astext, filters.language),
        (Tender.reserved_sme, filters.reserved_sme),
        (Tender.simplified_access, filters.simplified_access),
    ):
        if value is not None:
            yield column == value
    if filters.subcontracting is not None:
        invites = Tender.record.has_key("part_of")
        yield invites if filters.subcontracting else ~invites


def _bounds(filters: TenderFilters) -> Iterator[ColumnElement[bool]]:
    if filters.currency is not None:
        yield Tender.value_currency == filters.currency
    if filters.min_value is not None:
        yield Tender.value_amount >= filters.min_value
    if filters.max_value is not None:
        yield Tender.value_amount <= filters.max_value
    if filters.deadline_after is not None:
        yield Tender.deadline_at > filters.deadline_after
    if filters.deadline_before is not None:
        yield Tender.deadline_at < filters.deadline_before
    if filters.open_at is not None:
        yield or_(Tender.deadline_at.is_(None), Tender.deadline_at > filters.open_at)
    if filters.over_at is not None:
        yield or_(Tender.status != TenderStatus.PUBLISHED, Tender.deadline_at <= filters.over_at)


def _marked(filters: TenderFilters) -> Iterator[ColumnElement[bool]]:
    if filters.cpv is not None:
        yield Tender.search.bool_op("@@")(_all_prefixed([f"{CPV_MARK}{filters.cpv}"]))
    if filters.buyer is not None:
        named = fold_words(filters.buyer)
        if not named:
            raise ValidationFailed(FieldError("#/buyer", "no-words", "query", fallback="holds no word"))
        yield Tender.search.bool_op("@@")(_all_prefixed([f"{BUYER_MARK}{word}" for word in named]))


def holds_words(search: SQLColumnExpression[str], asked: str) -> ColumnElement[bool]:
    """Whether a searched text has what a person typed; of a query without any word, nothing does."""
    query = search_query(read_words(asked), wide=True)
    return false() if query is None else matches(search, query)


def matches(search: SQLColumnExpression[str], query: ColumnElement[object]) -> ColumnElement[bool]:
    """Whether a searched text satisfies a query."""
    # In a subquery the planner can't look into it: it took a hundred forms of one word for a hundred frequent words,
    # and read every row instead of the index of words.
    return search.bool_op("@@")(select(query).scalar_subquery())


def search_query(words: Words, *, wide: bool) -> ColumnElement[object] | None:
    """A query of words as PostgreSQL reads it, ``None`` where nothing can hold it. ``wide`` off: what was typed and its
    inflections alone.
    """
    choices = [choice for terms in words.choices if (choice := _choice(terms, wide=wide)) is not None]
    return func.to_tsquery(_SIMPLE, " | ".join(f"({choice})" for choice in choices)) if choices else None


def _choice(terms: Sequence[Term], *, wide: bool) -> str | None:
    """All of these terms; ``None`` where one of them can't hold, or all only deny."""
    wanted = [_term(term, wide=wide) for term in terms if not term.without]
    if not wanted or None in wanted:
        return None
    denied = [f"!({own})" for term in terms if term.without and (own := _own(term)) is not None]
    return " & ".join([*filter(None, wanted), *denied])


def _term(term: Term, *, wide: bool) -> str | None:
    """A term that must hold; ``None`` where each of its forms is known to stand nowhere."""
    own, found = _own(term), list[str]()
    if own is not None:
        found.append(f"({own})")
    if wide and term.beginning is not None and all(term.own[:-1]):
        typed = [_any_of(forms) for forms in term.own[:-1]]
        found.append(f"({' & '.join([*typed, _quoted(term.beginning) + ':*'])})")
    if wide:
        found += [f"({' <-> '.join(map(_any_of, phrase))})" for phrase in term.same]
    return f"({' | '.join(found)})" if found else None


def _own(term: Term) -> str | None:
    return (" <-> " if term.phrase else " & ").join(map(_any_of, term.own)) if all(term.own) else None


def _any_of(forms: Collection[str]) -> str:
    return f"({' | '.join(map(_quoted, sorted(forms)))})"


def _all_prefixed(words: Sequence[str]) -> ColumnElement[object]:
    return func.to_tsquery(_SIMPLE, " & ".join(f"{_quoted(word)}:*" for word in words))


def _quoted(word: str) -> str:
    """A word as an operand, whatever folding made of it (a parenthesised digit becomes parentheses)."""
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
