"""The catalogues are set as each language is printed, and call one thing by one name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.kit import i18n
from app.kit.i18n import Lang

NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
WRONG: dict[Lang, re.Pattern[str]] = {
    "fr": re.compile(
        rf"""['"]"""  # ’ and « » are the marks of French
        rf"""|(?<![{NARROW}?!…])[;?!]"""
        rf"""|(?<!{WIDE}):(?!\w)|[ {NARROW}]:"""
        rf"""|«(?!{WIDE})|(?<!{WIDE})»"""
        rf"""|(?<![{WIDE}(])%|[\d}}][ {NARROW}](?:DH|MAD|EUR|Mo|octets)\b"""
        rf"""|\d \d{{3}}\b"""
    ),
    "en": re.compile(r"""['"]|\s[:;,.?!%]"""),
    "ar": re.compile(r"""['";?]|,(?!\d)|\s[:؛،؟.!%]"""),
}
STRAY: dict[Lang, re.Pattern[str]] = {
    "fr": re.compile(r"admissibilit|présélectionn|e-mail|opérateur|candidaté", re.IGNORECASE),
    "en": re.compile(r"bid bond|simplified lane|criteria of success", re.IGNORECASE),
    # another word for a buyer, a list, a candidate, or a meeting; what speaks to one man alone
    "ar": re.compile(
        r"صاحب المشروع|لائحة|المترشحون|طلب موعد"
        r"|(?<!\w)(?:أنت|لك|لديك|يمكنك|أعد|اختر|أرسل|أضف|اكتب|ابحث|احذف|أنشئ|اطلب|انتظر|راجع|استعمل)(?![\w\u064b-\u0652])"
    ),
}
"""Words of which the glossary has another one, which the catalogues once used side by side."""
CODE = re.compile(r"`[^`]*`")


def sentences(lang: Lang) -> Iterator[tuple[str, str]]:
    yield from i18n.catalogue(lang).items()
    yield from ((key, form) for key, forms in i18n.counted(lang).items() for form in forms)


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_marks_stand_as_the_language_sets_them(lang: Lang) -> None:
    assert [(key, said) for key, said in sentences(lang) if WRONG[lang].search(CODE.sub("x", said))] == []


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_one_thing_has_one_name(lang: Lang) -> None:
    assert [(key, said) for key, said in sentences(lang) if STRAY[lang].search(said)] == []


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "l'appel"), ("fr", "Quoi ?"), ("fr", "Quoi?"), ("fr", "Objet : eau"), ("fr", "Objet: eau"),
        ("fr", "« eau »"), ("fr", "20 %"), ("fr", "20%"), ("fr", "{amount} MAD"), ("fr", "10 000"),
        ("en", "the buyer's"), ("en", "20 %"), ("en", 'say "no"'), ("ar", "ماء, نار"), ("ar", "ماء ؟"), ("ar", "ماء?"),
    ],
)  # fmt: skip
def test_what_is_set_wrongly_is_seen(lang: Lang, said: str) -> None:
    assert WRONG[lang].search(said)
    assert not WRONG["fr"].search(f"L’«{WIDE}eau{WIDE}»{WIDE}: 20{WIDE}% à 10:30{NARROW}; quoi{NARROW}?!")
