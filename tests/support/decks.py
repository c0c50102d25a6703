"""Decks for tests, well made and hostile. All firms in them are fictional."""

from __future__ import annotations

import io
import zipfile
import zlib

import docx
from pypdf import PdfReader, PdfWriter

TEXT = (
    "Atlas Irrigation fictive conçoit des capteurs LoRaWAN et une application mobile pour le pilotage de "
    "l'irrigation goutte à goutte. Nos agronomes installent les capteurs dans les vergers de la région Souss-Massa."
)
MORE = "Nous avons équipé des fermes près d'Agadir et de Marrakech avec des objets connectés et des tableaux de bord."


def pdf(*pages: str, stream: bytes | None = None) -> bytes:
    """A PDF with a line of text on each page; ``stream``: instead, packed bytes as the content of its only page."""
    contents = [stream] if stream is not None else [zlib.compress(_show(text)) for text in pages]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(contents)}/Kids[{' '.join(f'{4 + 2 * n} 0 R' for n in range(len(contents)))}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for number, content in enumerate(contents):
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 900 900]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * number} 0 R>>"
        objects.append(page.encode())
        objects.append(f"<</Length {len(content)}/Filter/FlateDecode>>stream\n".encode() + content + b"\nendstream")
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj".encode() + body + b"endobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)


def _show(text: str) -> bytes:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return b"BT /F1 6 Tf 10 800 Td (" + escaped.encode("cp1252") + b") Tj ET"


def encrypted_pdf(password: str) -> bytes:
    """A PDF that opens with a password only."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(TEXT))))
    writer.encrypt(password, "owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_bomb(size: int) -> bytes:
    """A page whose content unpacks to ``size`` bytes, packed once more in itself."""
    packer = zlib.compressobj(9)
    piece = b"(x) Tj " * 150_000
    packed = b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()
    return pdf(stream=packed)


def docx_file(*paragraphs: str) -> bytes:
    """A DOCX with these paragraphs, the last one in a table."""
    document = docx.Document()
    for text in paragraphs[:-1]:
        document.add_paragraph(text)
    document.add_table(1, 1).cell(0, 0).text = paragraphs[-1]
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def docx_with(part: bytes) -> bytes:
    """A DOCX with this as its main part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_file("x"))) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in good.infolist():
            made.writestr(entry, part if entry.filename == "word/document.xml" else good.read(entry))
    return out.getvalue()


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE w:document [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(10))
    + b']><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>'
    b"&k;</w:t></w:r></w:p></w:body></w:document>"
)
