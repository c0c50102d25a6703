"""The paper, whatever people write into a pilot."""

from __future__ import annotations

import datetime as dt
import io
import uuid

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.attestation import Attestation
from app.pilots.document import attestation_pdf

NOW = dt.datetime(2026, 11, 22, 20, tzinfo=dt.UTC)


def attested(text: str) -> Attestation:
    return Attestation(
        id=uuid.uuid4(),
        code="7QK2-9M4X-0000-1111",
        facts={
            "issued_at": NOW.isoformat(),
            "buyer": {"name": text},
            "startup": {"name": "Jeune pousse"},
            "pilot": {"title": text, "problem": text, "from": "2026-01-01", "until": "2026-03-01", "place": text},
            "budget": {"amount": "120000.5", "currency": "MAD"},
            "criteria": [{"text": text, "verdict": "met", "note": text}],
            "statement": text,
        },
        jws="a.b.c",
        issued_at=NOW,
    )


@settings(max_examples=8)
@given(text=st.text(min_size=1, max_size=300), lang=st.sampled_from(["ar", "fr", "en"]))
def test_any_text_can_be_printed(text: str, lang: str) -> None:
    assert attestation_pdf(attested(text), lang).startswith(b"%PDF")  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", ["\u00a0", "-", "7", "\u0301", "\U0001f600"])
def test_thousands_of_signs_without_a_letter_can_be_printed(sign: str) -> None:
    assert attestation_pdf(attested("a" + sign * 5_000), "fr").startswith(b"%PDF")


def test_a_long_one_goes_on_over_pages() -> None:
    made = attestation_pdf(attested("أنجزت الشركة المشروع " * 120 + "x" * 1_000), "ar")
    assert len(pypdf.PdfReader(io.BytesIO(made)).pages) > 2


@pytest.mark.parametrize("control", ["\u202e", "\u2066", "\u0007", "\u200f"])
def test_nothing_turns_the_text_around(control: str) -> None:
    plain, turned = attestation_pdf(attested("payé 100"), "fr"), attestation_pdf(attested(f"payé {control}100"), "fr")
    assert plain == turned


def test_where_to_check_is_an_address_where_that_is_known() -> None:
    for public_url, told in (("https://safqa.example", "https://safqa.example/v1/attestations/"), (None, "\n/v1/att")):
        pages = pypdf.PdfReader(io.BytesIO(attestation_pdf(attested("payé"), "fr", public_url))).pages
        assert told in "\n".join(page.extract_text() for page in pages)


def drawn(document: bytes) -> set[bytes]:
    """The glyphs that the first page draws, by their two-byte codes."""
    content = pypdf.PdfReader(io.BytesIO(document)).pages[0].get_contents()
    assert content is not None
    told = [operands[0].original_bytes for operands, operator in content.operations if operator == b"Tj"]
    return {text[at : at + 2] for text in told for at in range(0, len(text), 2)}


def test_arabic_is_joined_and_stands_at_the_right() -> None:
    together, apart = (attestation_pdf(attested(text), "ar") for text in ("ثثثث", "ث ث ث ث"))
    assert len(drawn(together)) > len(drawn(apart))  # the first, inner and last form of a letter are three glyphs
    page = pypdf.PdfReader(io.BytesIO(together)).pages[0]
    assert "شهادة إنجاز" in page.extract_text()
    content = page.get_contents()
    assert content is not None
    starts = [float(operands[0]) for operands, operator in content.operations if operator == b"Td"]
    assert sum(start > float(page.mediabox.width) / 2 for start in starts) > len(starts) / 2
