"""The text of a tender's document, read by another process with limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from app.files.contract import Limits, ReadOptions
from app.files.documents import Piece
from app.files.notice_text import NoticeKind
from app.files.sandbox import SandboxedFile
from scrapers.files.contract import MIB

LIMITS = Limits(memory=768 * MIB, cpu_seconds=60, waiting_seconds=120.0)
"""What reading one tender document may cost."""
_BETWEEN_PAGES = "\n\n"


@dataclass(frozen=True, slots=True)
class NoticeText:
    """The text of a document; ``scanned``: its pages that hold no letters, of ``pages`` in all (0: it has no pages)."""

    text: str
    pages: int = 0
    scanned: tuple[int, ...] = ()


def notice_text(path: Path, kind: NoticeKind, limits: Limits = LIMITS) -> NoticeText:
    """Read a document that is no records. Raises FileError."""
    pieces: list[Piece] = []
    for batch in SandboxedFile(path, kind, ReadOptions(limits=limits), module="app.files.notice_worker"):
        pieces += [Piece(*orjson.loads(record)) for record in batch.records]
    return joined(pieces)


async def notice_pages(path: Path, kind: NoticeKind, limits: Limits = LIMITS) -> list[Piece]:
    """Its pages one by one, leaving the event loop free while waiting. Raises FileError."""
    pieces: list[Piece] = []
    async for batch in SandboxedFile(path, kind, ReadOptions(limits=limits), module="app.files.notice_worker"):
        pieces += [Piece(*orjson.loads(record)) for record in batch.records]
    return pieces


def joined(pieces: list[Piece]) -> NoticeText:
    """The pages as one text, a blank line between them."""
    return NoticeText(
        _BETWEEN_PAGES.join(piece.text for piece in pieces if piece.text),
        max((piece.where for piece in pieces), default=0),
        tuple(piece.where for piece in pieces if piece.kind == "scan" and piece.where),
    )
