"""How kernels are compiled: once per machine, kept beside the source or, if that is read-only, in the user's cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on first call, without the GIL, without fast-math: the same numbers on every run."""
    try:
        return cast("Callable[P, R]", numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # numba found no writable cache at all: compile in each process
        return cast("Callable[P, R]", numba.njit(nogil=True)(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Made part of each kernel that calls it: a call that hands arrays on would count references to each of them."""
    return cast("Callable[P, R]", numba.njit(nogil=True, inline="always")(function))
