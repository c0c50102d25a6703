"""The chain of hashes: what is hashed of an entry, and how a trail is checked.

An entry's hash is SHA-256 over its canonical JSON (RFC 8785's rules for what occurs here: sorted keys, no spaces,
UTF-8), which holds the hash of the entry before it. docs/openness.md tells how anybody checks an export.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from app.db.base import JsonObject
from app.models.audit_entry import AuditAction

FIRST = bytes(32)
"""What stands before the first entry of a trail."""


@dataclass(frozen=True, slots=True)
class Step:
    """An entry as it is hashed and exported, without its own hash."""

    tender_id: uuid.UUID
    number: int
    organisation_id: uuid.UUID
    key_id: uuid.UUID
    action: AuditAction
    tender_version: int
    details: JsonObject
    at: dt.datetime
    previous: bytes

    def told(self) -> JsonObject:
        """The entry as JSON."""
        return {
            "action": self.action.value,
            "at": self.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "details": self.details,
            "key_id": str(self.key_id),
            "number": self.number,
            "organisation_id": str(self.organisation_id),
            "previous": self.previous.hex(),
            "tender_id": str(self.tender_id),
            "tender_version": self.tender_version,
        }

    def hashed(self) -> bytes:
        """The entry's hash."""
        return digest(self.told())


def digest(told: JsonObject) -> bytes:
    """SHA-256 of canonical JSON."""
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).digest()


def first_break(steps: Iterable[tuple[Step, bytes]], before: bytes = FIRST, expected: int = 1) -> int | None:
    """The number of the first entry that doesn't follow from the one before; ``None`` where the trail holds.

    ``before``, ``expected``: the hash that the first one follows, and its number; those of a whole trail, if not given.
    """
    for step, hash_ in steps:
        if step.number != expected or step.previous != before or step.hashed() != hash_:
            return step.number
        before, expected = hash_, expected + 1
    return None
