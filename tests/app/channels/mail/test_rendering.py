"""What any text becomes in a letter: one line, no header, no markup."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import uuid
from decimal import Decimal
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.mail.content import Fit, Fits
from app.channels.mail.rendering import Post, Reader, clean, confirmation, digest, page, webhook_notice
from app.kit.i18n import LANGS, Lang

POST = Post("digests@safqa.example", "https://safqa.example/base")
NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
LETTER = uuid.UUID("019ab1f0-0000-7000-8000-000000000001")
TOKEN = "sfu_" + "a" * 43
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "List-Unsubscribe",
    "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
}  # fmt: skip
TAGS = {"html", "head", "meta", "title", "body", "h1", "h2", "p", "ol", "ul", "li", "b", "br", "span", "a", "hr"}
NASTY = (
    *("\r\n", "\n\nBcc: x@y.example", "<b onload=x>", "</title>", '"', "'", "\u202e", "\0", "ح", "=?utf-8?q?x?="),
    *("{{ 1 }}", "&lt;", "\u2028", "\ud800", " " * 90, "x" * 200),
)
HOSTILE = st.one_of(st.text(max_size=400), st.lists(st.sampled_from(NASTY), max_size=12).map("".join))


def fit(**fields: object) -> Fit:
    plain: dict[str, object] = {
        "tender_id": LETTER, "grade": "good", "reasons": [], "startup": "Firme", "title": "Appel", "buyer": None, "region": None,
        "deadline_at": None, "value_amount": None, "value_currency": None, "url": None, "attribution": None,
        "source": None, "licence": None,
    }  # fmt: skip
    return Fit(**{**plain, **fields})  # type: ignore[arg-type]


def reader(lang: Lang = "fr", organisation: str = "Firme", startup: str | None = "Firme") -> Reader:
    return Reader("amina@firm.example", lang, "Africa/Casablanca", organisation, startup)


def read(raw: bytes) -> EmailMessage:
    return cast("EmailMessage", email.message_from_bytes(raw, policy=email.policy.default))


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE, st.sampled_from(LANGS))
def test_no_text_reaches_headers_or_markup(title: str, name: str, url: str, lang: Lang) -> None:
    fits = Fits([fit(title=title, buyer=name, url=url, attribution=title, licence=name, value_amount=Decimal("1.5"),
                     value_currency=name)], 1)  # fmt: skip
    raw = digest(POST, reader(lang, name, title), LETTER, TOKEN, fits, NOW)
    message = read(raw)
    assert set(message.keys()) == HEADERS
    assert message["To"] == "amina@firm.example"
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) < 998
    tags = _Tags()
    tags.feed(part(message, "html"))
    assert tags.seen <= TAGS
    assert tags.attributes <= {"lang", "dir", "style", "charset", "name", "content", "href"}
    assert all(link.startswith(("https://safqa.example/base/", "http://", "https://")) for link in tags.links)


@given(HOSTILE)
def test_a_strangers_text_is_one_bounded_line(text: str) -> None:
    told = clean(text)
    assert len(told) <= 300
    assert len(told.splitlines()) <= 1
    told.encode()  # no half of a surrogate pair
    assert not set(told) & set("\r\n\0\u202e\u2028\u2066")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://portal.example/avis?id=1&x=2", True),
        ("javascript:alert(1)", False),
        ("https://user:pass@portal.example/", False),
        ("data:text/html,x", False),
        ("//portal.example/", False),
        ('https://portal.example/"onclick="x', False),
        ("https://[portal.example/", False),
    ],
)
def test_links_of_notices_lead_into_the_web(url: str, shown: bool) -> None:
    raw = digest(POST, reader(), LETTER, TOKEN, Fits([fit(url=url)], 1), NOW)
    tags = _Tags()
    tags.feed(part(read(raw), "html"))
    own = f"https://safqa.example/base/tenders/{LETTER}"
    assert (len(tags.links) == 3, own in tags.links) == (shown, True)


@pytest.mark.parametrize("lang", LANGS)
def test_what_there_is_no_room_for_is_counted(lang: Lang) -> None:
    message = read(digest(POST, reader(lang), LETTER, TOKEN, Fits([fit(title=f"N{n:03}") for n in range(60)], 75), NOW))
    for kind in ("plain", "html"):
        text = part(message, kind)
        assert all(f"N{n:03}" in text for n in range(60))
        assert "15" in text
        assert "mail." not in text.replace("/mail/", ""), "a sentence that is in no catalogue"
    assert "75" in message["Subject"]
    assert message["Message-ID"] == f"<{LETTER}@safqa.example>"


@pytest.mark.parametrize("lang", LANGS)
def test_every_letter_and_page_has_its_words(lang: Lang) -> None:
    letters = [
        confirmation(POST, reader(lang), LETTER, TOKEN, {"every": every, "days": 7}, NOW)
        for every in ("daily", "weekly")
    ] + [
        webhook_notice(POST, reader(lang), LETTER, TOKEN, {"why": why, "host": "crm.example", "endpoint_id": "E"}, NOW)
        for why in ("gone", "failing")
    ]
    texts = [part(read(letter), kind) for letter in letters for kind in ("plain", "html")]
    texts += [page(lang, key, "Firme", action) for key, action in (
        ("confirm", "/x"), ("confirmed", None), ("unsubscribe", "/x"), ("unsubscribed", None), ("unknown", None))]  # fmt: skip
    for text in texts:
        assert "mail." not in text.replace("/mail/", "")
        assert "…" not in text, "a fact is missing"
