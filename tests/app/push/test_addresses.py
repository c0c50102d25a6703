"""Addresses in pushed calls: what may be followed, and what leads inside."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from app.push.addresses import WebAddress

ADDRESS = TypeAdapter(WebAddress)


@pytest.mark.parametrize(
    "text",
    [
        "https://portail.example/appels/17.pdf",
        "http://portail.example:8080/a?b=1#c",
        "https://أمثلة.example/ملف",
        "https://93.184.216.34/x",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/",
    ],
)
def test_a_public_address_passes_as_it_came(text: str) -> None:
    assert ADDRESS.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "ftp://portail.example/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//portail.example/x",
        "/x",
        "",
        "https://",
        "https://user:secret@portail.example/",
        "https://portail.example@127.0.0.1/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://100.64.0.1/",
        "http://１２７.0.0.1/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://db.internal/",
        "http://printer.local/",
        "http://intranet/",
        "http://portail.example:99999/",
        "http://portail.example\\@127.0.0.1/",
        "http://portail.example/\nx",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ADDRESS.validate_python(text)
