"""XML larger than memory, element after element: no entities, no DTD, no network, and nothing kept behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from scrapers.errors import SourceChanged


def streamed_elements(file: BinaryIO, names: frozenset[str]) -> Iterator[etree._Element]:
    """Every element of one of some names (without their namespaces), whole, and only until the next is asked for.

    Raises SourceChanged where the document is not well-formed, or declares entities of its own.
    """
    walk = etree.iterparse(
        file, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_pis=True, remove_comments=True, recover=False,
    )  # fmt: skip
    inside = 0
    try:
        for position, (event, element) in enumerate(walk):
            if not position:
                _refuse_entities(element)
            named = etree.QName(element).localname in names
            if event == "start":
                inside += named
                continue
            inside -= named
            if inside:
                continue
            if named:
                yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceChanged(f"the document stops being XML ({str(error)[:120]})") from None


def _refuse_entities(root: etree._Element) -> None:
    declared: object = root.getroottree().docinfo.internalDTD
    if isinstance(declared, etree.DTD) and declared.entities():  # type: ignore[attr-defined]
        raise SourceChanged("the document declares entities of its own")


def tree_of(element: etree._Element) -> object:
    """An element as JSON would hold it: a leaf is its text, children stand under their names, several as a list."""
    found: dict[str, object] = {}
    for child in element.iterchildren(etree.Element):
        name, value = etree.QName(child).localname, tree_of(child)
        held = found.get(name)
        if name not in found:
            found[name] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            found[name] = [held, value]
    return found or (element.text or "").strip()
