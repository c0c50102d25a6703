"""An uploaded deck as a draft: by its content PDF or DOCX, read in a process with limits."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path
from typing import BinaryIO

from app.files.documents import kind_of
from app.files.errors import FileEncrypted, FileError, FileTooHeavy, FileWithoutText
from app.files.texts import read_text
from app.kit.cpu_pool import CpuPool
from app.kit.errors import AppError, UnsupportedMedia
from app.profiling.errors import DocumentEncrypted, DocumentTooHeavy, DocumentUnreadable, DocumentWithoutText
from app.profiling.proposing import Draft, Passage, propose

ACCEPTED = ("application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
_PIECE = 1024 * 1024
_DRAFT_SECONDS = 20.0
_AT_ONCE = asyncio.Semaphore(2)
"""Reading processes of decks that one server runs at a time: each may take a core and hundreds of megabytes."""
_PROBLEMS: dict[type[FileError], type[AppError]] = {
    FileEncrypted: DocumentEncrypted,
    FileWithoutText: DocumentWithoutText,
    FileTooHeavy: DocumentTooHeavy,
}


async def draft_of(file: BinaryIO, cpu: CpuPool) -> tuple[Draft, str]:
    """The draft that a deck makes, and the SHA-256 of the deck; the deck itself is not kept.

    Raises:
        UnsupportedMedia: it is neither PDF nor DOCX.
        DocumentUnreadable, DocumentEncrypted, DocumentWithoutText, DocumentTooHeavy: what they say.
    """
    with tempfile.TemporaryDirectory(prefix="safqa-deck-") as folder:
        path = Path(folder) / "deck"
        digest = await asyncio.to_thread(_keep, file, path)
        try:
            with path.open("rb") as kept:
                kind = kind_of(kept.read(2_048))
            if kind is None:
                raise UnsupportedMedia(accepted=ACCEPTED)
            async with _AT_ONCE:
                pieces = await read_text(path, kind)
        except FileError as wrong:
            raise _PROBLEMS.get(type(wrong), DocumentUnreadable)(reason=wrong.reason) from wrong
    passages = [Passage(f"page {piece.where}" if piece.where else "text", piece.text) for piece in pieces]
    return await cpu.run(propose, passages, deadline=_DRAFT_SECONDS), digest


def _keep(file: BinaryIO, path: Path) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    with path.open("wb") as kept:
        while piece := file.read(_PIECE):
            digest.update(piece)
            kept.write(piece)
    return digest.hexdigest()
