"""The thesaurus that ships: its files are consistent, and everyday words don't stand for a trade by themselves."""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from matching.lexicon import LANGS, Lexicon, load_lexicon
from matching.text import analyse

FOLDER = Path(__file__).parents[2] / "matching" / "data" / "lexicon"
OFFICIAL_CPV = Path(__file__).parents[3] / "shared" / "data" / "cpv_multilingual" / "cpv_fr_en.csv"
INTENTS = """
    develop supply license maintain operate train study consult audit works rent organise print transport host integrate
"""
ARABIC = re.compile("[\u0600-\u06ff]")
FOLDED = str.maketrans("أإآٱىةؤئ", "اااايهوي", "ـ")
# Words of several trades, or of every notice: alone they say nothing of what is bought.
POLYSEMOUS = """
    accompagnement accreditation acquisition agent amenagement analyse animation appareil application applications
    architecture assistance audit avocat avocats base bureau cable canal capteur carte cartes centre cloud code
    collecte communication compte conception concert concours conduite conseil conseils consultation contrat controle
    controles coopératives cooperatives coulage couverture depot detection developpement diffusion digital direction
    documentaire documents domaine doublage echange ecran edition enquete enquetes entretien equipement
    equipements etude etudes evaluation exploitation exposition expositions facade film filtre formation formations
    forme fourniture fournitures gestion impression incubateur incubation installation intelligence interface
    lancement ligne livraison maintenance maquette masse materiel mesure mise mission modele module montage
    moteur norme numerique objet organisation outil outils panneau parc peinture pilote plan plans plante plate-forme
    plateforme plateformes pompe port poste produit produits programme programmes projet projets prototype
    rapport recouvrement reference referencement regie regime registre reprise reseau reseaux ressource ressources
    restauration revue salle scanner scanners scene secours securite serveur serveurs service services signal
    signalisation simulation site sites solution solutions sondage sondages source spectacle stand stands station
    stations structure studio support supports surface surveillance switch systeme systemes table tableau tablette
    tablettes technique terminal theatre titre tournage traceur traitement transit transport travaux unite usine video
    videos visite voie
    أشغال اقتناء إنجاز برنامج برامج تجهيز تدبير تزويد تطبيق تطوير تكوين توريد حل حلول خادم خدمات خدمة دراسة دراسات
    دعم شبكة شبكات صيانة مركز محطة مشروع معدات منصة موقع نظام أنظمة وحدة رواق أروقة حاضنة استشارة افتحاص تدقيق
    support development network networks platform platforms server servers solutions study studies survey surveys
    system systems tablets tool tools training works switches stage design engineering equipment management
"""
SHARED_WORDS = {"de", "du", "des", "d", "l", "la", "le", "les", "en", "of", "the"}


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(FOLDER)


def normal(text: str) -> str:
    """Lower case, no accents or marks, Arabic letters unified, no article, punctuation as spaces."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(FOLDED))
    text = "".join(char for char in text if not unicodedata.combining(char))
    words = re.findall(r"\w+", text)
    return " ".join(word[2:] if word.startswith("ال") and len(word) > 4 else word for word in words)


@cache
def files() -> dict[str, list[dict[str, list[str]]]]:
    """The concept tables of every file, by file name."""
    names = [path for path in sorted(FOLDER.glob("*.toml")) if path.name not in {"intents.toml", "related.toml"}]
    return {path.name: tomllib.loads(path.read_text("utf-8"))["concept"] for path in names}


@cache
def concepts() -> dict[str, dict[str, list[str]]]:
    return {str(concept["id"]): concept for tables in files().values() for concept in tables}


def sure_forms(concept: dict[str, list[str]]) -> list[tuple[str, str]]:
    """The language and text of the forms that count without context."""
    return [(lang, form) for lang in LANGS for form in concept[lang] if form not in concept.get("ambiguous", [])]


@cache
def above(name: str) -> frozenset[str]:
    parents = concepts()[name].get("broader", [])
    return frozenset(parents).union(*(above(parent) for parent in parents))


def test_ids_are_unique_over_all_files() -> None:
    counts = Counter(str(concept["id"]) for tables in files().values() for concept in tables)
    assert [name for name, count in counts.items() if count > 1] == []
    assert [name for name in counts if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


def test_broader_links_resolve_and_never_lead_back() -> None:
    for name, concept in concepts().items():
        assert set(concept.get("broader", [])) <= set(concepts()), name
    for start in concepts():
        path, level = {start}, set(concepts()[start].get("broader", []))
        while level:
            assert start not in level, start
            path |= level
            level = {up for one in level for up in concepts()[one].get("broader", [])} - (path - {start})


def test_every_concept_speaks_three_languages_in_their_own_script() -> None:
    for name, concept in concepts().items():
        assert all(concept.get(lang) for lang in LANGS), name
        assert [form for form in concept["ar"] if not ARABIC.search(form)] == [], name
        assert [form for form in concept["fr"] + concept["en"] if ARABIC.search(form)] == [], name


def test_no_form_is_written_twice_or_padded() -> None:
    for name, concept in concepts().items():
        for key in (*LANGS, "acronyms", "ambiguous", "context"):
            forms = concept.get(key, [])
            assert len(forms) == len(set(forms)), (name, key)
            assert [form for form in forms if form != " ".join(form.split())] == [], (name, key)


def test_a_form_belongs_to_one_trade() -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for name, concept in concepts().items():
        for _, form in sure_forms(concept):
            owners[normal(form)].add(name)
    shared = [
        (form, one, other)
        for form, names in owners.items()
        for one, other in combinations(sorted(names), 2)
        if one not in above(other) and other not in above(one)
    ]
    assert shared == []


def test_words_of_many_senses_never_stand_alone() -> None:
    banned = {normal(word) for word in POLYSEMOUS.split()}
    for name, concept in concepts().items():
        for lang, form in sure_forms(concept):
            words = [word for word in normal(form).split() if word not in SHARED_WORDS]
            assert words, (name, lang, form)
            assert len(words) > 1 or words[0] not in banned, (name, lang, form)


def test_what_is_ambiguous_names_its_context() -> None:
    for name, concept in concepts().items():
        assert bool(concept.get("ambiguous")) == bool(concept.get("context")), name


def test_cpv_prefixes_are_digits() -> None:
    for name, concept in concepts().items():
        assert [code for code in concept.get("cpv", []) if not re.fullmatch(r"\d{2,8}", code)] == [], name


@pytest.mark.skipif(not OFFICIAL_CPV.exists(), reason="the official CPV table is not on this machine")
def test_cpv_prefixes_stand_in_the_official_table() -> None:
    with OFFICIAL_CPV.open(encoding="utf-8", newline="") as lines:
        codes = "\n".join(row["code"] for row in csv.DictReader(lines))
    unknown = [
        (name, code)
        for name, concept in concepts().items()
        for code in concept.get("cpv", [])
        if not re.search(rf"^{code}", codes, re.MULTILINE)
    ]
    assert unknown == []


def test_every_form_is_found_in_itself(lexicon: Lexicon) -> None:
    """A form cut by punctuation, or swallowed by a longer one of another trade, would never match."""
    lost = []
    for concept in lexicon.concepts:
        for lang in LANGS:
            for form in concept.forms[lang]:
                numbers = {mention.concept for mention in lexicon.mentions(analyse(form, lang))}
                if form not in concept.ambiguous and lexicon.number[concept.id] not in numbers:
                    lost.append((concept.id, form))
        for acronym in concept.acronyms:
            numbers = {mention.concept for mention in lexicon.mentions(analyse(f"un {acronym} pour la commune"))}
            if lexicon.number[concept.id] not in numbers:
                lost.append((concept.id, acronym))
    assert lost == []


def test_a_phrase_is_never_read_as_a_single_word(lexicon: Lexicon) -> None:
    """Function words are left out: "tests A/B" would find every test, "plateforme tout-en-un" every platform."""
    shrunk = [
        (concept.id, form)
        for concept in lexicon.concepts
        for lang in LANGS
        for form in concept.forms[lang]
        if len(form.split()) > 1
        and not re.search(r"\d", form)
        and len(analyse(form, lang)) == 1
        and form not in concept.ambiguous
    ]
    assert shrunk == []


def test_no_form_reads_like_one_of_another_trade(lexicon: Lexicon) -> None:
    """Two forms may differ in writing and be one once stemmed: "collecte de dons", "collecte de données"."""
    blurred = set()
    for concept in lexicon.concepts:
        for lang in LANGS:
            for form in concept.forms[lang]:
                spans: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
                for mention in lexicon.mentions(analyse(form, lang), set()):
                    spans[mention.start, mention.end].add(lexicon.concepts[mention.concept].id)
                blurred |= {
                    (one, other, form)
                    for names in spans.values()
                    for one, other in combinations(sorted(names), 2)
                    if one not in above(other) and other not in above(one)
                }
    assert blurred == set()


def test_the_thesaurus_is_large_enough_in_each_language() -> None:
    assert len(concepts()) >= 800
    for lang in LANGS:
        assert sum(len(concept[lang]) for concept in concepts().values()) >= 8_000, lang


def test_intents_speak_three_languages_and_share_no_form() -> None:
    tables = tomllib.loads((FOLDER / "intents.toml").read_text("utf-8"))["intent"]
    assert {table["id"] for table in tables} == set(INTENTS.split())
    assert len(tables) == len(INTENTS.split())
    owners = Counter(normal(form) for table in tables for form in {normal(f) for lang in LANGS for f in table[lang]})
    assert [form for form, count in owners.items() if count > 1] == []
    assert all(ARABIC.search(form) for table in tables for form in table["ar"])


@pytest.mark.parametrize(
    ("concept", "texts"),
    [
        (
            "mobile_application",
            ["Développement d'une application mobile", "تطوير تطبيق للهواتف الذكية", "Mobile app development"],
        ),
        ("website", ["Refonte du site web de l'agence", "إعادة هيكلة الموقع الإلكتروني للوكالة", "Website redesign"]),
        ("penetration_testing", ["Réalisation de tests d'intrusion", "إنجاز اختبارات الاختراق", "Penetration testing"]),
        ("gis", ["Mise en place d'un SIG communal", "وضع نظام المعلومات الجغرافية", "A web GIS and interactive map"]),
        ("elearning", ["Plateforme e-learning", "منصة التكوين عن بعد", "Distance learning platform"]),
        ("audiovisual_production", ["Tournage et montage vidéo", "إنتاج كبسولات سمعية بصرية", "Corporate video"]),
        ("data_center", ["Aménagement de la salle serveurs", "تهيئة قاعة الخوادم", "Fit-out of the server room"]),
        ("digitisation_scanning", ["Numérisation des archives", "رقمنة الأرشيف", "Document scanning"]),
        ("it_network", ["Réseau et switchs pour le siège", "معدات الشبكة المعلوماتية", "Local area network"]),
        ("erp", ["Acquisition d'un logiciel ERP", "نظام تخطيط موارد المؤسسة", "ERP implementation"]),
        ("printing_services", ["Impression de brochures et dépliants", "طبع المطويات", "Brochure printing"]),
        ("opinion_polls", ["Enquête de satisfaction des usagers", "قياس رضا المرتفقين", "A household survey"]),
        ("interpreting", ["Interprétation simultanée", "الترجمة الفورية", "Conference interpreting"]),
        ("soc", ["Supervision par un SOC managé", "مركز العمليات الأمنية", "Security operations centre"]),
    ],
)
def test_a_trade_is_found_in_each_language(lexicon: Lexicon, concept: str, texts: list[str]) -> None:
    for text in texts:
        found = {lexicon.concepts[mention.concept].id for mention in lexicon.mentions(analyse(text))}
        assert concept in found, text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Acquisition de matériel informatique", "supply"),
        ("اقتناء معدات معلوماتية", "supply"),
        ("Renouvellement des licences antivirus", "license"),
        ("Développement d'une application mobile", "develop"),
        ("تطوير تطبيق للهواتف الذكية", "develop"),
        ("Entretien et réparation des ascenseurs", "maintain"),
        ("صيانة العتاد المعلوماتي", "maintain"),
        ("Réalisation d'actions de formation", "train"),
        ("تنظيم دورات تكوينية لفائدة الأطر", "train"),
        ("إنجاز دراسة حول التحول الرقمي", "study"),
        ("Mission d'audit financier", "audit"),
        ("Assistance à maîtrise d'ouvrage", "consult"),
        ("Exécution des travaux de voirie", "works"),
        ("أشغال تهيئة الطرق", "works"),
        ("Location de chapiteaux", "rent"),
        ("Organisation d'un festival", "organise"),
        ("Impression de brochures", "print"),
        ("Transport scolaire", "transport"),
        ("استضافة الموقع الإلكتروني", "host"),
        ("Mise en place d'une solution de sauvegarde", "integrate"),
        ("Operation and maintenance of the plant", "operate"),
    ],
)
def test_the_head_of_an_object_tells_what_is_wanted(lexicon: Lexicon, text: str, intent: str) -> None:
    first = lexicon.intents_of(analyse(text))[0]
    assert lexicon.intents[first.concept].id == intent
