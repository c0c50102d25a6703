"""Feeds, from a server of its own: identities, texts, dates, floors, and feeds that fail beside others."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.errors import SourceChanged, SourceMisconfigured
from scrapers.payload import Bundle, Payload, Rejection
from scrapers.records import TenderRecord
from scrapers.sources.rss import Rss
from tests.support.crawling import Store, crawl, parsed
from tests.support.portal import Reply, hurried
from tests.support.portal_feeds import FeedPortal, atom, item, rss
from tests.support.processes import ROOT

NOW = dt.datetime(2026, 9, 10, 8, 0, tzinfo=dt.UTC)
SAMPLES = ROOT.parent / "shared" / "sources" / "generic_feeds" / "samples"


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel>'
    b"<item><title>&b;</title></item></channel></rss>"
)


@pytest.fixture
async def feeds() -> AsyncIterator[FeedPortal]:
    async with FeedPortal() as running:
        yield running


async def run(portal: FeedPortal, store: Store, declared: str, now: dt.datetime = NOW, kill_after: int | None = None):
    client = portal.client("rss", timing=replace(hurried(), now=lambda: now))
    return await crawl(Rss({"feeds": declared}), client, store, kill_after=kill_after)


def read(document: str | bytes, **options: str) -> list[TenderRecord | Rejection]:
    body = document.encode() if isinstance(document, str) else document
    return list(Rss(options).parse(Bundle((Payload(source="rss", kind="feed", body=body),))))  # type: ignore[arg-type]


def call(document: str | bytes, **options: str) -> TenderRecord:
    [found] = read(document, **options)
    assert isinstance(found, TenderRecord), found
    return found


def extra(record: TenderRecord) -> dict[str, object]:
    return record.model_extra or {}


class TestEntries:
    @pytest.mark.parametrize(
        ("entry", "ident"),
        [
            (item("call-17", link="https://a.example/17"), "call-17"),
            (item(link="https://a.example/17?id=3&utm_source=rss&utm_medium=x#top"), "https://a.example/17?id=3"),
            (item("https://a.example/?p=17"), "https://a.example/?p=17"),
        ],
    )
    def test_identity_by_guid_or_link(self, entry: str, ident: str) -> None:
        assert call(rss(entry)).id == ident

    def test_identity_by_title_and_date(self) -> None:
        one, other = (call(rss(item(title="A", published=f"0{n} Sep 2026 09:00 GMT"))) for n in (1, 2))
        assert one.id != other.id
        assert one.id == call(rss(item(title="A", published="01 Sep 2026 09:00 GMT"), head="<ttl>5</ttl>")).id

    def test_ids_of_one_feed_are_told_from_those_of_another(self) -> None:
        document = rss(item("17"), item("urn:example:17"))
        first, second = ([one.id for one in read(document, feeds=f"https://www.{host}.example/rss")] for host in "ab")  # type: ignore[union-attr]
        assert first == ["a.example/rss#17", "urn:example:17"]
        assert second == ["b.example/rss#17", "urn:example:17"]
        [by_query, _] = read(document, feeds="https://a.example/rss?list=2")
        assert by_query.id == "a.example/rss?list=2#17"  # type: ignore[union-attr]

    def test_content_before_summary_and_texts_without_markup(self) -> None:
        found = call(rss(item(
            "1", "Appel &amp;eacute;t&#233; – <b>R&D</b>", text="Short",
            more="<content:encoded><![CDATA[<p>Long</p><script>alert(1)</script><ul><li>a<li>b</ul>]]></content:encoded>",
        )))  # fmt: skip
        assert (found.title, found.description) == ("Appel été – R&D", "Long\na\nb")

    def test_a_text_stands_in_for_a_missing_title(self) -> None:
        assert call(rss(item("1", "", text="<p>Achat de chaises</p><p>Suite</p>"))).title == "Achat de chaises"
        [found] = read(rss(item("1", "")))
        assert isinstance(found, Rejection)
        assert found.code == "rss.title"

    def test_times_and_a_deadline_out_of_the_text(self) -> None:
        document = rss(item("1", published="Tue, 01 Sep 2026 09:00:00", text="Date limite : 30/09/2026 à 16h00"))
        found = call(document, country="FR")
        assert (str(found.published), found.published_basis) == ("2026-09-01 09:00:00+02:00", "zone")
        assert (str(found.deadline), extra(found)["deadline_confidence"]) == ("2026-09-30 16:00:00+02:00", "text")
        assert extra(found)["deadline_text"] == "Date limite : 30/09/2026 à 16h00"
        assert str(call(document, zone="Africa/Casablanca").deadline) == "2026-09-30 16:00:00+01:00"
        unknown = call(document, country="US")
        assert (unknown.published, unknown.deadline, len(extra(unknown)["unreadable"])) == (None, None, 2)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "text", ["Date limite : 01/10/2026. Date limite : 02/10/2026", "Date limite : 30/08/2026", "Publié le 1/1/2027"]
    )
    def test_a_deadline_that_is_not_clear_is_unknown(self, text: str) -> None:
        assert call(rss(item("1", published="Tue, 01 Sep 2026 09:00:00 GMT", text=text))).deadline is None

    def test_atom_is_published_once_and_updated_often(self) -> None:
        entry = (
            '<entry><id>urn:example:17</id><title type="html">A &lt;i&gt;B&lt;/i&gt;</title>'
            '<link href="/calls/17#x"/><link rel="enclosure" type="application/pdf" href="https://a.example/17.pdf"/>'
            "<link rel='enclosure' href='javascript:alert(1)'/>{}<updated>2026-09-02T10:00:00Z</updated>"
            "<summary>C</summary></entry>"
        )
        found = call(
            atom(entry.format("<published>2026-09-01T09:00:00+01:00</published>")), feeds="https://a.example/f"
        )
        assert (str(found.published), found.title, found.language) == ("2026-09-01 09:00:00+01:00", "A B", "en")
        assert (found.url, extra(found)["updated"]) == ("https://a.example/calls/17", "2026-09-02T10:00:00+00:00")
        assert extra(found)["documents"] == [{"url": "https://a.example/17.pdf", "type": "application/pdf"}]
        assert call(atom(entry.format(""))).published is None
        dated = rss(item("1", more="<dc:date>2026-09-01</dc:date>"))
        assert (str(call(dated).published), call(dated).published_basis) == ("2026-09-01", "day")

    def test_of_several_states_of_one_entry_the_latest_counts(self) -> None:
        found = read(rss(
            item("1", "First", published="01 Sep 2026 09:00 GMT"), item("1", "Last", published="03 Sep 2026 09:00 GMT"),
            item("1", "Middle", published="02 Sep 2026 09:00 GMT"),
        ))  # fmt: skip
        assert [one.title for one in found] == ["Last"]  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("author", "buyer", "kept"),
        [
            ("Acheteur SA", "", "Acheteur SA"), ("Commune d'Exempleville", "", "Commune d'Exempleville"),
            ("Jeanne Exemple", "", None), ("j@a.example (Jeanne)", "author", None),
            ("Studio Exemple", "author", "Studio Exemple"), ("Jeanne Exemple", "Exemple et fils", "Exemple et fils"),
        ],
    )  # fmt: skip
    def test_persons_are_no_buyers(self, author: str, buyer: str, kept: str | None) -> None:
        entry = item("1", more=f"<dc:creator>{author}</dc:creator>")
        found = call(rss(entry), **({"buyer": buyer} if buyer else {}))
        assert (found.buyer.name if found.buyer else None) == kept

    def test_contact_persons_stay_outside(self) -> None:
        found = call(rss(item("1", text="Contact : Mme Exemple, m.exemple@a.example, tél. 0522 00 00 00")))
        assert "exemple" not in found.description.casefold()


class TestDocuments:
    def test_damage_is_a_warning(self) -> None:
        document = rss(item("1", "R"), item("2", "S")).replace("<title>R</title>", "<title>R & D &eacute;</title>")
        found = read(document)
        assert [one.id for one in found] == ["1", "2"]  # type: ignore[union-attr]
        assert found[0].title == "R & D é"  # type: ignore[union-attr]
        assert extra(found[0])["feed_warning"] == "not well-formed"  # type: ignore[arg-type]

    def test_letters_that_only_a_distant_dtd_names_are_not_lost(self) -> None:
        told = (
            '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://example.invalid/rss-0.91.dtd">'
        )
        item = "<item><title>R&eacute;fection &amp; peinture</title><link>https://c.example/1</link></item>"
        document = f'<?xml version="1.0"?>{told}<rss version="0.91"><channel><title>C</title>{item}</channel></rss>'
        assert call(document).title == "Réfection & peinture"

    def test_an_entry_that_is_cut_is_rejected(self) -> None:
        document = rss(item("1", "One"), item("2", "Two"), item("3", "Three is cut"))
        found = read(document[: document.index("is cut")])
        assert [one.id for one in found if isinstance(one, TenderRecord)] == ["1", "2"]
        assert [one.code for one in found if isinstance(one, Rejection)] == ["rss.cut"]

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "iso-8859-1", "utf-16"])
    @pytest.mark.parametrize("said", ["utf-8", "cp1252", "iso-8859-1", None])
    def test_encodings_and_lies_about_them(self, encoding: str, said: str | None) -> None:
        declaration = f'<?xml version="1.0" encoding="{said}"?>' if said else '<?xml version="1.0"?>'
        text = rss(item("1", "Étude à réaliser")).replace('<?xml version="1.0" encoding="UTF-8"?>', declaration)
        assert call(text.encode(encoding)).title == "Étude à réaliser"

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"<html><body><h1>404</h1></body></html>", b'{"version": "https://jsonfeed.org/version/1"}', b"%PDF-1.7",
            ENTITIES,
            b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</ti', b"<rss>" + b"<a " * 900_000,
        ],
    )  # fmt: skip
    def test_what_is_no_feed(self, body: bytes) -> None:
        with pytest.raises(SourceChanged):
            read(body)

    def test_a_feed_without_entries_is_empty(self) -> None:
        assert read(rss()) == []

    @pytest.mark.parametrize(
        "declared",
        ["a.example/rss", "https://a.example country", "https://a.example zone=Mars", "https://a.example country=Nowhere",
         "https://a.example language=French", "https://a.example sector=x", "https://", 'https://a.example buyer="x',
         "https://a.example https://a.example", "https://[x"],
    )  # fmt: skip
    def test_declarations_that_are_none(self, declared: str) -> None:
        with pytest.raises(SourceMisconfigured):
            Rss({"feeds": declared})


class TestCrawl:
    async def test_several_feeds_each_with_its_own_country_and_zone(self, feeds: FeedPortal) -> None:
        document = rss(item("1", published="Tue, 01 Sep 2026 09:00:00"))
        a, b, c = (feeds.put(path, document) for path in ("/a", "/b", "/c"))
        store = Store()
        report = await run(
            feeds,
            store,
            f'language=fr {a} country=MA {b} country=FR sector=private buyer="Ville d\'Exemple" {c} zone=Asia/Tokyo',
        )
        assert (report.outcome, len(set(store.ids))) == ("complete", 3)
        first, second, third = store.tenders
        assert [str(one.published)[-6:] for one in store.tenders] == ["+01:00", "+02:00", "+09:00"]
        assert (first.country, second.country, third.country) == ("MA", "FR", None)
        assert (second.sector, second.buyer and second.buyer.name, third.language) == (
            "private",
            "Ville d'Exemple",
            "fr",
        )

    async def test_what_has_not_changed_is_not_sent(self, feeds: FeedPortal) -> None:
        a = feeds.put("/a", rss(item("1")))
        store = Store()
        await run(feeds, store, a)
        report = await run(feeds, store, a)
        assert (report.outcome, report.tally.unchanged, report.tally.parsed) == ("complete", 1, 0)
        assert feeds.asked[-1].headers["if-none-match"]
        feeds.moods |= {"new_etag", "no_304"}  # then the digest of the body tells
        report = await run(feeds, store, a)
        assert (report.tally.unchanged, report.tally.parsed) == (1, 0)

    async def test_what_leaves_a_feed_is_not_closed(self, feeds: FeedPortal) -> None:
        a = feeds.put("/a", rss(item("1"), item("2")))
        store = Store()
        await run(feeds, store, a)
        feeds.put("/a", rss(item("3")))
        report = await run(feeds, store, a)
        assert report.outcome == "complete"
        assert Rss.closes_vanished is False
        assert len(set(store.ids)) == 3

    @pytest.mark.parametrize(
        ("head", "seconds"),
        [
            ("<ttl>60</ttl>", 3_600),
            ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 21_600),
            ("<ttl>999999</ttl>", 86_400),
        ],
    )
    async def test_a_feed_is_not_asked_sooner_than_it_says(self, feeds: FeedPortal, head: str, seconds: int) -> None:
        a = feeds.put("/a", rss(item("1"), head=head))
        store = Store()
        await run(feeds, store, a)
        for later, asked in ((seconds - 1, 1), (seconds + 1, 2), (2 * seconds, 2), (2 * seconds + 2, 3)):
            report = await run(feeds, store, a, NOW + dt.timedelta(seconds=later))
            assert (report.outcome, feeds.paths().count("/a")) == ("complete", asked)

    @pytest.mark.parametrize("head", ["<ttl>nan</ttl>", "<ttl>soon</ttl>", "<ttl>-5</ttl>"])
    async def test_a_floor_that_is_none(self, feeds: FeedPortal, head: str) -> None:
        a = feeds.put("/a", rss(item("1"), head=head))
        store = Store()
        assert (await run(feeds, store, a)).outcome == "complete"
        assert (await run(feeds, store, a)).tally.requests == 1

    @pytest.mark.parametrize(
        ("reply", "outcome", "reason"),
        [
            (Reply(403), "refused", "refused"),
            (Reply(500), "partial", "unavailable"),
            (Reply(404), "partial", "changed"),
            (Reply.html("<h1>Welcome</h1>"), "partial", "changed"),
            (Reply(302, headers=(("Location", "http://169.254.169.254/"),)), "partial", "changed"),
            (Reply(200, b"<rss>" + b" " * (11 * 1024 * 1024)), "partial", "changed"),
            (Reply.packed(b"<rss>" + b" " * (11 * 1024 * 1024)), "partial", "changed"),
        ],
    )
    async def test_a_feed_that_fails_does_not_hold_up_the_others(
        self, feeds: FeedPortal, reply: Reply, outcome: str, reason: str
    ) -> None:
        a, b = feeds.put("/a", rss(item("1"))), feeds.put("/b", rss(item("2")))
        feeds.script("/a", reply)
        store = Store()
        report = await run(feeds, store, f"{a} {b}")
        assert (report.outcome, report.tally.parsed) == (outcome, 1)
        assert report.reason in {reason, "too_large", "address"}
        assert set(store.cursor.known) == {b}

    async def test_a_feed_that_breaks_off_is_asked_for_again(self, feeds: FeedPortal) -> None:
        document = rss(item("1", "One"), item("2", "Two"))
        a = feeds.put("/a", document[: document.index("Two")])
        store = Store()
        report = await run(feeds, store, a)
        assert (report.outcome, report.reason, store.cursor.known) == ("partial", "no_end", {})
        feeds.put("/a", document)
        assert (await run(feeds, store, a)).outcome == "complete"
        assert len(set(store.ids)) == 2

    @pytest.mark.parametrize("after", [0, 1, 2])
    async def test_killed_it_goes_on_without_loss_or_double(self, feeds: FeedPortal, after: int) -> None:
        declared = " ".join(feeds.put(f"/{n}", rss(*(item(f"{n}-{m}") for m in range(5)))) for n in range(3))
        store = Store()
        await run(feeds, store, declared, kill_after=after)
        assert len(store.ids) == 5 * after
        report = await run(feeds, store, declared)
        assert report.outcome == "complete"
        assert len(store.ids) == len(set(store.ids)) == 15
        assert parsed(Rss({"feeds": declared}), store.bundles) == store.records

    async def test_without_feeds_there_is_nothing_to_run(self, feeds: FeedPortal) -> None:
        assert (await run(feeds, Store(), "")).reason == "misconfigured"


DOCUMENTS = [
    rss(item("1", "Appel <b>", "https://a.example/1", "Tue, 01 Sep 2026 09:00:00 +0100", text="<p>Date limite : 30/09/2026"),
        item("2", "R&D")).encode(),
    atom("<entry><id>urn:x</id><title>A</title><updated>2026-09-02T10:00:00Z</updated><summary>B</summary></entry>").encode(),
]  # fmt: skip


@given(st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_feeds_raise_nothing_undeclared(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(DOCUMENTS)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(
            st.one_of(
                st.binary(max_size=10),
                st.sampled_from(
                    [
                        b"<item>",
                        b"</title>",
                        b"<![CDATA[",
                        b"<!--",
                        b"&#0;",
                        b"&x;",
                        b"<?",
                        b"<!DOCTYPE x [",
                        b"\xff\xfe",
                    ]
                ),
            )
        )
    try:
        for found in read(bytes(body)):
            assert isinstance(found, TenderRecord | Rejection)
    except SourceChanged:
        pass


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")
class TestSamples:
    def test_rss(self) -> None:
        [first, second] = read((SAMPLES / "SYNTHETIC_rss.xml").read_bytes())
        assert isinstance(first, TenderRecord)
        assert (first.id, str(first.deadline)) == ("call-17", "2026-09-30 16:00:00+01:00")
        assert isinstance(second, TenderRecord)
        assert (second.id, second.published, second.url) == (
            "https://example.invalid/calls/18", None, "https://example.invalid/calls/18",
        )  # fmt: skip

    def test_atom(self) -> None:
        found = call((SAMPLES / "SYNTHETIC_atom.xml").read_bytes())
        assert (found.id, str(found.published)) == ("urn:example:call:17", "2026-09-01 09:00:00+01:00")
        assert len(extra(found)["documents"]) == 1  # type: ignore[arg-type]
