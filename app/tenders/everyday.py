"""Everyday words of calls in French, Arabic and English that mean the same thing, for the search across languages.

What startups sell and buyers buy by name is in the ranker's lexicon; these are the plain words around it, too general
to say that a startup and a call fit, and just what a person types. Inflections are found by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from matching.stemming import light
from matching.text import fold, is_arabic

_SAME: Final = """
eau | ماء مياه | water
école scolaire | مدرسة مدرسي | school
université universitaire | جامعة جامعي | university
hôpital hospitalier | مستشفى استشفائي | hospital
santé sanitaire | صحة صحي | health
médicament pharmaceutique | دواء أدوية | medicine drug
route routier voirie | طريق طرق | road
pont | قنطرة جسر | bridge
port portuaire | ميناء | port harbour
aéroport | مطار | airport
forage puits | بئر ثقب | borehole well
barrage | سد | dam
assainissement | تطهير صرف | sewerage sanitation
salon foire | معرض | fair exhibition
déchets ordures | نفايات | waste
nettoyage nettoiement propreté | نظافة تنظيف | cleaning
gardiennage | حراسة | guarding
éclairage | إنارة | lighting
électricité électrique | كهرباء كهربائي | electricity electrical
énergie énergétique | طاقة | energy
bâtiment construction | بناء مبنى | building construction
logement habitat | سكن | housing
travaux | أشغال | works
étude | دراسة | study
ingénierie | هندسة | engineering
architecte architecture | معماري مهندس | architect
topographie topographique | طبوغرافية | topography surveying
fourniture achat acquisition | توريد اقتناء شراء | supply purchase
équipement matériel | تجهيز معدات عتاد | equipment
mobilier meuble | أثاث | furniture
véhicule voiture | سيارة عربة | vehicle car
transport | نقل | transport
carburant gasoil | محروقات وقود | fuel
entretien maintenance | صيانة | maintenance
réparation | إصلاح | repair
réhabilitation rénovation | تأهيل ترميم | rehabilitation renovation
aménagement | تهيئة | development
location | كراء | rental
impression imprimé | طباعة مطبوعات | printing
traduction | ترجمة | translation
restauration repas | إطعام وجبات | catering meals
alimentaire aliment denrée | غذائي تغذية مواد | food
agriculture agricole | فلاحة زراعة فلاحي | agriculture farming
irrigation | سقي ري | irrigation
élevage bétail | ماشية | livestock
pêche | صيد | fishing
forêt forestier | غابة غابوي | forest
jardin | حديقة بستنة | garden
tourisme touristique | سياحة سياحي | tourism
culture culturel | ثقافة ثقافي | culture
artisanat | صناعة تقليدية | crafts
sport sportif | رياضة رياضي | sport
jeunesse jeune | شباب | youth
femme | نساء مرأة | women
formation | تكوين تدريب | training
conseil accompagnement | استشارة مواكبة | consulting advisory
audit | افتحاص تدقيق | audit
comptable comptabilité | محاسبة | accounting
assurance | تأمين | insurance
juridique | قانوني | legal
communication | تواصل | communication
informatique | معلوميات معلوماتية | computing
logiciel | برنامج برمجيات | software
ordinateur | حاسوب حواسيب | computer
réseau | شبكة | network
données | بيانات معطيات | data
numérique digital | رقمي رقمنة | digital
site portail plateforme | موقع بوابة منصة | website portal platform
sécurité | أمن سلامة | security safety
caméra vidéosurveillance | كاميرا | camera surveillance
téléphone téléphonie | هاتف | telephone
laboratoire | مختبر | laboratory
bibliothèque | خزانة مكتبة | library
mosquée | مسجد | mosque
rural | قروي | rural
commune communal | جماعة جماعي | municipality
vêtement habillement | ملابس ألبسة | clothing uniforms
bois | خشب | wood
papier | ورق | paper
"""


@cache
def same_meaning() -> Mapping[str, tuple[str, ...]]:
    """For the light key of each everyday word, the folded words of the same meaning, its own among them."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _SAME.strip().splitlines():
        words = tuple(fold(word) for word in line.replace("|", " ").split())
        for word in words:
            for key in keys_of(word):
                found.setdefault(key, words)
    return MappingProxyType(found)


def keys_of(folded: str) -> set[str]:
    """The light keys of a folded word in the languages that it may be of."""
    if is_arabic(folded):
        return {light(folded, "ar")}
    return {light(folded, "fr"), light(folded, "en")}
