"""Pages and documents of portals: honest ones, broken ones, and traps."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import SourceChanged
from scrapers.markup import decoded, parse_html, parse_xml, prose_of, text_of

TITLE = "Acquisition d’équipements – تجهيزات"


class TestEncoding:
    @pytest.mark.parametrize(
        "declared", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "nonsense", "idna", "zip", ""]
    )
    def test_utf_8_whatever_is_declared(self, declared: str) -> None:
        body = f'<meta charset="{declared}"><p>{TITLE}</p>'.encode()
        assert TITLE in decoded(body, f"text/html; charset={declared}")

    @pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "windows-1252", "nonsense", "utf-16", "hex", "idna"])
    def test_windows_1252_whatever_is_declared(self, declared: str) -> None:
        body = f'<meta charset="{declared}"><p>Marché n° 5 – 300 €.</p>'.encode("cp1252")
        assert "Marché n° 5 – 300 €" in decoded(body)

    def test_arabic_of_windows_as_declared(self) -> None:
        body = '<meta charset="windows-1256"><p>تجهيزات</p>'.encode("cp1256")
        assert "تجهيزات" in decoded(body)
        assert "تجهيزات" in decoded("<p>تجهيزات</p>".encode("cp1256"), "text/html; charset=windows-1256")

    def test_a_byte_order_mark_is_not_text(self) -> None:
        assert decoded(b"\xef\xbb\xbfx") == "x"


class TestHtml:
    def test_unclosed_elements(self) -> None:
        """An unclosed element swallows the cells behind it: they are found by their attributes, never by position."""
        root = parse_html(b"<table><tr><td headers=a><div>un<td headers=b>deux</table>")
        assert text_of(root.xpath("//td[@headers='b']")[0]) == "deux"
        assert root.xpath("//td[@headers='a']/div/text()")[0] == "un"

    def test_text_on_one_line(self) -> None:
        root = parse_html("<p>27\u202f000,00\u00a0MAD&#160;<b>e\u0301te\u0301</b>\n\u200f</p>".encode())
        assert text_of(root.find(".//p")) == "27 000,00 MAD été"

    def test_what_stands_behind_a_child_belongs_to_the_text(self) -> None:
        root = parse_xml(b"<d><p>le 1<sup>er</sup> juillet<!-- 2026 --> au soir</p> and more</d>")
        assert text_of(root[0]) == "le 1er juillet au soir"

    def test_prose_keeps_its_lines(self) -> None:
        root = parse_html(
            b"<body><h1>Titre</h1><script>x()</script>Un <b>mot</b><br>Deux<ul><li>a<li>b</ul><style>p{}</style>fin<!-- c -->!"
        )
        assert prose_of(root).splitlines() == ["Titre", "Un mot", "Deux", "a", "b", "fin!"]

    @pytest.mark.parametrize("body", [b"", b"   ", b"\x00"])
    def test_no_page_at_all(self, body: bytes) -> None:
        with pytest.raises(SourceChanged):
            parse_html(body)

    def test_a_page_of_a_hundred_thousand_levels_is_cut(self) -> None:
        assert prose_of(parse_html(b"<p>a</p>" + b"<div>" * 100_000)) == "a"

    @given(st.binary(max_size=400))
    def test_any_bytes(self, body: bytes) -> None:
        try:
            prose_of(parse_html(b"<p>" + body))
        except SourceChanged:
            return


class TestXml:
    def test_entities_are_not_expanded(self) -> None:
        bomb = b'<!DOCTYPE a [<!ENTITY x "yyyyyyyyyy"><!ENTITY z "&x;&x;&x;">]><a>&z;</a>'
        with pytest.raises(SourceChanged, match="entities"):
            parse_xml(bomb)

    def test_files_are_not_read(self, tmp_path) -> None:
        (tmp_path / "secret").write_text("secret")
        reading = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><a>&x;</a>'.encode()
        with pytest.raises(SourceChanged):
            parse_xml(reading)

    def test_an_external_dtd_is_left_alone(self) -> None:
        assert text_of(parse_xml(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>b</a>')) == "b"

    @pytest.mark.parametrize("body", [b"", b"<a>", b"text", b"<a></b>", b"\xff\xfe<", b"<a>" * 5_000 + b"</a>" * 5_000])
    def test_what_is_no_document(self, body: bytes) -> None:
        with pytest.raises(SourceChanged):
            parse_xml(body)

    @given(st.binary(max_size=300))
    def test_any_bytes(self, body: bytes) -> None:
        for document in (body, b"<a>" + body + b"</a>"):
            try:
                parse_xml(document)
            except SourceChanged:
                continue


_BLANK = " \t\r\n\x0b\x1c\x85\u00a0\u2007\u2009\u200b\u200e\u202a\u202f\u2066\ufeff\u3000"


@given(st.text(st.sampled_from(_BLANK + "aé\u0301مe")))
def test_blanks_of_every_kind_are_single(text: str) -> None:
    expected = re.sub(f"(?:\\s|[{_BLANK}])+", " ", text).strip()
    assert text_of(text) == unicodedata.normalize("NFC", expected)
