"""The page of one bon de commande, read by its labels: exactly, as a motif may hold the words of another label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from lxml import etree

from scrapers.errors import SourceChanged
from scrapers.markup import prose_of, text_of
from scrapers.morocco.bdc_cards import folded, of_class
from scrapers.morocco.notation import is_given
from scrapers.normalise import parse_amount

_HEADING = re.compile(r"details de l'avis d'achat\s*(?:n°|#)?\s*(.*)")
_LABELS = {
    "acheteur": "buyer", "acheteur public": "buyer", "objet": "title", "objet de l'avis d'achat": "title",
    "reference": "reference", "service": "service",
    "date de mise en ligne": "published", "date limite de reception des devis": "deadline",
    "categorie principale": "category", "nature de prestation": "nature", "nature de la prestation": "nature",
    "lieu d'execution": "place", "lieux d'execution": "place",
    "date d'annulation": "cancelled_on", "motif d'annulation": "cancelled_because",
}  # fmt: skip
_MARKERS = frozenset({"deadline", "buyer", "category", "place"})
_ICONS = (("published", "dateMiseEnLigne"), ("category", "category"), ("nature", "screwdriver"))
_SHOWN = re.compile(r"/consultation/(?:show|download/annulation)/(\d{1,12})(?![\w-])", re.ASCII)
_CELLS = (
    ("unit", r"unite(?: de mesure)?"), ("quantity", r"quantite"), ("vat", r"(?:taux )?tva(?: ?\(?%\)?)?"),
    ("guarantees", r"garanties?(?: exigees?)?"),
)  # fmt: skip
_MOST_ARTICLES = 2_000
_LONGEST_LABEL = 60
Article = dict[str, str]


def heading_of(tree: etree._Element) -> str | None:
    """The reference in the heading ("" where it has none); None where this is no page of a notice."""
    for node in tree.iter("h1", "h2", "h3", "h4", "h5", "h6", "title"):
        if found := _HEADING.search(folded(text_of(node))):
            written = text_of(node)
            return written[len(written) - len(found[1]) :] if found[1] else ""
    return None


def notice_of(tree: etree._Element) -> dict[str, str]:
    """What the page says, as it is written there. Raises SourceChanged where it is no page of a notice."""
    heading = heading_of(tree)
    if heading is None:
        raise SourceChanged("the page is not about an avis d'achat")
    fields = _labelled(tree)
    for name, icon in _ICONS:
        if name not in fields and (value := _beside(tree, icon)):
            fields[name] = value
    if not fields.keys() & _MARKERS:
        raise SourceChanged("the page of the avis d'achat has none of its labels")
    if heading:
        fields["reference"] = heading
    if any(folded(text_of(badge)).startswith("annule") for badge in of_class(tree, "badge")):
        fields.setdefault("cancelled_on", "")
    return fields


def id_of(tree: etree._Element) -> str | None:
    """The native id where the page links to itself; None where it does not, or to several."""
    found = {match[1] for link in tree.iter("a") if (match := _SHOWN.search(link.get("href") or ""))}
    return found.pop() if len(found) == 1 else None


def _labelled(tree: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    pieces = list(_pieces(tree))
    at = 0
    while at < len(pieces):
        label, colon, value = pieces[at][0].partition(":")
        name = _LABELS.get(folded(label).strip()) if len(label) <= _LONGEST_LABEL else None
        at += 1
        if name is None:
            continue
        if colon and value.strip():
            found.setdefault(name, text_of(value))
        elif at < len(pieces) and folded(pieces[at][0].rstrip(": ")) not in _LABELS:
            text, element = pieces[at]
            told = text_of(element.get("data-bs-title") or "")
            found.setdefault(name, told if len(told) > len(text) else text.removeprefix(":").strip())
            at += 1  # a value is no label, whatever it says
    return {name: value for name, value in found.items() if is_given(value)}


def _pieces(tree: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """The texts of the page in order, each with the element it stands in; the articles and scripts apart."""
    apart = {*of_class(tree, "accordion-item"), *tree.iter("script", "style", "head", "template")}
    skipping: etree._Element | None = None
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            if skipping is None and node in apart:
                skipping = node
            if skipping is None and (text := text_of(node.text or "")):
                yield text, node
            continue
        if skipping is node:
            skipping = None
        parent = node.getparent()
        if skipping is None and parent is not None and (text := text_of(node.tail or "")):
            yield text, parent


def _beside(tree: etree._Element, icon: str) -> str:
    """The last text beside an icon that has an id: the label, if any, stands before it."""
    found = tree.xpath("//*[@id=$icon]/following-sibling::div[1]//span", icon=icon)
    texts = [text_of(node) for node in found if etree.iselement(node)] if isinstance(found, list) else []
    texts = [text for text in texts if text and folded(text.rstrip(": ")) not in _LABELS]
    return texts[-1] if texts and is_given(texts[-1]) else ""


def articles_of(tree: etree._Element) -> list[Article]:
    """The lines that are bought: number, name, unit, quantity, VAT in percent, guarantees, specification."""
    return [_article(item) for item in of_class(tree, "accordion-item")[:_MOST_ARTICLES]]


def _article(item: etree._Element) -> Article:
    bold = of_class(item, "font-bold")
    number = text_of(bold[0]).lstrip("# ") if bold else ""
    heading = next(item.iter("button"), None)
    title = text_of(heading)
    found: Article = {"id": number, "title": re.sub(rf"^#\s*{re.escape(number)}\s*", "", title) if number else title}
    for (name, label), cell in zip(_CELLS, of_class(item, "content__article--subMiniCard"), strict=False):
        written = text_of(cell)
        # "unité" alone is a unit; before something else it is a label.
        if (label_ends := re.match(rf"{label}\s*:?\s*(?=\S)", folded(written))) is not None:
            written = written[label_ends.end() :]
        if not is_given(written):
            continue
        found[name] = _number(written) if name in {"quantity", "vat"} else written
    specified = [prose_of(node) for gap in of_class(item, "gap-3") for node in of_class(gap, "text-black")]
    found["specification"] = "\n".join(text for text in specified if text)
    return {name: value for name, value in found.items() if value}


def _number(written: str) -> str:
    """A number in plain digits; one that cannot be read stays as it is written."""
    try:
        return format(parse_amount(written.rstrip("% ")), "f")
    except ValueError:
        return written


def told(article: Article) -> str:
    """An article in one line, and its specification below."""
    measure = " ".join(article[name] for name in ("quantity", "unit") if name in article)
    head = f"#{article['id']} {article.get('title', '')}" if "id" in article else article.get("title", "")
    line = f"{head.strip()}: {measure}" if measure else head.strip()
    return f"{line}\n{article['specification']}" if "specification" in article else line


def documents_of(tree: etree._Element, page: str) -> list[dict[str, str]]:
    """The files that the page offers."""
    found: dict[str, str] = {}
    for link in tree.iter("a"):
        href = (link.get("href") or "").strip()
        if "/download/" not in href and "nounderlinelink" not in (link.get("class") or "").split():
            continue
        try:
            url = urljoin(page, href)
        except ValueError:
            continue
        if url.startswith(("https://", "http://")) and len(url) <= 2_000:
            found.setdefault(url, text_of(link))
    return [{"url": url, **({"title": title} if title else {})} for url, title in found.items()]
