import asyncio
import contextvars
import threading

import pytest

from app.kit.cpu_pool import ComputationTooLong, CpuPool
from app.kit.errors import ServiceUnavailable

marker: contextvars.ContextVar[str] = contextvars.ContextVar("marker")


@pytest.fixture
def pool():
    pool = CpuPool(workers=1, queue_limit=1)
    yield pool
    pool.close()


async def drained(pool: CpuPool) -> None:
    while pool.taken:  # noqa: ASYNC110 - threads give the places back, not this loop
        await asyncio.sleep(0.001)


async def test_work_runs_in_another_thread_with_the_callers_context(pool):
    marker.set("mine")
    name, context = await pool.run(lambda: (threading.current_thread().name, marker.get()), deadline=5)
    assert name.startswith("cpu")
    assert context == "mine"


async def test_the_exception_of_the_work_reaches_the_caller(pool):
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 1, 0, deadline=5)
    await drained(pool)


async def test_a_timeout_inside_the_work_is_the_works_own(pool):
    def fails() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await pool.run(fails, deadline=5)


async def test_a_full_pool_refuses_at_once_and_takes_work_again_later(pool):
    release = threading.Event()
    held = [asyncio.create_task(pool.run(release.wait, 5.0, deadline=5)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ServiceUnavailable):
        await pool.run(int, deadline=5)
    release.set()
    assert await asyncio.gather(*held) == [True, True]
    await drained(pool)
    assert await pool.run(int, deadline=5) == 0


async def test_work_past_its_deadline_keeps_its_place_until_it_returns(pool):
    release = threading.Event()
    with pytest.raises(ComputationTooLong):
        await pool.run(release.wait, 5.0, deadline=0.01)
    assert pool.taken == 1
    release.set()
    await drained(pool)


async def test_work_that_waited_past_its_deadline_never_begins(pool):
    release, begun = threading.Event(), threading.Event()
    running = asyncio.create_task(pool.run(release.wait, 5.0, deadline=5))
    await asyncio.sleep(0)
    with pytest.raises(ComputationTooLong):
        await pool.run(begun.set, deadline=0.01)
    release.set()
    await running
    await drained(pool)
    assert not begun.is_set()


async def test_a_caller_who_leaves_gives_the_place_back(pool):
    release = threading.Event()
    running = asyncio.create_task(pool.run(release.wait, 5.0, deadline=5))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(pool.run(int, deadline=5))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert pool.taken == 1
    release.set()
    await running


async def test_a_closed_pool_does_not_leak_places(pool):
    pool.close()
    with pytest.raises(RuntimeError):
        await pool.run(int, deadline=1)
    assert pool.taken == 0
