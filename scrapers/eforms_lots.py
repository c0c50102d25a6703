"""The lots of an eForms notice: what is bought, until when to answer, in which languages, under which conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from scrapers.eforms_xml import (
    Node,
    Reading,
    chosen,
    coded,
    each,
    extension,
    first,
    flag,
    in_languages,
    said,
    value,
    values,
)  # fmt: skip
from scrapers.ted_codes import CATEGORIES, country_code, language_code

_MOST_CODES = 500
"""As many as a record takes; each lot keeps its own."""
_UNRESERVED = frozenset({"none", "no"})


def lot_fields(lot: Node, reading: Reading, title: str | None) -> dict[str, object]:
    """The fields of ``LotRecord``, and what is peculiar to the lot; ``title`` stands in for one of its own."""
    project, terms, process = (
        first(lot, name) for name in ("cac:ProcurementProject", "cac:TenderingTerms", "cac:TenderingProcess")
    )
    ident = value(lot, "cbc:ID")
    titles = in_languages(each(project, "cbc:Name"))
    named = chosen(titles, reading.languages) or title
    place, nuts = place_of(project, reading)
    total = first(project, "cac:RequestedTenderTotal")
    fields: dict[str, object] = {
        "id": ident[:200] if ident else None,
        "title": " ".join(named.split())[:10_000] if named else None,
        "titles": titles if len(titles) > 1 else None,
        "description": chosen(in_languages(each(project, "cbc:Description")), reading.languages),
        "category": CATEGORIES.get(value(project, "cbc:ProcurementTypeCode") or ""),
        "cpv": cpv_of(project, reading),
        "value": reading.money(first(total, "cbc:EstimatedOverallContractAmount"), f"lots.{ident}.value"),
        "framework_maximum": reading.money(
            first(extension(total), "efbc:FrameworkMaximumAmount"), f"lots.{ident}.framework_maximum"
        ),
        "reference": value(project, "cbc:ID"),
        "place": place,
        "nuts": nuts,
        "country": country_of(project),
        "sme_suitable": flag(project, "cbc:SMESuitableIndicator"),
        **dict(_terms(terms, reading)),
        **dict(_process(process, reading)),
    }
    return {name: found for name, found in fields.items() if found not in (None, "", [], {})}


def shared_by_lots(fields: dict[str, object], lots: Sequence[dict[str, object]]) -> None:
    """Add to a notice what its lots say together.

    The deadline is that of the lot that stays open longest: ``deadlines_differ`` tells that others end before. Lots
    of one kind only lend their value where there is one lot: values of several are not added up.
    """
    codes = [*_listed(fields.get("cpv")), *(code for lot in lots for code in _listed(lot.get("cpv")))]
    fields["cpv"] = list(dict.fromkeys(codes))[:_MOST_CODES]
    for name in ("nuts", "submission_languages", "documents", "documents_restricted", "reserved"):
        found = [*_listed(fields.get(name)), *(one for lot in lots for one in _listed(lot.get(name)))]
        fields[name] = list(dict.fromkeys(found))
    for name in ("sme_suitable", "guarantee_required", "eu_funds"):
        told = {lot[name] for lot in lots if name in lot} or {fields.get(name)}
        fields[name] = True if True in told else False if told == {False} else None
    for name in ("guarantee", "submission_url", "framework", "dps", "place"):
        fields[name] = fields.get(name) or next((lot[name] for lot in lots if name in lot), None)
    if len(lots) == 1:
        for name in ("value", "framework_maximum"):
            fields[name] = fields.get(name) or lots[0].get(name)
    due = [lot for lot in lots if "deadline" in lot]
    if due:
        last = max(due, key=lambda lot: dt.datetime.fromisoformat(str(lot["deadline"])))
        fields |= {name: found for name, found in last.items() if name.startswith("deadline")}
        fields["deadlines_differ"] = True if len({str(lot["deadline"]) for lot in due}) > 1 else None


def cpv_of(project: Node | None, reading: Reading) -> list[str]:
    """Main and additional CPV codes; a code that is none is noted."""
    codes: dict[str, None] = {}
    for name in ("cac:MainCommodityClassification", "cac:AdditionalCommodityClassification"):
        for node in each(project, name, "cbc:ItemClassificationCode"):
            code = (said(node) or "").split("-")[0]
            if len(code) == 8 and code.isascii() and code.isdecimal():
                codes[code] = None
            elif code and node.get("listName") in {"cpv", None}:
                reading.note("cpv", code, "is not a CPV code")
    return list(codes)


def place_of(project: Node | None, reading: Reading) -> tuple[str | None, list[str]]:
    """Where the work is done, in words where there are any, and the NUTS codes."""
    towns: dict[str, None] = {}
    nuts: dict[str, None] = {}
    described: str | None = None
    for location in each(project, "cac:RealizedLocation"):
        address = first(location, "cac:Address")
        if town := value(address, "cbc:CityName"):
            towns[town] = None
        if code := value(address, "cbc:CountrySubentityCode"):
            nuts[code] = None
        described = described or chosen(in_languages(each(location, "cbc:Description")), reading.languages)
    words = ", ".join(towns) or described or ", ".join(nuts)
    return " ".join(words.split())[:500].strip() or None, list(nuts)


def country_of(project: Node | None) -> str | None:
    """The first country in which the work is done."""
    codes = each(project, "cac:RealizedLocation", "cac:Address", "cac:Country", "cbc:IdentificationCode")
    return next((land for code in codes if (land := country_code(said(code)))), None)


def _terms(terms: Node | None, reading: Reading) -> Iterator[tuple[str, object]]:
    """Documents, languages, the bond, and for whom participation is reserved (sheltered workshops, not small firms)."""
    for name, kind in (("documents", "non-restricted-document"), ("documents_restricted", "restricted-document")):
        yield (
            name,
            [
                url
                for document in each(terms, "cac:CallForTendersDocumentReference")
                if value(document, "cbc:DocumentType") == kind
                for url in values(document, "cac:Attachment", "cac:ExternalReference", "cbc:URI")
            ],
        )
    yield "submission_url", value(terms, "cac:TenderRecipientParty", "cbc:EndpointID")
    languages = (language_code(code) for code in values(terms, "cac:Language", "cbc:ID"))
    yield "submission_languages", [language for language in languages if language]
    requirements = each(terms, "cac:TendererQualificationRequest", "cac:SpecificTendererRequirement",
                        "cbc:TendererRequirementTypeCode")  # fmt: skip
    yield "reserved", [code for code in coded(requirements, "reserved-procurement") if code not in _UNRESERVED]
    for guarantee in each(terms, "cac:RequiredFinancialGuarantee"):
        yield "guarantee_required", flag(guarantee, "cbc:GuaranteeTypeCode")
        yield "guarantee", chosen(in_languages(each(guarantee, "cbc:Description")), reading.languages)
        break
    funded = next(coded(each(terms, "cbc:FundingProgramCode"), "eu-funded"), None)
    yield "eu_funds", {"eu-funds": True, "no-eu-funds": False}.get(funded or "")


def _process(process: Node | None, reading: Reading) -> Iterator[tuple[str, object]]:
    """The deadline of the first step that is due, and the technique."""
    steps = (
        # Whoever misses the request of a restricted procedure cannot tender: the first step is the one that counts.
        ("expressions", first(extension(process), "efac:InterestExpressionReceptionPeriod")),
        ("requests", first(process, "cac:ParticipationRequestReceptionPeriod")),
        ("tenders", first(process, "cac:TenderSubmissionDeadlinePeriod")),
    )
    for kind, period in steps:
        due = reading.moment("deadline", value(period, "cbc:EndDate"), value(period, "cbc:EndTime"))
        if due:
            yield from due.items()
            yield "deadline_for", kind
            break
    for name, code_list in (("framework", "framework-agreement"), ("dps", "dps-usage")):
        codes = coded(each(process, "cac:ContractingSystem", "cbc:ContractingSystemTypeCode"), code_list)
        yield name, next((code for code in codes if code not in _UNRESERVED), None)


def _listed(found: object) -> list[str]:
    return found if isinstance(found, list) else []
