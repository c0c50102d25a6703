"""What is written of an entry, whatever it holds: two formats, each read back by parsers of other hands."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from dataclasses import replace
from decimal import Decimal

import feedparser
import icalendar
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.accounts.caller import Caller
from app.channels.feeds.atom import write_atom
from app.channels.feeds.calendar import write_calendar
from app.channels.feeds.entries import Entry
from app.channels.feeds.repository import KnownFeed
from app.channels.feeds.words import address_of, clean, deadline_of, facts_of, reasons_of, source_of
from app.kit.i18n import LANGS, Lang
from app.kit.ids import ApiKeyId, OrganisationId
from app.models.feed import FeedSelection
from app.models.organisation import OrganisationKind
from app.models.tender import TenderStatus

AT = dt.datetime(2026, 11, 22, 8, 30, tzinfo=dt.UTC)
LEAD = dt.timedelta(hours=72)
NS = {"a": "http://www.w3.org/2005/Atom", "h": "http://www.w3.org/1999/xhtml"}
REASON = {
    "code": "text.term", "contribution": 1.0, "term": "beton", "facts": {"startup_learned": "shortlisted"},
    "in_tender": [{"field": "title", "start": 0, "end": 5, "text": "béton"}], "in_startup": [],
}  # fmt: skip
HOSTILE = (
    "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:forged\r\n",
    "x\nATTACH:https://evil.example/\rX-EVIL:1",
    "a\x85SUMMARY:b\u2028SUMMARY:c\x0bd\x1ce",
    "</title><script>alert(1)</script>&amp;<![CDATA[x]]>",
    "nul\x00bell\x07escape\x1b\ufffe\uffff\ufdd0",
    "\u202egnp.exe\u2066",
    '; , \\ : " \\n \\;',
    "ع" * 5_000,
    "😀" * 100,
    "",
)


def feed(language: Lang = "en", kind: OrganisationKind = OrganisationKind.STARTUP, cohort: bool = False) -> KnownFeed:
    reader = Caller(OrganisationId(uuid.UUID(int=1)), kind, frozenset(), ApiKeyId(uuid.UUID(int=2)))
    selection, startup = (FeedSelection.COHORT, None) if cohort else (FeedSelection.STARTUP, uuid.UUID(int=4))
    return KnownFeed(uuid.UUID(int=3), reader, "Incubateur", selection, startup, None, language, AT)


def entry(number: int = 5, **fields: object) -> Entry:
    made = Entry(
        id=uuid.UUID(int=number), updated_at=AT, version=3, status=TenderStatus.PUBLISHED, title="Travaux", language="fr",
        url="https://portail.example/7", buyer="Commune", region="Oriental", value_amount=Decimal(250000),
        value_currency="MAD", published_at=AT, deadline_at=dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC),
        deadline_written="2026-12-01T10:00:00+01:00", grounds=["reserved_sme"], source="Portail", licence="CC BY 4.0",
        attribution="© Portail", startup="Atlas", grade="good", reasons=[REASON],
    )  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


def check_atom(document: bytes, entries: int) -> etree._Element:
    """By the letter of RFC 4287, sections 4.1.1 and 4.1.2, and by a lenient reader that must find nothing to mend."""
    root = etree.fromstring(document)
    assert root.tag == f"{{{NS['a']}}}feed"
    for node in (root, *root.findall("a:entry", NS)):
        for one in ("id", "title", "updated"):
            (found,) = node.findall(f"a:{one}", NS)
            assert found.text
        assert uuid.UUID(node.findtext("a:id", "", NS).removeprefix("urn:uuid:"))
        updated = node.findtext("a:updated", "", NS)
        assert updated.endswith("Z")
        assert dt.datetime.fromisoformat(updated)
        assert len(node.findall("a:link[@rel='alternate']", NS)) <= 1
    assert root.findtext("a:author/a:name", None, NS)
    nodes = root.findall("a:entry", NS)
    assert len(nodes) == entries
    for node in nodes:
        (content,) = node.findall("a:content", NS)
        assert content.get("type") == "xhtml"
        assert [child.tag for child in content] == [f"{{{NS['h']}}}div"]
        assert not set(root.iter("{*}script"))
    read = feedparser.parse(io.BytesIO(document))
    assert not read.bozo
    assert read.version == "atom10"
    assert len(read.entries) == entries
    return root


def check_calendar(document: bytes) -> list[vobject.base.Component]:
    """Read by two parsers that agree; lines folded and ended as RFC 5545 (section 3.1) says."""
    assert document.endswith(b"\r\n")
    lines = document.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(set(line) & {*range(0x09), *range(0x0A, 0x20), 0x7F} for line in lines)
    text = document.decode()
    found = list(vobject.readOne(text).contents.get("vevent", []))
    (own,) = icalendar.Calendar.from_ical(document, multiple=True)
    assert [str(event["uid"]) for event in own.walk("VEVENT")] == [event.uid.value for event in found]
    # A parser that splits lines wherever Python does must see the same events.
    assert sum(line == "BEGIN:VEVENT" for line in text.splitlines()) == len(found)
    return found


@pytest.mark.parametrize("lang", LANGS)
def test_everything_that_is_known_is_told(lang: Lang) -> None:
    root = check_atom(write_atom(feed(lang), "Atlas", [entry(1), entry(2)]), 2)
    said = "".join(root.find("a:entry/a:content", NS).itertext())  # type: ignore[union-attr]
    for part in ("Commune", "Oriental", "béton", "© Portail", "CC BY 4.0", "10:00"):
        assert part in said
    assert "{" not in said
    rights = root.findtext("a:entry/a:rights", "", NS)
    assert rights.removesuffix("\u2069").endswith("© Portail · CC BY 4.0")  # in Arabic set apart, as it is in Latin
    due, _ = check_calendar(write_calendar(feed(lang), "Atlas", LEAD, [entry(1), entry(2)]))
    assert due.dtstart.value == dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
    assert due.dtstamp.value == AT
    assert due.sequence.value == "2"
    assert due.valarm.trigger.value == -LEAD
    assert "béton" in due.description.value


def test_what_is_not_known_is_not_told() -> None:
    bare = entry(
        title="", language=None, url=None, buyer=None, region=None, value_amount=Decimal(0), published_at=None,
        deadline_at=None, deadline_written=None, source=None, licence=None, attribution=None, startup=None, grade=None,
        reasons=None, grounds=[],
    )  # fmt: skip
    assert "Reserved for small and medium firms." in facts_of(entry(), "en")
    assert facts_of(bare, "en") == ["The notice gives no deadline"]
    assert source_of(bare, "en") is None
    assert check_calendar(write_calendar(feed(), "Atlas", LEAD, [bare])) == []
    document = write_atom(feed(), "Atlas", [replace(bare, title="x")])
    assert b"<link" not in document
    assert b"rights" not in document


def test_an_empty_feed_is_one() -> None:
    assert check_atom(write_atom(feed(), "Atlas", []), 0).findtext("a:updated", None, NS) == "2026-11-22T08:30:00Z"
    assert check_calendar(write_calendar(feed(), "Atlas", LEAD, [])) == []


def test_a_deadline_is_as_exact_as_it_was_published() -> None:
    day = entry(deadline_at=dt.datetime(2026, 12, 1, 22, 59, 59, tzinfo=dt.UTC), deadline_written="2026-12-01")
    (due,) = check_calendar(write_calendar(feed(), "Atlas", LEAD, [day]))
    assert due.dtstart.value == dt.date(2026, 12, 1)
    assert "no hour" in deadline_of(day, "en")
    assert "10:00" in deadline_of(entry(), "en")


@pytest.mark.parametrize("status", [TenderStatus.CANCELLED, TenderStatus.WITHDRAWN])
def test_a_call_that_is_over_says_so_and_reminds_of_nothing(status: TenderStatus) -> None:
    (due,) = check_calendar(write_calendar(feed(), "Atlas", LEAD, [entry(status=status)]))
    assert due.status.value == "CANCELLED"
    assert "valarm" not in due.contents
    assert due.description.value.startswith("This call was cancelled")


def test_what_a_startup_taught_is_told_to_itself_alone() -> None:
    own = reasons_of(entry(), feed())
    others = reasons_of(entry(), feed(kind=OrganisationKind.INCUBATOR))
    assert own != others
    assert own[0].startswith(others[0])


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("cohort", [False, True])
def test_no_text_breaks_out_of_its_place(text: str, cohort: bool) -> None:
    reason = {**REASON, "term": text, "in_tender": [{"field": "title", "start": 0, "end": 1, "text": text}]}
    hostile = entry(
        title=text or "x", buyer=text, region=text, source=text, licence=text, attribution=text, startup=text or None,
        url=f"https://portail.example/{text}", reasons=[reason],
    )  # fmt: skip
    whose = feed(cohort=cohort)
    check_atom(write_atom(whose, text or "x", [hostile, entry(9)]), 2)
    events = check_calendar(write_calendar(whose, text or "x", LEAD, [hostile, entry(9)]))
    assert [event.uid.value for event in events] == [f"{hostile.id}@safqa", f"{uuid.UUID(int=9)}@safqa"]
    assert {name for event in events for name in event.contents} <= {
        "uid", "dtstamp", "sequence", "dtstart", "summary", "description", "url", "transp", "status", "valarm",
    }  # fmt: skip


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_at_all_breaks_either(one: str, two: str) -> None:
    hostile = entry(title=one + "x", buyer=two, startup=two, url=one)
    check_atom(write_atom(feed(cohort=True), two + "x", [hostile]), 1)
    (due,) = check_calendar(write_calendar(feed(cohort=True), two, LEAD, [hostile]))
    assert due.summary.value.endswith(clean(one + "x"))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://x.example/", "//x.example", "https://", "http://a b",
        "https://x.example/\r\nX:1", "https://x.example/\u2028", 'https://x.example/"onclick=', "https://x/" + "a" * 2_001,
        "https://x.example/\udcff",
    ],
)  # fmt: skip
def test_only_an_address_that_a_person_can_open_is_a_link(url: str) -> None:
    assert address_of(entry(url=url)) is None


def test_a_long_text_ends_in_an_ellipsis() -> None:
    assert clean("a" * 400, 300) == "a" * 299 + "…"
    assert clean(" a\tb\n\nc ") == "a b c"
