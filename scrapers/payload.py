"""What a request brought, kept as it was sent, so that it can be parsed again without the network."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One answer, or the part of one that is about one notice.

    ``kind`` tells the source's parser what it is ("page", "row", "detail", "lots"); ``context`` holds what the parser
    needs and the body does not say.
    """

    source: str
    kind: str
    body: bytes
    url: str = ""
    content_type: str = ""
    fetched_at: dt.datetime | None = None
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the body in hexadecimal digits: the same payload is kept once."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Bundle:
    """Payloads that are parsed together: a page of an interface alone, or a row with its detail page and its lots.

    ``ref`` is the source's id of the notice where the bundle is about one, and ``fingerprint`` what the list said of it
    (hand both back as ``known`` in the next run, and an unchanged notice is not fetched again).
    """

    payloads: tuple[Payload, ...]
    ref: str = ""
    fingerprint: str = ""

    def __iter__(self) -> Iterator[Payload]:
        return iter(self.payloads)

    def of(self, kind: str) -> Payload | None:
        """The first payload of a kind."""
        return next((payload for payload in self.payloads if payload.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that could not be read, with its stable code, one English sentence, and the beginning of it."""

    code: str
    reason: str
    ref: str = ""
    excerpt: str = ""
