"""PMMP's page of one consultation or announcement, as it is written. Contact persons, who stand on it, are not read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from lxml import etree

from scrapers.errors import SourceChanged
from scrapers.markup import parse_html, text_of
from scrapers.morocco.notation import is_given
from scrapers.morocco.pmmp_list import is_hidden

SUMMARY = b"idEntrepriseConsultationSummary_"
"""What the ids of the summary have in common."""
_SUMMARY = SUMMARY.decode()
_REF = re.compile(r"[?&]refConsultation=(\d{1,15})(?![^&])", re.ASCII)
_ORG = re.compile(r"[?&]orgAcc?ronyme=([A-Za-z0-9_-]{1,30})(?![^&'])")
_FILE = re.compile(r"page=entreprise\.EntrepriseDownloadAvisJAL&.{0,200}?[?&]idAvis=(\d{1,15})(?![^&])", re.ASCII)
_LONGEST_LINK = 2_000
_MOST = 200
"""Activities, qualifications, appointments, files: beyond what any call has."""
_LOTS = re.compile(r"\d{1,4}")
ESTIMATE = re.compile(r"estimation|estimatif|التقدير|الثمن التقديري|الكلفة", re.IGNORECASE)
_RESERVE = re.compile(r"r[ée]serv|pme|coop[ée]rat|محجوز|مخصص|المقاول", re.IGNORECASE)
_ITEM = re.compile(r"repeaterVisitesLieux_ctl\d+")


@dataclass(frozen=True, slots=True)
class Appointment:
    """When and where: a visit, a meeting, samples to hand in; as written."""

    what: str
    when: str
    where: str


@dataclass(frozen=True, slots=True)
class Detail:
    """The summary of a consultation. Empty where the page gives nothing."""

    ref: str = ""
    org: str = ""
    announcement: str = ""
    title: str = ""
    reference: str = ""
    entity: str = ""
    procedure: str = ""
    award_mode: str = ""
    category: str = ""
    places: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    deadline: str = ""
    estimate: str = ""
    estimate_label: str = ""
    bond: str = ""
    documents_price: str = ""
    reserved: str = ""
    variants: str = ""
    qualifications: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    lots: int | None = None
    cancelled: bool = False
    files: tuple[str, ...] = ()
    """The numbers of the files that are attached to an announcement."""


Found: TypeAlias = "dict[str, etree._Element]"  # noqa: SLF001 - lxml has no public name for its elements


class Titled(NamedTuple):
    """An entry of a repeater."""

    title: str
    text: str


def read_detail(body: bytes, content_type: str = "") -> Detail:
    """The page of one consultation. Raises SourceChanged where it holds no summary."""
    tree = parse_html(body, content_type)
    found: Found = {}
    for node in tree.iter("*"):
        _, summary, name = (node.get("id") or "").rpartition(_SUMMARY)
        if summary:
            found.setdefault(name, node)
    title, reference = said(found, "objet"), said(found, "reference")
    if not title and not reference:
        raise SourceChanged("the page holds no summary of a consultation")
    links = links_of(tree)
    ref, org = numbers_of(links)
    estimate = titled(found, "idReferentielZoneText_RepeaterReferentielZoneText_", ESTIMATE)
    cancelled = found.get("pictConsultationAnnulee")
    return Detail(
        ref=ref,
        org=org,
        announcement=said(found, "annonce"),
        title=title,
        reference=reference,
        entity=said(found, "entiteAchat"),
        procedure=said(found, "typeProcedure"),
        award_mode=said(found, "modePassation").lstrip("| "),
        category=said(found, "categoriePrincipale"),
        places=_places(found),
        activities=items(found.get("domainesActivite")),
        deadline=said(found, "dateHeureLimiteRemisePlis"),
        estimate=estimate.text,
        estimate_label=estimate.title,
        bond=said(found, "cautionProvisoire"),
        documents_price=said(found, "prixAcquisitionPlan"),
        reserved=reserve(found),
        variants=said(found, "varianteValeur"),
        qualifications=items(found.get("qualification")),
        approvals=items(found.get("agrements")),
        appointments=appointments(found),
        lots=_lots(said(found, "nbrLots")),
        cancelled=cancelled is not None and not is_hidden(cancelled),
        # One link of each page has no number: there is no file behind it.
        files=tuple(dict.fromkeys(file[1] for link in links if (file := _FILE.search(link))))[:_MOST],
    )


def said(found: Found, name: str) -> str:
    """A field's text; nothing where it holds a dash."""
    text = own_text(found.get(name))
    return text if is_given(text) else ""


def own_text(node: etree._Element | None) -> str:
    """What is written in a field up to the next one: a field without its end holds all that follow it in the tree, and
    the contact person is one of them.
    """
    if node is None or not len(node):
        return text_of(node)
    parts: list[str] = []
    for event, element in etree.iterwalk(node, events=("start", "end")):
        if event == "start" and element is not node and _SUMMARY in (element.get("id") or ""):
            break
        parts.append((element.text if event == "start" else element.tail if element is not node else "") or "")
    return text_of("".join(parts))


def items(node: etree._Element | None) -> tuple[str, ...]:
    """The lines of a list; a list that was written as a text is one line."""
    if node is None:
        return ()
    lines = [text_of(item) for item in node.iter("li")] or [text_of(node)]
    return tuple(dict.fromkeys(line for line in lines if is_given(line)))[:_MOST]


def titled(found: Found, prefix: str, wanted: re.Pattern[str], labels: Mapping[str, str] | None = None) -> Titled:
    """The entry of a repeater whose title is the wanted one: the ids count, and mean nothing.

    ``labels``: what stands before a field, for pages that give their entries no title. Where there is neither it is the
    first. A hidden field repeats the text, for pages without the visible one.
    """
    said_so = {name: own_text(found[name]) for name in found if name.endswith("_titre")}
    entries: dict[str, str] = {}
    for titles in (said_so, labels or {}):
        for name, title in titles.items():
            if title and name.startswith(prefix):
                entries.setdefault(name.rpartition("_")[0], title)
    entry = next((entry for entry, title in entries.items() if wanted.search(title)), None)
    if entry is None and entries:
        return Titled("", "")
    entry = entry or f"{prefix}ctl0"
    old = found.get(f"{entry}_oldValue")
    value = said(found, f"{entry}_labelReferentielZoneText")
    return Titled(entries.get(entry, ""), value or ("" if old is None else text_of(old.get("value") or "")))


def reserve(found: Found, prefix: str = "") -> str:
    """Yes or no, as written, to "reserved for small firms, cooperatives, self-employed"."""
    entry = f"{prefix}idRefRadio_RepeaterReferentielRadio_ctl"
    for name, node in found.items():
        if name.startswith(entry) and name.endswith("_labelReferentielRadio"):
            title = own_text(found.get(f"{name.removesuffix('labelReferentielRadio')}titre"))
            if not title or _RESERVE.search(title):
                return own_text(node)
    return ""


def appointments(found: Found, prefix: str = "") -> tuple[Appointment, ...]:
    """Visits, meetings and samples that have a time or a place."""
    pairs = [
        ("samples", f"{prefix}dateEchantillons", f"{prefix}adresseEchantillons"),
        ("meeting", f"{prefix}dateReunion", f"{prefix}adresseReunion"),
    ]
    pairs += [
        ("visit", name, f"{name.removesuffix('dateVisites')}adresseVisites")
        for name in found
        if name.startswith(prefix) and name.endswith("_dateVisites") and _ITEM.search(name)
    ]
    listed = (Appointment(what, said(found, when), said(found, where)) for what, when, where in pairs)
    return tuple(itertools.islice((one for one in listed if one.when or one.where), _MOST))


def _places(found: Found) -> tuple[str, ...]:
    """All places; "MAROC" stands before every list of provinces."""
    written = ",".join(said(found, name) for name in ("lieuxExecutions", "lieuxExecutionSuite"))
    return tuple(dict.fromkeys(place for part in written.split(",") if (place := text_of(part).strip("."))))


def links_of(tree: etree._Element) -> tuple[str, ...]:
    """Where a page leads to, each address once."""
    led = (node.get("href") or node.get("action") or "" for node in tree.iter("a", "form"))
    return tuple(dict.fromkeys(link for link in led if 0 < len(link) <= _LONGEST_LINK))


def numbers_of(links: Iterable[str]) -> tuple[str, str]:
    """The consultation that links are about, as its two numbers; empty where they name none, or several."""
    named = {
        (ref[1], org[1]) for link in links if (ref := _REF.search(link)) and (org := _ORG.search(link))
    }  # fmt: skip
    return named.pop() if len(named) == 1 else ("", "")


def _lots(written: str) -> int | None:
    found = _LOTS.search(written)
    return int(found[0]) if found else None
