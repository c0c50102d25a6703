"""The compiled analyser against the plain Python that says what it must do: the same features, the same counts."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.files.to_matching import startup_doc, tender_doc
from app.sample import sample_startups, sample_tenders
from matching import modes
from matching.analysis import surfaces
from matching.analysis.analyser import Analyser, analyser_of
from matching.analysis.batches import Batch
from matching.analysis.strings import text_of
from matching.cpv import CpvTable
from matching.extraction import Extractor
from matching.lexicon import default_lexicon
from matching.modes import default_modes
from matching.text import MAX_CHARS, analyse
from matching.trades import default_trades
from matching.types import LotDoc, ReferenceDoc, StartupDoc, TenderDoc
from matching.vectorizer import Bag, Rows, Vocabulary

LEXICON, TRADES = default_lexicon(), default_trades()
ANALYSER = analyser_of(LEXICON, TRADES)
PLAIN = Extractor(LEXICON, TRADES)

FORMS = sorted(
    {form for concept in LEXICON.concepts for forms in concept.forms.values() for form in forms}
    | {form for concept in LEXICON.concepts for form in (*concept.acronyms, *concept.context)}
    | {form for intent in LEXICON.intents for forms in intent.forms.values() for form in forms},
)
ODD = [
    *".,;:!?'’\"()[]{}/|•\n\r\t -–—_+#@", "\u200f", "\u202b", "\u202c", "\u2067", "\u2069", "\u0640", "\u0301", "\u00ad",
    "😀", "👩‍👩‍👧", "\U0001d400", "\U00020000", "x" * 200, "x" * 201, "C++", "c#", ".NET", ".NET_", ".net", "A.B.C", "A.B.",
    "S.I.G.", "e-gov", "m-x", "e-12a", "E-santé", "ﷺ", "１２", "4Ｇ", "\x00", "\ud800", "ß", "İ", "ﬁn", "de la", "the of",
    " - ", " – ", "\n- ", "SI", "DE", "lot", "3awtani khdemt", "au profit du ministère", "on behalf of", "لفائدة", "في إطار",
    "de l'Agence nationale", "المكتب الوطني", "et", "dans", "pour", "في", "a\u0301" * 90,
]  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(FORMS), st.sampled_from(FORMS).map(str.upper), st.sampled_from(ODD), st.sampled_from(ODD),
    st.text(max_size=6), st.text(alphabet=st.characters(min_codepoint=0x600, max_codepoint=0x6FF), max_size=6),
)  # fmt: skip
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from(["", " ", " ", " "])), max_size=20).map(
    lambda parts: "".join(part + gap for part, gap in parts)
)
STARTUPS = st.builds(
    StartupDoc, id=st.just("s"), name=TEXTS, description=TEXTS, sectors=st.tuples(TEXTS), technologies=st.tuples(TEXTS),
    cpv=st.sampled_from([(), ("72000000",), ("4521", "bad")]), city=TEXTS, country=st.sampled_from([None, "MA", "FR"]),
    languages=st.sampled_from([(), ("en",), ("fr",), ("ar", "fr")]),
    references=st.lists(
        st.builds(ReferenceDoc, title=TEXTS, buyer=TEXTS, place=TEXTS, cpv=st.sampled_from([(), ("48000000-8",)])),
        max_size=2,
    ).map(tuple),
)  # fmt: skip
TENDERS = st.builds(
    TenderDoc, id=st.just("t"), title=TEXTS, description=TEXTS, buyer=TEXTS, activities=st.tuples(TEXTS), place=TEXTS,
    language=st.sampled_from([None, "fr", "en"]), cpv=st.sampled_from([(), ("30200000",)]), country=st.just("FR"),
    lots=st.lists(st.builds(LotDoc, id=st.just("l"), title=TEXTS, description=TEXTS), max_size=2).map(tuple),
)  # fmt: skip


def by_name(rows: Rows, vocabulary: Vocabulary) -> list[dict[str, float]]:
    """Sublinear counts of each row under the names of its features."""
    assert all(np.all(np.diff(rows.ids[a:b]) > 0) for a, b in zip(rows.ptr[:-1], rows.ptr[1:], strict=True))
    names = [vocabulary.term(int(number)) for number in rows.ids]
    values = rows.tf.tolist()
    return [dict(zip(names[a:b], values[a:b], strict=True)) for a, b in zip(rows.ptr[:-1], rows.ptr[1:], strict=True)]


def assert_equal(found: Sequence[Mapping[str, float]], bags: Sequence[Bag]) -> None:
    assert len(found) == len(bags)
    for got, bag in zip(found, bags, strict=True):
        assert got.keys() == bag.features.keys()
        for key, count in bag.features.items():
            expected = 1.0 + math.log(count) if count >= 1.0 else count
            assert got[key] == pytest.approx(expected, rel=1e-6), key


def test_the_sample_set_has_the_same_rows() -> None:
    startups = [startup_doc(record) for record in sample_startups()]
    tenders = [tender_doc(record) for record in sample_tenders(dt.date(2026, 1, 1))]
    vocabulary = Vocabulary()
    units, wins = ANALYSER.startups(startups, vocabulary, grow=True)
    assert_equal(by_name(units, vocabulary), [PLAIN.startup(doc) for doc in startups])
    assert_equal(by_name(wins, vocabulary), [bag for doc in startups for bag in PLAIN.references(doc)])
    asked = ANALYSER.tenders(tenders, vocabulary, grow=True)
    assert_equal(by_name(asked, vocabulary), [bag for doc in tenders for bag in PLAIN.tender(doc)])


@settings(max_examples=150)
@given(startup=STARTUPS)
def test_any_startup_has_the_same_rows(startup: StartupDoc) -> None:
    vocabulary = Vocabulary()
    units, wins = ANALYSER.startups([startup], vocabulary, grow=True)
    assert_equal(by_name(units, vocabulary), [PLAIN.startup(startup)])
    assert_equal(by_name(wins, vocabulary), PLAIN.references(startup))


@settings(max_examples=250)
@given(tender=TENDERS)
def test_any_tender_has_the_same_rows(tender: TenderDoc) -> None:
    vocabulary = Vocabulary()
    assert_equal(by_name(ANALYSER.tenders([tender], vocabulary, grow=True), vocabulary), PLAIN.tender(tender))


CODED = CpvTable.of({
    "72000000": {"fr": "Application mobile de comptage", "en": "Mobile app that counts"},
    "48000000": {"en": "Packaged software for hospitals"},
    "30200000": {"fr": "Matériel, au profit du public", "ar": "حواسيب"},
    "45210000": {"fr": "Bâtir"},
})  # fmt: skip
LABELLED, PLAIN_LABELLED = Analyser(LEXICON, TRADES, CODED), Extractor(LEXICON, TRADES, CODED)


@given(startup=STARTUPS, tender=TENDERS)
def test_labels_of_codes_say_the_same(startup: StartupDoc, tender: TenderDoc) -> None:
    vocabulary = Vocabulary()
    units, wins = LABELLED.startups([startup], vocabulary, grow=True)
    assert_equal(by_name(units, vocabulary), [PLAIN_LABELLED.startup(startup)])
    assert_equal(by_name(wins, vocabulary), PLAIN_LABELLED.references(startup))
    asked = LABELLED.tenders([tender], vocabulary, grow=True)
    assert_equal(by_name(asked, vocabulary), PLAIN_LABELLED.tender(tender))


@given(startup=STARTUPS, tender=TENDERS)
def test_bags_are_those_of_the_specification(startup: StartupDoc, tender: TenderDoc) -> None:
    for bag, plain in zip(
        (ANALYSER.startup(startup), *ANALYSER.tender(tender)),
        (PLAIN.startup(startup), *PLAIN.tender(tender)),
        strict=True,
    ):
        assert bag.features == pytest.approx(dict(plain.features))


def test_a_batch_counts_what_is_read_not_what_is_cut() -> None:
    batch = Batch()
    for _ in range(3):  # the title of a tender is read again for each of its lots, and memory goes by that
        batch.passage("Fourniture", 1.0, None)
    assert batch.characters == 30
    assert text_of(batch.text()[0]) == "Fourniture"


@given(text=TEXTS)
def test_plain_texts_count_words_and_concepts_as_often_as_they_stand(text: str) -> None:
    vocabulary = Vocabulary()
    counts = Counter(ANALYSER.terms(text))
    assert_equal(by_name(ANALYSER.texts([text], vocabulary, grow=True), vocabulary), [Bag(counts)])
    tokens = analyse(text)
    words = Counter("w:" + token.key for token in tokens if not token.weak)
    named = Counter("c:" + LEXICON.concepts[mention.concept].id for mention in LEXICON.mentions(tokens))
    assert counts == words + named


@given(tender=TENDERS)
def test_places_are_where_the_words_stand(tender: TenderDoc) -> None:
    places = ANALYSER.tender_places([(TenderDoc("u", "Autre avis"), None), (tender, None)])[1]
    fields = {"title": tender.title, "description": tender.description, "activities": tender.activities[0]}
    expected: dict[str, list[tuple[str, int, int]]] = {}
    for field, text in fields.items():
        for token in analyse(text, tender.language):
            if not token.weak:
                expected.setdefault("w:" + token.key, []).append((field, token.start, token.end))
    for key, standing in expected.items():
        assert [(span.field, span.start, span.end) for span in places.of(key)] == standing[:5]
    for key in PLAIN.tender(tender)[0].features:
        if key[0] in "wcti" and not tender.cpv:  # a code brings concepts that stand nowhere
            assert places.of(key), key
        for span in places.of(key):
            assert fields[span.field][span.start : span.end] == span.text != ""


def test_a_query_numbers_nothing_and_leaves_out_what_is_unknown() -> None:
    vocabulary = Vocabulary(["w:web", "c:no_such_concept"])
    rows = ANALYSER.texts(["site web inconnuissime"], vocabulary, grow=False)
    assert by_name(rows, vocabulary) == [{"w:web": 1.0}]
    assert len(vocabulary) == 2
    vocabulary.add(["w:sit"])
    assert by_name(ANALYSER.texts(["site web"], vocabulary, grow=False), vocabulary) == [{"w:web": 1.0, "w:sit": 1.0}]


def test_two_vocabularies_are_numbered_apart() -> None:
    one, other = Vocabulary(), Vocabulary(["w:réservé"])
    texts = ["réseaux informatiques", "site web"]
    assert by_name(ANALYSER.texts(texts, one, grow=True), one) == by_name(
        ANALYSER.texts(texts, other, grow=True), other
    )


def test_what_one_has_numbered_another_finds_under_the_same_numbers() -> None:
    vocabulary = Vocabulary()
    text = "Formation et développement d'un site web de télémédecine, صيانة الشبكة المعلوماتية"
    tender = TenderDoc("t", text, cpv=("72212000",), place="Rabat", country="MA", buyer="Commune d'Exemple")
    rows = ANALYSER.tenders([tender], vocabulary, grow=True)
    assert {term[0] for term in vocabulary.terms()} >= set("wcpbi")
    loaded = Vocabulary(["w:autre", *vocabulary.terms()])
    found = Analyser(LEXICON, TRADES).tenders([tender], loaded, grow=False)
    assert (found.ids - 1).tolist() == rows.ids.tolist()
    assert found.tf.tolist() == rows.tf.tolist()


def test_a_full_table_is_begun_anew_and_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surfaces, "MAX_SURFACES", 50)
    analyser, vocabulary = Analyser(LEXICON, TRADES), Vocabulary()
    texts = [f"audit de sécurité numéro{n} du réseau{n} informatique" for n in range(40)]
    found = [by_name(analyser.texts([text], vocabulary, grow=True), vocabulary)[0] for text in texts]
    assert analyser.surfaces <= 60
    assert_equal(found, [Bag(Counter(ANALYSER.terms(text))) for text in texts])


def test_a_table_grows_with_what_it_is_given() -> None:
    analyser, vocabulary = Analyser(LEXICON, TRADES), Vocabulary()
    text = " ".join(f"mot{n}" for n in range(30_000))
    rows = analyser.texts([text], vocabulary, grow=True)
    assert analyser.surfaces > 15_000
    assert set(by_name(rows, vocabulary)[0]) == {"w:" + token.key for token in analyse(text)}
    assert rows.tf.tolist() == analyser.texts([text], vocabulary, grow=False).tf.tolist()


def test_texts_longer_than_the_limit_are_cut_where_the_specification_cuts() -> None:
    text = "a" * (MAX_CHARS - 3) + " réseau informatique"
    assert ANALYSER.terms(text) == ["w:" + token.key for token in analyse(text)]


def test_many_threads_read_what_one_reads() -> None:
    texts = [f"logiciel libre{n % 97} pour la commune{n % 89} et le réseau{n}" for n in range(2_000)]
    alone, together = Vocabulary(), Vocabulary()
    expected = by_name(Analyser(LEXICON, TRADES).texts(texts, alone, grow=True), alone)
    shared = Analyser(LEXICON, TRADES)
    parts = [texts[n : n + 50] for n in range(0, len(texts), 50)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda part: shared.texts(part, together, grow=True), parts))
    assert [row for rows in found for row in by_name(rows, together)] == expected


@given(startups=st.lists(STARTUPS, max_size=4), phrase=st.sampled_from(sorted(default_modes().phrases)))
def test_modes_are_told_as_the_specification_tells_them(startups: list[StartupDoc], phrase: tuple[str, ...]) -> None:
    saying = StartupDoc("m", "Exemple", "Nous sommes " + " ".join(phrase) + ", " + " ".join(phrase).upper() + " à part")
    docs = [*startups, saying]
    assert ANALYSER.service_shares(docs).tolist() == pytest.approx([modes.service_share(doc) for doc in docs])
    for mode in (modes.SERVICE, modes.PRODUCT):
        for doc, places in zip(docs, ANALYSER.startup_places(docs), strict=True):
            assert places.of_mode(mode) == modes.places(doc, mode)[:5]
