"""Pieces of a page as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from app.accounts.caller import Caller
from app.channels.stream.bell import Bell
from app.channels.stream.errors import TooManyStreams
from app.channels.stream.service import StreamLimits, Streams
from app.kit.errors import ServiceUnavailable
from app.kit.ids import ApiKeyId, OrganisationId
from app.models.organisation import OrganisationKind
from app.web.progress import streaming
from app.web.progress.streaming import ProgressStream, Told, block

CALLER = Caller(OrganisationId(uuid4()), OrganisationKind.BUYER, frozenset(), ApiKeyId(uuid4()))


def test_a_piece_of_several_lines_stays_one_event_whatever_it_holds() -> None:
    told = block("progress", "<p>a\r\nevent: end</p>\n\n<p>b</p>").decode()
    assert told == "event: progress\ndata: <p>a\ndata: event: end</p>\ndata: \ndata: <p>b</p>\n\n"


async def test_what_is_new_is_told_once_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "_LOOK_SECONDS", 0.001)
    streams = Streams(None, Bell(), StreamLimits(total=1))  # type: ignore[arg-type]
    said = iter([Told("1", over=False), Told("1", over=False), Told("2", over=True)])

    async def look() -> Told:
        return next(said)

    answer = ProgressStream(streams, CALLER, look)
    with pytest.raises(ServiceUnavailable):
        streams.enter(CALLER)
    blocks: AsyncIterator[bytes] = answer.body_iterator  # type: ignore[assignment]
    assert b"".join([piece async for piece in blocks]).decode().split("\n\n")[1:-1] == [
        "event: progress\ndata: 1", ":", "event: progress\ndata: 2", "event: end\ndata: ",
    ]  # fmt: skip


async def test_an_organisation_has_so_many_and_no_more() -> None:
    streams = Streams(None, Bell(), StreamLimits(total=9, per_organisation=1))  # type: ignore[arg-type]

    async def look() -> Told:
        await asyncio.sleep(0)
        return Told("", over=True)

    ProgressStream(streams, CALLER, look)
    with pytest.raises(TooManyStreams):
        ProgressStream(streams, CALLER, look)
