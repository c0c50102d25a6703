"""Saved pages of PMMP, alone or bundled as a crawl keeps them, to what they announce."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from scrapers.base import Award, Read
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.morocco.pmmp_detail import SUMMARY, Detail, numbers_of, read_detail
from scrapers.morocco.pmmp_fields import LocalTime, Notice, award_fields, tender_fields
from scrapers.morocco.pmmp_kinds import AWARDS, CALLS, KIND_OF_SEARCH
from scrapers.morocco.pmmp_list import COUNTER, ListedCall, read_listing, read_row
from scrapers.morocco.pmmp_lots import MARKS, LotsPage, read_lots
from scrapers.payload import Bundle, Payload

_NUMBER_IN_NAME = re.compile(r"(?<!\d)\d{5,12}(?!\d)", re.ASCII)


def kind_of_page(body: bytes) -> str:
    """Whether a page is a "listing", a "detail" or "lots". Raises SourceChanged where it is none of them."""
    if COUNTER in body:
        return "listing"
    if SUMMARY in body:
        return "detail"
    if any(mark in body for mark in MARKS):
        return "lots"
    raise SourceChanged("the page is no list with its counter, no consultation, and no lots")


def read_bundle(bundle: Bundle, local_time: LocalTime) -> Iterator[Read]:
    """What a bundle announces. Raises SourceChanged."""
    if listing := bundle.of("listing"):
        for call, _ in read_listing(listing.body, listing.content_type).rows:
            yield _announced(Notice(call, ref=call.ref, org=call.org), local_time)
        return
    if gone := bundle.of("gone"):
        yield from _cancelled(gone, local_time)
        return
    row, detail, lots = bundle.of("row"), bundle.of("detail"), bundle.of("lots")
    notice = _listed(row) if row else Notice()
    if detail:
        page = read_detail(detail.body, detail.content_type)
        if notice.row and _is_another(page, notice.row):
            raise SourceChanged(f"the page of {notice.id} is about {page.ref}, {page.reference!r}")
        notice = replace(notice, detail=page)
        notice = notice if row else _numbered(notice, detail, page)
    if lots:
        try:
            popup = read_lots(lots.body, lots.content_type)
        except SourceChanged as error:
            if not (row or detail):
                raise
            # The call is not lost with its lots; that they could not be read is counted.
            yield RecordRejected("pmmp.lots", f"consultation {notice.id}: {error}")
        else:
            notice = replace(notice, lots=popup.lots)
            notice = notice if row or detail else _numbered(notice, lots, popup)
    yield _announced(notice, local_time)


def _cancelled(payload: Payload, local_time: LocalTime) -> Iterator[Read]:
    """What the page of a call that has left the list says: its cancellation, as an update, or nothing new."""
    page = read_detail(payload.body, payload.content_type)
    ref, org = payload.context.get("ref", ""), payload.context.get("org", "")
    if page.ref and page.ref != ref:
        yield RecordRejected("pmmp.other_call", f"the page of {ref}-{org} is about {page.ref}")
        return
    found = _announced(Notice(detail=page, ref=ref, org=org), local_time)
    if isinstance(found, RecordRejected) or found.get("status") == "cancelled":
        yield found if isinstance(found, RecordRejected) else {**found, "delta": True}


def _listed(payload: Payload) -> Notice:
    ref, org = payload.context.get("ref", ""), payload.context.get("org", "")
    row = read_row(payload.body, ref, org)
    searched = KIND_OF_SEARCH.get(payload.context.get("search", ""))
    return Notice(replace(row, kind=row.kind or searched), ref=ref, org=org)


def _is_another(page: Detail, row: ListedCall) -> bool:
    """Whether a page is about another call than was asked for: a session that was mixed up shows it with status 200."""
    return bool(page.ref) and page.ref != row.ref and page.reference != row.reference


def _numbered(notice: Notice, payload: Payload, page: Detail | LotsPage) -> Notice:
    """A page that was saved alone: its numbers stand in its links, in its address, or in the name of its file.

    Without any, the buyer's reference or the file's name has to do: such a record is good for reading only.
    """
    ref, org = (page.ref, page.org) if page.ref else numbers_of([payload.url])
    name = payload.context.get("file", "")
    if not ref and (found := _NUMBER_IN_NAME.search(name)):
        ref = found[0]
    return replace(notice, ref=ref or (notice.detail.reference if notice.detail else "") or name, org=org)


def _announced(notice: Notice, local_time: LocalTime) -> Read:
    try:
        if notice.kind in CALLS:
            return tender_fields(notice, local_time)
        if notice.kind in AWARDS:
            return Award(award_fields(notice, local_time))
    except RecordRejected as refusal:
        return refusal
    return RecordRejected("pmmp.no_call", f"{notice.id} announces neither a call nor a result ({notice.kind})")
