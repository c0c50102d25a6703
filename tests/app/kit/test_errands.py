"""Work that outlasts a request is done once at a time, and its fault is told once."""

from __future__ import annotations

import asyncio
import time

import pytest
from structlog.testing import capture_logs

from app.kit.aside import Aside
from app.kit.errands import Errands
from app.kit.errors import ServiceUnavailable


async def test_a_key_is_worked_on_once_at_a_time_and_again_afterwards() -> None:
    errands, going, begun = Errands(Aside()), asyncio.Event(), 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        await going.wait()

    for _ in range(3):
        errands.begin("one", work)
    await errands.ended("one", 0.01)  # its patience ends first
    assert begun == 1
    going.set()
    await errands.ended("one", 10)
    errands.begin("one", work)
    await errands.ended("one", 10)
    assert begun == 2


async def test_a_fault_is_told_to_the_next_look_and_the_one_after_tries_again() -> None:
    errands = Errands(Aside())

    async def work() -> None:
        raise LookupError("gone")

    errands.begin("one", work)
    await errands.ended("one", 10)
    with pytest.raises(LookupError):
        errands.begin("one", work)
    errands.begin("one", work)
    await errands.close()


async def test_there_is_an_end_to_what_waits_and_closing_gives_it_up() -> None:
    errands = Errands(Aside(), most=2)
    for key in ("one", "two"):
        errands.begin(key, asyncio.Event().wait)
    with pytest.raises(ServiceUnavailable):
        errands.begin("three", asyncio.Event().wait)
    async with asyncio.timeout(10):
        await errands.close()


async def test_a_close_ends_what_is_done_aside_and_lets_the_errand_end_by_itself() -> None:
    errands, ends = Errands(Aside()), list[str]()

    async def work() -> None:
        try:
            await errands.aside.run(time.sleep, 60, deadline=90)
        except BaseException as end:
            await asyncio.sleep(0.05)  # as a connection is given back
            ends.append(type(end).__name__)
            raise

    errands.begin("long", work)
    async with asyncio.timeout(30):
        while errands.aside.pid is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        with capture_logs() as logs:
            await errands.close()
    assert ends == ["AsideFailed"]
    assert logs == []
