"""Which encoding a text file is in, by evidence from the whole of it: UTF-8, or Windows-1252, or a clear refusal.

Windows-1252 gives a meaning to nearly any byte, so that Arabic in Windows-1256 or half-broken UTF-8 would pass as
"text" and be stored as rubbish. It is accepted only where it reads like a Western language.
"""

from __future__ import annotations

import re

from scrapers.files.errors import WrongEncoding
from scrapers.files.input_file import InputFile, lines

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]+")
_FOREIGN_RUN = re.compile(rb"[\xc0-\xff]{3,}")
_UNASSIGNED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def refuse_wide_text(head: bytes) -> None:
    """Refuse UTF-16, with or without its mark."""
    if head.startswith(UTF16_MARKS) or head[:200].count(0) > len(head[:200]) // 4:
        raise WrongEncoding("is UTF-16 text; save it as UTF-8")


def refuse_json_not_utf8(head: bytes) -> None:
    """Refuse JSON of another encoding (RFC 8259 knows UTF-8 only); one damaged line among good ones is not that."""
    wrong = right = 0
    for line in head.split(b"\n")[:-1] or [head]:
        if not line.isascii():
            if _is_utf8(line):
                right += 1
            else:
                wrong += 1
    if wrong > right:
        raise WrongEncoding("is JSON but not UTF-8 text; save it as UTF-8")


def csv_encoding(source: InputFile) -> str:
    """``utf-8-sig`` or ``cp1252`` for the whole of a delimited text file. Raises WrongEncoding."""
    high = runs = multibyte = 0
    broken_at: int | None = None
    with source.open() as stream:
        for number, line in enumerate(lines(stream, source.limits.line), start=1):
            if line is None or line.isascii() or (number == 1 and _is_utf8(line) and line.startswith(UTF8_MARK)):
                continue
            multibyte += len(_MULTIBYTE.findall(line))
            if _is_utf8(line):
                continue
            broken_at = broken_at or number
            if _UNASSIGNED.search(_MULTIBYTE.sub(b"", line)):
                raise WrongEncoding(f"is neither UTF-8 nor Windows-1252 text (line {number}); save it as UTF-8")
            high += sum(map(len, _HIGH.findall(line)))
            runs += sum(map(len, _FOREIGN_RUN.findall(line)))
    if broken_at is None:
        return "utf-8-sig"
    if multibyte:
        raise WrongEncoding(f"mixes UTF-8 with another encoding (line {broken_at}); save it as UTF-8")
    if 5 * runs > high:
        raise WrongEncoding(f"does not read as Windows-1252 text (line {broken_at}); save it as UTF-8")
    return "cp1252"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
