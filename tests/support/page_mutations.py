"""Pages in which something has become something else: bytes, elements, values, encodings. Seeded, so that each can be
made again.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence

from tests.support.mutations import mutated

LONGEST = 400_000
"""Bytes of a mutated page: doubling must not make the machine's speed the thing that is tested."""
_VALUES = (
    "", " ", "0", "-1", "9" * 400, "1e9999", "NaN", "-0.0", "1.250", "12,5,3", "٣٤٥", "31/02/2026 25:61", "00/00/0000",
    "2026-02-30T25:00:00Z", "0001-01-01", "9999-12-31T23:59:59+14:00", "2026-10-25 02:30", "30/03/2025 02:30", "\x00",
    "\u202eabc\u202c", "\ufeff", "\ud83d", "é" * 50, "&amp;amp;lt;", "&#0;", "&#xD800;", "&nbsp;", "&bogus;", "<b>", "</div>",
    "<!--", "]]>", "<![CDATA[", "<?x ", "null", "true", "[]", "{}", '"', "'", "\\", "\\ud800", "javascript:alert(1)",
    "http://[::1", "//", "https://a.example/" + "x" * 3_000, "../../etc/passwd", "a@b.example", "x" * 20_000, "(" * 500,
    "A-12/2026/" * 300, "1 " * 2_000, "\n" * 5_000, "é\u0301" * 300, "EUR", "zz", "MA", "fr", "72000000-5", "CANCELLED",
)  # fmt: skip
_ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
)
_TOKEN = re.compile(
    rb"""(?<=>)[^<>]{1,400}(?=<)|(?<==")[^"<>]{0,400}(?=")|(?<=: ")[^"]{0,400}(?=")|(?<=[;,])[^;,\n"]{1,80}"""
)
_TAG = re.compile(rb"</?[a-zA-Z][^<>]{0,400}>")
_DIGITS = re.compile(rb"\d+")
_ENCODINGS = ("utf-16", "utf-16-le", "utf-8-sig", "cp1252", "cp1256", "utf-7", "utf-32")


def mutated_page(body: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """The page after one to eight changes. ``others``: pages from which pieces may come."""
    for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 3, 5, 8))):
        change = chance.choice(_CHANGES)
        body = change(body, chance) if change is not _spliced else _spliced(body, chance, others)
    return body[:LONGEST]


def _range(body: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(body) + 1)
    return start, min(len(body), start + chance.choice((0, 1, 2, 8, 40, 300, 3_000)))


def _value(chance: random.Random) -> bytes:
    return chance.choice(_VALUES).encode("utf-8", "surrogatepass")


def _flipped(body: bytes, chance: random.Random) -> bytes:
    found = bytearray(body)
    for _ in range(chance.choice((1, 2, 10)) if found else 0):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def _cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _beheaded(body: bytes, chance: random.Random) -> bytes:
    return body[chance.randrange(len(body) + 1) // 4 :]


def _removed(body: bytes, chance: random.Random) -> bytes:
    start, end = _range(body, chance)
    return body[:start] + body[end:]


def _doubled(body: bytes, chance: random.Random) -> bytes:
    start, end = _range(body, chance)
    return body[:start] + body[start:end] * chance.choice((2, 3, 50)) + body[end:]


def _moved(body: bytes, chance: random.Random) -> bytes:
    start, end = _range(body, chance)
    rest = body[:start] + body[end:]
    place = chance.randrange(len(rest) + 1)
    return rest[:place] + body[start:end] + rest[place:]


def _inserted(body: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(body) + 1)
    return body[:place] + _value(chance) + body[place:]


def _replaced(body: bytes, chance: random.Random, pattern: re.Pattern[bytes], new: Callable[[], bytes]) -> bytes:
    found = list(pattern.finditer(body))
    if not found:
        return body
    one = chance.choice(found)
    return body[: one.start()] + new() + body[one.end() :]


def _valued(body: bytes, chance: random.Random) -> bytes:
    """A text, an attribute or a value of JSON is another one."""
    return _replaced(body, chance, _TOKEN, lambda: _value(chance))


def _counted(body: bytes, chance: random.Random) -> bytes:
    """A number is another one."""
    return _replaced(
        body, chance, _DIGITS, lambda: str(chance.choice((0, 1, 13, 61, 99, 2_100, 10**9, 10**40))).encode()
    )


def _untagged(body: bytes, chance: random.Random) -> bytes:
    return _replaced(body, chance, _TAG, bytes)


def _retagged(body: bytes, chance: random.Random) -> bytes:
    """An element's tag is that of another."""
    found = _TAG.findall(body)
    return _replaced(body, chance, _TAG, lambda: chance.choice(found))


def _without_attribute(body: bytes, chance: random.Random) -> bytes:
    return _replaced(body, chance, re.compile(rb' [\w:-]{1,40}="[^"]{0,400}"'), bytes)


def _deep(body: bytes, chance: random.Random) -> bytes:
    place, depth = chance.randrange(len(body) + 1), chance.choice((10, 300, 20_000))
    opened = chance.choice((b"<div>", b"<a:b>", b"[", b'{"a":', b"<p><ul><li>", b"<!--", b"((", b"&"))
    return body[:place] + opened * depth + body[place:]


def _members(body: bytes, chance: random.Random) -> bytes:
    """Parts of a document of JSON, or of one of its lines, are something else."""
    lines = body.split(b"\n")
    at = chance.randrange(len(lines))
    junk = chance.choice(
        (None, True, 0, -1.5, "", "x", [], {}, [[{}]], {"#text": {"#text": "x"}}, "9" * 400, [None], 10**30)
    )
    try:
        lines[at] = json.dumps(mutated(json.loads(lines[at]), chance, junk)).encode()
    except (ValueError, RecursionError):
        return body
    return b"\n".join(lines)


def _encoded(body: bytes, chance: random.Random) -> bytes:
    """The same text in another encoding than it declares."""
    return body.decode("utf-8", "replace").encode(chance.choice(_ENCODINGS), "replace")


def _declared(body: bytes, chance: random.Random) -> bytes:
    name = chance.choice(
        (b"utf-16", b"iso-8859-6", b"windows-1252", b"ebcdic-cp-us", b"x-user-defined", b"utf-7", b"idna")
    )
    head = chance.choice((b'<?xml version="1.0" encoding="%b"?>', b'<meta charset="%b">'))
    return head % name + body


def _entities(body: bytes, chance: random.Random) -> bytes:
    root = _TAG.search(body)
    place = root.start() if root else 0
    return body[:place] + _ENTITIES + body[place:].replace(b">", b">&b;&c;", chance.choice((1, 5)))


def _spliced(body: bytes, chance: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """A piece of another page stands in this one."""
    other = chance.choice(others)
    start, end = _range(other, chance)
    place = chance.randrange(len(body) + 1)
    return body[:place] + other[start:end] + body[place:]


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped, _cut, _beheaded, _removed, _doubled, _moved, _inserted, _valued, _valued, _valued, _valued, _counted, _counted,
    _untagged, _retagged, _without_attribute, _without_attribute, _deep, _members, _members, _members, _encoded, _declared,
    _entities, _spliced,
)  # fmt: skip
