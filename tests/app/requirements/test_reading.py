"""Texts of documents and findings as rows: pages, and bounds that hostile texts meet."""

from __future__ import annotations

from decimal import Decimal

from app.requirements.reading import LONGEST_QUOTE, MAX_CHARACTERS, MOST_FINDINGS, DocumentText, bounded, text_of
from app.requirements.sniffing import TEXT
from matching.requirements.findings import Finding, Kind, Money


def found(at: int, confidence: float = 0.5, quote: str = "x") -> Finding:
    return Finding(Kind.BOND, Money(Decimal(at), "MAD"), quote, at, at + len(quote), confidence)


def test_a_place_is_on_the_page_that_began_last() -> None:
    text = DocumentText("aa\n\nbb\n\ncc", ((0, 1), (4, 2), (8, 4)))
    assert [text.page_at(place) for place in (0, 3, 4, 7, 8, 9)] == [1, 1, 2, 2, 4, 4]
    assert DocumentText("text").page_at(2) is None


def test_of_very_many_findings_the_surest_stay_in_their_order() -> None:
    many = [found(at, 0.9 if at % 3 == 0 else 0.2) for at in range(MOST_FINDINGS * 2)]
    kept = bounded(many)
    assert len(kept) == MOST_FINDINGS
    assert kept == sorted(kept, key=lambda one: one.start)
    assert sum(one.confidence > 0.5 for one in kept) == MOST_FINDINGS * 2 // 3


def test_a_very_long_passage_is_cut_where_its_place_ends() -> None:
    (cut,) = bounded([found(7, quote="y" * (LONGEST_QUOTE + 5))])
    assert (len(cut.quote), cut.start, cut.end) == (LONGEST_QUOTE, 7, 7 + LONGEST_QUOTE)
    few = [found(at) for at in range(3)]
    assert bounded(few) == few


async def test_of_a_very_long_document_the_beginning_is_read_and_it_says_so() -> None:
    read = await text_of(b"Caution provisoire : 5 000 DH.\n" * (MAX_CHARACTERS // 20), TEXT)
    assert isinstance(read, DocumentText)
    assert len(read.text) == MAX_CHARACTERS
    assert read.remark == "cut: only the first 200,000 characters were read"
    short = await text_of(b"Caution provisoire : 5 000 DH.", TEXT)
    assert isinstance(short, DocumentText)
    assert short.remark is None
