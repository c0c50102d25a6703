"""Broken plurals meet their singular; the table is consistent."""

from __future__ import annotations

import pytest

from matching.broken_plurals import SINGULARS
from matching.stemming import light, stem
from matching.text import analyse, fold, is_arabic


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("نظام", "الأنظمة"),
        ("نظم", "نظام"),
        ("برنامج", "وبرامج"),
        ("الموقع", "مواقع"),
        ("خادم", "للخوادم"),
        ("وثيقة", "الوثائق"),
        ("المعطيات", "بيانات"),
        ("معلوماتية", "المعلومات"),
        ("وكالة", "الوكالات"),
        ("الإنترنت", "الأنترنيت"),
    ],
)
def test_a_plural_and_its_singular_are_one_word(one: str, other: str) -> None:
    (first,), (second,) = analyse(one), analyse(other)
    assert first.key == second.key
    assert first.form == second.form


@pytest.mark.parametrize(
    ("one", "other"),
    [("الإعلام", "المعلومات"), ("خزانات", "خزائن"), ("أعمال", "عمال"), ("منتجع", "منتجات")],
)
def test_words_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    assert light(fold(one), "ar") != light(fold(other), "ar")


def test_the_table_is_folded_arabic_and_leads_straight_to_a_noun() -> None:
    for plural, noun in SINGULARS.items():
        assert is_arabic(plural)
        assert (fold(plural), fold(noun)) == (plural, noun)
        assert noun not in SINGULARS
        assert stem(plural, "ar") == stem(noun, "ar")
