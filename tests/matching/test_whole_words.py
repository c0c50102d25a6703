"""Names of places, nationalities and languages are no capabilities; words that only end alike stay apart."""

from __future__ import annotations

from typing import Final

import pytest

from matching.lexicon import Concept, Lexicon, default_lexicon
from matching.stemming import Lang, light
from matching.text import analyse, fold
from matching.whole_words import WHOLE

REGIONS: Final = """
Tanger-Tétouan-Al Hoceïma | طنجة-تطوان-الحسيمة
Oriental | الشرق
Fès-Meknès | فاس-مكناس
Rabat-Salé-Kénitra | الرباط-سلا-القنيطرة
Béni Mellal-Khénifra | بني ملال-خنيفرة
Casablanca-Settat | الدار البيضاء-سطات
Marrakech-Safi | مراكش-آسفي
Drâa-Tafilalet | درعة-تافيلالت
Souss-Massa | سوس-ماسة
Guelmim-Oued Noun | كلميم-واد نون
Laâyoune-Sakia El Hamra | العيون-الساقية الحمراء
Dakhla-Oued Ed-Dahab | الداخلة-وادي الذهب
"""
PROVINCES: Final = """
Tanger Assilah Tétouan Larache Chefchaouen Ouezzane M'diq Fnideq Oujda Nador Driouch Jerada Berkane Taourirt Guercif
Figuig Ifrane Sefrou Boulemane Taza Taounate Temara Khémisset Kénitra Azilal Khouribga Khénifra Mohammedia Nouaceur
Médiouna Benslimane Berrechid Settat Essaouira Chichaoua Youssoufia Ouarzazate Zagora Tinghir Midelt Errachidia Agadir
Inezgane Taroudant Tiznit Tata Assa-Zag Tan-Tan Boujdour Tarfaya Aousserd
أصيلة العرائش شفشاون وزان المضيق الفنيدق وجدة الناظور الدريوش جرادة بركان تاوريرت جرسيف فكيك الحاجب إفران صفرو بولمان
تازة تاونات الصخيرات تمارة الخميسات أزيلال خريبكة المحمدية الجديدة النواصر مديونة بنسليمان برشيد الحوز الصويرة الرحامنة
شيشاوة اليوسفية ورزازات زاكورة تنغير ميدلت الرشيدية أكادير إنزكان تارودانت تيزنيت طاطا أسا الزاك طانطان إفني بوجدور
طرفاية السمارة أوسرد
"""
NATIONS: Final = """
عربي مغربي فرنسي إنجليزي إسباني ألماني إيطالي برتغالي صيني ياباني هندي تركي روسي أمريكي أوروبي إفريقي جزائري تونسي مصري
سعودي إماراتي سوري لبناني عراقي قطري كوري سوداني موريتاني سنغالي إيفواري بلجيكي سويسري هولندي بريطاني كندي حساني لاتيني
"""
LANGUAGES: Final = """
arabe français anglais espagnol allemand italien portugais chinois japonais turc russe latin hassani marocain marocaines
arabic french english spanish german italian portuguese chinese japanese turkish russian moroccan african european
"""


def mentioned(text: str) -> list[str]:
    lexicon = default_lexicon()
    return [lexicon.concepts[mention.concept].id for mention in lexicon.mentions(analyse(text))]


def test_no_region_and_no_province_is_a_capability() -> None:
    names = [name.strip() for name in REGIONS.strip().replace("\n", "|").split("|")] + PROVINCES.split()
    assert not {name: found for name in names if (found := mentioned(name))}


def test_no_nation_and_no_language_is_a_capability() -> None:
    forms = [nation + ending for nation in NATIONS.split() for ending in ("", "ة", "ات", "ين", "ون")]
    words = [clitic + form for form in forms for clitic in ("", "ال", "بال", "وال", "لل", "ب", "و")]
    sentences = [f"{before} {name}" for name in LANGUAGES.split() for before in ("livraison en", "written in")]
    assert not {text: found for text in (*words, *sentences) if (found := mentioned(text))}


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("بالعربية", "العربات", "ar"),
        ("درعة", "درع", "ar"),
        ("الأدوات", "الأدوية", "ar"),
        ("الزيتون", "الزيوت", "ar"),
        ("حيوان", "حيوية", "ar"),
        ("porte", "port", "fr"),
        ("Ben", "bennes", "fr"),
        ("Bou", "boues", "fr"),
        ("hommes", "home", "fr"),
        ("cour", "cours", "fr"),
        ("pay", "pays", "fr"),
        ("an", "ânes", "fr"),
        ("us", "usées", "fr"),
        ("bot", "bottes", "fr"),
        ("Salé", "salles", "fr"),
        ("voix", "voies", "fr"),
        ("dates", "dattes", "fr"),
        ("dur", "durée", "fr"),
    ],
)
def test_words_that_end_alike_stay_apart(one: str, other: str, lang: Lang) -> None:
    assert light(fold(one), lang) != light(fold(other), lang)


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("القانونية", "قانون", "ar"),
        ("تكوينات", "التكوين", "ar"),
        ("التأمينات", "تأمين", "ar"),
        ("خزانات", "خزان", "ar"),
        ("ضمان", "الضمانات", "ar"),
        ("المهنيين", "مهنية", "ar"),
        ("عربي", "العربية", "ar"),
        ("rues", "rue", "fr"),
        ("clés", "clé", "fr"),
        ("vues", "vue", "fr"),
        ("durées", "durée", "fr"),
        ("privée", "privés", "fr"),
        ("moyennes", "moyen", "fr"),
    ],
)
def test_a_word_meets_its_inflections(one: str, other: str, lang: Lang) -> None:
    assert light(fold(one), lang) == light(fold(other), lang)


def test_words_kept_whole_are_folded() -> None:
    assert all(fold(word) == word and light(word, "ar" if word > "z" else "fr") == word for word in WHOLE)


def test_a_word_of_several_senses_points_nowhere_by_itself() -> None:
    port = Concept("port", {"fr": ("port", "quai de pêche")}, ambiguous=frozenset({"port"}))
    lexicon = Lexicon([port])
    pointing = {token.folded: lexicon.cues(token) for token in analyse("port quai", "fr")}
    assert pointing == {"port": (), "quai": ((0, 1.0),)}
