"""PMMP's popup with the lots of a consultation, as it is written.

A lot begins with its number in bold; its title and what follows stand in blocks behind it, and its fields have ids that
count the lots from 0. Both are read in the order of the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from scrapers.errors import SourceChanged
from scrapers.markup import parse_html, text_of
from scrapers.morocco.notation import is_given
from scrapers.morocco.pmmp_detail import (
    ESTIMATE,
    Appointment,
    Found,
    appointments,
    items,
    links_of,
    numbers_of,
    reserve,
    said,
    titled,
)

MARKS = (b"repeaterLots_ctl", b"Debut Lot ")
_HEADING = re.compile(r"(?:lots?|الحصة|حصة)\s*(?:n\s*°|no?\.?|رقم)?\s*:?\s*(?P<number>\d{1,4})\s*:?", re.IGNORECASE)
_ORDER = ("title", "category", "description")
_LABELS = (
    (re.compile(r"cat[ée]gorie|الصنف|الفئة", re.IGNORECASE), "category"),
    (re.compile(r"description|الوصف", re.IGNORECASE), "description"),
    (_HEADING, "title"),
)
_OF_LOT = re.compile(r"repeaterLots_(?P<lot>ctl\d{1,5})_(?P<field>.+)")
_ZONES = "idReferentielZoneTextLot_RepeaterReferentielZoneText_"
MOST_LOTS = 2_000


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot. Empty where the popup gives nothing."""

    number: str
    title: str
    description: str
    category: str
    estimate: str
    estimate_label: str
    bond: str
    reserved: str
    variants: str
    environment_clause: str
    qualifications: tuple[str, ...]
    approvals: tuple[str, ...]
    appointments: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True)
class LotsPage:
    """The popup: of which consultation, and its lots."""

    ref: str
    org: str
    lots: tuple[Lot, ...]


@dataclass(slots=True)
class _Block:
    """What stands in the blocks of one lot, by label; the fields that its ids name, and the label before each."""

    number: str
    texts: dict[str, str] = field(default_factory=dict)
    fields: Found = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def say(self, label: str, text: str) -> None:
        """Keep the text of a block; one without a label is what is due next."""
        name = label or next((name for name in _ORDER if name not in self.texts), "")
        if name:
            self.texts.setdefault(name, text)


def read_lots(body: bytes, content_type: str = "") -> LotsPage:
    """The lots of a popup. Raises SourceChanged where it is none, or holds more lots than any call has."""
    tree = parse_html(body, content_type)
    blocks = _blocks(tree)
    if not blocks:
        raise SourceChanged("the popup holds no lots")
    if len(blocks) > MOST_LOTS:
        raise SourceChanged(f"the popup holds {len(blocks)} lots")
    return LotsPage(*numbers_of(links_of(tree)), tuple(map(_lot, blocks)))


def _blocks(tree: etree._Element) -> list[_Block]:
    """Lot after lot. A heading opens one; so does the first field of the next number, where headings are missing."""
    blocks: list[_Block] = []
    label: str | None = ""
    counted = written = ""
    for node in tree.iter("div", "span", "img", "ul"):
        if found := _OF_LOT.search(node.get("id") or ""):
            if found["lot"] != counted and (not blocks or blocks[-1].fields):
                blocks.append(_Block(str(len(blocks) + 1)))
            counted = found["lot"]
            blocks[-1].fields.setdefault(found["field"], node)
            blocks[-1].labels.setdefault(found["field"], written)
            continue
        classes = (node.get("class") or "").split()
        if "intitule-bloc" in classes:
            written = text_of(node)
            if heading := _HEADING.fullmatch(written):
                blocks.append(_Block(heading["number"]))
            label = _label(written)
        elif "content-bloc" in classes and blocks:
            if label is not None:
                blocks[-1].say(label, text_of(node))
                written = ""
            label = ""
    return blocks


def _label(written: str) -> str | None:
    """What the block behind a label holds: "" where its order tells, None where it is something else."""
    if not written:
        return ""
    return next((name for pattern, name in _LABELS if pattern.search(written)), None)


def _lot(block: _Block) -> Lot:
    fields = block.fields
    estimate = titled(fields, _ZONES, ESTIMATE, block.labels)
    return Lot(
        number=block.number,
        title=_given(block, "title"),
        description=_given(block, "description"),
        category=_given(block, "category"),
        estimate=estimate.text,
        estimate_label=estimate.title,
        bond=said(fields, "cautionProvisoire"),
        reserved=reserve(fields),
        variants=said(fields, "varianteValeur"),
        environment_clause=said(fields, "consEnvValeur"),
        qualifications=items(fields.get("qualification")),
        approvals=items(fields.get("agrements")),
        appointments=appointments(fields),
    )


def _given(block: _Block, name: str) -> str:
    text = block.texts.get(name, "")
    return text if is_given(text) else ""
