"""Records set aside in a temporary file, to be read again by their numbers: what is larger than memory waits there."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

_OFFSET = "Q"


class Spool:
    """Records in the order they came, one a line; eight bytes of memory for each. Gone when it is closed."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="safqa-match-")  # noqa: SIM115 - closed by __exit__
        self._ends = array(_OFFSET, [0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, records: Sequence[bytes]) -> None:
        """Set records aside; none may hold a line break."""
        self._file.seek(self._ends[-1])
        for record in records:
            self._file.write(record + b"\n")
            self._ends.append(self._ends[-1] + len(record) + 1)

    def read(self, rows: range) -> bytes:
        """Consecutive records, each with its line break."""
        start, end = self._ends[rows.start], self._ends[rows.stop]
        self._file.seek(start)
        return self._file.read(end - start)

    def pick(self, rows: Iterable[int]) -> bytes:
        """Single records, in this order."""
        return b"".join(self.read(range(row, row + 1)) for row in rows)

    def parts(self, rows: int, size: int) -> Iterator[range]:
        """The whole in stretches of at most ``rows`` records and ``size`` bytes, or one record that is larger."""
        start = 0
        while start < len(self):
            stop = start + 1
            while stop < min(len(self), start + rows) and self._ends[stop + 1] - self._ends[start] <= size:
                stop += 1
            yield range(start, stop)
            start = stop
