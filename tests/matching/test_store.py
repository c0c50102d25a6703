"""Writes, maintenance and queries at the same time: nothing is lost, and what is found is what a fresh load finds."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Matcher, store, views
from matching.ranking import RERANK
from matching.retrieval import nearest, question, sealed
from matching.types import Gates, LotDoc, StartupDoc, TenderDoc

WORDS = ["site", "web", "mobile", "solaire", "pompage", "réseau", "formation", "audit", "sécurité", "transport"]
ANY_COUNTRY = Gates(same_country=False)


def startup(number: int, seed: int) -> StartupDoc:
    chance = random.Random(seed)
    return StartupDoc(f"s{number:03}", "S", " ".join(chance.choices(WORDS, k=6)))


def tender(number: int, seed: int) -> TenderDoc:
    chance = random.Random(seed)
    lots = tuple(LotDoc(str(n), " ".join(chance.choices(WORDS, k=2))) for n in range(seed % 3))
    return TenderDoc(f"t{number:03}", " ".join(chance.choices(WORDS, k=3)), lots=lots)


QUERIES = [tender(900 + n, n) for n in range(4)]
ASKING = [startup(900 + n, n) for n in range(4)]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAIL_LIMIT", 8)
    monkeypatch.setattr(views, "TAIL_LIMIT", 8)


@pytest.fixture
def lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No write fits the idf anew by itself, however small the collection."""
    monkeypatch.setattr(store, "SMALL", 0)


def loaded() -> tuple[Matcher, dict[str, StartupDoc], dict[str, TenderDoc]]:
    """A matcher that knows every word, and what it holds."""
    startups = {doc.id: doc for doc in [startup(n, n) for n in range(30)] + [StartupDoc("s-all", "S", " ".join(WORDS))]}
    tenders = {doc.id: doc for doc in [tender(n, n) for n in range(30)] + [TenderDoc("t-all", " ".join(WORDS))]}
    matcher = Matcher()
    matcher.load(startups=startups.values(), tenders=tenders.values())
    return matcher, startups, tenders


def answers(matcher: Matcher) -> list[list[tuple[str, str, float]]]:
    """Rankings of both sides, scores to the bit."""
    found = [matcher.startups_for(query, k=12, gates=ANY_COUNTRY, with_reasons=False) for query in QUERIES]
    found += [matcher.tenders_for(query, k=12, gates=ANY_COUNTRY, with_reasons=False) for query in ASKING]
    return [[(item.tender_id, item.startup_id, item.score) for item in ranking.items] for ranking in found]


def afresh(
    matcher: Matcher, startups: dict[str, StartupDoc], tenders: dict[str, TenderDoc]
) -> list[list[tuple[str, str, float]]]:
    fresh = Matcher(basis=matcher.basis)
    fresh.load(startups=startups.values(), tenders=tenders.values())
    assert matcher.sizes() == fresh.sizes() == (len(tenders), len(startups))
    return answers(fresh)


steps = st.lists(
    st.tuples(st.sampled_from(["put", "put", "many", "remove", "tender", "drop", "maintain"]), st.integers(0, 45)),
    max_size=60,
)


@settings(max_examples=25, deadline=None)
@given(steps=steps)
def test_any_sequence_of_changes_ends_as_a_fresh_load(steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "TAIL_LIMIT", 8)
        patch.setattr(views, "TAIL_LIMIT", 8)
        patch.setattr(store, "SMALL", 0)
        matcher, startups, tenders = loaded()
        for turn, (step, number) in enumerate(steps):
            if step == "put":
                doc = startup(number, 1000 + turn)
                startups[doc.id] = doc
                matcher.upsert_startups([doc])
            elif step == "many":
                docs = [startup(number + n, 2000 + turn + n) for n in range(9)]
                startups |= {doc.id: doc for doc in docs}
                matcher.upsert_startups(docs)
            elif step == "remove":
                startups.pop(f"s{number:03}", None)
                matcher.remove_startups([f"s{number:03}"])
            elif step == "tender":
                call = tender(number, 3000 + turn)
                tenders[call.id] = call
                matcher.upsert_tenders([call])
            elif step == "drop":
                tenders.pop(f"t{number:03}", None)
                matcher.remove_tenders([f"t{number:03}"])
            else:
                matcher.maintain()
        assert answers(matcher) == afresh(matcher, startups, tenders)


@pytest.mark.usefixtures("lazy")
@pytest.mark.parametrize("stale", [False, True])
def test_what_changes_while_parts_are_made_is_not_lost(stale: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    matcher, startups, tenders = loaded()
    for n in range(31 if stale else 3):
        doc = startup(n, 500 + n)
        startups[doc.id] = doc
        matcher.upsert_startups([doc])
    assert matcher._store.snapshot.stale is stale
    plain, meddled = store.sealed, threading.Event()

    def meddling(*args: object, **kwargs: object) -> object:
        if not meddled.is_set():
            meddled.set()
            changed = [startup(1, 601), startup(40, 640)]  # one of the tail that is being sealed, one that is new
            matcher.upsert_startups(changed)
            many = [startup(n, 700 + n) for n in range(50, 62)]  # more than a tail holds: the write seals them
            matcher.upsert_startups(many)
            matcher.remove_startups(["s002", "s020", "s055"])
            matcher.upsert_tenders([tender(3, 603)])
            startups.update({doc.id: doc for doc in changed + many})
            tenders["t003"] = tender(3, 603)
            for gone in ("s002", "s020", "s055"):
                del startups[gone]
        return plain(*args, **kwargs)

    monkeypatch.setattr(store, "sealed", meddling)
    assert matcher.maintain()
    assert meddled.is_set()
    assert answers(matcher) == afresh(matcher, startups, tenders)
    while matcher.maintain():
        pass
    assert answers(matcher) == afresh(matcher, startups, tenders)


@pytest.mark.usefixtures("lazy")
def test_a_load_wins_over_maintenance_that_began_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher, _, _ = loaded()
    for n in range(40):
        matcher.upsert_startups([startup(n, n)])
    plain, once = store.sealed, iter([True])

    def meddling(*args: object, **kwargs: object) -> object:
        if next(once, False):
            matcher.load(startups=[startup(7, 7)])
        return plain(*args, **kwargs)

    monkeypatch.setattr(store, "sealed", meddling)
    matcher.maintain()
    assert matcher.sizes() == (0, 1)


@pytest.mark.usefixtures("lazy")
def test_every_write_is_seen_by_the_next_query_while_others_write_and_parts_are_made() -> None:
    matcher, startups, tenders = loaded()
    stop = threading.Event()

    def maintain() -> int:
        done = 0
        while not stop.is_set():
            done += matcher.maintain()
        return done

    def write(lane: int) -> dict[str, StartupDoc]:
        mine: dict[str, StartupDoc] = {}
        for turn in range(60):
            doc = startup(100 * lane + turn % 25, 10_000 * lane + turn)
            mine[doc.id] = doc
            matcher.upsert_startups([doc])
            own = replace(ANY_COUNTRY, only=frozenset({doc.id}))
            (found,) = matcher.startups_for(QUERIES[0], k=3, gates=own, with_reasons=False).items
            assert found.startup_id == doc.id
            if turn % 7 == 0:
                del mine[doc.id]
                matcher.remove_startups([doc.id])
                assert matcher.startups_for(QUERIES[0], k=3, gates=own).items == ()
        return mine

    with ThreadPoolExecutor(4) as pool:
        maintaining = pool.submit(maintain)
        written = [pool.submit(write, lane) for lane in (1, 2, 3)]
        try:
            for lane in written:
                startups |= lane.result()
        finally:
            stop.set()
        assert maintaining.result() > 0
    assert answers(matcher) == afresh(matcher, startups, tenders)


@pytest.mark.usefixtures("lazy")
def test_parts_stay_few_and_the_dead_do_not_stay() -> None:
    matcher, _, _ = loaded()
    for n in range(200):
        matcher.upsert_startups([startup(n, n)])
        while matcher.maintain():
            pass
        assert len(matcher._store.snapshot.startups.parts) <= 6
    matcher.remove_startups([f"s{n:03}" for n in range(150)])
    while matcher.maintain():
        pass
    view = matcher._store.snapshot.startups
    assert sum(len(part.segment.ids) for part in view.all_parts()) < 1.5 * len(view)


def test_a_crowd_of_equals_is_ordered_by_id_over_parts_and_blocks() -> None:
    count = 70_000  # more than a block of postings holds
    matcher, _, _ = loaded()
    inside, algorithm = matcher._store.snapshot, matcher.algorithm
    one = inside.startups.parts[0].segment.take(np.zeros(count, np.int64))
    ids = [f"e{n:05}" for n in range(count)]
    odd, even = (replace(one.take(np.arange(n, count, 2)), ids=tuple(ids[n::2])) for n in (1, 0))
    parts = [sealed(segment, inside.idf, algorithm) for segment in (odd, even)]
    rows = matcher._store.segmenter.tenders(QUERIES[:1], inside.vocabulary).weighted(inside.idf).units
    allowed = [part.alive for part in parts]
    positions = nearest(parts, allowed, question(rows, 0, inside.idf), inside.idf.channels, 501)
    found = [part.segment.ids[int(at)] for part, mine in zip(parts, positions, strict=True) for at in mine]
    assert sorted(found) == ids[:501]


def test_a_crowd_of_equals_that_was_just_written_is_ordered_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAIL_LIMIT", 10_000)
    matcher, _, _ = loaded()
    ids = [f"e{n:04}" for n in range(RERANK + 300)]
    matcher.load(startups=[startup(n, 1) for n in range(2 * len(ids))])
    matcher.upsert_startups([StartupDoc(each, "S", " ".join(WORDS)) for each in reversed(ids)])
    found = matcher.startups_for(TenderDoc("all", " ".join(WORDS)), k=5, with_reasons=False)
    assert [item.startup_id for item in found.items] == ids[:5]
