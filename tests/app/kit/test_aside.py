"""Work in a process beside this one."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.kit.aside import Aside, AsideFailed
from app.kit.cpu_pool import ComputationTooLong

LONG = 30.0


@pytest.fixture
async def aside() -> AsyncIterator[Aside]:
    made = Aside()
    yield made
    await made.close()
    assert made.pid is None


async def test_it_works_in_one_process_that_gives_way_and_knows_no_secret(
    aside: Aside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFQA_SECRET", "hunter2")
    assert aside.pid is None, "nothing is started before there is something to do"
    assert await aside.run(os.getpid, deadline=LONG) == aside.pid != os.getpid()
    nicer = os.getpriority(os.PRIO_PROCESS, 0) + 10
    assert await aside.run(os.getpriority, os.PRIO_PROCESS, 0, deadline=LONG) == min(nicer, 19)
    assert await aside.run(os.getenv, "SAFQA_SECRET", deadline=LONG) is None


async def test_orders_and_answers_of_any_size_stay_apart_from_what_is_printed(aside: Aside) -> None:
    assert await aside.run(print, "between", deadline=LONG) is None
    large = os.urandom(5_000_000)
    assert await aside.run(bytes.__add__, large, b"!", deadline=LONG) == large + b"!"
    assert await asyncio.gather(*(aside.run(math.factorial, n, deadline=LONG) for n in range(9))) == [
        math.factorial(n) for n in range(9)
    ]


async def test_a_failure_is_told_in_words_and_ends_nothing(aside: Aside) -> None:
    with pytest.raises(AsideFailed, match=r"ValueError: .*abc"):
        await aside.run(int, "abc", deadline=LONG)
    first = aside.pid
    with pytest.raises(AsideFailed, match="pickle"):
        await aside.run(open, os.devnull, deadline=LONG)
    assert await aside.run(os.getpid, deadline=LONG) == first


async def test_late_given_up_and_killed_work_is_followed_by_the_next(aside: Aside) -> None:
    with pytest.raises(ComputationTooLong):
        await aside.run(time.sleep, LONG, deadline=0.05)
    assert aside.pid is None
    assert await aside.run(abs, -1, deadline=LONG) == 1
    waiting = asyncio.create_task(aside.run(time.sleep, LONG, deadline=LONG))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await aside.run(abs, -2, deadline=LONG) == 2
    with pytest.raises(AsideFailed, match="died"):
        await aside.run(signal.raise_signal, signal.SIGKILL, deadline=LONG)
    assert await aside.run(abs, -3, deadline=LONG) == 3


async def test_it_leaves_when_nothing_is_to_be_done() -> None:
    aside = Aside(idle_seconds=0.05)
    first = await aside.run(os.getpid, deadline=LONG)
    await aside.run(time.sleep, 0.2, deadline=LONG)
    assert aside.pid == first, "not while it works"
    async with asyncio.timeout(LONG):
        while _runs(first):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await aside.run(os.getpid, deadline=LONG) != first
    await aside.close()


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[3]), *sys.path]))
    started = subprocess.Popen(
        [sys.executable, program], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert started.stdout is not None
    pid = json.loads(started.stdout.readline())
    assert _runs(pid)
    started.kill()
    started.wait()
    started.stdout.close()
    until = time.monotonic() + LONG
    while _runs(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _runs(pid)


_PROGRAM = """
import asyncio, os
from app.kit.aside import Aside

async def main():
    print(await Aside().run(os.getpid, deadline=30), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def _runs(pid: int) -> bool:
    """Whether there is such a process, other than one that only waits to be noticed."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
