"""A file of releases is read in memory that does not grow with it: the small form of the suite ``large``."""

from __future__ import annotations

from pathlib import Path

from bench.large_files import peak_of, written

SMALL, LARGE = 10_000_000, 30_000_000
"""Below, buffers of a fixed size are still filling."""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = {}
    for size in (SMALL, LARGE):
        releases = written(tmp_path / "releases.jsonl", size)
        peaks[size], records = peak_of(tmp_path / "releases.jsonl")
        assert records > releases, "one release in four has an award beside its call"
    assert peaks[LARGE] - peaks[SMALL] < (LARGE - SMALL) / 4
