"""Lots: how many, and whether each is awarded for itself."""

from __future__ import annotations

from collections.abc import Iterator

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Count, Demand, Kind
from matching.requirements.patterns import pattern
from matching.requirements.quantities import COUNT, count_of

_ONE = pattern(
    r"(?:en |un |marche (?:en |a )?|appel d'offres (?:en )?)?(?:seul )?lots? (?:uniques?|unic?que|seul)",
    "un seul lot",
    "(?:as )?(?:a )?single lot",
    "(?:in one|one single) lot",
    "not divided into lots",
    "n'est pas (?:alloti|divise en lots|decompose en lots)",
    "non alloti(?:e)?",
    "sans allotissement",
    "@حص[ةه] (?:واحد[ةه]|فريد[ةه]|وحيد[ةه])(?! (?:أو|و))",
    "غير مقسم\\w* (?:إلى )?حصص",
)
_MANY = pattern(
    r"(?:en|comprend|comporte|compose\w* de|constitue\w* de|reparti\w* en|divise\w* en|subdivise\w* en"
    rf"|decompose\w* en|scinde\w* en|allotie? en|porte sur|concerne|les) (?P<n>{COUNT}) lots?(?! (?:unique|n[°o]"
    r"|est))",
    rf"l'objet de (?P<o>{COUNT}) lots",
    rf"(?<!plus\sde\s)(?<!maximum\s)(?<!au\splus\s)(?P<y>{COUNT}) lots(?= ?[.,;:)])",
    r"(?:nombre|nbre?) (?:total )?(?:de|des) lots? ?[:|=]? ?\|? ?(?P<c>[0-9]{1,3})",
    rf"(?P<t>{COUNT}) lots (?:distincts?|separes?|independants?|suivants?|ci-apres|indissociables?|detailles?)",
    r"lots? ?: ?(?P<l>[0-9]{1,2}) lots?",
    rf"alloti\w{{0,2}} ?:? ?(?:en )?(?P<h>{COUNT}) lots",
    rf"(?:divided|split|broken down|subdivided) into (?P<e>{COUNT}) (?:separate |distinct )?lots",
    r"number of lots ?[:|]? ?(?P<f>[0-9]{1,3})",
    rf"(?:comprises|consists of|contains) (?P<g>{COUNT}) lots",
    rf"(?:مقسم\w*|يقسم|تقسم|مجزأ\w*|تتكون|يتكون|يتضمن|موزع\w*|تشمل|يشمل|تضم) (?:إلى |من |على )?(?P<a>{COUNT}) "
    r"(?:\(\w+\) )?حصص?ة?",
    r"عدد @حصص ?[:|]? ?(?P<b>[0-9]{1,3})",
    rf"(?:في|إلى|من) (?P<d>{COUNT}) حصص",
    "(?:إلى |في |من )?(?P<z>حصتين|حصتان)",
)
_EACH = pattern(
    r"(?:attribution|jugement|adjudication|attribue\w*|attribuer|evaluat\w+|jugee?s?|examen|evaluee?s?|comparaison)"
    r"[^.;]{0,80}lot (?:par|/) lot",
    "lot par lot",
    "chaque lot [^.;]{0,40}(?:marche|contrat)s? (?:separe|distinct)e?s?",
    "par lot separe",
    r"(?:attribue\w*|adjuge\w*|attribution)[^.;]{0,60}(?:par lots?|pour chaque lot|a chaque lot|separement)",
    r"chaque lot (?:est|sera|fera|fait|constitue|donnera|peut etre) (?:\w+ ){0,3}(?:attribu\w*|juge\w*|objet d'un "
    r"marche|adjuge\w*|evalu\w*|marche|separe\w*|independa\w*)",
    "marches? (?:distinct|separe)s? (?:sera|seront|est|par|pour) [^.;]{0,30}lots?",
    r"(?:award(?:ed)?|evaluat\w+)[^.;]{0,50}(?:lot[- ]by[- ]lot|per lot|each lot|for each lot|by lot|individual lots?)",
    "each lot (?:will|shall) be (?:awarded|evaluated)[^.;]{0,20}",
    "حصة (?:ب)?حصة",
    "كل حصة على حدة",
    "(?:إسناد|يسند|تسند|@?تقييم|@?حكم)[^.;]{0,40}(?:كل حصة|حسب @?حصص?|لكل حصة)",
)
_SEVERAL = pattern(
    r"(?:un|1|l'un) (?:ou|et/ou|et) (?:plusieurs|de plusieurs|tous les|l'ensemble des) (?:des )?lots?",
    "(?:un|a un|pour un) ou plusieurs (?:des )?lots",
    "soumissionner (?:pour|a) (?:un seul|un|plusieurs|tous les|chaque|l'ensemble des)[^.;]{0,30}lots?",
    "(?:one or more|one, several or all|any or all|all|any combination of|one or several)(?: of the)? lots",
    "(?:bids|tenders) may be submitted for[^.;]{0,40}lots?",
    "(?:حصة واحدة|حصة) أو (?:أكثر|عدة حصص|مجموع @حصص)",
    "حصة أو عدة حصص",
    "@مشاركة في (?:حصة|@حصص)[^.;]{0,20}",
)
_WHOLE = pattern(
    r"(?:attribue\w*|attribution|adjuge\w*|jugement)[^.;]{0,50}(?:globale?(?:ment)?|pour l'ensemble des lots|a un "
    r"seul (?:concurrent|attributaire|soumissionnaire))",
    "lots? (?:sont )?indissociables?",
    "l'ensemble des lots[^.;]{0,60}(?:seul|unique) (?:attributaire|marche|concurrent)",
    "(?:obligatoirement|tenus? de) (?:soumissionner|repondre)[^.;]{0,20}(?:pour |a )?(?:tous les|l'ensemble des|la "
    "totalite des) lots",
    "(?:all lots|the lots) (?:must|shall|will) be (?:bid|awarded) (?:together|to (?:one|a single|the same))[^.;]{0,20}",
    "(?:إسناد|تسند)[^.;]{0,30}(?:جميع|كل) @حصص[^.;]{0,30}(?:واحد|نفس)",
)


def read_lots(clause: Clause, document: Document) -> Iterator[Hit]:
    """The number of lots, and how they are awarded."""
    text = clause.text
    if "lot" not in text and "حص" not in text:
        return
    if (one := _ONE.search(text)) and not _if_clause(text, one.start()):
        yield Hit(Kind.LOTS, Count(1), clause.start + one.start(), clause.start + one.end(), 0.95)
    elif many := _MANY.search(text):
        said = {name: value for name, value in many.groupdict().items() if value}
        number = 2 if "z" in said else count_of(next(iter(said.values())))
        if number and number <= 500:
            yield Hit(Kind.LOTS, Count(number), clause.start + many.start(), clause.start + many.end(), 0.9)
    for spelt, stance, sure in ((_WHOLE, "refused", 0.8), (_EACH, "required", 0.85), (_SEVERAL, "allowed", 0.8)):
        if match := spelt.search(text):
            value = Demand("refused" if stance == "refused" else "required" if stance == "required" else "allowed")
            yield Hit(Kind.AWARD_PER_LOT, value, clause.start + match.start(), clause.start + match.end(), sure)
            return


def _if_clause(text: str, at: int) -> bool:
    """As in "… lorsqu'il s'agit d'un marché en lot unique": a rule of law, not a fact of this call."""
    return (
        pattern(
            r"lorsqu\w*[^,;]{0,60}",
            "s'il s'agit[^,;]{0,40}",
            "en cas de[^,;]{0,30}",
            "in case of[^,;]{0,30}",
            "(?:إذا|في حالة)[^,;]{0,40}",
        ).search(text[max(0, at - 70) : at])
        is not None
    )
