"""What leaves a collector or a flat file: the public input contracts of Safqa, checked field by field.

Unknown fields are kept (``extra="allow"``), wrong ones are refused with the field's path; nothing is guessed right.
docs/formats.md and docs/schemas/*.json are generated from these classes.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scrapers.evidence import EvidenceRecord
from scrapers.fields import (
    LONG,
    SHORT,
    Country,
    Cpv,
    Day,
    Id,
    Language,
    LongText,
    Money,
    Record,
    Title,
    Url,
    When,
    Word,
    at_most,
)
from scrapers.normalise import Basis


class Buyer(Record):
    """Who buys."""

    id: Id | None = None
    name: Word | None = None


class LabelRecord(Record):
    """A label with who gave it ("Jeune entreprise innovante", issuer "Technopark")."""

    name: Word
    issuer: Word | None = None


class ReferenceRecord(Record):
    """A delivered contract."""

    title: Title
    buyer: Word | None = None
    cpv: Annotated[tuple[Cpv, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    place: Word | None = None
    value: Money | None = None
    date: Day | None = None
    sector: Literal["public", "private"] | None = None


class StartupRecord(Record):
    """A startup, flat contract version 1."""

    id: Id
    name: Word
    description: LongText = ""
    sectors: Annotated[tuple[Word, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    technologies: Annotated[tuple[Word, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    cpv: Annotated[tuple[Cpv, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    regions: Annotated[tuple[Word, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    city: Word | None = None
    country: Country | None = None
    languages: Annotated[tuple[Language, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    founded: Annotated[int, Field(ge=1800, le=2100)] | None = None
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    turnover: Money | None = None
    labels: Annotated[tuple[LabelRecord, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    certifications: Annotated[tuple[Word, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    references: Annotated[tuple[ReferenceRecord, ...], Field(max_length=LONG), at_most(LONG)] = ()
    website: Url | None = None
    evidence: EvidenceRecord | None = None


class LotRecord(Record):
    """A part of a tender that can be bid for alone."""

    id: Id
    title: Title
    description: LongText = ""
    cpv: Annotated[tuple[Cpv, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    value: Money | None = None


class PartOfRecord(Record):
    """The larger contract that a call invites subcontractors for.

    ``role``: who calls won it, or bids for it, by its own word. ``id`` is the larger call's, here or at its source.
    """

    id: Id | None = None
    title: Title | None = None
    buyer: Word | None = None
    role: Literal["winner", "bidder"] | None = None


class TenderRecord(Record):
    """A call for tenders, flat contract version 1.

    ``published`` and ``deadline``: an ISO 8601 instant with its offset, or a date alone. ``app.files`` turns both
    into instants: a date alone is the start (published) or the end (deadline) of that day in the zone of the reader,
    and ``published_basis`` and ``deadline_basis`` say how the instant was found.
    """

    id: Id
    title: Title
    description: LongText = ""
    buyer: Buyer | None = None
    sector: Literal["public", "private"] | None = None
    category: Literal["works", "goods", "services"] | None = None
    procedure: Word | None = None
    activities: Annotated[tuple[Word, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    cpv: Annotated[tuple[Cpv, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    place: Word | None = None
    country: Country | None = None
    value: Money | None = None
    bond: Money | None = None
    published: When | None = None
    published_basis: Basis | None = Field(default=None, json_schema_extra={"readOnly": True})
    deadline: When | None = None
    deadline_basis: Basis | None = Field(default=None, json_schema_extra={"readOnly": True})
    lots: Annotated[tuple[LotRecord, ...], Field(max_length=LONG), at_most(LONG)] = ()
    reserved_sme: bool | None = None
    part_of: PartOfRecord | None = None
    language: Language | None = None
    url: Url | None = None


class WinnerRecord(Record):
    """A supplier who won."""

    id: Id | None = None
    name: Word | None = None
    country: Country | None = None


class AwardRecord(Record):
    """How a call, or one lot of it, ended. ``value`` stands once, however many won it together.

    ``outcome`` is "unknown" where a source tells that there is a result, and not which.

    ``tender_id`` is the source's id of the call where the source says it; ``reference`` is the buyer's, which is unique
    at the buyer at most.
    """

    id: Id
    source: Word | None = None
    tender_id: Id | None = None
    ocid: Word | None = None
    reference: Word | None = None
    lot_id: Id | None = None
    title: Title | None = None
    buyer: Buyer | None = None
    winners: Annotated[tuple[WinnerRecord, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    outcome: Literal["awarded", "unsuccessful", "cancelled", "unknown"] = "awarded"
    value: Money | None = None
    offers: Annotated[int, Field(ge=0, le=100_000)] | None = None
    cpv: Annotated[tuple[Cpv, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    country: Country | None = None
    date: Day | None = None
    url: Url | None = None
