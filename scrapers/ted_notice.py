"""One notice of TED as XML, of whatever generation, to the records in it: a tender, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from scrapers.base import Award, Read
from scrapers.eforms_awards import award_fields, has_results, result_status
from scrapers.eforms_notice import is_eforms, read_notice, tender_fields
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.markup import parse_xml
from scrapers.ted_codes import STATUSES, as_delta
from scrapers.ted_export import ROOT, legacy_fields, read_legacy
from scrapers.ted_export_awards import legacy_awards, legacy_status


def notice_records(body: bytes, context: Mapping[str, str]) -> Iterator[Read]:
    """The tender of a notice and its awards, or the reason why there is none.

    ``context``: what the search told of it (``publication_number``, ``publication_date``). A notice about a result
    does not repeat the whole call: its tender carries ``delta``. Raises SourceChanged where it is no notice of TED.
    """
    root = parse_xml(body)
    if is_eforms(str(root.tag)):
        records = _eforms(root, context)
    elif str(root.tag).rpartition("}")[2] == ROOT:
        records = _legacy(root)
    else:
        raise SourceChanged(f"<{str(root.tag)[:120]}> is no notice of TED")
    try:
        yield from records
    except RecordRejected as refusal:
        yield refusal


def _eforms(root: etree._Element, context: Mapping[str, str]) -> Iterator[Read]:
    notice = read_notice(root, context)
    awards = award_fields(notice) if has_results(notice) else []
    fields = tender_fields(notice)
    if has_results(notice):
        fields = as_delta(fields)
        if status := result_status(awards, notice):
            fields["status"] = status
    yield fields
    yield from map(Award, awards)


def _legacy(root: etree._Element) -> Iterator[Read]:
    notice = read_legacy(root)
    awards = legacy_awards(notice)
    # A modification names the notice of the award, not the call, and changes nothing of the call.
    if notice.kind != "cont-modif":
        fields = legacy_fields(notice)
        if notice.kind not in STATUSES:
            fields = as_delta(fields)
        if status := legacy_status(awards):
            fields["status"] = status
        yield fields
    yield from map(Award, awards)
