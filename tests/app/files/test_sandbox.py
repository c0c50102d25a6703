"""The reading process: what it tells, what kills it, and that it always ends."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import time
import zipfile
from pathlib import Path

import psutil
import pytest
from openpyxl import Workbook

from app.files.contract import MIB, Limits, ReadOptions
from app.files.errors import FileError, FileMissing, FileTooHeavy, FileUnreadable
from app.files.frames import BATCH, CRASHED, FAILED, HEADER, Batch, batch_frame, read_payload, unpack_header
from app.files.sandbox import SandboxedFile, read_sandboxed
from scrapers.records import TenderRecord


def tenders(path: Path, count: int, text: str = "x") -> Path:
    path.write_text(
        "".join(json.dumps({"id": str(n), "title": text, "cpv": ["72000000-5"]}) + "\n" for n in range(count))
    )
    return path


def limited(path: Path, **limits: float) -> SandboxedFile:
    return read_sandboxed(path, "tender", ReadOptions(limits=Limits(**limits)))  # type: ignore[arg-type]


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "app.files.worker" in " ".join(child.cmdline())]


def test_batches_carry_canonical_records_with_their_lines(tmp_path: Path) -> None:
    path = tenders(tmp_path / "t.jsonl", 1_200)
    with path.open("a") as file:
        file.write("not json\n")
    batches = list(read_sandboxed(path, "tender"))
    assert [len(batch.records) for batch in batches] == [500, 500, 200]
    assert [line for batch in batches for line in batch.lines] == list(range(1, 1_201))
    assert batches[0].records[0] == b'{"id":"0","title":"x","cpv":["72000000"]}'
    assert TenderRecord.model_validate_json(batches[2].records[-1]).id == "1199"
    [refused] = batches[2].rejected
    assert (refused.line, refused.code, refused.excerpt) == (1_201, "json.invalid", "not json")


async def test_an_event_loop_reads_the_same_and_stays_free(tmp_path: Path) -> None:
    path = tenders(tmp_path / "t.jsonl", 1_200)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    found = [batch async for batch in read_sandboxed(path, "tender")]
    ticking.cancel()
    assert found == list(read_sandboxed(path, "tender"))
    assert ticks > 5


async def test_errors_of_the_file_cross_the_pipe(tmp_path: Path) -> None:
    missing = read_sandboxed(tmp_path / "absent", "tender")
    with pytest.raises(FileMissing, match="does not exist"):
        list(missing)
    with pytest.raises(FileMissing, match="does not exist"):
        [batch async for batch in missing]
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(tenders(tmp_path / "t.jsonl", 5_000, "y").read_bytes())[:-40])
    with pytest.raises(FileUnreadable, match="cut off"):
        list(read_sandboxed(cut, "tender"))


def test_a_wrong_zone_is_one_sentence(tmp_path: Path) -> None:
    path = tenders(tmp_path / "t.jsonl", 1)
    for zone in ("Mars/Olympus", "../../etc/passwd", ""):
        with pytest.raises(FileError, match="time zone"):
            list(read_sandboxed(path, "tender", ReadOptions(zone=zone)))


class TestLimits:
    async def test_memory(self, tmp_path: Path) -> None:
        """One JSON value of 100 MB in a process that may have 200 MB."""
        path = tmp_path / "t.json"
        path.write_text(json.dumps([{"id": "1", "title": "x", "extra": ["y" * 1_000_000] * 100}]))
        with pytest.raises(FileTooHeavy, match="memory"):
            list(limited(path, memory=200 * MIB))
        with pytest.raises(FileTooHeavy, match="memory"):
            [batch async for batch in limited(path, memory=200 * MIB)]

    def test_memory_of_a_workbook_that_looks_small(self, tmp_path: Path) -> None:
        book = Workbook()
        assert book.active is not None
        book.active.append(["id", "title"])
        book.active.append(["1", "MARK"])
        book.save(tmp_path / "small.xlsx")
        path = tmp_path / "t.xlsx"
        with (
            zipfile.ZipFile(tmp_path / "small.xlsx") as small,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as large,
        ):
            for name in small.namelist():
                large.writestr(name, small.read(name).replace(b"MARK", b"a" * 150_000_000))
        assert path.stat().st_size < MIB
        with pytest.raises(FileTooHeavy, match="memory"):
            list(limited(path, memory=120 * MIB, workbook_ratio=10_000))

    def test_computing_time(self, tmp_path: Path) -> None:
        path = tenders(tmp_path / "t.jsonl", 150_000)
        with pytest.raises(FileTooHeavy, match="1 s of computing"):
            list(limited(path, cpu_seconds=1))

    async def test_waiting_time(self, tmp_path: Path) -> None:
        path = tenders(tmp_path / "t.jsonl", 150_000)
        with pytest.raises(FileTooHeavy, match="longer"):
            list(limited(path, waiting_seconds=0.3))
        with pytest.raises(FileTooHeavy, match="longer"):
            [batch async for batch in limited(path, waiting_seconds=0.3)]
        assert children() == []

    def test_the_parents_own_time_is_its_own(self, tmp_path: Path) -> None:
        path = tenders(tmp_path / "t.jsonl", 3_000)
        seen = 0
        for batch in limited(path, waiting_seconds=2.0):
            time.sleep(0.5)
            seen += len(batch.records)
        assert seen == 3_000


class TestEnds:
    def test_a_loop_that_is_left_takes_the_process_with_it(self, tmp_path: Path) -> None:
        for _ in read_sandboxed(tenders(tmp_path / "t.jsonl", 50_000), "tender"):
            break
        assert children() == []

    async def test_a_task_that_is_cancelled_takes_the_process_with_it(self, tmp_path: Path) -> None:
        path = tenders(tmp_path / "t.jsonl", 50_000)
        reading = asyncio.Event()

        async def read() -> None:
            async for _ in read_sandboxed(path, "tender"):
                reading.set()

        task = asyncio.create_task(read())
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert children() == []

    def test_a_child_killed_from_outside_is_one_error(self, tmp_path: Path) -> None:
        batches = iter(read_sandboxed(tenders(tmp_path / "t.jsonl", 50_000), "tender"))
        next(batches)
        for child in children():
            os.kill(child.pid, 9)
        with pytest.raises(FileTooHeavy):
            list(batches)


def test_the_child_sees_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFQA_SECRET", "do not tell")
    batches = iter(read_sandboxed(tenders(tmp_path / "t.jsonl", 50_000), "tender"))
    next(batches)
    [child] = children()
    assert "SAFQA_SECRET" not in child.environ()
    del batches


def test_a_folder_called_app_in_the_way_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit('stolen')")
    monkeypatch.chdir(tmp_path)
    assert len(list(read_sandboxed(tenders(tmp_path / "t.jsonl", 1), "tender"))) == 1


class TestFrames:
    def test_nonsense_is_refused(self) -> None:
        for header in (HEADER.pack(b"q", 1), HEADER.pack(BATCH, 2**31)):
            with pytest.raises(FileUnreadable):
                unpack_header(header)

    def test_an_unknown_code_is_still_an_error_of_the_file(self) -> None:
        with pytest.raises(FileError, match="whatever"):
            read_payload(FAILED, b'{"code": "new", "reason": "whatever"}')

    def test_a_crash_keeps_the_childs_traceback(self) -> None:
        with pytest.raises(FileUnreadable) as error:
            read_payload(CRASHED, b'{"reason": "KeyError", "traceback": "where it was"}')
        assert "where it was" in str(error.value.__cause__)

    def test_an_empty_batch(self) -> None:
        assert read_payload(BATCH, batch_frame(Batch([], [], []))[HEADER.size :]) == Batch([], [], [], [])
