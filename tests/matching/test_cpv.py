"""Labels of codes: what they say of a document, and how a reason tells that they did."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching import ArtifactMismatch, Matcher
from matching.cpv import CpvLabels, CpvTable
from matching.extraction import Extractor
from matching.lexicon import default_lexicon
from matching.trades import default_trades
from matching.types import LotDoc, MatchResult, Reason, ReferenceDoc, StartupDoc, TenderDoc

TABLE = CpvTable.of({
    "72000000": {"fr": "Prestations informatiques", "en": "Computing work"},
    "72210000": {"fr": "Programmation de fuitomètres", "en": "Programming of leak meters"},
    "72212100": {"fr": "Application mobile de fuitométrie"},
})  # fmt: skip
TENDER = TenderDoc(id="t", title="Marché annuel", cpv=("72210000-0",), country="FR")
TELLS = StartupDoc(id="tells", name="A", description="Nous vendons des fuitomètres.", country="FR")
CODED = StartupDoc(
    id="coded", name="B", country="FR", references=(ReferenceDoc(title="Lot unique", cpv=("72210000",)),)
)


def bag(doc: TenderDoc, table: CpvTable | None = TABLE) -> dict[str, float]:
    return dict(Extractor(default_lexicon(), default_trades(), table).tender(doc)[0].features)


def explained(startup: StartupDoc, tender: TenderDoc = TENDER) -> MatchResult:
    matcher = Matcher(cpv=TABLE)
    matcher.load(tenders=[tender], startups=[TELLS, CODED])
    return matcher.explain(tender, startup)


def of_code(result: MatchResult, code: str) -> list[Reason]:
    return [reason for reason in result.reasons if reason.code == code]


def test_the_words_of_a_label_share_half_a_word() -> None:
    added = {key: count for key, count in bag(TENDER).items() if key not in bag(TENDER, None)}
    words = {key: count for key, count in added.items() if key.startswith("w:")}
    assert words == dict.fromkeys(("w:programm", "w:fuitometr", "w:program", "w:leak", "w:meter"), 0.25)
    assert not {key[0] for key in added} - set("wct")


def test_levels_above_a_code_say_nothing() -> None:
    labels = CpvLabels(TABLE, default_lexicon())
    assert labels.said("72212100").words
    assert not labels.said("72219999").words
    above = {word for word, _ in labels.said("72000000").words}
    assert not above & {word for word, _ in labels.said("72212100").words}


@pytest.mark.parametrize("code", ["72000000", "72000000-5", "72", "720"])
def test_a_code_is_known_however_it_is_written(code: str) -> None:
    assert TABLE.of_code(code)["fr"] == "Prestations informatiques"


@pytest.mark.parametrize("code", ["", "7", "x", "99999999"])
def test_what_is_no_code_of_the_table_has_no_label(code: str) -> None:
    assert TABLE.of_code(code) == {}
    assert TABLE.facts(code) == {}


def test_a_concept_of_a_label_lends_to_those_above_it() -> None:
    lexicon = default_lexicon()
    of_mobile = lexicon.number["mobile_application"]
    said = dict(CpvLabels(TABLE, lexicon).said("72212100").concepts)
    assert said[of_mobile] == 0.5
    features = bag(TenderDoc(id="t", title="Lot", cpv=("72212100",)))
    for above, factor in lexicon.ancestors[of_mobile]:
        assert features["c:" + lexicon.concepts[above].id] >= 0.5 * factor


def test_without_a_table_nothing_changes() -> None:
    plain = Extractor(default_lexicon(), default_trades())
    assert bag(TENDER, None) == plain.tender(TENDER)[0].features
    assert bag(TENDER, CpvTable.of({})) == plain.tender(TENDER)[0].features


def test_a_label_brings_a_pair_together_and_says_so() -> None:
    found = explained(TELLS)
    term = next(reason for reason in of_code(found, "text.term") if reason.in_startup)
    assert term.in_tender == ()
    assert term.in_startup[0].text == "fuitomètres"
    assert term.facts["tender_cpv"] == "72210000"
    assert term.facts["tender_cpv_label_fr"] == "Programmation de fuitomètres"
    assert term.facts["tender_cpv_label_ar"] == "Programmation de fuitomètres"  # the table has no Arabic
    assert not [name for name in term.facts if name.startswith("startup_cpv")]


def test_a_past_win_speaks_by_its_code() -> None:
    tender = TenderDoc(id="t", title="Achat de fuitomètres", country="FR")
    term = of_code(explained(CODED, tender), "text.term")[0]
    assert term.in_startup == ()
    assert term.in_tender[0].text == "fuitomètres"
    assert term.facts["startup_cpv_label_en"] == "Programming of leak meters"


def test_the_codes_of_a_lot_are_its_own() -> None:
    lots = (LotDoc(id="l", title="Premier lot", cpv=("72210000",)),)
    tender = TenderDoc(id="t", title="Marché", cpv=("72000000",), lots=lots, country="FR")
    found = explained(TELLS, tender)
    assert found.lot_id == "l"
    assert of_code(found, "text.term")[0].facts["tender_cpv"] == "72210000"


def test_a_shared_code_is_named() -> None:
    shared = of_code(explained(CODED), "cpv.shared")[0]
    assert shared.facts["label_fr"] == "Programmation de fuitomètres"
    assert shared.facts["label_en"] == "Programming of leak meters"


def test_the_score_is_still_the_sum_of_its_reasons() -> None:
    matcher = Matcher(cpv=TABLE)
    matcher.load(tenders=[TENDER], startups=[TELLS, CODED])
    ranking = matcher.startups_for(TENDER, k=5)
    assert {item.startup_id for item in ranking.items} == {"tells", "coded"}
    for item in ranking.items:
        again = matcher.explain(TENDER, {"tells": TELLS, "coded": CODED}[item.startup_id])
        assert again.score == pytest.approx(item.score, abs=1e-9)


def test_a_kept_index_is_of_its_table(tmp_path: Path) -> None:
    matcher = Matcher(cpv=TABLE)
    matcher.load(tenders=[TENDER], startups=[TELLS])
    matcher.save(tmp_path)
    assert Matcher.open(tmp_path, cpv=TABLE).sizes() == (1, 1)
    for other in (None, CpvTable.of({"72000000": {"fr": "Autre"}})):
        with pytest.raises(ArtifactMismatch):
            Matcher.open(tmp_path, cpv=other)
    Matcher().save(tmp_path)
    with pytest.raises(ArtifactMismatch):
        Matcher.open(tmp_path, cpv=TABLE)


def test_the_version_is_that_of_the_content() -> None:
    labels = {code: dict(TABLE.labels[code]) for code in sorted(TABLE.labels, reverse=True)}
    assert CpvTable.of(labels) == TABLE
    labels["72000000"]["fr"] += "!"
    assert CpvTable.of(labels) != TABLE
