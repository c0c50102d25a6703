"""What the inner document (``donnees``) of a BOAMP notice tells, whichever of its forms it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["planned", "call", "correction", "cancellation", "award", "after_award"]
"""What a notice is about; ``after_award``: a contract that is changed, or about to be concluded without a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Empty where the form does not say it.

    ``deadline``: ISO 8601 with its offset, or local time of France. ``procedure_ids``: "bt-04:..." and "ted:...",
    shared with other publishers. ``linked``: ids of earlier notices. ``lots``: fields of ``LotRecord``. ``awards``:
    fields of ``AwardRecord`` without what is common to the notice (``key`` tells them apart).
    """

    form: str = ""
    stage: Stage | None = None
    title: str = ""
    description: str = ""
    buyer_id: str | None = None
    buyer_name: str = ""
    cpv: tuple[str, ...] = ()
    lots: tuple[dict[str, object], ...] = ()
    value: dict[str, str] | None = None
    deadline: str = ""
    documents: str = ""
    reference: str = ""
    procedure: str = ""
    procedure_ids: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    sme_suitable: bool | None = None
    awards: tuple[dict[str, object], ...] = ()
    unreadable: tuple[str, ...] = ()


NOTHING = Told()
"""A notice without an inner document."""
