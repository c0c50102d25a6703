"""Identifiers: time-ordered UUIDs (version 7), and one type per thing so that they can't be mixed up."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import NewType

import uuid_utils.compat

OrganisationId = NewType("OrganisationId", uuid.UUID)
ApiKeyId = NewType("ApiKeyId", uuid.UUID)
StartupId = NewType("StartupId", uuid.UUID)
TenderId = NewType("TenderId", uuid.UUID)
MatchId = NewType("MatchId", uuid.UUID)
ImportRunId = NewType("ImportRunId", uuid.UUID)
RequestId = NewType("RequestId", str)


def new_uuid() -> uuid.UUID:
    """A fresh version 7 UUID: sorts by the millisecond it was made in, so that index pages fill in order."""
    return uuid_utils.compat.uuid7()


def first_uuid(since: dt.datetime) -> uuid.UUID:
    """The least version 7 UUID that can have been made at an instant or later."""
    return uuid.UUID(int=(int(since.timestamp() * 1_000) << 80) | (7 << 76) | (2 << 62))


def new_request_id() -> RequestId:
    """An id for a request that brought none: 32 hexadecimal digits, sorted by time."""
    return RequestId(new_uuid().hex)
