"""A tender's document as one text with its lines, tables and key/value blocks: all that a reader of it would see.

``app.files.documents`` reads decks and websites for what they tell; here nothing is left out as decoration, since the
box of a notice page is where its deadline and bond stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from app.files.documents import LEAST_LETTERS, DocumentKind, Piece, check_docx, guarded, kind_of, open_pdf
from app.files.errors import FileTooHeavy, FileWithoutText
from scrapers.markup import decoded

if TYPE_CHECKING:
    from lxml import etree

MAX_PAGES = 600
MAX_CHARACTERS = 4_000_000
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[\u2010\u00ad-]\n(?=[a-zà-ÿ])")
_TRAILING = re.compile(r"[ \t\u00a0]+\n")
_MARKUP = re.compile(rb"<(?:!doctype html|html|head|body|div|table|span|p|h[1-6])[\s>/]", re.IGNORECASE)
_JSON = re.compile(rb"\{\s*\"|\[\s*\{")
_LONG_CELL = 300


class NoticeKind(StrEnum):
    """What a tender's file turned out to be."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    TEXT = "text"
    RECORDS = "records"
    """Flat records or OCDS, in JSON."""


def notice_kind_of(head: bytes) -> NoticeKind:
    """The kind of a file by its first bytes. Raises FileEmpty or FileEncrypted."""
    if document := kind_of(head):
        return NoticeKind.PDF if document is DocumentKind.PDF else NoticeKind.DOCX
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"\x1f\x8b") or _JSON.match(start):
        return NoticeKind.RECORDS
    return NoticeKind.HTML if _MARKUP.search(head) else NoticeKind.TEXT


def read_notice(path: Path, kind: NoticeKind) -> Iterator[Piece]:
    """The text of a document, a page of a PDF at a time; a page without letters comes as a piece ``scan``.

    Raises FileError: damaged, protected, without text (scanned), or more than 4 million characters.
    """
    read = {NoticeKind.PDF: _pdf, NoticeKind.DOCX: _docx, NoticeKind.HTML: _html, NoticeKind.TEXT: _text}[kind]
    letters = characters = 0
    for page, text in guarded(read(path), kind):
        clean = _TRAILING.sub("\n", _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
        characters += len(clean)
        if characters > MAX_CHARACTERS:
            raise FileTooHeavy(f"holds more than {MAX_CHARACTERS:,} characters of text")
        found = sum(map(str.isalpha, clean))
        letters += found
        yield Piece("text" if found else "scan", page, clean)
    if letters < LEAST_LETTERS and kind in {NoticeKind.PDF, NoticeKind.DOCX}:
        raise FileWithoutText("holds hardly any text: it may be scanned; send one whose text can be selected")


def _pdf(path: Path) -> Iterator[tuple[int, str]]:
    for number, page in enumerate(open_pdf(path).pages, start=1):
        if number > MAX_PAGES:
            raise FileTooHeavy(f"has more than {MAX_PAGES} pages")
        yield number, _HYPHENATED.sub("", page.extract_text())


def _text(path: Path) -> Iterator[tuple[int, str]]:
    yield 0, decoded(path.read_bytes())


def _docx(path: Path) -> Iterator[tuple[int, str]]:
    check_docx(path)
    import docx

    yield 0, "\n".join(_blocks(docx.Document(str(path)).element.body))


def _blocks(parent: etree._Element) -> Iterator[str]:
    """Paragraphs and table rows in their order, a blank line after each paragraph."""
    from docx.oxml.ns import qn

    for child in parent.iterchildren():
        if child.tag == qn("w:p"):
            yield f"{_runs(child)}\n"
        elif child.tag == qn("w:tbl"):
            for row in child.iterchildren(qn("w:tr")):
                cells = [" ".join(" ".join(map(_runs, cell.iter(qn("w:p")))).split()) for cell in row.iter(qn("w:tc"))]
                yield f"| {' | '.join(cells)} |"
            yield ""
        elif child.tag in {qn("w:sdt"), qn("w:sdtContent")}:
            yield from _blocks(child)


def _runs(paragraph: etree._Element) -> str:
    from docx.oxml.ns import qn

    signs = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
    return "".join((node.text or "") if node.tag == qn("w:t") else signs.get(node.tag, "") for node in paragraph.iter())


def _html(path: Path) -> Iterator[tuple[int, str]]:
    from scrapers.markup import elements, parse_html, prose_of

    tree = parse_html(path.read_bytes())
    for row in elements(tree, "//tr[not(.//table)]"):
        _as_row(row)
    for element in elements(tree, "//span | //label | //button | //strong | //b"):
        # Pages set a label and its value apart by style alone: "<span>Caution</span><span>5 000 DH</span>".
        element.tail = f" {element.tail or ''}"
    yield 0, prose_of(tree)


def _as_row(row: etree._Element) -> None:
    """Write a table's row as one line, where its cells are short enough to be one; the page's own tree is changed."""
    from scrapers.markup import text_of

    cells = [text_of(cell) for cell in row if cell.tag in {"td", "th"}]
    if sum(map(bool, cells)) < 2 or max(map(len, cells)) > _LONG_CELL:
        return
    tail = row.tail
    row.clear()
    row.text, row.tail = f"| {' | '.join(cells)} |", tail
