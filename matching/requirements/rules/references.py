"""Reference attestations: how many, of which kind, how old, of which amount, or that none are asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matching.requirements.amounts import amounts
from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Kind, Money, References
from matching.requirements.patterns import pattern
from matching.requirements.quantities import COUNT, count_of
from matching.requirements.rules.lots_named import only_lot
from matching.requirements.rules.scores import is_scored
from matching.requirements.stance import denied, void_after

_NOUN = (
    r"(?:attestations?|certificats?|references?|projets?|marches?|prestations?|operations?|missions?"
    r"|realisations?|chantiers?|contrats?|travaux|etudes?)"
)
_CUE = pattern(
    r"attestations? (?:de |des? )?(?:bonne execution|bonne fin|references?(?: techniques?)?|travaux)",
    "references? (?:techniques?|similaires?|professionnelles?|clients?|probantes?|dans|en matiere|portant|des "
    "prestations|datant|de moins)",
    r"attestations?,? (?:ou (?:leurs? |une )?copies? (?:certifiees? )?conformes?(?: a l'original| aux originaux)?,? "
    r"?)?(?:de references? )?(?:ont ete )?(?:delivree?s?|etablies?|signee?s?) par (?:les? |des |un )?(?:maitres? "
    r"d'ouvrages?|hommes? de l'art|anciens clients|clients|maitres? d.{1,3}oeuvre)",
    rf"{_NOUN} (?:\w+ ){{0,2}}(?:similaires?|comparables?|analogues?|de (?:la )?meme nature|de nature "
    r"similaire)",
    "certificats? de bonne (?:execution|fin)",
    "references? : ?\\w+",
    "liste des? (?:principales? )?references?",
    "liste des principaux (?:services|travaux|marches)",
    "(?:au moins|minimum|minimum de|presenter|fournir|justifier) [^.;]{0,30}references?",
    "(?:client |work |project |contract |trade )?references? (?:from|for|of (?:at least )?\\w+ similar|letters?"
    "|contracts?)",
    r"similar (?:\w+ ){0,2}(?:contracts?|projects?|works|assignments?|services|nature)",
    "(?:contracts?|projects?|works|services) of (?:a )?similar (?:nature|size|scope)",
    "contracts? (?:completed |executed )?(?:within|in|over|during) the (?:last|past)",
    "(?:past|previous) (?:performance|experience) (?:certificates?|in similar)",
    "(?:two|three|one|[0-9]) (?:\\w+ )?references",
    "@شهاد(?:ة|ات) @مرجعية?(?:ة)?",
    "@مراجع @(?:تقنية|مماثلة|مهنية)",
    "@شواهد @مرجعية",
    "@شواهد @مسلمة",
    "@شهادات @مسلمة(?: من (?:طرف|قبل|لدن))?",
    r"(?:مشاريع|أشغال|خدمات|أعمال|صفقات|توريدات|مشروع|صفقة) (?:\w+ )?مماثلة?",
    "شهادات حسن (?:@تنفيذ|@إنجاز)",
    "@شهاد(?:ة|ات|تين|تان) @مرجعي(?:ة|تين|تان)",
)
_SIMILAR = pattern(
    "similaires?",
    "comparables?",
    "analogues?",
    "(?:de la |de )?meme nature",
    "equivalentes?",
    "similar",
    "comparable",
    "مماثل\\w{0,3}",
    "مشابه\\w{0,3}",
    "من نفس (?:@طبيعة|@نوع)",
)
_NUMBER = pattern(
    rf"(?P<n>{COUNT})[ \n]+(?:\(\w+\) )?(?:\w+ )?{_NOUN}",
    rf"(?P<e>{COUNT})[ \n]+(?:\w+ )?(?:similar|references?|contracts?|projects?|assignments?|certificates?|client)",
    rf"(?P<a>{COUNT}) (?:على @أقل )?(?:شهادات|شواهد|مراجع|مشاريع|صفقات)",
    "(?P<s>شهادة|مرجع|مشروع) واحدة?",
    "(?P<d>@(?:شهادتين|شهادتان|مرجعين|مرجعان|مشروعين))",
)
_YEARS = pattern(
    rf"(?P<n>{COUNT})[ \n]+(?:\(\w+\) )?(?:dernieres? |derniers )?(?:annees?|ans|exercices|years)(?! d'experience)",
    rf"(?:last|past|previous|dernieres?) (?P<l>{COUNT})(?: \(\w+\))? (?:years|annees|ans)",
    rf"(?P<a>{COUNT})[ \n]+(?:سنوات|أعوام|سنة)",
    rf"(?:@سنوات|سنوات) (?P<b>{COUNT})",
)
_NONE = pattern(
    r"(?:sans|aucune?s?|pas d'|dispens\w+ (?:de |d'|des )|non exige\w* d').{0,30}(?:attestations?|references?)",
    r"(?:attestations?|references?)[^.;]{0,60} (?:ne sont pas|n'est pas|non) (?:exig|requis|demand|obligatoir)\w+",
    "no (?:\\w+ )?references?(?: \\w+)? (?:are |is )?(?:required|requested|needed)",
    "references? (?:are|is) not required",
    "without references?",
    "(?:لا|دون|بدون|غير|[وب]?معف\\w+ من) .{0,30}(?:شهاد(?:ة|ات)|مراجع|@مراجع)",
)
_FISCAL = pattern(
    "percepteur",
    "cnss",
    "situation fiscale",
    "prevoyance sociale",
    "fiscale?s?",
    "immatriculation",
    "termes? de references?",
    "terms of reference",
    "prix de references?",
    "numero de references?",
    "@ضرائب",
    "@ضمان @اجتماعي",
    "جبائية",
    "visite",
    "assurances?",
)
_AND = re.compile(r"(,? (?:et|ainsi que|and|as well as) |[,;] | و)")
_REACH = 420


def read_references(clause: Clause, document: Document) -> Iterator[Hit]:
    """The references that a clause asks for, or says it does not."""
    text = clause.text
    cue = _CUE.search(text)
    if _FISCAL.search(text) and not (cue and ("maitre" in cue[0] or "similaire" in cue[0])):
        text = _without_papers(text)
        cue = None if _FISCAL.search(text) else _CUE.search(text)
        if cue is None:
            return
    none = _NONE.search(text)
    if (cue is None and none is None) or is_scored(clause):
        return
    lot = only_lot(text)
    if none:
        yield Hit(
            Kind.REFERENCES,
            References(required=False, lot=lot),
            clause.start + none.start(),
            clause.start + _end(text, none.end()),
            0.85,
        )
        return
    assert cue is not None
    if (end := void_after(text, cue.end())) or _refused(text, cue):
        yield Hit(
            Kind.REFERENCES,
            References(required=False, lot=lot),
            clause.start + cue.start(),
            clause.start + (end or _end(text, cue.end())),
            0.85,
        )
        return
    number, years = _number(text, cue), _years(text)
    sums = [each for each in amounts(text) if each.start > cue.start()]
    money = Money(sums[0].value, sums[0].currency, sums[0].tax_included) if sums else None
    value = References(
        required=True,
        count=number[0] if number else None,
        similar=True if _SIMILAR.search(text) else None,
        years=years[0] if years else None,
        amount=money,
        lot=lot,
    )
    marks = [
        cue.span(),
        *([number[1]] if number else []),
        *([years[1]] if years else []),
        *([(sums[0].start, sums[0].end)] if sums else []),
    ]
    start, end = min(mark[0] for mark in marks), max(mark[1] for mark in marks)
    if end - start > _REACH:
        start, end = cue.span()
    told = sum(each is not None for each in (value.count, value.years, value.amount))
    yield Hit(Kind.REFERENCES, value, clause.start + start, clause.start + end, 0.9 if told else 0.75)


def _without_papers(text: str) -> str:
    """An enumeration with the papers of the administrative file blanked out, where they stand by themselves."""
    pieces = _AND.split(text)
    return "".join(" " * len(each) if _FISCAL.search(each) and not _CUE.search(each) else each for each in pieces)


def _refused(text: str, cue: re.Match[str]) -> bool:
    around = text[max(0, cue.start() - 40) : cue.end() + 80]
    return (
        denied(around)
        and re.search(r"exig|requis|demand|necessair|obligatoir|require|need|مطلوب|يطلب|ضروري|الزامي", around)
        is not None
    )


def _end(text: str, at: int) -> int:
    """The end of the word group that a negation spans: up to the next mark."""
    stop = re.compile(r"[.;,]").search(text, at)
    return stop.start() if stop and stop.start() - at < 90 else min(len(text), at + 90)


def _number(text: str, cue: re.Match[str]) -> tuple[int, tuple[int, int]] | None:
    for match in _NUMBER.finditer(text):
        part = {name: said for name, said in match.groupdict().items() if said}
        if "s" in part or "d" in part:
            number: int | None = 1 if "s" in part else 2
        else:
            number = count_of(next(iter(part.values())))
        if number and number <= 50 and abs(match.start() - cue.start()) < 160:
            return number, match.span()
    return None


def _years(text: str) -> tuple[int, tuple[int, int]] | None:
    for match in _YEARS.finditer(text):
        number = count_of(next(said for said in match.groupdict().values() if said))
        if number and 1 <= number <= 20:
            return number, match.span()
    return None
