"""What an uploaded file is, by what it holds: the name and the type that came with it say nothing."""

from __future__ import annotations

import zipfile
from typing import BinaryIO, Final

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ACCEPTED: Final = (PDF, JPEG, PNG, DOCX)

_HEAD = 1024
_MARKS = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
_MOST_PARTS = 5_000


def media_type_of(file: BinaryIO) -> str | None:
    """One of :data:`ACCEPTED`, or ``None``."""
    file.seek(0)
    head = file.read(_HEAD)
    for mark, media_type in _MARKS:
        if head.startswith(mark):
            return media_type
    if b"%PDF-" in head:
        return PDF
    return DOCX if head.startswith(b"PK\x03\x04") and _is_docx(file) else None


def _is_docx(file: BinaryIO) -> bool:
    """Whether a zip archive is a Word document without macros; nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return False
    if len(names) > _MOST_PARTS:
        return False
    return "word/document.xml" in names and not any(name.endswith("vbaProject.bin") for name in names)
