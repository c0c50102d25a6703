"""What an import is about and what became of it, as values that its parts hand on."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from app.files.contract import Rejected
from app.kit.ids import ImportRunId, OrganisationId
from app.models.import_run import ImportKind


@dataclass(frozen=True, slots=True)
class Target:
    """For whom records come in, as what, and when.

    ``agreed``: the startups have agreed to being listed. ``source_id``: the portal that tenders come from, if one.
    ``judged``: whoever gathered the tenders has looked at how each stands here, so that their statuses hold.
    """

    organisation_id: OrganisationId
    kind: ImportKind
    now: dt.datetime
    agreed: bool = False
    source_id: uuid.UUID | None = None
    judged: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the records seen so far."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def seen(self) -> int:
        """All of them."""
        return self.created + self.updated + self.unchanged + self.rejected

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.rejected + other.rejected,
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """One batch as it was stored: counts, what was refused, the rows whose matches are to be ranked again, and the
    tenders that may be found on other portals.
    """

    counts: Counts
    rejected: Sequence[Rejected] = ()
    to_rank: Sequence[uuid.UUID] = ()
    to_link: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One run: which, for whom, and what became of the first records of its file, which are stored already."""

    run_id: ImportRunId
    target: Target
    done: Counts = Counts()
