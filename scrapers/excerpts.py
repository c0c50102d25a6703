"""Pieces of payloads that are kept with a rejection: they are read by people, so no contact person is named in them."""

from __future__ import annotations

import re

from scrapers.redaction import REMOVED, cleaned_text, without_contacts

_NAMED = re.compile(
    r"""\\?"(?P<key>[\w: -]{1,60})\\?"\s{0,20}:\s{0,20}"""  # a key of JSON, also of JSON in a string
    r"""|<[^<>]{0,200}\bid=["'][^"'<>]{0,200}?(?P<mark>[^\W_]{1,40})["'][^<>]{0,200}>"""  # the end of an id
    r"""|<(?P<tag>[A-Za-z_][\w.:-]{0,60})(?:\s[^<>]{0,200})?(?<!/)>"""
)
_JSON_VALUE = re.compile(
    r"""\{(?:[^{}]|\{[^{}]*(?:\}|\Z))*(?:\}|\Z)|\[(?:[^\[\]]|\[[^\[\]]*(?:\]|\Z))*(?:\]|\Z)"""
    r"""|\\"(?:[^"\\]|\\[^"])*(?:\\"|\Z)|"(?:[^"\\]|\\.)*(?:"|\Z)|[^\s,{}\[\]"]+"""
)
_ANY_TAG = re.compile(r"</?[A-Za-z]")


def cleaned_excerpt(raw: str) -> str:
    """A piece of JSON, XML or HTML as it came, cut anywhere: its contact fields lose what they hold."""
    kept: list[str] = []
    at = 0
    for found in _NAMED.finditer(raw):
        name = found["key"] or found["tag"] or found["mark"]
        if found.start() < at or not _is_contact(name.rpartition(":")[2]):
            continue
        if found["key"]:
            value = _JSON_VALUE.match(raw, found.end())
            end = value.end() if value else found.end()
        elif found["tag"]:
            closing = re.compile(rf"</{re.escape(name)}\s*>").search(raw, found.end())
            end = closing.start() if closing else len(raw)
        else:
            closing = _ANY_TAG.search(raw, found.end())
            end = closing.start() if closing else len(raw)
        kept += [raw[at : found.end()], REMOVED]
        at = end
    return cleaned_text("".join(kept) + raw[at:])


def _is_contact(name: str) -> bool:
    return not without_contacts({name: 0})
