"""Deadlines: of the bids, and of questions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Days, Kind, When
from matching.requirements.moments import Moment, moments
from matching.requirements.patterns import pattern
from matching.requirements.quantities import COUNT, count_of

_DEADLINE = pattern(
    r"dates? (?:et heures? )?(?:limites?|butoirs?)(?: et heures?(?: limites?)?)?(?: (?:de|du|pour|fixee?s? pour) "
    r"(?:la |le |les )?(?:remise|depot|reception|presentation|envoi|soumission)s?(?: des? \w+| des (?:dossiers|plis"
    r"|offres|candidatures|propositions|devis)(?: des concurrents)?)?)?",
    r"(?:remise|depot|reception) des (?:plis|offres|dossiers|candidatures|devis|propositions)",
    r"(?:offres|plis|dossiers|candidatures|propositions|devis)[^.;]{0,60}(?:doivent|devront|seront|sont)"
    r"[^.;]{0,40}(?:deposee?s?|remis|remises|parvenir|transmis\w*|recu\w*|adress\w+|envoye\w*|soumis\w*)",
    r"(?:deposee?s?|deposer|remettre|transmettre|soumettre)[^.;]{0,60}au plus tard",
    "cloture (?:des|de la) (?:remise|depots?|soumissions?|inscriptions)",
    "date (?:de )?(?:cloture|limite)",
    "au plus tard le",
    r"(?:deadline|closing date(?: and time)?|time limit|latest date|submission date|due date)(?: for (?:the )"
    r"?(?:submission|receipt|receiving|delivery|lodging)(?: of (?:the )?(?:bids|tenders|offers|proposals"
    r"|applications|requests to participate|quotations))?)?",
    r"(?:bids|tenders|proposals|offers|applications|quotations) (?:must|shall|should|are to|will)"
    r"[^.;]{0,60}(?:submitted|received|delivered|lodged|uploaded)",
    "(?:bids|tenders|proposals|offers|applications)[^.;]{0,20}(?:must|shall|should) reach[^.;0-9]{0,80}",
    "(?:submitted|received|delivered)[^.;]{0,50}(?:no later than|by|before|on or before)",
    "@?(?:آخر أجل|أجل|تاريخ أقصاه|آخر موعد|@أجل @محدد|@تاريخ @محدد|@موعد @نهائي|@تاريخ @نهائي|@تاريخ @أقصى|تاريخ "
    "وساعة|قبل تاريخ)(?:[^.;0-9]{0,40}?@?(?:إيداع|وضع|تقديم|تسليم|استلام|تلقي|استقبال)(?: @?(?:عروض|أظرفة|ملفات"
    "|ترشيحات|أظرف))?)?",
    "(?:إيداع|وضع|تقديم|تسليم|استلام|تلقي) (?:@?(?:أظرفة|عروض|ملفات|ترشيحات|أظرف))",
    "آخر أجل",
)
_OPENING = pattern(
    r"(?:il (?:sera|est)|sera) procede[^.;]{0,260}ouverture (?:en seance publique )?des (?:plis|offres)",
    r"(?:date|seance|jour|heure d')[^.;0-9]{0,40}ouverture des (?:plis|offres|enveloppes)",
    r"ouverture (?:en seance publique )?des (?:plis|offres|enveloppes)",
    r"(?:bid|tender) opening|opening of (?:the )?(?:bids|tenders|offers)|(?:bids|tenders) will be (?:publicly )?opened",
    "@?فتح @?(?:أظرفة|أظرف|عروض)(?: @متعلقة)?",
    "ستتم[^.;]{0,120}فتح @أظرفة",
    "جلسة (?:عمومية )?(?:ل)?فتح",
)
_QUESTIONS_SIGN = pattern(
    "questions?",
    "eclaircissements?",
    "renseignements? complementaires",
    "(?:demande|demandes|demander|solliciter) (?:de |d'|des |tout |toute )?(?:renseignements?|informations?"
    "|precisions?)",
    "informations? complementaires",
    "precisions complementaires",
    "clarifications?",
    "enquiries",
    "queries",
    "requests? for information",
    "@?توضيح(?:ات)?",
    "@?استفسار(?:ات)?",
    "@?إيضاح(?:ات)?",
    "@?أسئلة",
)
_DAYS_BEFORE = re.compile(
    rf"(?P<n>{COUNT})[ \n]+(?:jours?|days|ايام|يوما|يوم)(?:[ ](?:francs?|ouvrables?|ouvres|calendaires?|calendar"
    rf"|working|business|كامله|علي الاقل|at least|au moins|ou plus|before|au minimum)){{0,3}}[^.;]{{0,30}}?(?:avant"
    rf"|before|prior to|قبل|precedant)[^.;]{{0,40}}?(?:date|remise|ouverture|limite|deadline|submission|تاريخ|موعد"
    r"|اجل|فتح|جلسه|opening|depot|reception|closing)"
)
_SUCH = pattern(
    "(?:cette|ladite|ces|lesdites|such|these) (?:demandes?|requests?)",
    "(?:elle|celle-ci|celles-ci)",
    "هذا @طلب",
    "هذه @طلبات",
)
_NOT_ANSWER = pattern(
    "maitre d'ouvrage (?:doit|repond|fournira|communique)\\w*",
    "la reponse",
    "reponses?",
    "will (?:respond|reply|answer)\\w*",
    "يجيب",
    "@جواب",
)
_ASIDE = pattern(
    "visite\\w*",
    "echantillons?",
    "reunion\\w*",
    "prototypes?",
    "decret",
    "dahir",
    "arrete",
    "loi n\\w*",
    "circulaire",
    "publi(?:e|ee|ication|cation)\\w*",
    "mise en ligne",
    "fait a",
    "signe",
    "lu et accepte",
    "validite",
    "execution",
    "notification",
    "site visit",
    "samples?",
    "published",
    "contract (?:start|end)",
    "prestations? (?:debut|commenc)\\w*",
    "date (?:de )?(?:debut|publication|creation|signature)",
    "annulation",
    "annulee?",
    "زيارة",
    "عينات",
    "مرسوم",
    "ظهير",
    "نشر",
    "اجتماع",
    "حرر",
)
_BIDS = pattern(
    "offres?",
    "plis?",
    "dossiers?",
    "candidatures?",
    "propositions?",
    "devis",
    "bids?",
    "tenders?",
    "proposals?",
    "offers?",
    "applications?",
    "quotations?",
    "@?(?:عروض|أظرفة|أظرف|ملفات|ترشيحات)",
)
_FORMER = re.compile(
    r"(?<!\w)(?:initialement|au lieu du|prevue? auparavant|originally|instead of|بدلا من|عوض)(?!\w)[^;]{0,40}$"
)
"""A date that no longer holds: "initialement prévue le …, est reportée au …"."""
_PERIOD = pattern("periode", "duree", "allant de", "a compter de", "a partir de", "from", "ابتداء من")
"""What the opening of bids begins has an end that is no deadline."""
_LABEL = re.compile(
    r"(?:dates?|deadline|closing|time limit|latest|submission|due|cloture|remise|depot|reception|اخر|اجل|تاريخ"
    r"|الاجل)(?!\w)"
)
"""Cues that stand before their date, as labels do, unless a verb turns them round: "12 May is the closing date"."""
_SAYS = re.compile(r"[ )]{0,3}(?:[:,]|est|is|was|هو|au plus tard|constitue)")
_REACH = 260


def read_dates(clause: Clause, document: Document) -> Iterator[Hit]:
    """The instants until which bids, or questions, are taken."""
    text = clause.text
    found = moments(text)
    question = _QUESTIONS_SIGN.search(text) or _asked_before(clause, document)
    if question:
        yield from _days_before(clause, question)
    if not found:
        return
    asides = [match.start() for match in _ASIDE.finditer(text)]
    deadlines = [match.span() for match in _DEADLINE.finditer(text)]
    openings = [
        match.span()
        for match in _OPENING.finditer(text)
        if not _PERIOD.search(text[max(0, match.start() - 60) : match.start()])
    ]
    deadlines = [cue for cue in deadlines if not _of_other(text, cue, asides, question)]
    told = False
    for moment in found:
        if _FORMER.search(text[max(0, moment.start - 50) : moment.start]):
            continue
        if question and _belongs(moment, question.span(), asides, deadlines):
            yield _hit(Kind.QUESTIONS_DEADLINE, clause, document, question.span(), moment, 0.9)
        elif told and any(deadlines[0][1] < opening[0] < moment.start for opening in openings if deadlines):
            continue  # the session of which the deadline was told before
        elif (cue := _nearest(text, moment, deadlines, asides, behind=80)) is not None:
            told = True
            yield _hit(Kind.DEADLINE, clause, document, cue, moment, 0.95 if moment.hour else 0.85)
        elif (cue := _nearest(text, moment, openings, asides, behind=_REACH)) is not None:
            # Bids are taken until the session that opens them (decree 2-22-431): its hour is theirs.
            yield _hit(Kind.DEADLINE, clause, document, cue, moment, 0.8 if moment.hour else 0.6)


def _asked_before(clause: Clause, document: Document) -> re.Match[str] | None:
    """As in "Cette demande n'est recevable que …" speaks of the questions that the clause before names."""
    if clause.number and _QUESTIONS_SIGN.search(document.clauses[clause.number - 1].text):
        return _SUCH.match(clause.text)
    return None


def _of_other(text: str, cue: tuple[int, int], asides: list[int], question: re.Match[str] | None) -> bool:
    """Whether "to be handed in by" speaks of samples, a visit or questions, which the clause names before it."""
    if _BIDS.search(text[cue[0] : cue[1]]):
        return False
    return any(at <= cue[0] and cue[0] - at < 160 for at in asides) or (
        question is not None and question.start() <= cue[0]
    )


def _nearest(
    text: str, moment: Moment, cues: list[tuple[int, int]], asides: list[int], *, behind: int
) -> tuple[int, int] | None:
    """The cue nearest to a date, unless words of another date stand between them or directly before it."""
    before = [cue for cue in cues if cue[1] <= moment.start and moment.start - cue[1] <= _REACH]
    if before:
        cue = before[-1]
        return None if any(cue[1] <= at < moment.start for at in asides) else cue
    inside = [cue for cue in cues if cue[0] < moment.start and moment.end <= cue[1]]
    if inside:
        return (inside[0][0], moment.end)
    after = [cue for cue in cues if cue[0] >= moment.end and cue[0] - moment.end <= behind]
    if not after:
        return None
    label = _LABEL.match(text, after[0][0])
    if label and not _SAYS.match(text, moment.end):
        return None
    blocked = any(moment.start - 60 <= at < moment.start or moment.end <= at < after[0][0] for at in asides)
    return None if blocked else after[0]


def _belongs(moment: Moment, question: tuple[int, int], asides: list[int], deadlines: list[tuple[int, int]]) -> bool:
    if moment.start < question[0]:
        return question[0] - moment.end < 80 and not any(
            cue[1] <= moment.start and moment.start - cue[1] < 60 for cue in deadlines
        )
    between = range(question[1], moment.start)
    return len(between) <= _REACH and not any(at in between for at in asides)


def _hit(kind: Kind, clause: Clause, document: Document, cue: tuple[int, int], moment: Moment, sure: float) -> Hit:
    start, end = min(cue[0], moment.start), max(cue[1], moment.end)
    when: When = moment.when(document.zone)
    return Hit(kind, when, clause.start + start, clause.start + end, sure)


def _days_before(clause: Clause, question: re.Match[str]) -> Iterator[Hit]:
    text = clause.text
    found = _DAYS_BEFORE.search(text)
    if found is None or (
        _NOT_ANSWER.search(text)
        and not re.search(r"au (?:plus tard|moins)|parvenir|formul|received|doi(?:t|vent) etre|يجب|submitted", text)
    ):
        return
    if _NOT_ANSWER.search(text[: found.start()]) and re.search(
        r"repon|يجيب|reply|respond|answer", text[: found.start()]
    ):
        return
    days = count_of(found["n"])
    if days and days <= 60:
        start, end = min(question.start(), found.start()), max(question.end(), found.end())
        if end - start > 330:
            start, end = found.span()
        yield Hit(Kind.QUESTIONS_DEADLINE, Days(days), clause.start + start, clause.start + end, 0.8)
