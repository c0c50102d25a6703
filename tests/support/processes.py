"""The command line as its users run it: a process of its own, with a folder of its own for its data."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90
_SAFQA = [sys.executable, "-c", "from app.cli import run; run()"]


def environment(**settings: str) -> dict[str, str]:
    """The environment of a command: ours without its settings, and those given (without their prefix)."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SAFQA_")}
    return {**ours, **{f"SAFQA_{name.upper()}": value for name, value in settings.items()}}


def safqa(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*_SAFQA, *arguments],
        env=environment(**settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for the data of commands, reachable for the server's own user."""
    with tempfile.TemporaryDirectory(prefix="safqa-data-") as made:
        Path(made).chmod(0o755)
        yield Path(made) / "data"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def wait_until(holds: Callable[[], bool]) -> None:
    """Ask again and again until the answer is yes."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


class Serving:
    """A command that goes on until it is told to stop. What it says goes to files, so that no pipe fills up.

    ``err``: a file for its standard error, which others may read meanwhile.
    """

    def __init__(self, *arguments: str, err: Path | None = None, **settings: str) -> None:
        self._out = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed by __exit__)
        self._err = err.open("w+") if err is not None else tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [*_SAFQA, *arguments], env=environment(**settings), cwd=ROOT, stdout=self._out, stderr=self._err
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._out.close()
        self._err.close()

    @property
    def out(self) -> str:
        """What it has said on standard output so far."""
        self._out.seek(0)
        return self._out.read()

    @property
    def err(self) -> str:
        """What it has said on standard error so far."""
        self._err.seek(0)
        return self._err.read()

    def wait_ready(self, url: str) -> httpx.Response:
        """Ask ``/readyz`` until it says yes; its answer."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.err}"
            try:
                answer = httpx.get(f"{url}/readyz", timeout=5, trust_env=False)
                if answer.status_code == 200:
                    return answer
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready in {PATIENCE_SECONDS} s: {self.err}")

    def wait_said(self, text: str) -> None:
        """Wait until standard error holds ``text``."""
        end = time.monotonic() + PATIENCE_SECONDS
        while text not in self.err:
            assert time.monotonic() < end, f"{text!r} was not said: {self.err}"
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.err}"
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)
