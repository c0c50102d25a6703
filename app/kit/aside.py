"""Work in a process beside this one: what takes seconds of plain Python there leaves the interpreter to requests.

Orders and answers are a length and a pickle each, over pipes that only the two processes hold. The process is started
with the first order, gives way to everything else on the machine, and ends when it is left alone for a while, or with
the process that started it, however that ended. It gets no secret: neither settings nor what the environment holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import struct
import sys
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple

from app.kit.cpu_pool import ComputationTooLong

Result = TypeVar("Result")
Args = TypeVarTuple("Args")

ASIDE_SECONDS: Final = 120.0
"""A deadline for pieces of work there: they take tenths of a second, and wait for whatever else the machine does."""

HEADER: Final = struct.Struct(">Q")
_IDLE_SECONDS: Final = 60.0


class AsideFailed(Exception):
    """The work there ended with an exception, which is told in words, or the process ended under it."""


class Aside:
    """The process, if there is one now. One piece of work at a time, the others wait."""

    def __init__(self, *, level: str = "INFO", form: str = "auto", idle_seconds: float = _IDLE_SECONDS) -> None:
        """``level``, ``form``: of the lines that it logs, beside those of this process."""
        self._command = [sys.executable, "-P", "-m", "app.kit.aside_child", level, form]
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._left: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process there is, if there is one."""
        return None if self._child is None else self._child.pid

    async def run(self, fn: Callable[[*Args], Result], *args: *Args, deadline: float) -> Result:
        """``fn(*args)`` there; ``fn`` is a function of a module. ``deadline``: in seconds from when its turn comes.

        Raises:
            ComputationTooLong: it did not end in time; the process is ended instead.
            AsideFailed: it raised, its process died, or it was closed.

        """
        order = await asyncio.to_thread(pickle.dumps, (fn, args), pickle.HIGHEST_PROTOCOL)
        async with self._turn:
            if self._closed:
                raise AsideFailed("closed")
            if self._leaving is not None:
                self._leaving.cancel()
            try:
                async with asyncio.timeout(deadline) as limit:
                    answer = await self._exchanged(order)
            except BaseException as fault:
                # What it may still say would be taken for the answer to the next order.
                await self._end()
                if isinstance(fault, TimeoutError) and limit.expired():
                    raise ComputationTooLong(deadline_seconds=deadline) from None
                if isinstance(fault, asyncio.IncompleteReadError | ConnectionError):
                    raise AsideFailed("its process died") from fault
                raise
            finally:
                if not self._closed:
                    self._leave_later()
        done, told = await asyncio.to_thread(pickle.loads, answer)
        if not done:
            raise AsideFailed(told)
        result: Result = told
        return result

    async def close(self) -> None:
        """End it, whatever it does; no work is taken any more."""
        self._closed = True
        if self._leaving is not None:
            self._leaving.cancel()
        await self._end()
        await asyncio.gather(*self._left)

    async def _exchanged(self, order: bytes) -> bytes:
        if self._child is None or self._child.returncode is not None:
            self._child = await self._started()
        child = self._child
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.writelines((HEADER.pack(len(order)), order))
        await child.stdin.drain()
        (length,) = HEADER.unpack(await child.stdout.readexactly(HEADER.size))
        return await child.stdout.readexactly(length)

    async def _started(self) -> asyncio.subprocess.Process:
        environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"}
        # A session of its own: Ctrl-C is for the process that people started, which then ends this one.
        return await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment,
            start_new_session=True,
        )  # fmt: skip

    def _leave_later(self) -> None:
        self._leaving = asyncio.get_running_loop().call_later(self._idle_seconds, self._leave)

    def _leave(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            leaving = asyncio.create_task(_left(child))
            self._left.add(leaving)
            leaving.add_done_callback(self._left.discard)

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


async def _left(child: asyncio.subprocess.Process) -> None:
    assert child.stdin is not None
    child.stdin.close()
    await child.wait()
