"""How bids are written and filed: electronic filing, language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Demand, Kind, Languages
from matching.requirements.patterns import pattern
from matching.requirements.stance import MANDATORY, denied, void_after

_ELECTRONIC = pattern(
    r"(?:par )?voie (?:electronique|dematerialisee)",
    r"(?:reponse|depot|soumission|transmission|remise|offre|plis|dossier)s?[^.;|:]{0,40}(?:electroniques?"
    r"|electroniquement|dematerialisee?s?|en ligne)",
    "e-?(?:tendering|submission|procurement)",
    "soumission electronique",
    r"(?:sur|dans|via|a travers|a partir de|par) (?:le |l')?portail (?:marocain |national )?des marches publics",
    "signature electronique",
    r"(?:submitted|submission|lodged|sent)[^.;]{0,60}(?:electronic(?:ally)?|online|via the portal|e-?tendering|by "
    r"electronic means)",
    "electronic (?:submission|bidding|tendering|offers|bids)",
    "reponse-elec[\\w-]*",
    "@?(?:بطريقة|بكيفية|بصفة|عبر|بشكل|بوابة|طريق)? ?@?(?:إلكتروني[ةه]?|إلكترونيا|لا مادي[ةه]?)",
    "إيداع[^.;]{0,40}@?إلكتروني\\w{0,2}",
)
_FILING = pattern(
    "depos\\w+",
    "depot\\w*",
    "remis\\w*",
    "remettre",
    "soumis\\w*",
    "soumettre",
    "transmi\\w+",
    "transmett\\w+",
    "reponses?",
    "presente?\\w*",
    "offres?",
    "plis?",
    "dossiers? des concurrents",
    "envo\\w+",
    "submi\\w+",
    "bidding",
    "lodge\\w*",
    "sent",
    "bids?",
    "tenders?",
    "reponse-elec\\w*",
    "إيداع\\w*",
    "يودع\\w*",
    "تودع",
    "تقديم",
    "تقدم",
    "إرسال",
    "ترسل",
    "@?عروض",
    "@?أظرف[ةه]?",
    "وضع",
    "توضع",
    "تسليم",
    "@متنافسين|@متنافسون",
)
_WITHDRAWN = re.compile(
    r"(?<!\w)(?:retir|withdr|سحب)\w*[ ](?:\w+[ ]){0,2}(?:par voie |electroni|بطريقه|بكيفيه|الكتروني)"
)
_HANDED_IN = re.compile(
    r"(?<!\w)(?:depos|depot|soumi|soumett|remis|remett|transm)(?![^.;]*(?:telecharg|publi|retir|consult))"
)
_PAPER = pattern(
    "retrait",
    "retir\\w+",
    "telecharg\\w+",
    "consult\\w+",
    "adresse electronique",
    "courrier electronique",
    "download\\w*",
    "تحميل\\w*",
    "سحب\\w*",
    "@?بريد @?إلكتروني",
    "e-?mail",
)
_EITHER = pattern(
    "soit [^.]{0,120}soit",
    "peuvent (?:egalement |etre |aussi )?",
    "ou (?:bien )?(?:par|deposee?s|envoye)",
    "au choix",
    "facultati\\w+",
    "may (?:also )?be",
    "optionnel\\w*",
    "إما",
    "يمكن",
    "autorisee?",
    "permitted|allowed",
)
_LANGUAGE = pattern(
    r"langues?(?: (?:de |des |d'|du )?(?:l'offre|offres|travail|redaction|soumission|la procedure|candidature))?",
    r"(?:redige|etabli|libelle|present|formul|expose)\w{0,3} (?:en|dans)",
    "language(?:s)?(?: of (?:the )?(?:bids?|tenders?|proposals?|offers?))?",
    r"(?:written|drafted|prepared|submitted) in",
    "@?(?:لغ[ةه]|لغات)",
    "(?:تحرر|محررة|يحرر|تعد|بال)",
)
_CODES = {
    "fr": pattern("francaise?", "french", "@?فرنسي[ةه]"),
    "ar": pattern("arabe", "arabic", "@?عربي[ةه]"),
    "en": pattern("anglaise?", "english", "@?إ?نجليزي[ةه]", "@?انجليزي[ةه]", "@?إنكليزي[ةه]"),
    "es": pattern("espagnole?", "spanish", "@?إ?سباني[ةه]"),
    "pt": pattern("portugaise?", "portuguese"),
    "de": pattern("allemande?", "german"),
}
_LANGUAGE_ASIDE = pattern(
    "interface",
    "site web",
    "portail",
    "cours",
    "formation",
    "version\\w*",
    "traduction de",
    "maitrise\\w*",
    "redactionnel",
    "bilingues?",
    "contenus?",
    "articles? de presse",
    "journa\\w+",
    "quotidien\\w*",
    "interprete",
    "manuels?",
    "documentation",
    "notices?",
    "parl\\w+",
    "fluent",
    "proficien\\w*",
    "livrables?",
    "rapports?",
    "جريد[ةه]",
    "جرائد",
    "صحيف[ةه]",
    "website",
)
_LANGUAGE_CUE = pattern(
    "offres?",
    "pieces",
    "plis",
    "dossiers?",
    "documents?",
    "soumission\\w*",
    "candidatures?",
    "concurrents?",
    "propositions?",
    "bids?",
    "tenders?",
    "proposals?",
    "applications?",
    "@?عروض",
    "@?وثائق",
    "@?ملفات?",
    "@?مستندات",
    "@?أظرفة",
    "@?متنافس\\w*",
    "langues? (?:de|des|d'|:)",
    "langue ?:",
)


def read_filing(clause: Clause, document: Document) -> Iterator[Hit]:
    """Whether bids are filed electronically: required, allowed, or refused."""
    text = clause.text
    cue = _ELECTRONIC.search(text)
    if cue is None or not _FILING.search(text):
        return
    if _PAPER.search(text) and not re.search(r"depos|depot|soumi|إيداع|ايداع|submi|remis|plis", text):
        return
    if "signature electronique" in cue[0] and not re.search(r"depos|depot|soumi|reponse|transm", text):
        return
    if _WITHDRAWN.search(text[max(0, cue.start() - 40) : cue.end()]):
        return
    if "portail" in cue[0] and not _HANDED_IN.search(text[max(0, cue.start() - 120) : cue.start()]):
        return
    around = text[max(0, cue.start() - 80) : cue.end() + 110]
    end = void_after(text, cue.end())
    if end is not None or (
        denied(around)
        and not re.search(r"n'est que|ne .{0,30} que|uniquement|exclusiv|لا .{0,40}إلا|لا .{0,40}الا", around)
    ):
        stance, sure = "refused", 0.8
    elif _EITHER.search(around) and not MANDATORY.search(around):
        stance, sure = "allowed", 0.75
    else:
        stance, sure = "required", 0.9
    start = (
        min(
            cue.start(),
            *(match.start() for match in _FILING.finditer(text) if cue.start() - 110 < match.start() <= cue.start()),
        )
        if any(cue.start() - 110 < match.start() <= cue.start() for match in _FILING.finditer(text))
        else cue.start()
    )
    value = Demand("refused" if stance == "refused" else "allowed" if stance == "allowed" else "required")
    yield Hit(Kind.ELECTRONIC_FILING, value, clause.start + start, clause.start + (end or cue.end()), sure)


def read_language(clause: Clause, document: Document) -> Iterator[Hit]:
    """The languages in which bids are taken."""
    text = clause.text
    if _LANGUAGE_ASIDE.search(text) or not _LANGUAGE_CUE.search(text):
        return
    for cue in _LANGUAGE.finditer(text):
        offset = max(0, cue.start() - 10)
        near = text[offset : cue.end() + 120]
        found = sorted(
            (match.start(), match.end(), code) for code, spelt in _CODES.items() if (match := spelt.search(near))
        )
        if not found or denied(near):
            continue
        end = max(end for _, end, _ in found) + offset
        value = Languages(tuple(code for _, _, code in found))
        yield Hit(Kind.LANGUAGE, value, clause.start + cue.start(), clause.start + max(end, cue.end()), 0.9)
        return
