"""Documents into batches: which texts, codes and places each unit has.

What ``matching.extraction`` does with a document, up to the reading.
"""

from __future__ import annotations

from collections.abc import Sequence

from matching.analysis.batches import Batch
from matching.analysis.known import Known
from matching.documents import MAX_LOTS, Passage, reference_order, startup_passages, tender_passages, told_share
from matching.extraction import CUE_WEIGHT
from matching.kernels.counting import PLAIN, STARTUP, TENDER, WIN
from matching.types import LotDoc, StartupDoc, TenderDoc


def put_passages(batch: Batch, passages: Sequence[Passage], hint: str | None) -> None:
    """Passages into the unit that is open."""
    for passage in passages:
        batch.passage(passage.text, passage.weight, hint)


def hint_of(startup: StartupDoc) -> str | None:
    """The language that a profile is read in where its words don't tell."""
    return startup.languages[0] if startup.languages else None


def put_startup(batch: Batch, startup: StartupDoc, known: Known) -> None:
    """The unit of a profile, then one for each past win that is compared."""
    put_passages(batch, startup_passages(startup), hint_of(startup))
    for code in startup.cpv:
        batch.add(known.cpv(code))
    for place in (startup.city, *startup.regions):
        batch.add(known.place(startup.country, place))
    for reference in startup.references:
        for code in reference.cpv:
            batch.add(known.cpv(code))
        batch.add(known.place(startup.country, reference.place))
        batch.passage(reference.buyer or "", 1.0, None, buyer=True)
    batch.close(STARTUP, told_share(startup))
    for n in reference_order(startup):
        reference = startup.references[n]
        batch.passage(reference.title, 1.0, None)
        for code in reference.cpv:
            batch.add(known.cpv(code))
        batch.close(WIN)


def put_tender(batch: Batch, tender: TenderDoc, known: Known) -> None:
    """The unit of the whole tender, then one for each lot."""
    _put_tender_unit(batch, tender, None, known)
    for lot in tender.lots[:MAX_LOTS]:
        _put_tender_unit(batch, tender, lot, known)


def _put_tender_unit(batch: Batch, tender: TenderDoc, lot: LotDoc | None, known: Known) -> None:
    put_passages(batch, tender_passages(tender, lot), tender.language)
    for code in lot.cpv if lot is not None and lot.cpv else tender.cpv:
        batch.add(known.cpv(code))
    batch.add(known.place(tender.country, tender.place))
    batch.passage(tender.buyer or "", 1.0, None, buyer=True)
    batch.close(TENDER, cue_weight=CUE_WEIGHT)


def put_told(batch: Batch, startup: StartupDoc, _known: Known) -> None:
    """The unit of what a startup tells of itself in prose."""
    for text in (startup.name, startup.description):
        batch.passage(text, 1.0, None)
    batch.close(PLAIN)
