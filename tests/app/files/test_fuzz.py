"""Whatever the bytes: records, refusals, or one of the declared errors; never anything else."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.files.contract import Accepted, Limits, ReadOptions, Rejected
from app.files.errors import FileError
from app.files.reader import read_records
from app.files.worker import batches

SMALL = ReadOptions(limits=Limits(line=20_000, unpacked=2_000_000, workbook=2_000_000))


def swallow(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        for side in ("tender", "startup"):
            try:
                for row in read_records(path, side, SMALL):
                    assert isinstance(row, Accepted | Rejected)
                    assert row.line >= 1
                    if isinstance(row, Rejected):
                        assert row.reason
                        assert row.code
                        json.dumps([row.reason, row.excerpt]).encode()
                        list(batches([row]))
            except FileError:
                continue


@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    swallow(content)


STARTS = [
    b"{",
    b"[",
    b"id,title\n",
    b"id;title;lots.1.title\n",
    b'{"releases":[',
    b'{"id":"1","title":',
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b"PK\x03\x04",
]


@given(
    st.sampled_from(STARTS),
    st.lists(
        st.sampled_from(
            [
                *STARTS,
                b'"',
                b",",
                b";",
                b"\n",
                b"]",
                b"}",
                b"null",
                b"1e999",
                b"\\u0000",
                b"\xe9",
                b"\xc3\xa9",
                b":",
                b" ",
            ]
        ),
        max_size=25,
    ),
)
def test_bytes_that_begin_like_a_format(start: bytes, rest: list[bytes]) -> None:
    swallow(start + b"".join(rest))


CELLS = st.text(max_size=12) | st.sampled_from(
    ["", "1", "MA", "2026-01-01", "[", '["a"]', "1.250", "30/09/2026", "72000000", "a|b", "\x00"]
)


@given(
    st.lists(
        st.sampled_from(
            ["id", "title", "cpv", "lots", "lots.1.id", "value", "value.amount", "country", "deadline", "x", ""]
        ),
        max_size=6,
    ),
    st.lists(st.lists(CELLS, max_size=8), max_size=4),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_any_table(headings: list[str], rows: list[list[str]], delimiter: str, encoding: str) -> None:
    lines = [delimiter.join(["id", "title", *headings]), *(delimiter.join(row) for row in rows)]
    swallow("\n".join(lines).encode(encoding, "surrogatepass"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["id", "title", "name", "buyer", "cpv", "lots", "value", "deadline", "published", "country", "labels", "references",
          "ocid", "tender", "releases", "records", "compiledRelease", "date", "language", "reserved_sme", "deadline_basis"]  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8), max_size=4), st.booleans())
def test_any_json_under_known_names(objects: list[dict[str, object]], by_line: bool) -> None:
    text = "\n".join(map(json.dumps, objects)) if by_line else json.dumps(objects)
    swallow(text.encode())


def base_workbook() -> bytes:
    book = Workbook()
    assert book.active is not None
    for line in (["id", "title", "deadline"], ["1", "x", 46000.5], ["2", "y", "2026-01-01"]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WHOLE = base_workbook()


def flip(data: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    return bytes(damaged[: rng.randint(len(damaged) // 2, len(damaged))] if rng.random() < 0.3 else damaged)


def rewrite(data: bytes, rng: random.Random) -> bytes:
    """The archive is sound, one of its parts is not."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        names = source.namelist()
        victim = rng.choice(names)
        for name in names:
            target.writestr(name, flip(source.read(name), rng) if name == victim else source.read(name))
    return out.getvalue()


@pytest.mark.parametrize("damage", [flip, rewrite])
@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 2**32))
def test_damaged_workbooks(damage: Callable[[bytes, random.Random], bytes], seed: int) -> None:
    swallow(damage(WHOLE, random.Random(seed)))


@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_gzip(seed: int) -> None:
    whole = gzip.compress(b"\n".join(b'{"id": "%d", "title": "x"}' % n for n in range(200)))
    swallow(flip(whole, random.Random(seed)))
