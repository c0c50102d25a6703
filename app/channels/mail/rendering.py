"""Letters as bytes: HTML and text in the subscriber's language, and headers that no title can reach into."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.channels.mail.content import Fit, Fits
from app.db.base import JsonObject
from app.kit.i18n import COLONS, MOROCCO, Fact, Lang, format_instant, format_money, say_reason, translate

BEST: Final = 10
_REASONS = 2
_LONGEST = 300
_LONGEST_NAME = 80
# Signs that turn the direction of all that follows them: a title could make a page say what it does not.
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header on one line: the library would write a long address as an encoded word, which nobody reads there."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_REGISTRY = HeaderRegistry()
_REGISTRY.map_to_type("list-unsubscribe", _Unfolded)
_POLICY = SMTP.clone(header_factory=_REGISTRY)
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a letter, in which language, for whom."""

    address: str
    lang: Lang
    zone: str
    organisation: str
    startup: str | None


@dataclass(frozen=True, slots=True)
class Post:
    """What is the same for all letters. ``public_url``: where links lead, without a slash at its end."""

    sender: str
    public_url: str

    def message_id(self, letter_id: uuid.UUID) -> str:
        """The same in each attempt."""
        return f"<{letter_id}@{urlsplit(self.public_url).hostname}>"


@dataclass(frozen=True, slots=True)
class Heading:
    """The parts of a letter that its kind decides. ``stop``: the path of the link that ends such letters, and ``why``
    the key of the sentence that says why they come.
    """

    letter_id: uuid.UUID
    subject: str
    template: str
    stop: str | None
    why: str = "mail.footer.why"


@dataclass(frozen=True, slots=True)
class Line:
    """A match in words. ``page``: ours, with all that there is to know; ``url``: the notice as it was published."""

    title: str
    page: str
    url: str | None
    grade: str
    details: list[str]


def clean(text: str, longest: int = _LONGEST) -> str:
    """A stranger's text on one line, of bounded length, without control characters and signs of direction."""
    plain = _DIRECTIONS.sub("", text)
    plain = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in plain)
    plain = " ".join(plain.split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1].rstrip()}…"


def isolated(text: str) -> str:
    """A stranger's text inside a sentence of ours: its direction moves no sign of the sentence, nor the sentence."""
    return f"\u2068{text}\u2069"


def digest(post: Post, reader: Reader, letter_id: uuid.UUID, token: str, fits: Fits, now: dt.datetime) -> bytes:
    """A digest: the best in full, then the others, then how many more there are."""
    lang = reader.lang
    lines = [_line(post, fit, reader) for fit in fits.shown]
    name = None if reader.startup is None else clean(reader.startup, _LONGEST_NAME)
    subject = (
        translate("mail.digest.subject-cohort", lang, count=fits.total)
        if name is None
        else translate("mail.digest.subject", lang, name=name, count=fits.total)
    )
    about = {"best": lines[:BEST], "more": lines[BEST:], "further": fits.total - len(lines)}
    return _written(post, reader, Heading(letter_id, subject, "digest", _unsubscribe(token)), about, now)


def confirmation(
    post: Post, reader: Reader, letter_id: uuid.UUID, token: str, facts: JsonObject, now: dt.datetime
) -> bytes:
    """The question whether digests are wanted. ``facts``: ``every`` and ``days``."""
    lang = reader.lang
    subject = translate("mail.confirm.subject", lang)
    asked = translate(
        "mail.confirm.text", lang, organisation=clean(reader.organisation, _LONGEST_NAME),
        often=translate(f"mail.every.{facts['every']}", lang), days=cast("int", facts["days"]),
    )  # fmt: skip
    about = {
        "paragraphs": [asked],
        "link": f"{post.public_url}/mail/confirm/{token}",
        "link_text": translate("mail.confirm.button", lang),
        "after": translate("mail.confirm.ignore", lang),
    }
    return _written(post, reader, Heading(letter_id, subject, "plain", None), about, now)


def webhook_notice(
    post: Post, reader: Reader, letter_id: uuid.UUID, token: str, facts: JsonObject, now: dt.datetime
) -> bytes:
    """That a webhook was switched off. ``facts``: ``why``, ``host`` and ``endpoint_id``."""
    lang = reader.lang
    subject = translate("mail.webhook.subject", lang, organisation=clean(reader.organisation, _LONGEST_NAME))
    paragraphs = [
        translate(f"mail.webhook.{facts['why']}", lang, host=clean(str(facts["host"]))),
        translate("mail.webhook.remedy", lang, endpoint=str(facts["endpoint_id"])),
    ]
    about = {"paragraphs": paragraphs, "link": None, "link_text": "", "after": ""}
    return _written(post, reader, Heading(letter_id, subject, "plain", _unsubscribe(token)), about, now)


@dataclass(frozen=True, slots=True)
class Summons:
    """A letter to a person with one link of ours: ``path`` leads there, ``after`` says what if it was not asked for.

    ``organisation``: as a member of which it is read, ``stop``: the path that ends such letters; for those that come
    unasked.
    """

    to: str
    lang: Lang
    subject: str
    text: str
    path: str
    button: str
    after: str
    organisation: str = ""
    stop: str | None = None


def summons(post: Post, letter_id: uuid.UUID, said: Summons, now: dt.datetime) -> bytes:
    """A letter to a person: a link to come in by, or word of what waits for them."""
    reader = Reader(said.to, said.lang, MOROCCO.key, said.organisation, None)
    about = {
        "paragraphs": [said.text], "link": f"{post.public_url}{said.path}", "link_text": said.button,
        "after": said.after,
    }  # fmt: skip
    return _written(
        post, reader, Heading(letter_id, clean(said.subject), "plain", said.stop, "mail.footer.member"), about, now
    )


def page(lang: Lang, key: str, organisation: str, action: str | None) -> str:
    """A page behind a link of a letter: ``key`` of its words, and where its button posts to."""
    name = clean(organisation, _LONGEST_NAME)
    return _TEMPLATES.get_template("page.html").render(
        lang=lang, dir=_direction(lang), title=translate(f"mail.page.{key}.title", lang),
        text=translate(f"mail.page.{key}.text", lang, organisation=name),
        button=translate(f"mail.page.{key}.button", lang) if action else None, action=action,
    )  # fmt: skip


def _line(post: Post, fit: Fit, reader: Reader) -> Line:
    lang = reader.lang
    details = []
    if reader.startup is None:
        details.append(translate("mail.digest.for", lang, name=clean(fit.startup, _LONGEST_NAME)))
    if fit.buyer:
        details.append(translate("mail.digest.buyer", lang, buyer=clean(fit.buyer)))
    if fit.region:
        details.append(translate("mail.digest.region", lang, region=clean(fit.region)))
    details.append(_deadline(fit, reader))
    details.append(_value(fit, lang))
    details += [_reason(reason, lang) for reason in _for_it(fit)[:_REASONS]]
    if (credit := fit.attribution or fit.source) is not None:
        licence = f" ({clean(fit.licence, _LONGEST_NAME)})" if fit.licence else ""
        details.append(translate("mail.digest.source", lang, source=clean(credit) + licence))
    page = f"{post.public_url}/tenders/{fit.tender_id}"
    return Line(clean(fit.title), page, _followable(fit.url), translate(f"grade.{fit.grade}", lang), details)


def _deadline(fit: Fit, reader: Reader) -> str:
    if fit.deadline_at is None:
        return translate("mail.digest.deadline-unknown", reader.lang)
    told = format_instant(fit.deadline_at, reader.lang, ZoneInfo(reader.zone))
    return translate("mail.digest.deadline", reader.lang, deadline=f"{told} ({reader.zone})")


def _value(fit: Fit, lang: Lang) -> str:
    if not fit.value_amount or not fit.value_currency:
        return translate("mail.digest.value-unknown", lang)
    told = format_money(fit.value_amount, clean(fit.value_currency), lang)
    return translate("mail.digest.value", lang, value=told)


def _for_it(fit: Fit) -> list[JsonObject]:
    """The reasons that speak for a match, the strongest first."""
    good = [
        reason
        for reason in fit.reasons
        if reason["code"] not in {"base", "rest"} and cast("float", reason["contribution"]) > 0
    ]
    return sorted(good, key=lambda reason: -cast("float", reason["contribution"]))


def _reason(reason: JsonObject, lang: Lang) -> str:
    """Its sentence, without what was learned from the startup's own decisions: a mail may be read by others."""
    facts = {name: fact for name, fact in cast("dict[str, Fact]", reason["facts"]).items() if name != "startup_learned"}
    written = cast("list[JsonObject]", reason["in_tender"] or reason["in_startup"])
    term = written[0]["text"] if written else reason["term"]
    return clean(say_reason(str(reason["code"]), cast("str | None", term), facts, lang))


def _followable(url: str | None) -> str | None:
    """A link of a notice, if it is one that a reader may follow."""
    if url is None or re.search(r"[\s<>\"\\]", url) or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname and parts.username is None else None


def _unsubscribe(token: str) -> str:
    return f"/mail/unsubscribe/{token}"


def _direction(lang: Lang) -> str:
    return "rtl" if lang == "ar" else "ltr"


def _written(post: Post, reader: Reader, heading: Heading, about: Mapping[str, object], now: dt.datetime) -> bytes:
    lang = reader.lang
    stop = None if heading.stop is None else f"{post.public_url}{heading.stop}"
    words = {
        **about, "lang": lang, "dir": _direction(lang), "subject": heading.subject, "stop": stop,
        "colon": COLONS[lang],
        "why": translate(heading.why, lang, organisation=clean(reader.organisation, _LONGEST_NAME)),
        "say": lambda key, **facts: translate(key, lang, **facts),
    }  # fmt: skip
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address("Safqa", addr_spec=post.sender)
    message["To"] = Address(addr_spec=reader.address)
    message["Subject"] = heading.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = post.message_id(heading.letter_id)
    message["Auto-Submitted"] = "auto-generated"
    if stop is not None:
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    encoding = "base64" if lang == "ar" else "quoted-printable"
    for kind in ("plain", "html"):
        text = _TEMPLATES.get_template(f"{heading.template}.{'txt' if kind == 'plain' else kind}").render(words)
        add = message.set_content if kind == "plain" else message.add_alternative
        add(text, subtype=kind, charset="utf-8", cte=encoding)
    message["Content-Language"] = lang  # last: setting the content takes such headers away
    return message.as_bytes()
