import datetime as dt
import importlib
import pkgutil
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from app.kit import errors, i18n
from matching.features import SIGNALS

ARABIC = re.compile(r"[\u0600-\u06ff]")


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_the_catalogues_hold_the_same_keys_and_facts(lang):
    english, other = i18n.catalogue("en"), i18n.catalogue(lang)
    assert other.keys() == english.keys()
    assert {key: i18n.placeholders(text) for key, text in other.items()} == {
        key: i18n.placeholders(text) for key, text in english.items()
    }
    assert all(text.strip() for text in other.values())


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_what_is_counted_has_every_form_of_the_language(lang):
    assert i18n.counted(lang).keys() == i18n.counted("en").keys() != set()
    forms = {"ar": 6, "fr": 2, "en": 2}[lang]
    wrong = [key for key, said in i18n.counted(lang).items() if len(said) != forms or not all(map(str.strip, said))]
    assert wrong == []


def test_counts_speak_as_the_language_counts():
    said = [i18n.translate_count("web.days-left", "ar", count) for count in (1, 2, 3, 11, 100)]
    assert said == ["بقي يوم واحد", "بقي يومان", "بقيت 3 أيام", "بقي 11 يوما", "بقي 100 يوم"]
    assert i18n.translate_count("web.days-left", "fr", 1) == "1 jour restant"
    assert i18n.translate_count("web.days-left", "fr", 1_000_000).endswith("jours restants")
    assert i18n.translate_count("no.such", "en", 1) == "no.such"


def test_arabic_is_arabic():
    foreign = [key for key, text in i18n.catalogue("ar").items() if not ARABIC.search(text)]
    assert foreign == []


def test_every_problem_has_a_title():
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    slugs = [slug for slug in errors.all_problems() if not slug.startswith("test-")]  # other tests make up some
    untitled = [slug for slug in slugs if not i18n.has_message(f"problem.{slug}.title")]
    assert untitled == []


def test_every_reason_there_can_be_has_a_sentence_and_no_other():
    codes = {"base", "rest", *(kind.code for kind in SIGNALS)}
    said = {key.removeprefix("reason.") for key in i18n.catalogue("en") if key.startswith("reason.")}
    assert {code for code in said if not code.startswith("learned.")} == codes


def test_a_concept_is_named_in_the_readers_language():
    facts = {"label_fr": "génie civil", "label_ar": "هندسة مدنية", "label_en": "civil engineering", "key": "x"}
    said = {lang: i18n.say_reason("text.concept", "civil-works", facts, lang) for lang in i18n.LANGS}
    assert said["fr"].endswith("génie civil")
    assert said["ar"].endswith("هندسة مدنية")
    assert i18n.say_reason("text.term", "béton", {}, "fr") == "Un mot en commun\xa0: «\xa0béton\xa0»"


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "en"),
        ("", "en"),
        ("fr", "fr"),
        ("fr-MA,fr;q=0.9", "fr"),
        ("AR-ma", "ar"),
        ("de, ar;q=0.3, fr;q=0.8", "fr"),
        ("de, *;q=0.5", "en"),
        ("fr;q=0, ar;q=0.1", "ar"),
        ("es", "en"),
        ("fr;q=abc, ar", "ar"),
        (",;q=1,,", "en"),
    ],
)
def test_the_language_is_the_best_one_accepted(header, lang):
    assert i18n.negotiate(header) == lang


@given(st.text())
def test_no_header_breaks_the_negotiation(header):
    assert i18n.negotiate(header) in i18n.LANGS


def test_facts_are_written_as_the_language_writes_them():
    said = {lang: i18n.translate("problem.payload-too-large.detail", lang, limit_bytes=1048576) for lang in i18n.LANGS}
    assert "1,048,576 bytes" in said["en"]
    assert "1\u202f048\u202f576\xa0octets" in said["fr"]
    assert "1.048.576" in said["ar"]


def test_a_missing_fact_and_an_unknown_key_never_fail():
    assert i18n.translate("reason.cpv.shared", "en") == "Same CPV class: …"
    assert i18n.say_reason("cpv.shared", None, {}, "en") == "Same CPV class: …"
    assert i18n.translate("reason.nobody.wrote.this", "ar") == "reason.nobody.wrote.this"


@given(st.text())
def test_a_fact_is_never_read_as_a_template(text):
    assert i18n.say_reason("cpv.shared", None, {"code": text}, "en") == f"Same CPV class: {text}"
    labelled: dict[str, i18n.Fact] = {"code": "48000000", "label_en": f"<{text}"}
    assert i18n.say_reason("cpv.shared", "48", labelled, "en") == f"Same CPV class: 48000000 (<{text})"


def test_money_dates_and_shares_follow_moroccan_usage():
    assert i18n.format_money(Decimal("1234567.5"), "MAD", "fr") == "1\u202f234\u202f567,50\xa0MAD"
    assert i18n.format_money(Decimal(40000), "MAD", "ar") == "40.000\xa0درهم"
    assert i18n.format_money(Decimal(40000), "EUR", "en") == "EUR\xa040,000"
    assert i18n.format_date(dt.date(2026, 11, 22), "ar") == "22 نونبر 2026"
    assert i18n.format_percent(0.25, "fr") == "25\xa0%"


def test_words_stand_in_a_row_with_the_comma_of_the_language():
    assert [i18n.listed(("a", "b"), lang) for lang in ("ar", "fr", "en")] == ["a، b", "a, b", "a, b"]
    assert i18n.COLONS["fr"] == "\xa0: "


def test_an_instant_is_shown_in_moroccan_time():
    noon = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    assert i18n.format_instant(noon, "fr") == "1er juillet 2026 13:00"


def test_each_kind_of_fact_has_its_form():
    assert i18n.format_fact(1 > 0, "fr") == "oui"
    assert i18n.format_fact(dt.date(2026, 1, 2), "en") == "2 January 2026"
    assert i18n.format_fact(dt.datetime(2026, 1, 2, 8, tzinfo=dt.UTC), "en") == "2 January 2026 09:00"
    assert i18n.format_fact("é", "ar") == "é"
    assert i18n.format_fact(0.125, "fr") == "0,12"
