"""Records and documents as findings: pure work for a thread, and documents opened in a process with limits."""

from __future__ import annotations

import asyncio
import bisect
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from app.db.base import JsonObject
from app.files.documents import Piece
from app.files.errors import FileEncrypted, FileError, FileTooHeavy, FileWithoutText
from app.files.notice_text import NoticeKind
from app.files.notices import notice_pages
from app.kit.ids import new_uuid
from app.models.tender_requirement import DocumentState
from app.requirements.sniffing import DOCX, HTML, PDF, TEXT
from matching.requirements import read_record, read_text, value_json
from matching.requirements.findings import Finding
from scrapers.redaction import cleaned_text

KINDS: Final[Mapping[str, NoticeKind]] = MappingProxyType(
    {PDF: NoticeKind.PDF, DOCX: NoticeKind.DOCX, HTML: NoticeKind.HTML, TEXT: NoticeKind.TEXT}
)
MAX_CHARACTERS: Final = 200_000
"""Read of one document, its beginning: hostile text of this length takes seconds, five times as much took minutes."""
_LONGEST_REASON = 500
MOST_FINDINGS: Final = 300
LONGEST_QUOTE: Final = 2_000
"""Of one record or document. A tender file asks some dozens of things, in sentences: more is a hostile text's."""
_BETWEEN_PAGES = "\n\n"
_STATES: Final[Mapping[type[FileError], DocumentState]] = MappingProxyType(
    {FileWithoutText: DocumentState.SCANNED, FileTooHeavy: DocumentState.TOO_LARGE}
)


@dataclass(frozen=True, slots=True)
class DocumentText:
    """The text of a document without contacts, and where its pages begin in it (none where it has no pages)."""

    text: str
    pages: Sequence[tuple[int, int]] = ()
    """Pairs of a place in the text and the number of the page that begins there, in their order."""
    scanned: tuple[int, ...] = ()
    """Pages that show pictures of text."""
    cut: bool = False
    """Whether it went on after what was read."""

    @property
    def remark(self) -> str | None:
        """What was not read of it."""
        told = [f"cut: only the first {MAX_CHARACTERS:,} characters were read"] if self.cut else []
        if self.scanned:
            told.append(f"scanned: pages {', '.join(map(str, self.scanned))}")
        return "; ".join(told)[:_LONGEST_REASON] or None

    def page_at(self, place: int) -> int | None:
        """The page that a place of the text is on."""
        at = bisect.bisect_right(self.pages, (place, 1 << 30)) - 1
        return self.pages[at][1] if at >= 0 else None


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why a document gave no text."""

    state: DocumentState
    reason: str


async def text_of(content: bytes, media_type: str) -> DocumentText | NotRead:
    """The text of a document, opened in a process with limits; or why there is none."""
    with tempfile.TemporaryDirectory(prefix="safqa-document-") as folder:
        path = Path(folder) / "document"
        await asyncio.to_thread(path.write_bytes, content)
        try:
            pages = await notice_pages(path, KINDS[media_type])
        except FileError as wrong:
            state = _STATES.get(type(wrong), DocumentState.UNREADABLE)
            code = "encrypted" if isinstance(wrong, FileEncrypted) else state.value
            return NotRead(state, f"{code}: {wrong.reason}"[:_LONGEST_REASON])
    return _joined(pages)


def findings_of_text(document: DocumentText, country: str | None) -> tuple[Finding, ...]:
    """What a document asks for."""
    return read_text(document.text, country=country)


def rows_of_record(tender_id: uuid.UUID, version: int, record: JsonObject) -> list[dict[str, object]]:
    """What the record of a call asks for, as rows."""
    return [{**_row(tender_id, one), "version": version, "field": one.field} for one in bounded(read_record(record))]


def rows_of_document(
    tender_id: uuid.UUID, document_id: uuid.UUID, document: DocumentText, findings: Sequence[Finding]
) -> list[dict[str, object]]:
    """What a document asks for, as rows."""
    return [
        {**_row(tender_id, one), "document_id": document_id, "page": document.page_at(one.start)}
        for one in bounded(findings)
    ]


def bounded(findings: Sequence[Finding]) -> list[Finding]:
    """The surest of very many findings, in their order, each with the beginning of a very long passage."""
    kept = findings
    if len(findings) > MOST_FINDINGS:
        surest = sorted(range(len(findings)), key=lambda at: (-findings[at].confidence, at))[:MOST_FINDINGS]
        kept = [findings[at] for at in sorted(surest)]
    return [
        one
        if len(one.quote) <= LONGEST_QUOTE
        else replace(one, quote=one.quote[:LONGEST_QUOTE], end=one.start + LONGEST_QUOTE)
        for one in kept
    ]


def _row(tender_id: uuid.UUID, finding: Finding) -> dict[str, object]:
    return {
        "id": new_uuid(), "tender_id": tender_id, "version": None, "document_id": None, "field": None, "page": None,
        "kind": finding.kind.value, "value": value_json(finding.value), "quote": finding.quote,
        "start_at": finding.start, "end_at": finding.end, "confidence": finding.confidence,
    }  # fmt: skip


def _joined(pages: Sequence[Piece]) -> DocumentText:
    """The beginning of the pages as one text without contacts, a blank line between them."""
    parts: list[str] = []
    starts: list[tuple[int, int]] = []
    size = 0
    for page in pages:
        if not page.text:
            continue
        if page.where:
            starts.append((size, page.where))
        parts.append(cleaned_text(page.text))
        size += len(parts[-1]) + len(_BETWEEN_PAGES)
    text = _BETWEEN_PAGES.join(parts)
    scanned = tuple(page.where for page in pages if page.kind == "scan")
    return DocumentText(text[:MAX_CHARACTERS], starts, scanned, cut=len(text) > MAX_CHARACTERS)
