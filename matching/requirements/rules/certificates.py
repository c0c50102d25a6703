"""Certificates: qualification and classification of works firms, agréments of domains, ISO and other schemes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Certificate, Kind, Scheme
from matching.requirements.patterns import pattern
from matching.requirements.rules.lots_named import only_lot
from matching.requirements.rules.scores import is_scored
from matching.requirements.stance import denied, void_after

QUALIFIED = "Qualification et classification"
_QUALIFICATION = pattern(
    r"(?:certificats? |attestations? )?(?:de |des? la |du |d'un |d'une )?(?:qualifications?|classifications?)(?: "
    r"?[-/&,] ?| et (?:de |la )?(?:classification|qualification)s?)?(?: et (?:de |la )?(?:classification"
    r"|qualification)s?)?(?: (?:des entreprises|exigee?s?|requise?s?|demandee?s?|professionnelles?|et classes?))*",
    "qualification and classification(?: certificates?)?",
    "@شهاد(?:ة|ات) @(?:تأهيل|تصنيف|تكييف|توصيف)(?: و@(?:تأهيل|تصنيف))?",
    "@(?:تأهيل|توصيف) و@تصنيف",
    "@شهاد(?:ة|ات) @تصنيف و@تأهيل",
)
_SECTOR = pattern(
    "secteurs?(?: d'activites?)?(?: n[°o]| :| -|:)?:? ?(?P<s>[a-z](?![\\w'’])|[0-9]{1,2}(?!\\w|[.,][0-9]))",
    "@قطاع(?: رقم)? ?:? ?(?P<t>[a-z](?!\\w)|[0-9]{1,2}(?!\\w|[.,][0-9]))",
    "sector ?:? ?(?P<u>[a-z](?![\\w'])|[0-9]{1,2})",
)
_GRADE = pattern(
    "classes?(?: minimales?| minimum| demandee?s?| exigee?s?| requise?s?)*(?: :|:| n[°o])? ?(?P<g>[1-6]"
    "|[sa-d](?![\\w'])|iii|iv|ii|i|v)",
    "(?P<h>[1-6]) ?(?:eme|e|ere) classe",
    "@(?:صنف|درجة|فئة|طبقة)(?: @أدنى| @مطلوبة?| رقم)? ?:? ?(?P<k>[1-6]|[a-d])",
    "class (?P<l>[1-6])",
)
_QUALS = pattern(
    r"(?:qualifications?|qualif\.?|@(?:مؤهلات?|تأهيل|مؤهل|توصيف))(?: @مطلوب(?:ة)?)?(?: exigee?s?| requise?s?| "
    r"demandee?s?| minimales?)"
    r"*(?: n[°o])?[ :|-]{0,6}(?P<q>(?:[a-z] ?[.-]? ?[0-9]{1,2}|[0-9]{1,2}\.[0-9]{1,2})(?:(?: ?[,;/&|-] ?| et | ou | "
    r"و ?)(?:[a-z] ?[.-]? ?[0-9]{1,2}|[0-9]{1,2}\.[0-9]{1,2})){0,8})"
)
_HEADED = re.compile(r"qualifications?[ ]?:[ ]?(?P<s>[a-z])[ ]?[-:][ ](?=[a-z])")
_QUAL = re.compile(r"[a-z][ ]?[.-]?[ ]?[0-9]{1,2}|[0-9]{1,2}\.[0-9]{1,2}")
_ROW_GRADE = re.compile(r"(?:classe[ ]?)?([1-6]|[s])")
_AGREEMENT = pattern(
    "agrements?\\w*",
    "domaines? d'(?:activite|agrement)s?",
    "systeme d'agrement",
    "شهاد(?:ة|ات) @اعتماد",
    "@اعتماد(?:ات)?",
    "مجالات? @(?:نشاط|اعتماد)",
    "approvals?",
    "accreditations?",
)
_DOMAIN = re.compile(r"(?<![\w.])d[ ]?[-.]?[ ]?([1-9][0-9]?)(?![\w]|[.,][0-9])")
_AGREED_BY = pattern(
    r"agrements? (?:[^,;.:|]{0,40} )?(?:delivree?s?|accordee?s?|octroyee?s?) par (?P<by>[^,;.:|()]{3,80})",
    r"(?:autorisations?|licences?|agrements?) (?:d'exercice |d'exercer |sanitaires? )?(?:de l'|de la |du |d')"
    r"(?P<of>onssa|anrt|dgsn|onmt|ministere de \w+(?: \w+){0,2}|office national \w+(?: \w+){0,4}|bank al-maghrib"
    r"|anam|amssnur)",
)
_ISO = re.compile(
    r"(?<!\w)iso(?:[ /-]{0,3}(?:iec|cei))?[ :/n°-]{0,5}([0-9]{4,5})(?![0-9])(?:[ ]?[-:/][ ]?(?:version )?[0-9]{1,4})?"
)
_ISO_MORE = re.compile(r"[ ]?(?:,|et|ou|and|or|/|و|أو|او)[ ]?(?:iso )?([0-9]{4,5})(?![0-9])")
_SUBJECT = pattern(
    "preparation (?:a|de) [^.;]{0,40}certification",
    "accompagnement[^.;]{0,60}",
    "mise en (?:conformite|place|oeuvre)[^.;]{0,60}",
    "(?:audit|obtention|implementation|assistance)[^.;]{0,80}",
    "(?:preparing|support) for certification",
)
"""A standard that the contract is about, not one that a bidder holds."""
_OTHER = {
    "Qualibat": pattern(r"qualibat(?: [0-9]{2,4})?"),
    "Qualiopi": pattern("qualiopi"),
    "RGE": pattern("rge"),
    "HACCP": pattern("haccp"),
    "Cyber Essentials": pattern("cyber essentials(?: plus)?"),
    "PASSI": pattern("passi"),
    "PCI DSS": pattern("pci[- ]dss"),
    "HDS": pattern("hds"),
    "CMMI": pattern("cmmi"),
    "SOC 2": pattern("soc ?2"),
    "CE": pattern("marquage ce", "ce marking", "certificats? ce"),
    "NM": pattern("marque nm", "certificat\\w* nm", "normes? marocaines? nm"),
}
_REQUIRED = pattern(
    "certifi\\w+",
    "norme",
    "label\\w*",
    "exig\\w+",
    "requis\\w*",
    "titulaire",
    "dispos\\w+",
    "fournir",
    "joindre",
    "produire",
    "avoir",
    "etre",
    "must",
    "shall",
    "required",
    "hold\\w*",
    "conforme\\w*",
    "@?شهاد(?:ة|ات)",
    "مطلوب\\w*",
    "يجب",
    "حاصل\\w*",
    "@إدلاء",
    "قابلة",
)
_LIST = 6
_MOST = 12
"""Standards that one clause may name."""


def read_certificates(clause: Clause, document: Document) -> Iterator[Hit]:
    """What a clause asks to be certified, by whom and in which class."""
    if is_scored(clause):
        return
    lot = only_lot(clause.text)
    yield from _qualified(clause, document, lot)
    yield from _approved(clause, lot)
    yield from _iso(clause, lot)
    yield from _others(clause, lot)


def _qualified(clause: Clause, document: Document, lot: str | None) -> Iterator[Hit]:
    text = clause.text
    cue = _QUALIFICATION.search(text)
    if cue is None or _in_list_above(clause, document):
        return
    if (end := void_after(text, cue.end())) or (denied(text) and not _SECTOR.search(text)):
        if "certificat" in text or "شهاد" in text or end:
            none = Certificate(QUALIFIED, Scheme.QUALIFICATION, lot=lot, required=False)
            yield Hit(Kind.CERTIFICATE, none, clause.start + cue.start(), clause.start + (end or len(text)), 0.85)
        return
    found = list(_facts(_with_list(clause, document), cue.start(), lot))
    if not found and len(text) - cue.end() < 160:
        for row in document.after(clause, _LIST):
            if not row.is_row:
                break
            found += _row(row, lot)
    yield from found
    if not found and re.search(r"certificat|شهاد", cue[0]) and _REQUIRED.search(text):
        plain = Certificate(QUALIFIED, Scheme.QUALIFICATION, lot=lot)
        yield Hit(Kind.CERTIFICATE, plain, clause.start + cue.start(), clause.start + cue.end(), 0.75)


def _in_list_above(clause: Clause, document: Document) -> bool:
    """Whether a clause before has taken this one in."""
    for earlier in document.clauses[max(0, clause.number - _LIST) : clause.number]:
        if _QUALIFICATION.search(earlier.text) and _with_list(earlier, document).end >= clause.end:
            return True
    return False


def _with_list(clause: Clause, document: Document) -> Clause:
    """The clause together with the lines below it that tell sector, qualifications or class."""
    last = clause
    for following in document.after(clause, _LIST):
        if following.is_row or len(following.text) > 160 or _AGREEMENT.search(following.text):
            break
        if not any(spelt.search(following.text) for spelt in (_SECTOR, _GRADE, _QUALS)):
            break
        last = following
    if last is clause:
        return clause
    return replace(clause, text=document.folded.text[clause.start : last.end].replace("\n", " "))


def _facts(clause: Clause, begin: int, lot: str | None) -> Iterator[Hit]:
    """Sector, qualifications and class told in one clause; a new sector begins a new certificate."""
    text = clause.text
    sectors = list(_SECTOR.finditer(text, begin))
    starts = [match.start() for match in sectors[1:]]
    at = begin
    for stop in [*starts, len(text)]:
        part = text[at:stop]
        sector, grade, quals = _SECTOR.search(part), _GRADE.search(part), list(_QUALS.finditer(part))
        codes = tuple(dict.fromkeys(_written(code) for each in quals for code in _QUAL.findall(each["q"])))
        headed = _HEADED.search(part)
        if not sector and headed:
            # The portal writes the sector's letter first and its qualifications below: B, then B.1 ...
            sector, codes = (
                headed,
                tuple(
                    dict.fromkeys(
                        _written(code) for code in re.findall(rf"(?<!\w){headed['s']}[. ]?[0-9]{{1,2}}(?!\w)", part)
                    )
                ),
            )
        letter = next(said for said in sector.groups() if said).upper() if sector else None
        if codes or (sector and grade) or (sector and not grade and "qualif" in text):
            graded = next((each for each in grade.groups() if each), None) if grade else None
            marks = [match for match in (sector, grade, *quals) if match]
            value = Certificate(QUALIFIED, Scheme.QUALIFICATION, letter, codes, graded.upper() if graded else None, lot)
            first, last = min(match.start() for match in marks), max(match.end() for match in marks)
            yield Hit(
                Kind.CERTIFICATE, value, clause.start + at + first, clause.start + at + last, 0.95 if grade else 0.85
            )
        at = stop


def _row(clause: Clause, lot: str | None) -> Iterator[Hit]:
    """A row below "| Secteur | Qualification | Classe |"."""
    if not clause.is_row:
        return
    cells = [cell.strip() for cell in clause.text.strip("| ").split("|")]
    if len(cells) < 2 or not re.match(r"(?:[a-z]|[0-9]{1,2})(?!\w)", cells[0]):
        return
    codes = tuple(dict.fromkeys(_written(code) for cell in cells[1:] for code in _QUAL.findall(cell)))
    grade = next((match[1] for cell in reversed(cells) if (match := _ROW_GRADE.fullmatch(cell))), None)
    if codes or grade:
        value = Certificate(
            QUALIFIED, Scheme.QUALIFICATION, re.split(r"\W", cells[0])[0].upper(), codes, grade and grade.upper(), lot
        )
        yield Hit(Kind.CERTIFICATE, value, clause.start, clause.end, 0.9)


def _written(code: str) -> str:
    """Codes in one spelling: "b 1", "b-1" and "b.1" are B1; "5.3" stays."""
    return code.upper() if code[0].isdigit() else re.sub(r"[ .-]", "", code).upper()


def _approved(clause: Clause, lot: str | None) -> Iterator[Hit]:
    text = clause.text
    cue = _AGREEMENT.search(text)
    if cue is None:
        return
    domains = list(_DOMAIN.finditer(text))
    if domains and not denied(text):
        for domain in domains:
            start, end = min(cue.start(), domain.start()), max(cue.end(), domain.end())
            if end - start > 260:
                start, end = domain.span()
            value = Certificate(f"D{domain[1]}", Scheme.APPROVAL, lot=lot)
            yield Hit(Kind.CERTIFICATE, value, clause.start + start, clause.start + end, 0.95)
        return
    if not cue[0].startswith(("agrement", "اعتماد", "الاعتماد", "شهاد")):
        return
    void = void_after(text, cue.end())
    if void or (
        denied(text[max(0, cue.start() - 60) : cue.end() + 80])
        and re.search(r"exig|requis|prevu|demand|require|مطلوب|يطلب", text)
    ):
        none = Certificate("agrément", Scheme.APPROVAL, lot=lot, required=False)
        yield Hit(
            Kind.CERTIFICATE,
            none,
            clause.start + (cue.start() if void else 0),
            clause.start + (void or len(text)),
            0.85,
        )
        return
    if by := _AGREED_BY.search(text):
        issuer = (by["by"] or by["of"]).strip()
        value = Certificate(f"agrément {issuer}", Scheme.APPROVAL, lot=lot)
        yield Hit(Kind.CERTIFICATE, value, clause.start + by.start(), clause.start + by.end(), 0.75)


def _iso(clause: Clause, lot: str | None) -> Iterator[Hit]:
    text = clause.text
    refused, sure = denied(text), 0.9 if _REQUIRED.search(text) else 0.6
    for match in islice(_ISO.finditer(text), _MOST):
        spans = [(match.start(), match.end(), match[1])]
        while more := _ISO_MORE.match(text, spans[-1][1]):
            spans.append((more.start(1), more.end(), more[1]))
        for start, end, number in spans:
            if _SUBJECT.search(text[max(0, start - 120) : start]):
                continue
            value = Certificate(f"ISO {number}", Scheme.ISO, lot=lot, required=not refused)
            yield Hit(Kind.CERTIFICATE, value, clause.start + start, clause.start + end, sure)


def _others(clause: Clause, lot: str | None) -> Iterator[Hit]:
    text = clause.text
    if not _REQUIRED.search(text) or denied(text):
        return
    for name, spelt in _OTHER.items():
        if match := spelt.search(text):
            value = Certificate(name, Scheme.OTHER, lot=lot)
            yield Hit(Kind.CERTIFICATE, value, clause.start + match.start(), clause.start + match.end(), 0.75)
