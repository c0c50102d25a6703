"""What a document of a call is, by what it holds."""

from __future__ import annotations

import re
from typing import BinaryIO, Final

from app.evidence.sniffing import DOCX, PDF, media_type_of

HTML: Final = "text/html"
TEXT: Final = "text/plain"
ACCEPTED: Final = (PDF, DOCX, HTML, TEXT)

__all__ = ["ACCEPTED", "DOCX", "HTML", "PDF", "TEXT", "document_type_of"]

_HEAD = 8_192
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"MZ", b"\x1f\x8b", b"\x7fELF")
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|p|table|title|meta)\b", re.IGNORECASE)


def document_type_of(file: BinaryIO) -> str | None:
    """One of :data:`ACCEPTED`, or ``None``: binary files that are neither PDF nor DOCX are no documents.

    Which encoding a text is in is found out where it is read.
    """
    found = media_type_of(file)
    if found is not None:
        return found if found in ACCEPTED else None
    file.seek(0)
    head = file.read(_HEAD)
    if not head.strip() or b"\0" in head or head.startswith(_BINARY):
        return None
    return HTML if _MARKUP.search(head) else TEXT
