"""The facade: one score for a pair whoever asks, reasons that add up, gates, changes, order."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import Matcher, UnknownAlgorithm, list_algorithms
from matching.types import (
    Amount,
    Gates,
    Grade,
    Label,
    LotDoc,
    MatchResult,
    ReferenceDoc,
    StartupDoc,
    StartupFilter,
    TenderDoc,
    TenderFilter,
)  # fmt: skip

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)

STARTUPS = (
    StartupDoc("s-web", "Toile", "Création de sites web et d'applications mobiles", country="MA", city="Rabat"),
    StartupDoc("s-sun", "Chams", "Installation de panneaux solaires et pompage", country="MA", regions=("Souss-Massa",),
               cpv=("09331200",), employees=12, languages=("fr", "ar"), labels=(Label("Jeune entreprise"),)),
    StartupDoc("s-fr", "Lyon Numérique", "Développement de sites web pour les communes", country="FR", employees=80),
    StartupDoc("s-won", "Ancienne", "Société de services", country="MA",
               references=(ReferenceDoc("Entretien des espaces verts", cpv=("77310000",), date=dt.date(2025, 5, 1)),
                           ReferenceDoc("Refonte du portail web de la ville", buyer="Ville de Fès"))),
)  # fmt: skip
TENDERS = (
    TenderDoc("t-web", "Refonte du site web de la commune", buyer="Ville de Fès", country="MA", place="Rabat",
              deadline=NOW + dt.timedelta(days=9), category="services", value=Amount(Decimal(300000), "MAD")),
    TenderDoc("t-sun", "Fourniture de panneaux solaires", country="MA", cpv=("09331200-0",), category="goods",
              deadline=NOW - dt.timedelta(days=1)),
    TenderDoc("t-lots", "Équipement du centre", country="MA",
              lots=(LotDoc("1", "Mobilier de bureau"), LotDoc("2", "Pompage solaire", cpv=("09331200",)))),
)  # fmt: skip


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    matcher = Matcher()
    matcher.load(tenders=TENDERS, startups=STARTUPS)
    return matcher


def total(result: MatchResult) -> float:
    return sum(reason.contribution for reason in result.reasons)


class TestOneScore:
    def test_a_pair_has_the_same_score_from_both_sides_and_alone(self, matcher: Matcher) -> None:
        free = Gates(same_country=False)
        from_tender = {
            (t.id, r.startup_id): r.score for t in TENDERS for r in matcher.startups_for(t, k=9, gates=free).items
        }
        from_startup = {
            (r.tender_id, s.id): r.score for s in STARTUPS for r in matcher.tenders_for(s, k=9, gates=free).items
        }
        alone = {(t.id, s.id): matcher.explain(t, s).score for t in TENDERS for s in STARTUPS}
        assert from_tender == from_startup == alone

    def test_an_unregistered_startup_scores_as_when_registered_under_the_same_basis(self) -> None:
        known = Matcher()
        known.load(tenders=TENDERS, startups=STARTUPS)
        without = Matcher(basis=known.basis)
        assert without.explain(TENDERS[0], STARTUPS[0]) == known.explain(TENDERS[0], STARTUPS[0])
        without.load(startups=STARTUPS[:1])
        assert without.explain(TENDERS[0], STARTUPS[0]) == known.explain(TENDERS[0], STARTUPS[0])
        assert without.basis == known.basis

    def test_the_best_lot_counts_and_is_named(self, matcher: Matcher) -> None:
        assert matcher.startups_for(TENDERS[2], k=1).items[0].startup_id == "s-sun"
        assert matcher.startups_for(TENDERS[2], k=1).items[0].lot_id == "2"
        assert {r.tender_id: r.lot_id for r in matcher.tenders_for(STARTUPS[1], k=3).items}["t-lots"] == "2"


class TestReasons:
    def test_they_add_up_to_the_score(self, matcher: Matcher) -> None:
        for tender in TENDERS:
            for result in matcher.startups_for(tender, k=9).items:
                assert total(result) == pytest.approx(result.score, abs=1e-9)

    def test_a_word_is_shown_where_it_stands_in_both_texts(self, matcher: Matcher) -> None:
        result = matcher.explain(TENDERS[0], STARTUPS[0])
        word = next(r for r in result.reasons if r.code == "text.term" and r.term == "web")
        span, other = word.in_tender[0], word.in_startup[0]
        assert (span.field, span.text) == ("title", TENDERS[0].title[span.start : span.end])
        assert (other.field, other.text) == ("description", "web")

    def test_a_past_win_is_named(self, matcher: Matcher) -> None:
        result = matcher.explain(TENDERS[0], STARTUPS[3])
        win = next(r for r in result.reasons if r.code == "reference.similar")
        assert win.facts["title"] == "Refonte du portail web de la ville"
        assert win.in_startup[0].item == 1

    def test_without_reasons_the_scores_are_the_same(self, matcher: Matcher) -> None:
        shown = matcher.startups_for(TENDERS[0], k=4)
        bare = matcher.startups_for(TENDERS[0], k=4, with_reasons=False)
        assert [(r.startup_id, r.score) for r in shown.items] == [(r.startup_id, r.score) for r in bare.items]
        assert all(not r.reasons for r in bare.items)

    words = st.sampled_from(
        [
            "site",
            "web",
            "mobile",
            "solaire",
            "pompage",
            "entretien",
            "réseau",
            "formation",
            "سيبراني",
            "الويب",
            "portal",
            "the",
            "de",
            "😀",
        ]
    )
    texts = st.lists(words, max_size=12).map(" ".join)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        title=texts, lot=texts, about=texts, win=texts, cpv=st.sampled_from(["", "09331200", "7", "45000000-7", "x"])
    )
    def test_they_add_up_whatever_the_texts(
        self, matcher: Matcher, title: str, lot: str, about: str, win: str, cpv: str
    ) -> None:
        tender = TenderDoc("t", title, cpv=(cpv,), lots=(LotDoc("l", lot),), place="Rabat", buyer="Ville de Fès")
        startup = StartupDoc("s", "S", about, cpv=(cpv,), city="Rabat", references=(ReferenceDoc(win, cpv=(cpv,)),))
        result = matcher.explain(tender, startup)
        assert total(result) == pytest.approx(result.score, abs=1e-9)


class TestGates:
    def test_a_closed_tender_is_removed_and_an_unknown_deadline_passes_marked(self, matcher: Matcher) -> None:
        ranking = matcher.tenders_for(STARTUPS[1], k=9, gates=Gates(as_of=NOW))
        assert ranking.gated == {"deadline": 1}
        assert {r.tender_id: r.unknown for r in ranking.items} == {"t-web": (), "t-lots": ("deadline",)}
        assert ranking.considered == 2

    def test_a_closed_tender_has_no_candidates(self, matcher: Matcher) -> None:
        ranking = matcher.startups_for(TENDERS[1], k=9, gates=Gates(as_of=NOW))
        assert (ranking.items, ranking.gated) == ((), {"deadline": 4})

    def test_two_known_countries_must_agree(self, matcher: Matcher) -> None:
        ranking = matcher.startups_for(TENDERS[0], k=9)
        assert ranking.gated == {"country": 1}
        assert "s-fr" not in {r.startup_id for r in ranking.items}

    def test_gates_act_before_the_cut_so_that_k_results_remain(self) -> None:
        matcher = Matcher()
        crowd = [StartupDoc(f"a{n:04}", "A", "sites web sites web portail web", country="FR") for n in range(1500)]
        few = [StartupDoc(f"z{n}", "Z", "menuiserie", country="MA") for n in range(3)]
        matcher.load(startups=[*crowd, *few])
        ranking = matcher.startups_for(TENDERS[0], k=3)
        assert [r.startup_id for r in ranking.items] == ["z0", "z1", "z2"]
        assert ranking.gated == {"country": 1500}

    @pytest.mark.parametrize(
        ("wanted", "left", "unknown"),
        [
            (StartupFilter(min_employees=20), {"s-fr", "s-web", "s-won"}, ("employees",)),
            (StartupFilter(languages=frozenset({"AR"})), {"s-sun"}, None),
            (StartupFilter(labels=frozenset({"jeune ENTREPRISE"})), {"s-sun"}, None),
            (StartupFilter(regions=frozenset({"souss massa"})), {"s-sun", "s-fr", "s-won"}, ("regions",)),
            (StartupFilter(certifications=frozenset({"ISO 27001"})), set(), None),
        ],
    )
    def test_a_buyers_filters(
        self, matcher: Matcher, wanted: StartupFilter, left: set[str], unknown: tuple[str, ...] | None
    ) -> None:
        ranking = matcher.startups_for(TENDERS[0], k=9, gates=Gates(same_country=False, startups=wanted))
        assert {r.startup_id for r in ranking.items} == left
        assert sum(ranking.gated.values()) == len(STARTUPS) - len(left)
        if unknown is not None:
            assert {r.unknown for r in ranking.items} >= {unknown}

    @pytest.mark.parametrize(
        ("wanted", "left"),
        [
            (TenderFilter(categories=frozenset({"goods"})), {"t-sun", "t-lots"}),
            (TenderFilter(min_value=Decimal(500000), currency="MAD"), {"t-sun", "t-lots"}),
            (TenderFilter(min_value=Decimal(500000), currency="EUR"), {"t-web", "t-sun", "t-lots"}),
            (TenderFilter(reserved_sme=True), {"t-web", "t-sun", "t-lots"}),
        ],
    )
    def test_a_startups_filters(self, matcher: Matcher, wanted: TenderFilter, left: set[str]) -> None:
        ranking = matcher.tenders_for(STARTUPS[0], k=9, gates=Gates(tenders=wanted))
        assert {r.tender_id for r in ranking.items} == left

    def test_lists_of_ids_and_the_lowest_grade(self, matcher: Matcher) -> None:
        only = matcher.startups_for(TENDERS[0], k=9, gates=Gates(only=frozenset({"s-web", "nobody"})))
        assert [r.startup_id for r in only.items] == ["s-web"]
        without = matcher.startups_for(TENDERS[0], k=9, gates=Gates(exclude=frozenset({"s-web"})))
        assert "s-web" not in {r.startup_id for r in without.items}
        graded = matcher.startups_for(TENDERS[1], k=9, gates=Gates(min_grade=Grade.POSSIBLE))
        assert all(r.grade is not Grade.NONE for r in graded.items)
        assert graded.gated["grade"] == 3 - len(graded.items)


class TestChanges:
    def test_a_changed_profile_is_found_by_the_next_query(self) -> None:
        matcher = Matcher()
        matcher.load(tenders=TENDERS, startups=STARTUPS)
        matcher.upsert_startups([StartupDoc("s-won", "Ancienne", "Refonte du site web de la commune", country="MA")])
        assert matcher.startups_for(TENDERS[0], k=1).items[0].startup_id == "s-won"
        matcher.remove_startups(["s-won", "never-there"])
        assert "s-won" not in {r.startup_id for r in matcher.startups_for(TENDERS[0], k=9).items}
        assert matcher.sizes() == (3, 3)

    def test_growing_from_nothing_ends_as_loading_at_once(self) -> None:
        grown, loaded = Matcher(), Matcher()
        trades = ["sites web", "panneaux solaires", "mobilier", "formation", "réseaux", "conseil"]
        many = [StartupDoc(f"s{n:03}", "S", f"{trades[n % 6]} {trades[n * 7 % 5]}", country="MA") for n in range(64)]
        for startup in many:
            grown.upsert_startups([startup])
        loaded.load(startups=many)
        assert grown.sizes() == loaded.sizes() == (0, 64)
        grown.compact()
        scores = [{r.startup_id: r.score for r in m.startups_for(TENDERS[0], k=64).items} for m in (grown, loaded)]
        assert scores[0] == pytest.approx(scores[1], abs=1e-6)

    def test_many_changes_to_one_side_fold_its_tail_in(self) -> None:
        matcher = Matcher()
        matcher.load(startups=[StartupDoc(f"s{n}", "S", "menuiserie", country="MA") for n in range(400)])
        for n in range(60):
            matcher.upsert_tenders([TenderDoc(f"t{n % 40}", f"Refonte du site web numéro {n}", country="MA")])
            matcher.remove_tenders([f"t{n % 7}"])
        tenders, _ = matcher.sizes()
        ranking = matcher.tenders_for(STARTUPS[0], k=99)
        assert len(ranking.items) == tenders == len({r.tender_id for r in ranking.items})
        for result in ranking.items:
            tender = TenderDoc(result.tender_id, "Refonte du site web numéro", country="MA")
            assert matcher.explain(tender, STARTUPS[0]).score == pytest.approx(result.score, abs=1e-6)

    def test_queries_go_on_while_others_write(self, matcher: Matcher) -> None:
        busy = Matcher()
        busy.load(tenders=TENDERS, startups=STARTUPS)
        stop = threading.Event()

        def ask() -> bool:
            while not stop.is_set():
                scores = [r.score for r in busy.startups_for(TENDERS[0], k=3).items]
                assert scores == sorted(scores, reverse=True)
            return True

        with ThreadPoolExecutor(3) as pool:
            asking = [pool.submit(ask) for _ in range(3)]
            for n in range(60):
                busy.upsert_startups([StartupDoc(f"n{n}", "N", f"site web numéro mot{n}", country="MA")])
            stop.set()
            assert all(answer.result() for answer in asking)
        assert busy.sizes() == (3, 64)


class TestOrder:
    def test_ties_are_broken_by_id_in_any_order_of_arrival(self) -> None:
        matcher = Matcher()
        same = [StartupDoc(f"s{n:02}", "S", "sites web", country="MA") for n in range(40)]
        matcher.load(startups=same[20:])
        matcher.upsert_startups(reversed(same[:20]))
        ids = [r.startup_id for r in matcher.startups_for(TENDERS[0], k=10).items]
        assert ids == [s.id for s in same[:10]]

    def test_a_profile_stuffed_with_keywords_does_not_win(self) -> None:
        honest = StartupDoc(
            "honest", "Toile", "Refonte et maintenance de sites web de communes et de villes", country="MA"
        )
        trades = (
            "plomberie mobilier restauration transport nettoyage jardinage peinture solaire drones textile bois vidéo"
        )
        stuffed = StartupDoc("stuffed", "Tout", f"site web commune refonte {trades} " * 40, country="MA")
        repeated = StartupDoc("repeated", "Web", "web " * 400, country="MA")
        matcher = Matcher()
        others = [StartupDoc(f"o{n}", "O", f"Société de {word}", country="MA") for n, word in enumerate(trades.split())]
        matcher.load(startups=[honest, stuffed, repeated, *others])
        assert matcher.startups_for(TENDERS[0], k=1).items[0].startup_id == "honest"


def test_algorithms_describe_themselves() -> None:
    (info,) = list_algorithms()
    assert {signal.code for signal in info.signals} >= {"text.term", "text.concept", "reference.similar"}
    assert all(len(signal.description) > 20 for signal in info.signals)
    grades = [info.grades[grade] for grade in (Grade.STRONG, Grade.GOOD, Grade.POSSIBLE)]
    assert grades == sorted(grades, reverse=True)


def test_an_unknown_algorithm_is_refused_by_name() -> None:
    with pytest.raises(UnknownAlgorithm, match=r"'magic'.*profile"):
        Matcher("magic")
