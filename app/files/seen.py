"""Which ids a file has already held: 8 bytes each, so that half a million rows cost a few megabytes."""

from __future__ import annotations

from array import array


class SeenIds:
    """A set of strings kept as 64-bit hashes in an open table.

    Two different ids count as one with a chance of n²/2⁶⁵ (under one in a hundred million for a million rows).
    """

    def __init__(self) -> None:
        self._slots = array("q", bytes(8 * 4096))
        self._count = 0

    def add(self, key: str) -> bool:
        """Remember ``key``; false when it was there already."""
        if 5 * self._count >= 3 * len(self._slots):
            self._grow()
        mark = hash(key) or 1
        if self._place(mark):
            self._count += 1
            return True
        return False

    def _place(self, mark: int) -> bool:
        slots, mask = self._slots, len(self._slots) - 1
        at = mark & mask
        while found := slots[at]:
            if found == mark:
                return False
            at = (at + 1) & mask
        slots[at] = mark
        return True

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("q", bytes(16 * len(old)))
        for mark in old:
            if mark:
                self._place(mark)
