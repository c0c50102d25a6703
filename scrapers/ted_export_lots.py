"""The lots of a call in TED_EXPORT, in both of its versions."""

from __future__ import annotations

from collections.abc import Iterator

from scrapers.eforms_xml import Reading
from scrapers.ted_export_xml import Element, codes, is_cpv, kid, kids, line, prose, within


def legacy_lots(form: Element, reading: Reading) -> Iterator[dict[str, object]]:
    """The lots of a call: parts of an object with their numbers (R2.0.9), annexes with a number (R2.0.8).

    A plan may have several objects, each with lots of its own: the number of the object stands before theirs.
    """
    seen: set[str] = set()
    for ident, part, title, described in _parts(form):
        if ident in seen:
            continue
        seen.add(ident)
        lot = {
            "id": ident,
            "title": (line(title) or line(kid(part.getparent(), "TITLE")) or ident)[:10_000],
            "description": prose(described),
            "cpv": [code for code in codes(part, "CPV_CODE") if is_cpv(code)],
            "nuts": codes(part, "NUTS", "LOCATION_NUTS"),
            "value": reading.money(kid(part, "VAL_OBJECT"), f"lots.{ident}.value"),
        }
        yield {name: told for name, told in lot.items() if told not in (None, "", [], {})}


def _parts(form: Element) -> Iterator[tuple[str, Element, Element | None, Element | None]]:
    """Number, element, title and description of each part that can be a lot."""
    objects = list(kids(form, "OBJECT_CONTRACT"))
    for place, one in enumerate(objects, start=1):
        parts = list(kids(one, "OBJECT_DESCR"))
        if len(objects) == len(parts) == 1 and kid(parts[0], "LOT_NO") is None:
            return  # the whole, described
        before = f"{one.get('ITEM') or place}." if len(objects) > 1 else ""
        for position, part in enumerate(parts, start=1):
            number = line(kid(part, "LOT_NO")) or part.get("ITEM") or str(position)
            yield f"{before}{number}"[:200], part, kid(part, "TITLE"), kid(part, "SHORT_DESCR")
    for one in within(form, "LOT_NUMBER"):
        annex, written = one.getparent(), line(one)
        title, described = kid(annex, "LOT_TITLE"), kid(annex, "LOT_DESCRIPTION")
        if annex is not None and written and (title is not None or described is not None):
            yield written[:200], annex, title, described
