"""Keyset pages: a cursor is the sort key of the last row shown, signed, and opaque to whoever holds it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from app.kit.errors import InvalidCursor
from app.kit.schemas import OutSchema

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_MAC_BYTES = 16

Row = TypeVar("Row")
Item = TypeVar("Item")
Key = TypeVar("Key")

PageLimit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]


@dataclass(frozen=True, slots=True)
class Keyset(Generic[Key]):
    """A total order of a list: its name, and the type of its sort key, whose last part must be unique.

    ``BY_DEADLINE = Keyset("tenders.deadline", TypeAdapter(tuple[dt.datetime, uuid.UUID]))``. The name is part of what
    is signed, so a cursor of one list is refused by another: change it when the key's meaning changes.
    """

    name: str
    key: TypeAdapter[Key]


class CursorSigner:
    """Writes and reads cursors with a secret key (``Keyring.signing_key("cursor")``)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, order: Keyset[Key], key: Key) -> str:
        """The cursor of the row that has this sort key."""
        payload = order.key.dump_json(key)
        return base64.urlsafe_b64encode(self._mac(order.name, payload) + payload).rstrip(b"=").decode()

    def read(self, order: Keyset[Key], cursor: str) -> Key:
        """The sort key in a cursor; :class:`InvalidCursor` unless this list made it."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidCursor from error
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(order.name, payload)):
            raise InvalidCursor
        try:
            return order.key.validate_json(payload)
        except ValidationError as error:
            raise InvalidCursor from error

    def _mac(self, name: str, payload: bytes) -> bytes:
        return hmac.digest(self._secret, name.encode() + b"\0" + payload, hashlib.sha256)[:_MAC_BYTES]


class Page(OutSchema, Generic[Item]):
    """One page of a list, and the cursor of the next one; ``null`` at the end."""

    items: list[Item]
    next: str | None = Field(description="Send it as `cursor` to get the next page; null on the last one.")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page the caller asks for. Ask the database for ``limit + 1`` rows after ``after(order)``."""

    limit: int
    cursor: str | None
    signer: CursorSigner

    def after(self, order: Keyset[Key]) -> Key | None:
        """The sort key to start after; ``None`` for the first page."""
        return None if self.cursor is None else self.signer.read(order, self.cursor)

    def next_cursor(self, rows: Sequence[Row], order: Keyset[Key], key_of: Callable[[Row], Key]) -> str | None:
        """The cursor after the last row shown, if ``rows`` holds one more than the limit."""
        return self.signer.write(order, key_of(rows[self.limit - 1])) if len(rows) > self.limit else None


def link_next(url: str) -> str:
    """The value of a ``Link`` header (RFC 8288) that points at the next page."""
    return f'<{url}>; rel="next"'
