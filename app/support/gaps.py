"""What a startup may lack for a call, and support may close."""

from __future__ import annotations

from enum import StrEnum

from matching.requirements.findings import Kind


class Gap(StrEnum):
    """The closed list of gaps: kinds of requirements, under their own names, and the money until one is paid."""

    REFERENCES = "references"
    TURNOVER = "turnover"
    CERTIFICATE = "certificate"
    BOND = "bond"
    TEAM = "team"
    EQUIPMENT = "equipment"
    LOCAL_PRESENCE = "local_presence"
    CONSORTIUM = "consortium"
    SUBCONTRACTING = "subcontracting"
    LANGUAGE = "language"
    ELECTRONIC_FILING = "electronic_filing"
    PREFINANCING = "prefinancing"


def gap_of(kind: Kind) -> Gap | None:
    """The gap that a requirement which is not met leaves; ``None`` where no support closes it (a deadline, say)."""
    if kind is Kind.PAYMENT:
        return Gap.PREFINANCING
    return Gap(kind.value) if kind.value in set(Gap) else None
