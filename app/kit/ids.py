"""Identifiers: time-ordered UUIDs (version 7), and one type per thing so that they can't be mixed up."""

from __future__ import annotations

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


def new_request_id() -> RequestId:
    """An id for a request that brought none: 32 hexadecimal digits, sorted by time."""
    return RequestId(new_uuid().hex)
