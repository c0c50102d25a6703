"""When a buyer and a startup may meet about a call, so that all bidders are treated alike.

What stands here is how this product keeps to the principle, with its grounds. It is no legal advice, and rules of a
buyer's own may be stricter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from app.models.tender import TenderStatus
from app.support.errors import EqualTreatment
from matching.planning.book import jurisdictions_of

_COMPETING: Final = frozenset({TenderStatus.PUBLISHED, TenderStatus.CLOSED})
GROUNDS: Final[Sequence[Mapping[str, str]]] = (
    {
        "jurisdiction": "EU",
        "article": "18, 40, 41",
        "source": "directive 2014/24/EU",
        "as_of": "2026-11-22",
        "confidence": "secondary",
    },
    {
        "jurisdiction": "MA",
        "article": "1",
        "source": "décret n° 2-22-431 du 8 mars 2023 (BO 7184)",
        "as_of": "2026-11-22",
        "confidence": "unverified",
    },
)


def may_meet(status: TenderStatus, sector: str | None) -> bool:
    """Whether a meeting about such a call keeps bidders alike (:func:`require_equal_treatment` says when)."""
    return sector == "private" or status not in _COMPETING


def require_equal_treatment(status: TenderStatus, sector: str | None, country: str | None) -> None:
    """Let a meeting about a call pass, or refuse it.

    A draft or a planned call may be talked over (a consultation of the market), and so may one that has been awarded or
    came to nothing. A private call follows its buyer's own terms. Of a call whose sector is not told, the stricter rule
    holds. The ground is that of the call's country; where that is not told, each that may hold.

    Raises:
        EqualTreatment: bidders compete for a public call, or their bids are being judged.

    """
    if not may_meet(status, sector):
        raise EqualTreatment(tender_status=status.value, sector=sector, ground=_grounds(country), legal_advice=False)


def _grounds(country: str | None) -> list[dict[str, str]]:
    own = None if country is None else jurisdictions_of(country)
    return [dict(one) for one in GROUNDS if own is None or one["jurisdiction"] in own]
