"""Where rankings are written to: standard output, or a file that is whole or not there."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from app.cli.errors import UserMistake

_BODY_IN_MEMORY = 32 * 1024 * 1024


def check_target(out: Path | None) -> None:
    """Refuse a place that can't be written to before any work is done. Raises UserMistake."""
    if out is not None and out.is_dir():
        raise UserMistake(f"{out} is a directory")
    if out is not None and not out.parent.is_dir():
        raise UserMistake(f"{out.parent} is not a directory")


@contextlib.contextmanager
def target(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears whole at the end and not at all after a failure.

    A device or a pipe is written to as it is: put in its place, a file would replace ``/dev/null`` for everybody.
    """
    if path is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")
        yield sys.stdout
        sys.stdout.flush()
        return
    if path.exists() and not path.is_file():
        try:
            with path.open("w", encoding="utf-8", newline="") as out:
                yield out
        except OSError as error:
            raise UserMistake(f"{path} cannot be written ({error.strerror})") from None
        return
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise UserMistake(f"{path} cannot be written ({error.strerror})") from None
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            yield out
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        raise UserMistake(f"{path} cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def body(out: TextIO, *, waits: bool) -> Iterator[TextIO]:
    """Where answers are written: ``out`` itself or, with ``waits``, a temporary file to be copied there."""
    if not waits:
        yield out
        return
    with tempfile.SpooledTemporaryFile(_BODY_IN_MEMORY, "w+", encoding="utf-8", newline="") as body:
        yield body  # type: ignore[misc]  # a text file in all but its declared type
