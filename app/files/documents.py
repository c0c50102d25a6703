"""Documents that people write (PDF, DOCX, web pages) as paragraphs of text, each with where it stood.

Like ``app.files.reader``, this trusts the operating system for nothing: strangers' documents are read by
``app.files.text_worker``, in a process with limits.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from app.files.errors import FileEmpty, FileEncrypted, FileError, FileTooHeavy, FileUnreadable, FileWithoutText
from scrapers.files.contract import MIB
from scrapers.files.input_file import in_words

if TYPE_CHECKING:
    from pypdf import PdfReader

T = TypeVar("T")

MAX_PAGES = 300
MAX_CHARACTERS = 400_000
LEAST_LETTERS = 40
"""A document with fewer letters than this shows pictures of text, or says nothing."""
MAX_LINKS = 500
_DOCX_BYTES, _DOCX_RATIO, _DOCX_PARTS = 128 * MIB, 200, 2_000
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*[•\-–▪*])")
_WORD_DOCUMENT = "word/document.xml"


class DocumentKind(StrEnum):
    """What a document turned out to be."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"


class Piece(NamedTuple):
    """A paragraph (``where``: its page, from 1; 0 where there are no pages), or a link of a web page."""

    kind: str
    where: int
    text: str


def kind_of(head: bytes) -> DocumentKind | None:
    """The kind of an uploaded document by its first bytes; ``None``: neither PDF nor DOCX.

    Raises:
        FileEmpty: there is nothing in it.
        FileEncrypted: an Office document with a password, or of the format before DOCX, which looks alike.
    """
    if not head.strip():
        raise FileEmpty("is empty")
    if b"%PDF-" in head[:1024]:
        return DocumentKind.PDF
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileEncrypted("is protected by a password, or is an old Office file: save it as PDF or DOCX without one")
    return DocumentKind.DOCX if head.startswith(b"PK\x03\x04") else None


def read_document(path: Path, kind: DocumentKind) -> Iterator[Piece]:
    """The paragraphs of a document in its order. Raises FileError."""
    read = {DocumentKind.PDF: _pdf, DocumentKind.DOCX: _docx, DocumentKind.HTML: _html}[kind]
    letters = characters = 0
    for piece in guarded(read(path), kind):
        if piece.kind == "text":
            letters += sum(map(str.isalpha, piece.text))
            characters += len(piece.text)
        if characters > MAX_CHARACTERS:
            break
        yield piece
    if letters < LEAST_LETTERS and kind is not DocumentKind.HTML:
        raise FileWithoutText("holds hardly any text: it may be scanned; send one whose text can be selected")


def guarded(pieces: Iterator[T], kind: StrEnum) -> Iterator[T]:
    """The same; whatever a library raises for a document that is damaged becomes one error."""
    try:
        yield from pieces
    except (FileError, MemoryError, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001 - parsers let through whatever their insides raise
        if "Limit" in type(error).__name__:
            raise FileTooHeavy("unpacks to more than a document may") from None
        raise FileUnreadable(f"is a damaged {kind.upper()} document ({type(error).__name__})") from None


def _paragraphs(where: int, text: str) -> Iterator[Piece]:
    for part in _PARAGRAPH.split(_UNPRINTABLE.sub(" ", text)):
        if clean := _BLANKS.sub(" ", part.replace("\n", " ")).strip():
            yield Piece("text", where, clean)


def open_pdf(path: Path) -> PdfReader:
    """A PDF to read pages from. Raises FileEncrypted where it asks for a password."""
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)  # it tells of every oddity that it mends
    reader = PdfReader(path, strict=False)
    # Many documents only forbid printing: those open with the empty password.
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileEncrypted("is protected by a password: send one that is not")
    return reader


def _pdf(path: Path) -> Iterator[Piece]:
    for number, page in enumerate(open_pdf(path).pages, start=1):
        if number > MAX_PAGES:
            return
        yield from _paragraphs(number, page.extract_text())


def _docx(path: Path) -> Iterator[Piece]:
    check_docx(path)
    import docx
    from docx.oxml.ns import qn

    body = docx.Document(str(path)).element.body
    for paragraph in body.iter(qn("w:p")):
        yield from _paragraphs(0, "".join(run.text or "" for run in paragraph.iter(qn("w:t"))))


def check_docx(path: Path) -> None:
    """Refuse an archive that is no DOCX, or that would unpack to more than one may, before unpacking any."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise FileUnreadable("is a damaged zip archive, or one that was cut off before its end") from None
    if _WORD_DOCUMENT not in {entry.filename for entry in entries}:
        raise FileUnreadable("is a zip archive but not a DOCX document")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileEncrypted("is encrypted")
    size, packed = sum(entry.file_size for entry in entries), max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > _DOCX_PARTS or size > _DOCX_BYTES or size > _DOCX_RATIO * packed + MIB:
        raise FileTooHeavy(f"unpacks from {in_words(packed)} to {in_words(size)}, more than a document may")


def _html(path: Path) -> Iterator[Piece]:
    import trafilatura
    from lxml import etree

    from scrapers.markup import parse_html, values

    body = path.read_bytes()
    tree = parse_html(body)
    for title in values(tree, "//title/text()")[:1] + values(tree, "//meta[@name='description']/@content")[:1]:
        yield from _paragraphs(0, title)
    for link in values(tree, "//a/@href")[:MAX_LINKS]:
        yield Piece("link", 0, _UNPRINTABLE.sub("", link)[:2_000])
    found = trafilatura.extract(
        etree.tostring(tree, encoding="unicode", method="html"),
        include_comments=False, include_tables=True, favor_recall=True,
    )  # fmt: skip
    for line in (found or "").split("\n"):
        yield from _paragraphs(0, line)
