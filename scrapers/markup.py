"""HTML and XML of portals, read so that neither a lie about the encoding nor a trap in the document gets anywhere.

HTML comes with unclosed elements and wrong charsets; XML comes from strangers. Nothing here expands an entity, reads a
DTD or asks the network, and the parser itself bears no more than 256 levels.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from lxml import etree, html

from scrapers.errors import SourceChanged

_CHARSET_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_CHARSET_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_NOT_MEANT = ("utf", "iso-8859-1", "latin1", "us-ascii")
"""Declarations that the bytes have disproved, and Latin-1, which browsers read as Windows-1252, as its authors do."""
_META_WITHIN = 4_096
_BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u200b\u200e\u200f\u202a-\u202e\u202f\u2066-\u2069\ufeff]+")
_HIDDEN_BLANKS = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Those of the above that ``str.split`` takes for letters."""
_BLOCKS = frozenset({
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td",
    "th", "tr", "ul",
})  # fmt: skip
_SILENT = frozenset({"script", "style", "noscript", "template", "head", "title"})


def decoded(body: bytes, content_type: str = "") -> str:
    """The text of a page. UTF-8 wins wherever the bytes are UTF-8, whatever is declared; then what is declared, then
    Windows-1252, which every sequence of bytes is.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    header, meta = _CHARSET_HEADER.search(content_type), _CHARSET_META.search(body[:_META_WITHIN])
    for name in (header and header[1], meta and meta[1].decode("ascii")):
        if not name or name.casefold().startswith(_NOT_MEANT):
            continue
        try:
            return body.decode(codecs.lookup(name).name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return body.decode("cp1252", "replace")


def parse_html(body: bytes, content_type: str = "") -> etree._Element:
    """A page as a tree, its unclosed elements mended. Raises SourceChanged where there is none, or none reasonable.

    Of plain elements, without the methods of ``lxml.html``: that looks each one's class up in Python, which is a third
    of the time that a walk through a page takes.
    """
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=False)
    try:
        # As bytes: lxml refuses a str whose own declaration names an encoding.
        return html.document_fromstring(_as_utf8(body, content_type), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise SourceChanged(f"the answer is no HTML page ({str(error)[:120]})") from None


def _as_utf8(body: bytes, content_type: str) -> bytes:
    """A page in UTF-8 and without NULs; nearly all are sent so, and needn't be written anew."""
    if b"\x00" not in body:
        try:
            body.decode()
        except UnicodeDecodeError:
            pass
        else:
            return body.removeprefix(codecs.BOM_UTF8)
    return decoded(body, content_type).replace("\x00", "").encode("utf-8", "replace")


def parse_xml(body: bytes) -> etree._Element:
    """A document as a tree. Raises SourceChanged where it is not well-formed, or declares entities of its own."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_pis=True, recover=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceChanged(f"the answer is no XML document ({str(error)[:120]})") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and declared.entities():  # type: ignore[union-attr]
        raise SourceChanged("the document declares entities of its own")
    return root


def elements(root: etree._Element, path: str) -> list[etree._Element]:
    """The elements that an XPath finds."""
    found: object = root.xpath(path)
    return [node for node in found if etree.iselement(node)] if isinstance(found, list) else []


def values(root: etree._Element, path: str) -> list[str]:
    """The attributes and texts that an XPath finds, without blanks around them, empty ones left out."""
    found: object = root.xpath(path)
    if not isinstance(found, list):
        return []
    return [said for each in found if isinstance(each, str) and (said := each.strip())]


def text_of(node: etree._Element | str | None) -> str:
    """What a reader sees of an element, on one line: entities resolved, blanks of every kind single, NFC."""
    if node is None:
        return ""
    if isinstance(node, str):
        written = node
    elif len(node) or not isinstance(node.tag, str):
        written = "".join(map(str, node.itertext(etree.Element)))
    else:
        written = node.text or ""
    return single_spaced(written)


def single_spaced(written: str) -> str:
    """A text on one line: blanks of every kind single, none around it, NFC."""
    if written.isascii():
        return " ".join(written.split())
    if _HIDDEN_BLANKS.search(written) is None:
        return unicodedata.normalize("NFC", " ".join(written.split()))
    return unicodedata.normalize("NFC", _BLANKS.sub(" ", written).strip())


def prose_of(node: etree._Element) -> str:
    """What a reader sees of an element, with the line breaks of its blocks; scripts and styles are silent."""
    prose = _Prose()
    for event, element in etree.iterwalk(node, events=("start", "end", "comment", "pi")):
        if event == "start":
            prose.open(element)
        else:
            prose.close(element, last=element is node)
    return prose.text()


class _Prose:
    """Lines of text, collected while walking through a tree."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._silent: etree._Element | None = None

    def open(self, element: etree._Element) -> None:
        if element.tag in _BLOCKS:
            self._end_line()
        if element.tag in _SILENT and self._silent is None:
            self._silent = element
        self._say(element.text)

    def close(self, element: etree._Element, *, last: bool) -> None:
        if element.tag in _BLOCKS:
            self._end_line()
        if self._silent is element:
            self._silent = None
        if not last:
            self._say(element.tail)

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines)

    def _say(self, text: str | None) -> None:
        if text and self._silent is None:
            self._line.append(text)

    def _end_line(self) -> None:
        if said := text_of("".join(self._line)):
            self._lines.append(said)
        self._line.clear()
