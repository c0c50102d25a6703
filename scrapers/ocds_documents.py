"""OCDS documents of any shape to procedures: packages of releases or records, arrays, single ones, lines of them.

Releases of one procedure are compiled; where a publisher sends a compiled release, it is taken as it is.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scrapers.errors import RecordRejected, SourceChanged
from scrapers.json_text import loads
from scrapers.ocds_compile import compile_releases

Release = dict[str, object]
_BEGINNINGS = frozenset({"planning", "tender", "compiled"})
_MARKS = frozenset({"releases", "records", "ocid"})


@dataclass(frozen=True, slots=True)
class Held:
    """One release. ``whole``: it came in a record; ``compiled``: as its compiled release, whose first date was
    ``published``.
    """

    ocid: str
    release: Release
    published: str | None = None
    whole: bool = False
    compiled: bool = False

    def kept(self) -> Release:
        """The release in a shape that says the same of it when it is read again."""
        if self.compiled:
            dated = [{"ocid": self.ocid, "date": self.published}] if self.published else []
            return {"ocid": self.ocid, "releases": dated, "compiledRelease": self.release}
        return {"ocid": self.ocid, "releases": [self.release]} if self.whole else self.release


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure as far as it was sent. ``delta``: only updates of it were, and what they leave out is unknown."""

    release: Release
    published: str | None
    tags: frozenset[str]
    delta: bool


def documents(body: bytes) -> Iterator[object]:
    """The JSON documents of a page: one, or one a line. Raises SourceChanged where any of it is no OCDS."""
    try:
        found = [loads(body)]
    except SourceChanged:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        found = [loads(line) for line in lines]
    for document in found:
        if not is_ocds(document):
            raise SourceChanged("the document is neither a release, a record nor a package of them")
        yield document


def line_documents(body: bytes) -> Iterator[object | RecordRejected]:
    """The JSON documents of lines; one that is none does not stop the others."""
    for line in body.splitlines():
        try:
            document = loads(line)
        except SourceChanged as error:
            yield RecordRejected("json.invalid", str(error), _excerpt(line))
            continue
        if is_ocds(document):
            yield document
        else:
            yield RecordRejected("ocds.not_ocds", "a line that is no release or record", _excerpt(line))


def _excerpt(line: bytes) -> str:
    return line[:4_000].decode("utf-8", "replace").replace("\x00", "\ufffd")


def is_ocds(document: object) -> bool:
    """Whether a document is a release, a record, a package, or an array of them, in which a few may be none."""
    if isinstance(document, list):
        return not document or any(isinstance(item, dict) and _MARKS & item.keys() for item in document)
    if not isinstance(document, dict):
        return False
    lists = [document[key] for key in ("releases", "records") if key in document]
    return all(isinstance(found, list) for found in lists) if lists else "ocid" in document


def held(document: object) -> Iterator[Held | RecordRejected]:
    """Every release of a document, with its procedure."""
    if isinstance(document, list):
        for item in document:
            yield from held(item)
        return
    fields = document if isinstance(document, dict) else {}
    if "ocid" not in fields:
        nested = [item for key in ("releases", "records") for item in _list(fields.get(key))]
        if not nested and not {"releases", "records"} & fields.keys():
            yield RecordRejected("ocds.no_ocid", "neither a release with an ocid nor a package of them")
        for item in nested:
            if isinstance(item, dict) and "ocid" in item:
                yield from held(item)
            else:
                yield RecordRejected("ocds.no_ocid", "a release without an ocid")
        return
    ocid = fields["ocid"]
    if not isinstance(ocid, str) or not ocid.strip():
        yield RecordRejected("ocds.no_ocid", "the ocid is not a text")
        return
    yield from _of_record(ocid.strip(), fields)


def _of_record(ocid: str, fields: Release) -> Iterator[Held | RecordRejected]:
    compiled, releases = fields.get("compiledRelease"), fields.get("releases")
    if isinstance(compiled, dict):
        dates = [
            date for part in _list(releases) if isinstance(part, dict) and isinstance(date := part.get("date"), str)
        ]
        yield Held(ocid, {**compiled, "ocid": ocid}, min(dates, default=None), whole=True, compiled=True)
    elif isinstance(releases, list):
        embedded = [part for part in releases if isinstance(part, dict) and ("tender" in part or "ocid" in part)]
        if not embedded:
            yield RecordRejected("ocds.linked_releases", "the record only links to its releases")
        for release in embedded:
            yield Held(ocid, {**release, "ocid": ocid}, whole=True)
    else:
        yield Held(ocid, {**fields, "ocid": ocid})


def grouped(found: Iterable[Held]) -> dict[str, list[Held]]:
    """Releases by procedure; those of a record replace those that came alone."""
    groups: dict[str, list[Held]] = {}
    for one in found:
        groups.setdefault(one.ocid, []).append(one)
    return {ocid: telling(group) for ocid, group in groups.items()}


def telling(group: list[Held]) -> list[Held]:
    """Of the releases of one procedure those of its record, which holds them all, or each where none came with one."""
    return [one for one in group if one.whole] or group


def compiled(group: Sequence[Held]) -> Procedure:
    """The releases of one procedure as one. Raises RecordRejected where they have no order."""
    whole = any(one.whole for one in group)
    if len(group) == 1:
        only = group[0]
        tags = tags_of(only.release)
        return Procedure(only.release, only.published, tags, delta=not whole and not tags & _BEGINNINGS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ids used twice in one array: ocdsmerge keeps the last
        merged = compile_releases([one.release for one in group])
    return Procedure(merged.release, merged.published, merged.tags, delta=not whole and not merged.tags & _BEGINNINGS)


def tags_of(release: Mapping[str, object]) -> frozenset[str]:
    """The tags of a release."""
    return frozenset(tag for tag in _list(release.get("tag")) if isinstance(tag, str))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
