"""What is seen and shown before: visits of the site, samples."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Event, Kind
from matching.requirements.moments import moments
from matching.requirements.patterns import pattern
from matching.requirements.rules.scores import is_scored
from matching.requirements.stance import MANDATORY, denied, void_after

_VISIT = pattern(
    r"visites? (?:(?:des|du|de|d')? ?(?:lieux|sites?|locaux|terrain|chantier|reconnaissance|l'emplacement)|guidee"
    r"|sur (?:site|place|les lieux)|obligatoire|facultative|prealable|collective)",
    r"(?:une |des |la |les )?visites? (?:est|sera|seront|sont) (?:prevue?s?|organisee?s?|programmee?s?|fixee?s?)",
    r"visites?(?= ?[:|])",
    "(?:aucune|pas de) visite",
    "visites? (?:n'est|ne sont)[^.;]{0,20}",
    "(?:pre-?bid )?(?:site visits?|visits? (?:to|of) the site|site inspections?)",
    "@?زيار[ةه] (?:@?(?:موقع|مواقع|أماكن|ورش|أوراش|مكان|بنايات|محلات|ميدانية))?(?: @?(?:أشغال|خدمات))?",
    "زيارات @(?:أماكن|مواقع|أوراش)",
)
_SAMPLES = pattern(
    r"(?:depot |remise |presentation |fourniture )?(?:des |d'|les |d'un |un |de )?(?:echantillons?|prototypes?"
    r"|specimens?)",
    r"(?:bid )?samples?",
    "@?(?:عينات|عينة|نماذج)(?: من)?",
)
_OPTIONAL = pattern(
    "facultati\\w{1,3}",
    "optional",
    "non obligatoire",
    "recommandee?",
    "recommended",
    "اختياري[ةه]?",
    "encouraged",
    "pourra\\w*|peuvent|peut",
)
_PLANNED = pattern(
    "prevue?s?",
    "organisee?s?",
    "programmee?s?",
    "fixee?s?",
    "aura lieu",
    "se fera",
    "sera effectuee?",
    "lieu(?:x)? le",
    "a lieu",
    "will (?:be held|take place)",
    "is scheduled",
    "scheduled",
    "تنظم",
    "ستنظم",
    "مقرر[ةه]?",
    "حددت",
    "محدد[ةه]?",
    "ستتم",
    "تتم",
    "oui",
    "yes",
    "نعم",
    "deposee?s?",
    "deposer",
    "remis\\w*",
    "fournir",
    "presenter",
    "fournis",
    "joindre",
    "submit\\w*",
    "إيداع\\w*",
    "توضع",
    "تقديم",
    "تودع",
    "accompagne\\w*",
)
_PLACE = re.compile(
    r"(?<!\w)(?:a l'adresse|au siege|au bureau|aux bureaux|aupres d[eu]|a la direction|a la commune|au magasin|au "
    r"service|at the|بمقر|بمكتب|بمصلحه|بمقر)[ ][^.;()|]{3,80}"
)
_SAMPLE_ASIDE = pattern(
    "enquete\\w*",
    "echantillonnage\\w*",
    "essais?",
    "laboratoires?",
    "beton",
    "eau",
    "sang",
    "analyses?",
    "prelev\\w+",
    "taille",
    "modeles? (?:de|d')\\w*",
    "statisti\\w*",
    "sample (?:size|form|contract|of the)",
    "نموذج (?:عقد|@تزام)",
)
_VISIT_ASIDE = pattern(
    "visites? (?:de maintenance|periodiques?|preventives?|medicales?|techniques? (?:annuelle|periodique|du vehicule)"
    "|de controle|d'entretien|d'inspection)",
    "visiteurs?",
    "visites? du (?:portail|site web|musee)",
    "controle technique",
)
_TALLY = pattern("attestations? de visite", "certificats? de visite", "شهادة (?:@)?زيارة")


def read_visit(clause: Clause, document: Document) -> Iterator[Hit]:
    """Whether the site is visited, when, and whether one must."""
    if not _VISIT_ASIDE.search(clause.text):
        yield from _event(clause, document, Kind.SITE_VISIT, _VISIT)


def read_samples(clause: Clause, document: Document) -> Iterator[Hit]:
    """Whether samples are to be handed in, and until when."""
    text = clause.text
    if not _SAMPLE_ASIDE.search(text) or re.search(r"(?:depot|remise|depos\w+) d[e'](?:s |s)?echantillon", text):
        yield from _event(clause, document, Kind.SAMPLES, _SAMPLES)


def _event(clause: Clause, document: Document, kind: Kind, spelt: re.Pattern[str]) -> Iterator[Hit]:
    text = clause.text
    cue = spelt.search(text)
    if cue is None or is_scored(clause):
        return
    around = text[max(0, cue.start() - 60) : cue.end() + 110]
    if (end := void_after(text, cue.end())) is not None:
        yield Hit(kind, Event(required=False), clause.start + cue.start(), clause.start + end, 0.9)
        return
    optional = _OPTIONAL.search(around)
    when = [moment for moment in moments(text) if moment.start >= cue.end() or cue.start() - moment.end < 60]
    if denied(around) and not when and not (optional and "obligatoire" in optional[0]):
        start, last = max(0, cue.start() - 40), min(len(text), cue.end() + 60)
        yield Hit(
            kind,
            Event(required=False),
            clause.start + _word_start(text, start),
            clause.start + _word_end(text, last),
            0.85,
        )
        return
    mandatory = bool(MANDATORY.search(around)) and not (
        optional and re.search(r"facult|non oblig|option|اختيار", optional[0])
    )
    labelled = re.match(r"[ ]?(?:des lieux)?[ ]?[:|]", text[cue.end() : cue.end() + 12]) is not None
    if not (when or mandatory or _PLANNED.search(around)):
        return
    if _TALLY.search(text) and not when and kind is Kind.SITE_VISIT and not mandatory:
        return
    place = _PLACE.search(text, cue.start())
    end = max([cue.end(), *(moment.end for moment in when[:1])])
    start = min([cue.start(), *(moment.start for moment in when[:1])])
    required = True if mandatory else False if optional and not labelled and not when and kind is Kind.SAMPLES else None
    if optional and re.search(r"facult|non oblig|option|اختيار|recommand|recommend", optional[0]):
        required = False
    if kind is Kind.SAMPLES and required is None:
        required = True
    value = Event(required, when[0].when(document.zone) if when else None, _as_written(clause, document, place))
    if not when:
        near = MANDATORY.search(text, cue.end()) or _PLANNED.search(text, cue.end())
        end = near.end() if near and near.end() - cue.start() < 160 else min(len(text), cue.end() + 40)
        end = _word_end(text, end)
    yield Hit(kind, value, clause.start + start, clause.start + end, 0.9 if when else 0.75)


def _as_written(clause: Clause, document: Document, place: re.Match[str] | None) -> str | None:
    return document.written(clause.start + place.start(), clause.start + place.end()) if place else None


def _word_start(text: str, at: int) -> int:
    return at if at == 0 else text.find(" ", at) + 1


def _word_end(text: str, at: int) -> int:
    return at if at >= len(text) or not text[at].isalnum() else (text.find(" ", at) if " " in text[at:] else len(text))
