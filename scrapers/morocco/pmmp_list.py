"""A page of PMMP's result list: its counters and its rows.

Ids come from PRADO's control tree: their last part is stable, what stands before it moves with the template. Cells are
therefore found by that last part, in one walk through the table, whatever element an unclosed one has drawn them into.
Nearly everything optional is in every row and hidden by its style.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

from scrapers.errors import SourceChanged
from scrapers.markup import parse_html, text_of
from scrapers.morocco.pmmp_kinds import KIND_OF_PICTURE, KIND_OF_SEARCH, Kind

COUNTER = b"resultSearch_nombreElement"
"""The id that every list carries, an empty one too."""
_COUNTS = frozenset({"nombreElement", "nombrePageTop", "numPageTop"})
_CELLS = frozenset({
    "refCons", "orgCons", "procedure", "panelBlocTypesProc", "panelBlocCategorie", "panelBlocConsEnv", "reference",
    "panelBlocObjet", "infosBullesObjet", "panelBlocDenomination", "panelBlocLieuxExec", "infosLieuExecution",
})  # fmt: skip
_CLASSES = frozenset({"line-info-bulle", "cloture-line", "certificat"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_LABEL = re.compile(r"^(?:objet|acheteur public)\s*:\s*", re.IGNORECASE)
_DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")
_NUMBER = re.compile(r"\d{1,9}")
_REF = re.compile(r"\d{1,15}", re.ASCII)
_ORG = re.compile(r"[A-Za-z0-9_-]{1,30}")
_ROWS_WITHIN = 3
"""An element without its end may draw a row into the one before it, once or twice."""


@dataclass(frozen=True, slots=True)
class ListedCall:
    """One row, as it is written; ``kind`` where the row or the search tells it."""

    ref: str = ""
    org: str = ""
    kind: Kind | None = None
    title: str = ""
    reference: str = ""
    buyer: str = ""
    procedure_code: str = ""
    procedure: str = ""
    category: str = ""
    places: tuple[str, ...] = ()
    published: str = ""
    deadline: str = ""
    has_lots: bool = False
    environment_clause: bool = False
    e_response: str = ""

    @property
    def id(self) -> str:
        """Both numbers together: the first alone is reported to be ambiguous."""
        return f"{self.ref}-{self.org}"

    @property
    def facts(self) -> tuple[str, ...]:
        """What tells that the call has changed, as far as the list shows it."""
        return (
            self.title, self.reference, self.buyer, self.procedure, self.category, *self.places, self.published,
            self.deadline, str(self.has_lots), str(self.environment_clause), self.e_response,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list. ``total`` and ``pages`` are its counters, ``number`` the page it says it is."""

    tree: etree._Element
    rows: tuple[tuple[ListedCall, etree._Element], ...]
    total: int
    pages: int | None
    number: int | None


Cells: TypeAlias = "dict[str, etree._Element]"  # noqa: SLF001 - lxml has no public name for its elements


def read_listing(body: bytes, content_type: str = "") -> Listing:
    """A page of the list. Raises SourceChanged where its counter is missing, or counts what is not there."""
    tree = parse_html(body, content_type)
    counts = _counts(tree)
    total = _count(counts, "nombreElement")
    if total is None:
        raise SourceChanged("the list has no counter")
    rows = tuple(_rows(tree))
    if total and not rows:
        raise SourceChanged(f"the list counts {total} and shows none")
    if rows and not total:
        raise SourceChanged(f"the list counts none and shows {len(rows)}")
    return Listing(tree, rows, total, _count(counts, "nombrePageTop"), _count(counts, "numPageTop"))


def read_row(body: bytes, ref: str, org: str) -> ListedCall:
    """The row of one call from its own markup, as the crawl keeps it. Raises SourceChanged."""
    for row, _ in _rows(parse_html(b"<table class='table-results'>" + body + b"</table>")):
        if (row.ref, row.org) == (ref, org):
            return row
    raise SourceChanged(f"the row is not that of {ref}")


def _counts(tree: etree._Element) -> Cells:
    """The counters, which stand above the rows; below them they stand once more, under other names."""
    counts: Cells = {}
    for node in tree.iter("*"):
        ident = node.get("id") or ""
        if "resultSearch_n" in ident and (name := ident.rpartition("_")[2]) in _COUNTS:
            counts.setdefault(name, node)
            if len(counts) == len(_COUNTS):
                break
    return counts


def _rows(tree: etree._Element) -> Iterator[tuple[ListedCall, etree._Element]]:
    """The rows of the table of results; the form of the search, which stands before it, tells what was searched for."""
    searched: Kind | None = None
    for node in tree.iter("form", "select", "table"):
        if node.tag == "form":
            searched = searched or ("unknown" if "&AllAnn" in (node.get("action") or "") else None)
        elif node.tag == "select":
            searched = _chosen_kind(node) or searched
        elif "table-results" in (node.get("class") or "").split():
            yield from _table(node, searched)
            return


def _chosen_kind(select: etree._Element) -> Kind | None:
    if not (select.get("name") or "").endswith("$annonceType"):
        return None
    chosen = (option.get("value") or "" for option in select.iter("option") if "selected" in option.attrib)
    return KIND_OF_SEARCH.get(next(chosen, ""))


def _table(table: etree._Element, searched: Kind | None) -> Iterator[tuple[ListedCall, etree._Element]]:
    begun: set[etree._Element] = set()
    for start, cells, kind in _cells(table):
        ref, org = start.get("value") or "", _value(cells.get("orgCons"))
        around = list(start.iterancestors("tr"))
        # What has no numbers has no page either; it is missed when the rows are counted. So is the second call of one
        # row, and a row far within others: each would be kept with the markup of all, a page of 300 kB as 400 MB.
        if not around or len(around) > _ROWS_WITHIN or around[0] in begun:
            continue
        if _REF.fullmatch(ref) and _ORG.fullmatch(org):
            begun.add(around[0])
            yield _listed(ref, org, kind or searched, cells), around[0]


def _cells(table: etree._Element) -> Iterator[tuple[etree._Element, Cells, Kind | None]]:
    """Row after row: the input that begins it, its cells by the last part of their ids, and what its picture says."""
    start: etree._Element | None = None
    cells: Cells = {}
    for row in table.iter("tr"):
        for part in row:
            # The actions, which are half of every row, are passed over.
            if (part.get("class") or "").startswith("actions"):
                continue
            for node in part.iter("div", "span", "input", "img", "a"):
                name = _name(node)
                if name == "refCons":
                    if start is not None:
                        yield start, cells, _pictured(cells)
                    start, cells = node, {}
                elif name is not None and name not in cells:
                    cells[name] = node
    if start is not None:
        yield start, cells, _pictured(cells)


def _name(node: etree._Element) -> str | None:
    """What a cell is: by the last part of its id, its class, where its link leads, or what its picture says."""
    if (ident := node.get("id")) is not None:
        name = ident[ident.rfind("_") + 1 :]
        return name if name in _CELLS else None
    if (kind := node.get("class")) in _CLASSES:
        return None if kind == "certificat" and is_hidden(node) else kind
    tag = node.tag
    if tag == "a":
        return "lots" if "PopUpDetailLots" in (node.get("href") or "") else None
    if tag == "img":
        return "picture" if _file_of(node) in KIND_OF_PICTURE and not is_hidden(node) else None
    return None


def _pictured(cells: Cells) -> Kind | None:
    return KIND_OF_PICTURE[_file_of(cells["picture"])] if "picture" in cells else None


def _listed(ref: str, org: str, kind: Kind | None, cells: Cells) -> ListedCall:
    lots = cells.get("lots")
    deadline = cells.get("cloture-line")
    return ListedCall(
        ref=ref,
        org=org,
        kind=kind,
        title=_bubble(cells.get("infosBullesObjet")) or _behind_label(cells.get("panelBlocObjet")),
        reference=text_of(cells.get("reference")),
        buyer=_behind_label(cells.get("panelBlocDenomination")),
        procedure_code=_first_text(cells.get("line-info-bulle")),
        procedure=text_of(cells.get("procedure", cells.get("panelBlocTypesProc"))),
        category=text_of(cells.get("panelBlocCategorie")),
        places=_places(cells),
        published=_published(cells.get("panelBlocCategorie")),
        deadline="" if deadline is None else text_of(" ".join(map(str, deadline.itertext(etree.Element)))),
        has_lots=lots is not None and not is_hidden(lots) and not any(map(is_hidden, lots.iter("img"))),
        environment_clause="panelBlocConsEnv" in cells and not is_hidden(cells["panelBlocConsEnv"]),
        e_response=_file_of(cells["certificat"]) if "certificat" in cells else "",
    )


def is_hidden(node: etree._Element) -> bool:
    """Whether an element's own style hides it."""
    style = node.get("style")
    return style is not None and _HIDDEN.search(style) is not None


def _places(cells: Cells) -> tuple[str, ...]:
    """The whole list from the bubble; without one, the lines of the cell."""
    if whole := _bubble(cells.get("infosLieuExecution")):
        found = whole.split(",")
    else:
        cell = cells.get("panelBlocLieuxExec")
        found = [] if cell is None else [cell.text or "", *(child.tail or "" for child in cell)]
    return tuple(dict.fromkeys(place for part in found if (place := text_of(part))))


def _bubble(node: etree._Element | None) -> str:
    """The text of a bubble, which stands in one element of its own: reading that alone is quicker."""
    inner = next(node.iterchildren("*"), None) if node is not None and len(node) == 1 else None
    return text_of(node if inner is None or (inner.tail or "").strip() else inner)


def _published(category: etree._Element | None) -> str:
    """The day stands in the next element without an id."""
    for node in () if category is None else category.itersiblings("div"):
        if node.get("id") is None and (found := _DAY.fullmatch(text_of(node))):
            return found[0]
    return ""


def _behind_label(cell: etree._Element | None) -> str:
    """The cell's own text, without its label and its bubble."""
    if cell is None:
        return ""
    return _LABEL.sub("", text_of(" ".join([cell.text or "", *(child.tail or "" for child in cell)])))


def _first_text(cell: etree._Element | None) -> str:
    return "" if cell is None else text_of(cell.text or "")


def _value(node: etree._Element | None) -> str:
    return "" if node is None else (node.get("value") or "")


def _file_of(image: etree._Element) -> str:
    """The name of a picture's file, without its folder and its version."""
    return (image.get("src") or "").rpartition("/")[2].partition("?")[0]


def _count(counts: Cells, name: str) -> int | None:
    node = counts.get(name)
    if node is None:
        return None
    written = text_of(node.get("value") if node.tag == "input" else node).replace(" ", "")
    if not _NUMBER.fullmatch(written):
        raise SourceChanged(f"{name} of the list is no number ({written[:20]!r})")
    return int(written)
