"""Change feeds that lose no row: order by the transaction that wrote it, and wait until that order is final."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

from app.db.base import XactId


def settled(changed_tx: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Rows of transactions older than every one still running: no commit can put another row before these.

    A long transaction, in whichever database of the server, delays the feed instead of making holes in it; idle ones
    are ended. Transaction ids belong to a server: after a restore from a dump, readers must begin again.
    """
    return changed_tx < func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=XactId())
