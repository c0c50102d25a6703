"""Papers, certificates and labels as their owner reads them: how long each is valid, what is missing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from app.evidence.service import Shown
from app.kit.i18n import Lang, translate
from app.models.startup_evidence import EvidenceFile
from app.web.founder.evidence_form import PIECE_LISTS, PieceList
from scrapers.evidence import CertificateRecord, EvidenceRecord, Expiring, PaperKind, PaperRecord, ShownLabel

SOON_DAYS: Final = 60
"""A paper that ends within two months is to be renewed now: most take weeks."""

USUAL: Final = (
    PaperKind.TAX_CERTIFICATE, PaperKind.SOCIAL_SECURITY_CERTIFICATE, PaperKind.TRADE_REGISTER,
    PaperKind.BANK_CERTIFICATE,
)  # fmt: skip
"""Papers that nearly every administrative file needs; where they are not told, that is said."""

State = Literal["valid", "soon", "expired", "undated"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence. ``days``: until its last day, below 0 once that is past."""

    list: PieceList
    position: int
    title: str
    issuer: str | None
    issued: dt.date | None
    expires: dt.date | None
    days: int | None
    file: EvidenceFile | None

    @property
    def state(self) -> State:
        """How it stands today."""
        if self.days is None:
            return "undated"
        if self.days < 0:
            return "expired"
        return "soon" if self.days <= SOON_DAYS else "valid"


@dataclass(frozen=True, slots=True)
class Papers:
    """All of it. ``ending``: what has ended or ends soon, first first; ``loose``: files that show nothing any more."""

    lists: Mapping[PieceList, Sequence[Piece]]
    ending: Sequence[Piece]
    missing: Sequence[str]
    loose: Sequence[EvidenceFile]
    files: int
    bytes: int


def papers(shown: Shown, today: dt.date, lang: Lang) -> Papers:
    """The pieces of a startup's evidence as they stand on a day."""
    told = EvidenceRecord.model_validate(shown.document)
    files = {file.id: file for file in shown.files}
    lists: dict[PieceList, Sequence[Piece]] = {
        name: [_piece(name, at, one, files, today, lang) for at, one in enumerate(getattr(told, name))]
        for name in PIECE_LISTS
    }
    ending = [one for pieces in lists.values() for one in pieces if one.state in {"expired", "soon"}]
    held = {one.kind for one in told.documents}
    used = {one.file for name in (*PIECE_LISTS, "references", "turnover") for one in getattr(told, name)}
    return Papers(
        lists=lists,
        ending=sorted(ending, key=lambda one: one.expires or today),
        missing=[kind.value for kind in USUAL if kind not in held],
        loose=[file for file in shown.files if file.id not in used],
        files=len(shown.files),
        bytes=sum(file.size for file in shown.files),
    )


def title_of(piece: Expiring, lang: Lang) -> str:
    """What a piece is called."""
    match piece:
        case PaperRecord(kind=kind, name=name):
            return name if kind is PaperKind.OTHER and name else translate(f"paper.{kind.value}", lang)
        case CertificateRecord(name=name) | ShownLabel(name=name):
            return name
        case _:
            return ""


def _piece(
    name: PieceList, at: int, one: Expiring, files: Mapping[uuid.UUID, EvidenceFile], today: dt.date, lang: Lang
) -> Piece:
    return Piece(
        list=name, position=at, title=title_of(one, lang), issuer=one.issuer, issued=one.issued, expires=one.expires,
        days=None if one.expires is None else (one.expires - today).days,
        file=files.get(one.file) if one.file is not None else None,
    )  # fmt: skip
