"""What a bidder must have at hand: people and their years, equipment, an office near the place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Equipment, Kind, Presence, Team
from matching.requirements.patterns import fragment, pattern
from matching.requirements.quantities import COUNT, count_of
from matching.requirements.rules.scores import is_scored
from matching.requirements.stance import denied

_ROLE = fragment(
    r"(?:chefs?|directeurs?|directrice|responsables?|coordinateurs?|conducteurs?) (?:de |du |d'|des )?(?:projets?"
    r"|missions?|travaux|chantiers?|equipe|etudes?|qualite|technique)",
    r"ingenieurs?(?: (?:d'etat|d'etudes|\w+)){0,5}",
    r"techniciens?(?: \w+){0,4}",
    r"architectes?(?: \w+){0,2}",
    r"(?:consultants?|experts?)(?: (?:senior|junior|principal|en|comptable|financier|juridique|\w+)){0,3}",
    r"developpeurs?(?: \w+){0,3}",
    r"infographistes?(?: \(\w+\))?",
    "web ?(?:designer|master)s?",
    r"analystes?(?: \w+){0,2}",
    r"administrateurs? (?:\w+ ){0,2}(?:systemes?|reseaux?|bases? de donnees)",
    r"topographes?",
    r"geometres?",
    r"formateurs?",
    r"agents? (?:de |d')?(?:securite|gardiennage|nettoyage|entretien)\w*",
    "electriciens?",
    "plombiers?",
    "chauffeurs?",
    r"animateurs?",
    r"enqueteurs?",
    r"juristes?",
    r"economistes?",
    "sociologues?",
    "urbanistes?",
    "paysagistes?",
    "jardiniers?",
    "superviseurs?",
    "profils?(?: \\w+){0,2}",
    "project managers?",
    "team leaders?",
    r"(?:\w+ )?engineers?",
    r"(?:\w+ )?(?:experts?|consultants?|specialists?|technicians?|developers?|designers?|analysts?)",
    "site managers?",
    "foremen",
    "رئيس (?:@مشروع|@ورش|@فريق)",
    "مهندسا?(?:ين|ون)?(?: (?:دولة|رئيسي|في \\w+|معلوميات|مدني|معماري))?",
    "تقني(?:ا|ين|ون)?(?: متخصص(?:ا|ين)?)?",
    "خبيرا?(?: في \\w+)?",
    "خبراء",
    "مستشارا?",
    "مدير @?(?:مشروع|أشغال)",
    "مطورا?(?:ين)?",
    "عامل(?:ا|ين)? نظافة",
    "حارسا?(?: أمن)?",
    "حراس",
)
_YEAR = fragment("ans?", "annees?", "years?'?", "سنوات", "سنة", "أعوام", "عاما")
_EXPERIENCE = fragment(
    "experiences?", "(?:d')?ancienn?ete", "@?(?:خبرة|تجربة|أقدمية)\\w{0,2}", "exercice", "pratique", "metier"
)
_ROLE_YEARS = pattern(
    rf"(?:(?P<c>{COUNT})[ \n]+)?(?P<r>{_ROLE})[^.;|]{{0,160}}?(?P<y>{COUNT})[ \n]+(?:\(\w+\) )?{_YEAR}[^.;"
    rf"|]{{0,30}}?{_EXPERIENCE}",
    rf"(?:(?P<c2>{COUNT})[ \n]+)?(?P<r2>{_ROLE})[^.;|]{{0,120}}?{_EXPERIENCE}[^.;|]{{0,60}}?(?P<y2>{COUNT})[ "
    rf"\n]+(?:\(\w+\) )?{_YEAR}",
)
_COUNTED = pattern(rf"(?P<c>{COUNT})[ \n]+(?P<r>{_ROLE})")
_TEAM_WORDS = pattern(
    "equipes?",
    "moyens humains",
    "personnel\\w*",
    "effectifs?",
    "composee?s?",
    "profils?",
    "mobilis\\w+",
    "affecte\\w*",
    "intervenants?",
    "au moins",
    "minimum",
    "minimal\\w*",
    "doit",
    "doivent",
    "comprend\\w*",
    "staff",
    "team",
    "personnel",
    "key",
    "at least",
    "must",
    "shall",
    "@فريق",
    "@موارد @بشرية",
    "@مستخدم\\w*",
    "يجب",
    "على @أقل",
    "يتكون",
    "@طاقم",
)
_LEADS_ROW = re.compile(r"^[\s|\-•*]{0,6}(?:profil[ ]?[0-9]?[ ]?:[ ]?)?")
_RATED_ROLE = re.compile(
    rf"[\s|#•*-]{{0,6}}(?P<r>{_ROLE}[^()|0-9]{{0,70}})\([ ]?[0-9]{{1,3}}[ ]?(?:points?|pts?)[ ]?\)"
)
_NUMBERED = re.compile(r"(?:key )?(?:experts?|profils?|expert cle)[ ]?(?:n[°o][ ]?)?[0-9]{1,2}[ ]?[:-][ ]?")
_CV = pattern("curriculum vitae", "c\\.?v\\.?s?", "curricul\\w+", "@سير[ةه]? @ذاتية", "@سيرة @ذاتية", "@سير @ذاتية")
_MEANS = pattern(
    "moyens humains et (?:techniques|materiels)",
    "moyens (?:techniques|materiels) et humains",
    "@وسائل @بشرية و@تقنية",
    "@إمكانيات @بشرية و@تقنية",
    "human and technical (?:resources|means)",
    "@وسائل @بشرية و@مادية",
)
_EQUIPMENT = pattern(
    r"(?:liste (?:du |des )?)?(?:materiels?|engins?|equipements?|vehicules?|outillages?)(?: \w+)? (?:minimum"
    r"|minimal|minimaux|exigee?s?|requis|necessaires?|a mobiliser|propose|affectee?s?|que le concurrent|dont "
    r"dispose)",
    r"(?:dispos|possed|justifi|mobilis|posséd)\w{1,6} (?:au moins |au minimum |obligatoirement )?(?:de |du |d'|des "
    r"|le |les )(?:materiels?|engins?|equipements?|camions?|vehicules?|\w+ (?:camions?|engins?|vehicules?|pelles?"
    r"|bus|niveleuses?|compacteurs?))",
    "moyens materiels",
    r"materiel (?:minimum|minimal|exige|suivant)",
    "(?:list of )?(?:key |essential |minimum |required )+equipment(?: required| listed)?",
    "(?:own|possess|have access to|provide evidence of) (?:the following )?equipment",
    "@(?:معدات|آليات|عتاد|تجهيزات|وسائل) (?:@ضرورية|@مطلوبة|@لازمة|@مخصصة|@تالية|@مادية)",
    "@توفر على @?(?:معدات|آليات|عتاد|شاحن\\w+|عربات|تجهيزات)\\w*",
    "لائحة @(?:معدات|عتاد|آليات|وسائل)\\w*",
)
_NOT_BIDDERS = pattern(
    "fourni\\w* par (?:le maitre|l'administration)",
    "acquisition",
    "achat (?:de|du|d')",
    "objet",
    "livraison",
    "installation",
    "garantie",
    "maintenance",
)
_OFFICE = (
    r"(?:agences?|bureaux?|sieges?(?: social)?|representations?(?: permanente)?|representants?|locals?|locaux"
    r"|antennes?|ateliers?|etablissements?|succursales?|points? de (?:vente|service)|service apres[- ]vente"
    r"|centre de (?:service|maintenance)|garages?|station\w*|domicili\w+)"
)
_AREA = (
    "(?:(?:ville|region|province|prefecture|commune|territoire|zone|perimetre|royaume)(?: (?:de|du|des)| "
    "d'(?=[a-z]))? ?)?"
)
_NEAR = "(?:a|au|aux|dans|sur|pres|proche)(?![a-z])(?: l'interieur(?: de)?| l'(?=[a-z])| (?:de|la|le|les)(?= ))? ?"
_NAMED = "[^\\W\\d][^,;.:()|]{1,40}"
_PRESENCE = pattern(
    r"(?:dispos|justifi|av|possed|etre|soi|install|implant|domicili|etabli|locali)\w{1,9} "
    r"(?:au moins |obligatoirement |d'ores et deja |sur place )?"
    rf"(?:d'|de |du |un |une |le |son |leur |en )?(?:une? |au moins une? )?(?:{_OFFICE} ou (?:d'une? |une? )?)"
    rf"?{_OFFICE}"
    rf"(?: \w+){{0,2}}? {_NEAR}{_AREA}(?P<p>{_NAMED})",
    rf"{_OFFICE} (?:\w+ )?(?:est |sont )?(?:exigee?s?|obligatoires?|requise?s?) {_NEAR}{_AREA}(?P<p2>{_NAMED})",
    rf"(?:implantee?s?|installee?s?|domiciliee?s?|siegeant|basee?s?) {_NEAR}{_AREA}(?P<p3>{_NAMED})",
    "(?:have|maintain|establish|has|operate) (?:an?|its|at least one) (?:local |permanent |registered |service )?"
    "(?:office|presence|branch|representative|centre|center|agent|workshop)(?: located)? (?:in|within|at) "
    "(?P<e>[^,;.:()|]{2,40})",
    "local presence(?: in (?P<e2>[^,;.:()|]{2,40}))?",
    r"(?:@توفر|يتوفر|تتوفر|أن (?:يكون|تكون) له\w?|@إدلاء) (?:على |ب)?(?:مقر|مكتب|وكالة|فرع|محل|تمثيلية|ورشة)\w? "
    r"(?:\w+ )?(?:(?:في|داخل) |ب(?=\w))(?P<q>[^,;.:()|]{2,40})",
)
_PRESENCE_ASKED = pattern(
    "doit",
    "doivent",
    "devra\\w*",
    "exig\\w+",
    "obligat\\w+",
    "requis\\w*",
    "tenue?s?",
    "condition\\w*",
    "justifi\\w+",
    "disposer",
    "avoir",
    "must",
    "shall",
    "required",
    "should",
    "يجب",
    "@توفر",
    "يتعين",
    "شريطة",
    "ملزم\\w*",
    "مطلوب\\w*",
    "@إدلاء",
    "يتوفر\\w*",
)


def read_team(clause: Clause, document: Document) -> Iterator[Hit]:
    """Roles with their number and years, CVs, and the plain note of means."""
    text = clause.text
    if is_scored(clause):
        yield from (list(_named(clause, document)) or list(_heading(clause, document)))
        return
    seen: list[tuple[int, int]] = []
    for match in _ROLE_YEARS.finditer(text):
        part = {name[0]: said for name, said in match.groupdict().items() if said}
        years = count_of(part["y"])
        if years is None or years > 40 or denied(match[0]):
            continue
        name = "r" if match["r"] else "r2"
        if more := _NUMBERED.match(text, match.start(name)):
            part["r"] = text[more.end() : more.end() + 80].split(",")[0]
        at = clause.start + (more.end() if more else match.start(name))
        value = Team(
            document.written(at, at + _role(part["r"])), count_of(part["c"]) if "c" in part else None, years, None
        )
        seen.append(match.span())
        yield Hit(Kind.TEAM, value, clause.start + match.start(), clause.start + match.end(), 0.9)
    for hit in _named(clause, document):
        if not any(start < hit.end - clause.start and hit.start - clause.start < end for start, end in seen):
            yield hit
    if (cv := _CV.search(text)) and not denied(text):
        yield Hit(Kind.TEAM, Team(cv=True), clause.start + cv.start(), clause.start + cv.end(), 0.85)
    if ((means := _MEANS.search(text)) and "note" in text) or (means and re.search("مذكره|بيان|note", text)):
        yield Hit(Kind.TEAM, Team(), clause.start + means.start(), clause.start + means.end(), 0.5)


def _heading(clause: Clause, document: Document) -> Iterator[Hit]:
    """A profile that a grid rates: "| Chef de projet (20 points) |"."""
    if match := _RATED_ROLE.match(clause.text):
        at = clause.start + match.start("r")
        role = document.written(at, at + _role(match["r"]))
        yield Hit(Kind.TEAM, Team(role), at, at + len(match["r"]), 0.65)


def _named(clause: Clause, document: Document) -> Iterator[Hit]:
    """As in "Un (1) infographiste": a number and a role, where the clause speaks of a team or begins with them."""
    text = clause.text
    for match in _COUNTED.finditer(text):
        number = count_of(match["c"])
        leads = _LEADS_ROW.match(text)
        first = leads is not None and match.start() <= leads.end()
        if number is None or not 0 < number <= 60 or not (first or _TEAM_WORDS.search(text[: match.start()])):
            continue
        at = clause.start + match.start("r")
        yield Hit(
            Kind.TEAM,
            Team(document.written(at, at + _role(match["r"])), number),
            clause.start + match.start(),
            clause.start + match.end(),
            0.8,
        )


_ROLE_END = re.compile(
    r"[ ](?:ayant|avec|justifiant|disposant|possedant|titulaire|dont|with|having|who|qui|minimum)(?!\w)"
)
_PLACE_END = re.compile(r"[ ](?:et|ou|pour|afin|avec|ayant|est|qui|and|or|to|pendant|depuis|لمده|من|و)(?!\w)")
_ROLE_TAIL = re.compile(
    r"[ ](?:ayant|avec|justifiant|disposant|possedant|titulaire|de|du|des|d|en|a|et|ou|au|pour|qui|with|having|and"
    r"|or|in|of|dont|une?|le|la|les|l)$"
)


def _role(written: str) -> int:
    """How much of a role as found is the role: its end, before the words that only lead on."""
    role = _ROLE_END.split(written, maxsplit=1)[0]
    while shorter := _ROLE_TAIL.search(role):
        role = role[: shorter.start()]
    return len(role)


def read_equipment(clause: Clause, document: Document) -> Iterator[Hit]:
    """Equipment that a bidder must have or hire."""
    text = clause.text
    if means := _MEANS.search(text):
        if re.search(r"note|مذكره|بيان", text):
            yield Hit(
                Kind.EQUIPMENT,
                Equipment(document.written(clause.start + means.start(), clause.start + means.end())),
                clause.start + means.start(),
                clause.start + means.end(),
                0.5,
            )
        return
    cue = _EQUIPMENT.search(text)
    if (
        cue is None
        or is_scored(clause)
        or (_NOT_BIDDERS.search(text) and not re.search(r"minim|exig|dispos|posse|mobilis|equipment", cue[0]))
    ):
        return
    if denied(text[max(0, cue.start() - 50) : cue.end() + 60]):
        yield Hit(
            Kind.EQUIPMENT,
            Equipment(document.written(clause.start + cue.start(), clause.start + cue.end()), required=False),
            clause.start + cue.start(),
            clause.start + cue.end(),
            0.7,
        )
        return
    stop = re.compile(r"[.;]").search(text, cue.end())
    end = min(stop.start() if stop else len(text), cue.start() + 200)
    yield Hit(
        Kind.EQUIPMENT,
        Equipment(document.written(clause.start + cue.start(), clause.start + end)),
        clause.start + cue.start(),
        clause.start + end,
        0.8,
    )


def read_presence(clause: Clause, document: Document) -> Iterator[Hit]:
    """An office, shop or service point asked near a place."""
    text = clause.text
    match = _PRESENCE.search(text)
    if match is None or not _PRESENCE_ASKED.search(text) or is_scored(clause):
        return
    if re.search(r"(?<!\w)non[ ]?$", text[: match.start()]):
        return
    named = next((name for name, said in match.groupdict().items() if said), None)
    required = not denied(text[max(0, match.start() - 60) : match.end()])
    place = None
    if named:
        at = clause.start + match.start(named)
        place = document.written(at, at + len(_PLACE_END.split(match[named], maxsplit=1)[0])) or None
    yield Hit(
        Kind.LOCAL_PRESENCE, Presence(place, required), clause.start + match.start(), clause.start + match.end(), 0.8
    )
