"""What a payload of BOAMP may be: a page, an export, lines of records, one record, or an inner document alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from scrapers.boamp_eforms import eforms
from scrapers.boamp_mapping import is_notice
from scrapers.boamp_national import national
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.json_text import loads
from scrapers.loose_json import Json
from scrapers.ods import rows_of

_NO_NOTICE = "the document holds no notices of BOAMP"


def records(body: bytes, file: str = "") -> Iterator[Json | RecordRejected]:
    """The records of a payload; what is no record among others is refused alone.

    An inner document that somebody saved without its record is taken as the notice that is named like its ``file``.
    Raises SourceChanged where nothing of it is BOAMP's.
    """
    try:
        document = loads(body)
    except SourceChanged:
        if len(body.split(b"\n", 2)) < 2 or not body.lstrip().startswith(b"{"):
            raise
        yield from _lines(body)
        return
    if is_notice(document):
        rows: list[Json] = [document]  # type: ignore[list-item]
    elif isinstance(document, dict) and "results" not in document:
        rows = [_alone(document, file)]
    else:
        rows = rows_of(document)
        if rows and not any(map(is_notice, rows)):
            raise SourceChanged(_NO_NOTICE)
    yield from rows


def _lines(body: bytes) -> Iterator[Json | RecordRejected]:
    """A record a line; the first one decides whether these are lines of records at all."""
    seen = False
    for line in body.split(b"\n"):
        if not line.strip():
            continue
        try:
            document = loads(line)
        except SourceChanged as error:
            if not seen:
                raise
            yield RecordRejected("json.invalid", str(error))
            continue
        if isinstance(document, dict) and is_notice(document):
            seen = True
            yield document
        elif seen:
            yield RecordRejected("boamp.no_notice", "a line that is no record of BOAMP")
        else:
            raise SourceChanged(_NO_NOTICE)


def _alone(document: Json, file: str) -> Json:
    told = eforms(document) or national(document)
    if told is None or not (told.form == "eforms" or told.cpv or told.title or told.awards or told.buyer_name):
        raise SourceChanged(_NO_NOTICE)
    stem = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "_-.") else "_" for sign in PurePath(file).stem
    )
    return {"idweb": stem[:100] or "donnees", "donnees": document}
