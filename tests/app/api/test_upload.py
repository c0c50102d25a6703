"""Names of files that come in."""

from __future__ import annotations

import pytest

from app.api.upload import filename_of


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, "upload"),
        ("C:\\Users\\a\\Bilan 2025.pdf", "Bilan 2025.pdf"),
        ("../../etc/passwd", "passwd"),
        ("شهادة.pdf", "شهادة.pdf"),
        ("a\x00b\x9f\r\n.pdf", "ab.pdf"),
        ("tender\u202efdp.exe", "tenderfdp.exe"),
        ("\ud800.csv", ".csv"),
        ("x" * 300, "x" * 255),
        ("\u2066\u2069", "upload"),
    ],
)
def test_a_name_is_kept_without_folders_and_without_what_hides_what_it_is(given: str | None, kept: str) -> None:
    assert filename_of(given) == kept
