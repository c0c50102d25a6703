"""Small readers for TED_EXPORT: namespaces vary from year to year, so that local names count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from scrapers.markup import text_of

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for it
_OJ_NUMBER = re.compile(r"\s*(\d{4})\s*/\s*S\s*\d{1,3}\s*-\s*(\d{1,8})\s*", re.ASCII)


def kid(node: Element | None, *path: str) -> Element | None:
    """The first element down a path of children, whatever their namespaces."""
    for name in path:
        if node is None:
            return None
        node = next(node.iterchildren(f"{{*}}{name}"), None)
    return node


def kids(node: Element | None, name: str) -> Iterator[Element]:
    """The children of a name."""
    return iter(()) if node is None else node.iterchildren(f"{{*}}{name}")


def within(node: Element | None, *names: str) -> Iterator[Element]:
    """Everything of these names at any depth, in the order of the document."""
    return iter(()) if node is None else node.iter(*(f"{{*}}{name}" for name in names))


def line(node: Element | None) -> str | None:
    """A text on one line; None where there is none."""
    return (text_of(node) or None) if node is not None else None


def prose(node: Element | None) -> str | None:
    """A text, a line per paragraph."""
    if node is None:
        return None
    paragraphs = [text_of(part) for part in kids(node, "P")] or [text_of(node)]
    return "\n".join(filter(None, paragraphs)) or None


def national_id(node: Element | None) -> str:
    """A registration number; "" where none stands, or a word does: a town there would join all firms of that town."""
    found = (line(node) or "")[:200].strip()
    return found if any(character.isdigit() for character in found) else ""


def oj_number(written: str | None) -> str | None:
    """The number of a notice ("2021/S 001-000163") as notices are numbered today ("163-2021")."""
    found = _OJ_NUMBER.fullmatch(written or "")
    return f"{int(found[2])}-{found[1]}" if found else None


def codes(node: Element, *names: str) -> list[str]:
    """The different codes in attributes, at any depth."""
    return list(dict.fromkeys(code for one in within(node, *names) if (code := (one.get("CODE") or "").strip())))


def is_cpv(code: str) -> bool:
    """Whether a code is one of CPV, without its check digit."""
    return len(code) == 8 and code.isascii() and code.isdecimal()
