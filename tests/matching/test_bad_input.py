"""Whatever is thrown at it: no exception, no score that is not a number, the same order twice."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Matcher, registry
from matching.documents import MAX_PASSAGES, startup_passages, tender_passages
from matching.extraction import Extractor
from matching.lexicon import default_lexicon
from matching.store import Store
from matching.text import MAX_CHARS
from matching.trades import default_trades
from matching.types import Gates, LotDoc, ReferenceDoc, StartupDoc, TenderDoc

NASTY = [
    "", " ", "mot", "😀🚀👩‍👩‍👧", "\x00", "\ud800", "3awtani khdemt f site web", "تطوير site web للـcommune",
    "\u202ereversed\u202c \u2067web\u2069", "a\u0301" * 500, "web" * 5000, "- / : ; ,", "'" * 3000, "ﷺ ﷲ ﻻ", "１２３ ４Ｇ",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_in_every_field(text: str) -> None:
    startup = StartupDoc("s", text, text, sectors=(text,), cpv=(text,), regions=(text,), city=text, country=text or None,
                         languages=(text,), references=(ReferenceDoc(text, buyer=text, cpv=(text,), place=text),))  # fmt: skip
    tender = TenderDoc(
        "t", text, text, buyer=text, activities=(text,), cpv=(text,), place=text, lots=(LotDoc("", text),)
    )
    matcher = Matcher()
    matcher.load(tenders=[tender, TenderDoc("u", "site web")], startups=[startup, StartupDoc("v", "Toile", "site web")])
    for ranking in (matcher.startups_for(tender, k=5), matcher.tenders_for(startup, k=5)):
        assert all(math.isfinite(result.score) for result in ranking.items)
    assert matcher.explain(tender, startup).score == pytest.approx(
        sum(reason.contribution for reason in matcher.explain(tender, startup).reasons), abs=1e-9
    )
    matcher.profile(startup)


def test_two_megabytes_are_ranked() -> None:
    matcher = Matcher()
    matcher.load(
        startups=[StartupDoc("big", "Grand", "réseaux et câblage " * 110_000), StartupDoc("s", "Petit", "réseaux")]
    )
    ranking = matcher.startups_for(TenderDoc("t", "Câblage de réseaux " * 110_000), k=2)
    assert next(r.startup_id for r in ranking.items) == "big"


def test_a_list_of_a_hundred_thousand_items_is_read_to_a_limit() -> None:
    """Every item used to be analysed anew for every result: minutes, in which the interpreter did little else."""
    activities = tuple("audit de sécurité" for _ in range(100_000))
    assert len(tender_passages(TenderDoc(id="t", title="Audit", activities=activities))) == MAX_PASSAGES
    references = tuple(ReferenceDoc(title="Audit de sécurité " * 50) for _ in range(5_000))
    passages = startup_passages(StartupDoc(id="s", name="S", references=references))
    assert sum(len(passage.text) for passage in passages) == MAX_CHARS


def test_many_identical_profiles_come_in_the_order_of_their_ids() -> None:
    matcher = Matcher()
    matcher.load(startups=(StartupDoc(f"s{n:05}", "Même", "site web") for n in reversed(range(20_000))))
    first = [r.startup_id for r in matcher.startups_for(TenderDoc("t", "site web"), k=20).items]
    assert first == [f"s{n:05}" for n in range(20)]


def test_two_documents_of_one_id_are_one_and_the_last_counts() -> None:
    matcher = Matcher()
    matcher.load(startups=[StartupDoc("s", "Un", "site web"), StartupDoc("s", "Deux", "menuiserie")])
    assert matcher.sizes() == (0, 1)
    matcher.upsert_startups([StartupDoc("s", "Trois", "plomberie"), StartupDoc("s", "Quatre", "peinture")])
    assert matcher.sizes() == (0, 1)


@pytest.mark.parametrize("k", [0, 1, 10_000])
def test_any_number_of_results_from_any_collection(k: int) -> None:
    empty, one = Matcher(), Matcher()
    one.load(startups=[StartupDoc("s", "S", "site web")])
    assert empty.startups_for(TenderDoc("t", "site web"), k=k).items == ()
    assert len(one.startups_for(TenderDoc("t", "site web"), k=k).items) == min(k, 1)
    assert one.tenders_for(StartupDoc("s", "S"), k=k).considered == 0


words = st.sampled_from(["web", "réseau", "SIG", "صيانة", "training", "solaire", "😀", "lot", ""])
profiles = st.lists(st.lists(words, max_size=6).map(" ".join), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None)
@given(profiles=profiles, titles=profiles)
def test_rankings_are_sorted_stable_and_agree_from_both_sides(profiles: list[str], titles: list[str]) -> None:
    startups = [StartupDoc(f"s{n}", "S", text) for n, text in enumerate(profiles)]
    tenders = [TenderDoc(f"t{n}", text) for n, text in enumerate(titles)]
    matcher = Matcher()
    matcher.load(tenders=tenders, startups=startups)
    from_startup = {
        (r.tender_id, s.id): r.score for s in startups for r in matcher.tenders_for(s, k=99, with_reasons=False).items
    }
    for tender in tenders:
        items = matcher.startups_for(tender, k=99, gates=Gates(), with_reasons=False).items
        assert [(-r.score, r.startup_id) for r in items] == sorted((-r.score, r.startup_id) for r in items)
        assert {(tender.id, r.startup_id): r.score for r in items}.items() <= from_startup.items()


def test_queries_leave_nothing_behind() -> None:
    """What strangers ask with is not kept: a service would grow with every query."""
    store = Store(Extractor(default_lexicon(), default_trades()), registry.get())
    store.change_startups([StartupDoc(id="s", name="S", sectors=("it",))])
    vocabulary = store.snapshot.vocabulary
    kept = len(vocabulary), store.snapshot.codes.values()
    store.segmenter.startups([StartupDoc(id="q", name="Q", description="inconnu", sectors=("jamais vu",))], vocabulary)
    store.segmenter.tenders([TenderDoc(id="q", title="mots neufs", place="Nulle Part")], vocabulary)
    assert (len(vocabulary), store.snapshot.codes.values()) == kept
