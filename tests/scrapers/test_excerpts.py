"""Excerpts of payloads name no contact person, wherever they were cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.excerpts import cleaned_excerpt
from scrapers.redaction import REMOVED


@pytest.mark.parametrize(
    "raw",
    [
        '{"a": 1, "contactPoint": {"name": "Jane Roe", "hours": {"from": "9"}, "faxNumber": "0134"}, "kept": "Town"',
        '{"kept": "Town", "contactPoint": {"name": "Jane Roe", "fa',
        '{"kept": "Town", "contacts": [{"name": "Jane Roe"}]}',
        '{"kept": "Town", "contact_name": "Jane Roe", "b": 2}',
        '{"donnees": "{\\"CONTACT\\": \\"Jane Roe\\", \\"kept\\": \\"Town\\"}"}',
        '{"cac:Contact": {"cbc:Name": {"#text": "Jane Roe"}}, "kept": "Town"}',
        "<cac:Party><cac:Contact><cbc:Name>Jane Roe</cbc:Name></cac:Contact><b>kept Town</b>",
        '<b>kept Town</b><CONTACT_POINT TYPE="x"><P>Jane Roe</P>',
        '<b>kept Town</b><span class="v" id="ctl0_Summary_contactAdministratif"> Jane Roe</span>',
    ],
)
def test_a_piece_of_a_payload_names_no_contact_person(raw: str) -> None:
    cleaned = cleaned_excerpt(raw)
    assert "Jane" not in cleaned
    assert "kept" in cleaned
    assert "Town" in cleaned
    assert REMOVED in cleaned


@given(st.text(alphabet='{}[]"\\\\<>:/= contacteml1', max_size=400))
def test_pieces_cut_anywhere_are_borne(raw: str) -> None:
    assert len(cleaned_excerpt(raw)) <= len(raw) * 2 + len(REMOVED) * 100
