"""Reading a stranger's file in a child process with limits on memory, computing time and waiting time.

The child's death by a limit becomes one clear ``FileTooHeavy``; the parent never parses what the file holds, only the
canonical JSON that the child made of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import asdict
from pathlib import Path

import orjson

from app.files.contract import Limits, ReadOptions, Side
from app.files.errors import FileError, FileTooHeavy, FileUnreadable
from app.files.frames import HEADER, Batch, read_payload, unpack_header
from scrapers.files.input_file import in_words

_CHUNK = 1024 * 1024
_KILLED = frozenset({-signal.SIGKILL, -signal.SIGXCPU})
_STARVED = frozenset({-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS})
_SLOW = "takes longer to read than one file may"


def read_sandboxed(path: Path, side: Side, options: ReadOptions = ReadOptions()) -> SandboxedFile:  # noqa: B008 - frozen
    """The batches of a file, for a plain ``for`` or an ``async for``; both raise FileError, possibly halfway.

    Each loop starts a reading process of its own and ends it, however the loop is left.
    """
    return SandboxedFile(path, side, options, module="app.files.worker")


class SandboxedFile:
    """A file that is read by another process each time it is looped over.

    ``module`` is what that process runs, as ``app.files.worker`` does; ``what`` its first argument.
    """

    def __init__(self, path: Path, what: str, options: ReadOptions, *, module: str) -> None:
        facts = orjson.dumps({"zone": options.zone, "limits": asdict(options.limits)}).decode()
        # -P: a folder of the user's called "app" must not shadow ours.
        self._command = [sys.executable, "-P", "-m", module, what, facts, os.fspath(path)]
        # The child needs our packages and none of our secrets. openpyxl would read by lxml where it is installed;
        # defusedxml is what refuses entities.
        path_list = os.pathsep.join(filter(None, sys.path))
        self._environment = {"PYTHONPATH": path_list, "PYTHONUTF8": "1", "OPENPYXL_LXML": "False"}
        self._limits = options.limits

    def __iter__(self) -> Iterator[Batch]:
        """Batches, waiting for each."""
        child = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=self._environment,
        )  # fmt: skip
        assert child.stdout is not None
        pipe = _Pipe(child.stdout.fileno(), self._limits.waiting_seconds)
        try:
            while True:
                header = pipe.read(HEADER.size)
                if len(header) < HEADER.size:
                    raise _death(child.wait(timeout=10), self._limits)
                kind, length = unpack_header(header)
                payload = pipe.read(length)
                if len(payload) < length:
                    raise _death(child.wait(timeout=10), self._limits)
                batch = read_payload(kind, payload)
                if batch is None:
                    return
                yield batch
        finally:
            pipe.close()
            child.stdout.close()
            child.kill()
            child.wait()

    async def __aiter__(self) -> AsyncGenerator[Batch]:
        """Batches, leaving the event loop free between them."""
        child = await asyncio.create_subprocess_exec(
            *self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=self._environment, limit=2 * _CHUNK,
        )  # fmt: skip
        assert child.stdout is not None
        left = self._limits.waiting_seconds
        try:
            while True:
                started = time.monotonic()
                try:
                    async with asyncio.timeout(left):
                        kind, length = unpack_header(await child.stdout.readexactly(HEADER.size))
                        payload = await child.stdout.readexactly(length)
                except TimeoutError:
                    raise FileTooHeavy(_SLOW) from None
                except asyncio.IncompleteReadError:
                    raise _death(await child.wait(), self._limits) from None
                left -= time.monotonic() - started
                batch = read_payload(kind, payload)
                if batch is None:
                    return
                yield batch
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


class _Pipe:
    """Reads whole frames; only the time spent waiting for the child counts against its time."""

    def __init__(self, descriptor: int, seconds: float) -> None:
        self._descriptor = descriptor
        self._left = seconds
        self._ready = selectors.DefaultSelector()
        self._ready.register(descriptor, selectors.EVENT_READ)

    def read(self, size: int) -> bytes:
        """``size`` bytes, fewer only where the child has closed the pipe. Raises FileTooHeavy when time is up."""
        found = bytearray()
        while len(found) < size:
            started = time.monotonic()
            ready = self._ready.select(max(self._left, 0))
            self._left -= time.monotonic() - started
            if not ready:
                raise FileTooHeavy(_SLOW)
            chunk = os.read(self._descriptor, min(size - len(found), _CHUNK))
            if not chunk:
                break
            found += chunk
        return bytes(found)

    def close(self) -> None:
        """Give the selector back."""
        self._ready.close()


def _death(code: int, limits: Limits) -> FileError:
    """What the end of a child that could not speak any more means to the sender of the file."""
    if code in _STARVED:
        # Compiled parsers do not survive an allocation that is refused.
        return FileTooHeavy(f"needs more than the {in_words(limits.memory)} of memory that reading one file may take")
    if code in _KILLED:
        return FileTooHeavy(
            f"takes more than the {limits.cpu_seconds} s of computing, or the memory, that one file may take"
        )
    return FileUnreadable(f"made its reader fail (exit {code})")
