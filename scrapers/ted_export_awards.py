"""The results in a notice of TED_EXPORT: contracts, prizes, and lots that nobody won."""

from __future__ import annotations

from collections.abc import Iterator

from scrapers.eforms_notice import SITE
from scrapers.ted_codes import country_code
from scrapers.ted_export import LegacyNotice
from scrapers.ted_export_xml import Element, kid, line, national_id, within

_RESULTS = (
    "AWARD_CONTRACT", "AWARD_OF_CONTRACT", "AWARD_OF_CONTRACT_DEFENCE", "AWARD_CONTRACT_CONTRACT_AWARD_UTILITIES",
    "AWARD_OF_CONTRACT_VEAT", "RESULTS", "RESULT_DESIGN_CONTEST_RESULT",
)  # fmt: skip
_WINNERS = (
    "ADDRESS_CONTRACTOR", "ADDRESS_WINNER", "ECONOMIC_OPERATOR_NAME_ADDRESS", "CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME",
)  # fmt: skip
_DATES = ("DATE_CONCLUSION_CONTRACT", "CONTRACT_AWARD_DATE", "DATE_OF_CONTRACT_AWARD", "DATE_DECISION_JURY")


def legacy_awards(notice: LegacyNotice) -> list[dict[str, object]]:
    """The fields of ``AwardRecord``, one per contract or prize and one per lot that nobody won."""
    if notice.kind not in {"result", "dir-awa-pre", "cont-modif"}:
        return []
    name = next(within(notice.form, "OFFICIALNAME"), None)
    shared = {
        "tender_id": notice.tender_id if notice.kind == "result" else None,
        "buyer": {"name": (line(name) or "")[:500]} if line(name) else None,
        "country": notice.buyer_country,
        "url": SITE + notice.number,
        "publication_number": notice.number,
        "form_type": notice.kind,
        "reference": (line(kid(notice.body, "REFERENCE_NUMBER")) or "")[:500],
        "modified_notices": [notice.reference] if notice.kind == "cont-modif" and notice.reference else None,
    }
    blocks = _blocks(notice.form)
    awards = []
    for position, block in enumerate(blocks, start=1):
        award = {**shared, **_award(notice, block), "id": f"{notice.number}/{block.get('ITEM') or position}"[:200]}
        awards.append({name: told for name, told in award.items() if told not in (None, "", [], {})})
    return awards


def _blocks(form: Element) -> list[Element]:
    """What tells of one contract or prize each; by the winner in it, where it has a name that is not known."""
    known = tuple(f"{{*}}{name}" for name in _RESULTS)
    found = [one for one in form.iter(*known) if next(one.iterancestors(*known), None) is None]
    around = (one.getparent() for one in within(form, "ECONOMIC_OPERATOR_NAME_ADDRESS", "ADDRESS_CONTRACTOR"))
    return found or list(dict.fromkeys(block for block in around if block is not None))


def legacy_status(awards: list[dict[str, object]]) -> str | None:
    """The status of the call by its results; None where the notice says nothing of any."""
    outcomes = [award["outcome"] for award in awards]
    return next((status for outcome, status in (("awarded", "complete"), ("unsuccessful", "unsuccessful"),
                                                ("cancelled", "cancelled")) if outcome in outcomes), None)  # fmt: skip


def _award(notice: LegacyNotice, block: Element) -> dict[str, object]:
    nobody = next(within(block, "NO_AWARDED_CONTRACT", "NO_AWARDED_PRIZE"), None)
    discontinued = next(within(block, "PROCUREMENT_DISCONTINUED"), None)
    title = next(within(block, "CONTRACT_TITLE", "TITLE_CONTRACT"), None)
    return {
        "lot_id": (line(next(within(block, "LOT_NO", "LOT_NUMBER"), None)) or "")[:200],
        "title": line(kid(block, "TITLE")) or line(title) or line(kid(notice.body, "TITLE")),
        "contract_reference": line(next(within(block, "CONTRACT_NO", "CONTRACT_NUMBER"), None)),
        "outcome": "awarded" if nobody is None else "unsuccessful" if discontinued is None else "cancelled",
        "winners": list(_winners(block)),
        "value": _value(notice, block),
        "offers": _count(next(within(block, "NB_TENDERS_RECEIVED", "OFFERS_RECEIVED_NUMBER"), None)),
        "date": notice.reading.day(_date(block)),
    }


def _winners(block: Element) -> Iterator[dict[str, str]]:
    seen: set[str] = set()
    for address in within(block, *_WINNERS):
        name = line(next(within(address, "OFFICIALNAME"), None))
        if name is None or name in seen:
            continue
        seen.add(name)
        land = next(within(address, "COUNTRY"), None)
        found = {
            "name": name[:500].strip(),
            "id": national_id(next(within(address, "NATIONALID"), None)),
            "country": country_code(land.get("VALUE")) or "" if land is not None else "",
        }
        yield {key: text for key, text in found.items() if text}


def _value(notice: LegacyNotice, block: Element) -> dict[str, str] | None:
    for node in within(block, "VAL_TOTAL", "VAL_PRIZE"):
        return notice.reading.money(node, "awards.value")
    # R2.0.8 writes the estimate and the final value alike; only the latter carries the rate of the VAT.
    for node in within(block, "COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE"):
        if next(node.iterancestors("{*}INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT"), None) is not None:
            continue
        cost = kid(node, "VALUE_COST")
        if cost is not None and (written := (cost.get("FMTVAL") or "").strip()):
            return notice.reading.amount(written, (node.get("CURRENCY") or "").strip().upper(), "awards.value")
    return None


def _count(node: Element | None) -> int | None:
    written = line(node) or ""
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 6 else None


def _date(block: Element) -> str | None:
    node = next(within(block, *_DATES), None)
    if node is None:
        return None
    parts = [line(kid(node, name)) or "" for name in ("YEAR", "MONTH", "DAY")]
    if all(part.isascii() and part.isdecimal() for part in parts):
        return f"{int(parts[0]):04d}-{int(parts[1]):02d}-{int(parts[2]):02d}"
    return line(node)
