"""Documents as text: what is read, and what is refused in which words, in the process with limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.files.documents import DocumentKind, kind_of, read_document
from app.files.errors import FileEmpty, FileEncrypted, FileError, FileTooHeavy, FileUnreadable, FileWithoutText
from app.files.texts import LIMITS, read_text
from scrapers.files.contract import MIB
from tests.support.decks import LAUGHS, MORE, TEXT, docx_file, docx_with, encrypted_pdf, pdf, pdf_bomb


async def read(folder: Path, content: bytes, kind: DocumentKind | None = None):
    path = folder / "document"
    path.write_bytes(content)
    found = kind or kind_of(content[:2_048])
    assert found is not None
    return await read_text(path, found)


async def test_a_pdf_says_on_which_page_it_says_what(tmp_path: Path) -> None:
    pieces = await read(tmp_path, pdf(TEXT, MORE))
    assert [(piece.where, piece.text) for piece in pieces] == [(1, TEXT), (2, MORE)]


async def test_a_docx_is_read_with_its_tables(tmp_path: Path) -> None:
    pieces = await read(tmp_path, docx_file(TEXT, "نطوّر تطبيقات للري بالتنقيط", MORE))
    assert [piece.text for piece in pieces] == [TEXT, "نطوّر تطبيقات للري بالتنقيط", MORE]


async def test_a_page_is_read_without_its_menu_and_with_its_links(tmp_path: Path) -> None:
    page = (
        f"<html lang=fr><title>Atlas</title><nav><a href='/a-propos'>À propos</a></nav><main><p>{TEXT}</p><p>{MORE}</p>"
        "</main><script>alert('x')</script><footer>Mentions légales</footer></html>"
    )
    pieces = await read(tmp_path, page.encode(), DocumentKind.HTML)
    assert ("link", "/a-propos") in [(piece.kind, piece.text) for piece in pieces]
    texts = [piece.text for piece in pieces if piece.kind == "text"]
    assert TEXT in texts
    assert not any("alert" in text or "Mentions" in text for text in texts)


async def test_a_protected_pdf_is_named_as_such_and_one_that_only_forbids_printing_is_read(tmp_path: Path) -> None:
    with pytest.raises(FileEncrypted):
        await read(tmp_path, encrypted_pdf("secret"))
    assert (await read(tmp_path, encrypted_pdf("")))[0].text == TEXT


@pytest.mark.parametrize("content", [pdf(""), pdf("12 34"), docx_file("x")])
async def test_a_scan_is_named_as_such(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileWithoutText, match="scanned"):
        await read(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"%PDF-1.7\n" + b"\0" * 3_000, FileUnreadable),
        (pdf(TEXT)[:200], FileUnreadable),
        (docx_file(TEXT)[:-300], FileUnreadable),
        (docx_with(b"<w:document"), FileUnreadable),
        (docx_with(LAUGHS), FileError),
        (docx_with(b"<a>" + b" " * 200_000_000), FileTooHeavy),
        (docx_with(b"<a>" * 200_000), FileUnreadable),
        (b"PK\x03\x04" + b"\0" * 100, FileUnreadable),
    ],
    ids=["zeros", "cut pdf", "cut docx", "no xml", "laughs", "zip bomb", "deep", "no zip"],
)  # fmt: skip
async def test_what_is_damaged_or_a_bomb_is_refused(tmp_path: Path, content: bytes, error: type[FileError]) -> None:
    with pytest.raises(error):
        await read(tmp_path, content)


async def test_a_pdf_bomb_ends_with_its_process(tmp_path: Path) -> None:
    with pytest.raises(FileTooHeavy):
        await read(tmp_path, pdf_bomb(400 * MIB))


async def test_time_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "document"
    path.write_bytes(pdf(*[TEXT] * 300))
    with pytest.raises(FileTooHeavy):
        await read_text(path, DocumentKind.PDF, replace(LIMITS, waiting_seconds=0.05))


def test_the_kind_is_told_by_the_content() -> None:
    assert kind_of(pdf(TEXT)) is DocumentKind.PDF
    assert kind_of(docx_file(TEXT)) is DocumentKind.DOCX
    assert kind_of(b"<html>") is None
    with pytest.raises(FileEncrypted):
        kind_of(b"\xd0\xcf\x11\xe0" + b"\0" * 100)
    with pytest.raises(FileEmpty):
        kind_of(b"  ")


@settings(max_examples=30)
@given(st.data())
def test_no_mutation_raises_anything_but_a_file_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(data.draw(st.sampled_from([pdf(TEXT, MORE), docx_file(TEXT, MORE)])))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
    path = tmp_path_factory.mktemp("fuzz") / "document"
    path.write_bytes(content)
    try:
        kind = kind_of(bytes(content[:2_048]))
        if kind is not None:
            list(read_document(path, kind))
    except FileError:
        pass
