"""The process of :mod:`app.kit.aside`: ``python -m app.kit.aside_child LEVEL FORM``."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from collections.abc import Callable
from typing import Final, cast

from app.kit.aside import HEADER
from app.kit.observability import LogFormat, configure_logging

_NICER: Final = 10
_LONGEST_TRACE: Final = 8_000


def main() -> None:
    """Work until nobody orders any more."""
    os.nice(_NICER)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get between the answers
    configure_logging(level=sys.argv[1], form=cast("LogFormat", sys.argv[2]))
    orders = sys.stdin.buffer
    while len(header := orders.read(HEADER.size)) == HEADER.size:
        (length,) = HEADER.unpack(header)
        answer = _done(orders.read(length))
        answers.write(HEADER.pack(len(answer)) + answer)
        answers.flush()


def _done(order: bytes) -> bytes:
    try:
        fn, args = cast("tuple[Callable[..., object], tuple[object, ...]]", pickle.loads(order))  # noqa: S301 (our own)
        return pickle.dumps((True, fn(*args)), pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001 (whoever ordered it is told)
        return pickle.dumps((False, traceback.format_exc()[-_LONGEST_TRACE:]), pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
