"""How kernels are compiled: once per machine, kept beside the source or, if that is read-only, in the user's cache."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final, ParamSpec, TypeVar, cast

import numba
from numba.core import caching

P = ParamSpec("P")
R = TypeVar("R")

_IMPORTS: Final = re.compile(r"^from matching\.kernels(?:\.(\w+)| import ([\w, ]+))", re.MULTILINE)


@lru_cache
def sources_of(kernels: Path) -> bytes:
    """A digest of a file of kernels and of all those that it imports from.

    numba by itself makes a function anew when its own file changes, not when a function or a constant does that it
    takes from another one.
    """
    found: dict[Path, bytes] = {}
    left = [kernels]
    while left:
        path = left.pop()
        if path not in found:
            found[path] = path.read_bytes()
            imports = _IMPORTS.findall(found[path].decode())
            names = [name for one, several in imports for name in (one or several).replace(",", " ").split()]
            left += [kernels.parent / f"{name}.py" for name in names]
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(hashlib.sha256(found[path]).digest())
    return digest.digest()


class _Stamped(caching._CacheLocator):  # noqa: SLF001 - where numba lets its stamp be chosen
    _py_file: str

    def get_source_stamp(self) -> bytes:
        return sources_of(Path(self._py_file))


class _Chosen(_Stamped, caching.UserProvidedCacheLocator):
    pass


class _BesideSource(_Stamped, caching.InTreeCacheLocator):
    pass


class _OfUser(_Stamped, caching.UserWideCacheLocator):
    pass


class _Implementation(caching.CompileResultCacheImpl):
    _locator_classes = [_Chosen, _BesideSource, _OfUser]


class _Cache(caching.FunctionCache):
    _impl_class = _Implementation


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on first call, without the GIL, without fast-math: the same numbers on every run."""
    dispatcher = numba.njit(nogil=True)(function)
    with suppress(RuntimeError):  # numba found no writable cache at all: compile in each process
        vars(dispatcher)["_cache"] = _Cache(function)  # type: ignore[no-untyped-call]  # what ``cache=True`` does, with a stamp of ours
    return cast("Callable[P, R]", dispatcher)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Made part of each kernel that calls it: a call that hands arrays on would count references to each of them."""
    return cast("Callable[P, R]", numba.njit(nogil=True, inline="always")(function))
