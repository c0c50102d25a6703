"""What every change feed shares: where a reader stands, and the page that it gets."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request
from pydantic import Field

from app.kit.paging import CursorSigner, Keyset
from app.kit.schemas import OutSchema

Item = TypeVar("Item")
Row = TypeVar("Row")
FeedKey = tuple[int, uuid.UUID]
"""The transaction that last wrote a row, and the row's id."""

BEGINNING: FeedKey = (0, uuid.UUID(int=0))
MAX_CHANGES = 1_000


class FeedPage(OutSchema, Generic[Item]):
    """The changes after a cursor, oldest first, and where to go on."""

    items: list[Item]
    next: str = Field(description="Keep it, and send it as `after` when you next ask; it never expires.")
    more: bool = Field(description="Whether there are further changes now; if not, ask again after a while.")


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """Where a reader stands. Ask the database for ``limit + 1`` rows after ``position(order)``."""

    limit: int
    after: str | None
    signer: CursorSigner

    def position(self, order: Keyset[FeedKey]) -> FeedKey:
        """The key to start after."""
        return BEGINNING if self.after is None else self.signer.read(order, self.after)

    def next_cursor(self, rows: Sequence[Row], order: Keyset[FeedKey], key_of: Callable[[Row], FeedKey]) -> str:
        """The cursor after the last row shown; the same as before when there is nothing new."""
        shown = rows[: self.limit]
        return self.signer.write(order, key_of(shown[-1]) if shown else self.position(order))


def get_feed(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_CHANGES, description="How many changes at most.")] = 100,
    after: Annotated[
        str | None, Query(max_length=1000, description="The `next` of the last answer; leave out to begin.")
    ] = None,
) -> FeedRequest:
    """Where the reader of a feed stands."""
    return FeedRequest(limit, after, request.state.cursors)


FeedParams = Annotated[FeedRequest, Depends(get_feed)]
