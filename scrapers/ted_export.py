"""Notices before October 2023 (TED_EXPORT R2.0.8 and R2.0.9) to the fields of a tender.

The coded section is alike in both versions and all forms; the rest is taken from the form by the names that either
version uses. Namespaces vary from year to year, so that local names count. Times carry no zone: the buyer's country
has it. A corrigendum (F14) holds only what changed: it is the delta of the notice that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from babel.core import get_global

from scrapers.eforms_notice import SITE
from scrapers.eforms_xml import Reading, chosen
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.normalise import zone_of_country
from scrapers.ted_codes import LEGACY_FORMS, LEGACY_NOTICES, LEGACY_TYPES, STATUSES, country_code, language_code
from scrapers.ted_export_lots import legacy_lots
from scrapers.ted_export_xml import Element, codes, is_cpv, kid, kids, line, national_id, oj_number, prose, within

ROOT = "TED_EXPORT"
_NO_PROCUREMENT = frozenset({"EEIG"})
_CATEGORIES = {"WORKS": "works", "SUPPLIES": "goods", "SERVICES": "services", "1": "works", "2": "goods",
               "4": "services"}  # fmt: skip
_DOC_ID = re.compile(r"\s*(\d{1,8})[-_](\d{4})\s*", re.ASCII)
_COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})(?:\s+(\d{1,2}):(\d{2}))?\s*", re.ASCII)
_DEADLINE_SECTION = re.compile(r"\s*IV\.?\s?2\.?\s?2\b")
_RESERVED = {"RESTRICTED_SHELTERED_WORKSHOP": "res-ws", "RESERVED_ORGANISATIONS_SERVICE_MISSION": "res-pub-ser"}
_LONGEST_CHANGE = 2_000


@dataclass(slots=True)
class LegacyNotice:
    """A notice whose identity has been read."""

    form: Element
    kind: str
    number: str
    reference: str | None
    coded: Element
    notice: Element
    titles: Element | None
    reading: Reading
    buyer_country: str | None

    @property
    def body(self) -> Element | None:
        """The object of the contract, where the form has one of its own (R2.0.9)."""
        return kid(self.form, "OBJECT_CONTRACT")

    @property
    def tender_id(self) -> str:
        """The number of the call: of the notice that is corrected, or whose result this is, where it is told."""
        return self.reference or self.number if self.kind in {"change", "result"} else self.number


def read_legacy(root: Element) -> LegacyNotice:
    """The identity of a notice. Raises SourceChanged where the sections of every notice are missing, RecordRejected
    where it is no procurement, of an unknown kind, or a corrigendum of nothing.
    """
    coded_section, forms = kid(root, "CODED_DATA_SECTION"), kid(root, "FORM_SECTION")
    notice, coded = kid(coded_section, "NOTICE_DATA"), kid(coded_section, "CODIF_DATA")
    if notice is None or coded is None or forms is None:
        raise SourceChanged("the document has no coded data or no form")
    found = _DOC_ID.fullmatch(root.get("DOC_ID") or "")
    number = f"{int(found[1])}-{found[2]}" if found else oj_number(line(kid(notice, "NO_DOC_OJS")))
    form = next((one for one in forms.iterchildren("*") if one.get("CATEGORY") == "ORIGINAL"), kid(forms, "*"))
    if number is None or form is None:
        raise SourceChanged("the notice has no number or no form")
    kind = _kind(form, coded)
    reference = oj_number(line(next(within(form, "NOTICE_NUMBER_OJ"), None))) or next(
        (told for one in within(kid(notice, "REF_NOTICE"), "NO_DOC_OJS") if (told := oj_number(line(one)))), None
    )
    if kind == "change" and reference is None:
        raise RecordRejected("ted.no_reference", f"the corrigendum {number} does not tell what it corrects")
    iso = kid(notice, "ISO_COUNTRY")
    country = country_code(iso.get("VALUE")) if iso is not None else None
    written = (line(kid(notice, "LG_ORIG")) or form.get("LG") or "").split()
    reading = Reading(
        languages=[code for one in written if (code := language_code(one))],
        zone=zone_of_country(country) if country else None,
    )
    titles = kid(root, "TRANSLATION_SECTION")
    return LegacyNotice(form, kind, number, reference, coded, notice, titles, reading, country)


def _kind(form: Element, coded: Element) -> str:
    name = str(form.tag).rpartition("}")[2]
    if name in _NO_PROCUREMENT:
        raise RecordRejected("ted.no_procurement", "a notice about the registration of a company")
    told = kid(form, "NOTICE")
    number = (form.get("FORM") or name.partition("_")[0]).strip().upper()
    number = f"F{int(number):02d}" if number.isascii() and number.isdecimal() and len(number) < 4 else number
    document = kid(coded, "TD_DOCUMENT_TYPE")
    kind = (
        LEGACY_NOTICES.get(told.get("TYPE") or "" if told is not None else "")
        or LEGACY_FORMS.get(number)
        or LEGACY_TYPES.get(document.get("CODE") or "" if document is not None else "")
    )
    if kind is None:
        raise RecordRejected("ted.unknown_type", f"the form {name[:60]!r} is of no kind that is known here")
    return kind


def legacy_fields(notice: LegacyNotice) -> dict[str, object]:
    """The fields of ``TenderRecord``. Raises RecordRejected where there is no title at all."""
    form, reading, body = notice.form, notice.reading, notice.body
    titles = _titles(notice)
    title = (
        line(kid(body, "TITLE"))
        or line(next(within(form, "TITLE_CONTRACT", "LOT_TITLE"), None))
        or chosen(titles, reading.languages)
    )
    if title is None:
        raise RecordRejected("ted.no_title", f"the notice {notice.number} has no title")
    procedure, category = kid(notice.coded, "PR_PROC"), kid(notice.coded, "NC_CONTRACT_NATURE")
    described = kid(body, "SHORT_DESCR")
    if described is None:
        described = next(within(form, "SHORT_CONTRACT_DESCRIPTION", "SHORT_DESCR", "CONTENTS"), None)
    fields: dict[str, object] = {
        "id": notice.tender_id,
        "title": title[:10_000],
        "description": prose(described),
        "buyer": _buyer(notice),
        "buyer_country": notice.buyer_country,
        "sector": "public",
        "category": _CATEGORIES.get(category.get("CODE") or "") if category is not None else None,
        "procedure": (line(procedure) or "")[:500].strip(),
        "procedure_code": procedure.get("CODE") if procedure is not None else None,
        "cpv": _cpv(notice),
        **_places(notice),
        "value": _value(notice),
        "published": _day(line(next(within(notice.notice.getparent(), "DATE_PUB"), None))),
        "dispatched": _day(line(kid(notice.coded, "DS_DATE_DISPATCH"))),
        **_deadline(notice),
        "lots": list(legacy_lots(form, reading)),
        "language": reading.languages[0] if reading.languages else None,
        "submission_languages": [
            code for one in within(form, "LANGUAGE", "LANGUAGE_EC") if (code := language_code(one.get("VALUE")))
        ],
        "titles": titles if len(titles) > 1 else None,
        "reference": line(kid(body, "REFERENCE_NUMBER")) or line(next(within(form, "FILE_REFERENCE_NUMBER"), None)),
        "url": SITE + notice.number,
        "publication_number": notice.number,
        "form_type": notice.kind,
        "form": str(form.tag).rpartition("}")[2],
        "status": STATUSES.get(notice.kind),
        "documents": _addresses(form, "URL_DOCUMENT"),
        "submission_url": next(iter(_addresses(form, "URL_PARTICIPATION")), None),
        "reserved": [code for name, code in _RESERVED.items() if kid(form, "LEFTI", name) is not None],
        "guarantee": prose(next(within(form, "DEPOSIT_GUARANTEE_REQUIRED", "DEPOSITS_GUARANTEES_REQUIRED"), None)),
        "previous_notices": [notice.reference] if notice.reference and notice.tender_id != notice.reference else None,
        "changes": list(_changes(notice)) if notice.kind == "change" else None,
        "unreadable": reading.unreadable,
    }  # fmt: skip
    return {name: found for name, found in fields.items() if found not in (None, "", [], {})}


def _titles(notice: LegacyNotice) -> dict[str, str]:
    """The composed titles ("country: subject") in all languages, for display."""
    found: dict[str, str] = {}
    for one in within(notice.titles, "ML_TI_DOC"):
        language, text = language_code(one.get("LG")), line(kid(one, "TI_TEXT"))
        if language and text:
            found[language] = text
    return found


def _buyer(notice: LegacyNotice) -> dict[str, str] | None:
    name = next(within(notice.form, "OFFICIALNAME"), None)
    if name is None:
        name = next(within(notice.titles, "AA_NAME"), None)
    beside = name.getparent() if name is not None else None
    found = {"name": (line(name) or "")[:500].strip(), "id": national_id(kid(beside, "NATIONALID"))}
    return {key: text for key, text in found.items() if text} or None


def _cpv(notice: LegacyNotice) -> list[str]:
    found: dict[str, None] = {}
    for node in (*within(notice.notice, "ORIGINAL_CPV"), *within(notice.form, "CPV_CODE")):
        code = (node.get("CODE") or "").strip()
        if notice.kind == "change" and any(True for _ in node.iterancestors("{*}OLD_VALUE")):
            continue
        if is_cpv(code):
            found[code] = None
        elif code:
            notice.reading.note("cpv", code, "is not a CPV code")
    return list(found)


def _places(notice: LegacyNotice) -> dict[str, object]:
    nodes = list(within(notice.notice, "PERFORMANCE_NUTS", "ORIGINAL_NUTS"))
    nuts = codes(notice.notice, "PERFORMANCE_NUTS", "ORIGINAL_NUTS")
    lands = [land for code in nuts if (land := country_code(code[:2])) in get_global("territory_zones")]
    site = prose(next(within(notice.form, "MAIN_SITE", "SITE_OR_LOCATION", "LOCATION"), None))
    words = " ".join(site.split()) if site else ", ".join(filter(None, (line(node) for node in nodes)))
    return {"nuts": nuts, "place": words[:500].strip(), "country": lands[0] if lands else notice.buyer_country}


def _value(notice: LegacyNotice) -> dict[str, str] | None:
    """What the buyer expects to spend; what was spent in the end stands in the awards."""
    for node in within(notice.notice, "VALUE"):
        if node.get("TYPE") == "ESTIMATED_TOTAL":
            return notice.reading.money(node, "value")
    return notice.reading.money(next(kids(notice.body, "VAL_ESTIMATED_TOTAL"), None), "value")


def _day(compact: str | None) -> str | None:
    found = _COMPACT.fullmatch(compact or "")
    return f"{found[1]}-{found[2]}-{found[3]}" if found else None


def _deadline(notice: LegacyNotice) -> dict[str, str]:
    """By the coded section, then by the form; of a corrigendum the new value of its section IV.2.2."""
    coded = line(kid(notice.coded, "DT_DATE_FOR_SUBMISSION"))
    if found := _COMPACT.fullmatch(coded or ""):
        time = f"{int(found[4]):02d}:{found[5]}" if found[4] else None
        return notice.reading.moment("deadline", _day(coded), time)
    if coded:
        notice.reading.note("deadline", coded, "is not a date")
    procedure = kid(notice.form, "PROCEDURE")
    day, time = line(kid(procedure, "DATE_RECEIPT_TENDERS")), line(kid(procedure, "TIME_RECEIPT_TENDERS"))
    if notice.kind == "change":
        new = [kid(one, "NEW_VALUE") for one in _changed(notice, _DEADLINE_SECTION)]
        dates = {(line(kid(one, "DATE")), line(kid(one, "TIME"))) for one in new}
        day, time = dates.pop() if len(dates) == 1 else (None, None)
    return notice.reading.moment("deadline", day, time)


def _changed(notice: LegacyNotice, section: re.Pattern[str]) -> Iterator[Element]:
    for change in within(notice.form, "CHANGE"):
        if section.match(line(kid(change, "WHERE", "SECTION")) or ""):
            yield change


def _changes(notice: LegacyNotice) -> Iterator[dict[str, str]]:
    """What a corrigendum replaces by what, in its own words."""
    for change in within(notice.form, "CHANGE"):
        told = {
            "section": line(kid(change, "WHERE", "SECTION")),
            "lot": line(kid(change, "WHERE", "LOT_NO")),
            "label": line(kid(change, "WHERE", "LABEL")),
            "old": _said(kid(change, "OLD_VALUE")),
            "new": _said(kid(change, "NEW_VALUE")),
        }
        yield {name: text[:_LONGEST_CHANGE] for name, text in told.items() if text}


def _said(part: Element | None) -> str | None:
    """Everything in a value: its texts, and the codes that stand in attributes."""
    if part is None:
        return None
    words = [one.get("CODE") or " ".join((one.text or "").split()) for one in part.iter("*")]
    return " ".join(filter(None, words)) or None


def _addresses(form: Element, name: str) -> list[str]:
    return list(dict.fromkeys(url for one in within(form, name) if (url := line(one)) and len(url) <= 2_000))
