"""What a startup can show beside its profile: papers, certificates, references, turnover, people and means.

Part of the flat contract of a startup (``evidence``). Unlike elsewhere, unknown fields are refused: a misspelt
``expires`` would make a paper that never expires. No names of people: a team is told by its roles.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from scrapers.fields import LONG, SHORT, Cpv, Currency, Day, Record, Title, Word, amount_in, at_most, finite


class PaperKind(StrEnum):
    """Papers of an administrative file; the closed list of docs/evidence.md."""

    TAX_CERTIFICATE = "tax_certificate"
    """That taxes are in order (attestation de régularité fiscale)."""
    SOCIAL_SECURITY_CERTIFICATE = "social_security_certificate"
    """That contributions are in order (attestation CNSS)."""
    TRADE_REGISTER = "trade_register"
    """Extract of the trade register (modèle J, Kbis)."""
    TAX_IDENTIFICATION = "tax_identification"
    BUSINESS_TAX = "business_tax"
    """Registration for the business tax (taxe professionnelle, patente)."""
    ARTICLES = "articles"
    SIGNING_AUTHORITY = "signing_authority"
    BANK_CERTIFICATE = "bank_certificate"
    BANK_ACCOUNT = "bank_account"
    """The account's identification (RIB)."""
    BALANCE_SHEET = "balance_sheet"
    INSURANCE = "insurance"
    SWORN_STATEMENT = "sworn_statement"
    """Déclaration sur l'honneur."""
    AUTO_ENTREPRENEUR_CARD = "auto_entrepreneur_card"
    COOPERATIVE_REGISTER = "cooperative_register"
    CRIMINAL_RECORD = "criminal_record"
    ELECTRONIC_CERTIFICATE = "electronic_certificate"
    """For electronic signatures and filing."""
    MEANS = "means"
    """Note on human and technical means."""
    OTHER = "other"


ListName: TypeAlias = Literal[
    "references", "certificates", "team", "equipment", "labels", "turnover", "regions", "languages", "documents"
]
"""Lists that a startup may call complete: what is not in them, it lacks."""


class Shown(Record):
    """Base of the parts: what is not a field of theirs is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sum(Shown):
    """An amount and its ISO 4217 currency; 0 says that there is none, what is unknown is left out."""

    amount: Annotated[
        Decimal, Field(ge=0, max_digits=20, decimal_places=4), AfterValidator(finite), BeforeValidator(amount_in)
    ]
    currency: Currency


class Backed(Shown):
    """Something that an uploaded file may show: ``file`` is that file's id."""

    file: uuid.UUID | None = None


class Expiring(Backed):
    """Something of a limited time. ``expires``: its last day; none is unknown, not never."""

    issuer: Word | None = None
    issued: Day | None = None
    expires: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Expiring:
        if self.issued is not None and self.expires is not None and self.expires < self.issued:
            raise ValueError("expires before it was issued")
        return self


class PaperRecord(Expiring):
    """A paper of the administrative file; ``name`` says which, where ``kind`` is ``other``."""

    kind: PaperKind
    name: Word | None = None


class CertificateRecord(Expiring):
    """A certificate: qualification and classification of works firms, an agrément, ISO or another.

    ``sector``, ``qualifications`` and ``grade`` as the certificate writes them ("A", ["A2", "A5"], "4").
    """

    name: Word
    scheme: Literal["qualification", "approval", "iso", "other"] | None = None
    sector: Word | None = None
    qualifications: Annotated[tuple[Word, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    grade: Word | None = None
    number: Word | None = None


class ShownLabel(Expiring):
    """A label or status with who gave it, and until when."""

    name: Word


class ShownReference(Backed):
    """A delivered contract; ``attested``: the buyer's attestation is at hand."""

    title: Title
    buyer: Word | None = None
    cpv: Annotated[tuple[Cpv, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    value: Sum | None = None
    date: Day | None = None
    attested: bool | None = None


class TurnoverRecord(Backed):
    """The turnover of a calendar year, before tax."""

    year: Annotated[int, Field(ge=1900, le=2100)]
    turnover: Sum


class MemberRecord(Shown):
    """People of one role, without names: how many, and how many years of experience the least of them has."""

    role: Word
    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    years: Annotated[int, Field(ge=0, le=80)] | None = None


class EvidenceRecord(Shown):
    """What a startup can show. ``complete`` names the lists beside which it has nothing; else an absence is unknown."""

    legal_form: Literal["company", "cooperative", "auto_entrepreneur", "association"] | None = None
    cash: Sum | None = None
    balance_sheet: Sum | None = None
    turnover: Annotated[tuple[TurnoverRecord, ...], Field(max_length=50), at_most(50)] = ()
    documents: Annotated[tuple[PaperRecord, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    certificates: Annotated[tuple[CertificateRecord, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    labels: Annotated[tuple[ShownLabel, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    references: Annotated[tuple[ShownReference, ...], Field(max_length=LONG), at_most(LONG)] = ()
    team: Annotated[tuple[MemberRecord, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    equipment: Annotated[tuple[Word, ...], Field(max_length=SHORT), at_most(SHORT)] = ()
    complete: Annotated[tuple[ListName, ...], Field(max_length=20), at_most(20)] = ()

    @model_validator(mode="after")
    def _one_turnover_a_year(self) -> EvidenceRecord:
        years = [one.year for one in self.turnover]
        if len(set(years)) < len(years):
            raise ValueError("tells two turnovers of one year")
        return self
