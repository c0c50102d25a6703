"""Labelled passages of tenders, and how what a reader finds compares with them.

Own passages are written for these tests (fictional buyers). Labels of real ones hold no text: where each stands in
``../shared``, the digest of the passage, and the value; without that folder they are absent.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from matching.requirements import finding_json, read_text
from matching.requirements.folding import fold

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "matching" / "requirements"
SHARED = ROOT.parent / "shared"
_FREE_WORDS = {"equipment": ("what",), "site_visit": ("place",), "samples": ("place",), "certificate": ("scheme",)}
"""Parts that quote the passage's own words at some length: not compared."""


@dataclass(frozen=True)
class Label:
    """A finding that a person sees in a passage; ``span``: where (``None``: anywhere in it)."""

    kind: str
    value: str
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Passage:
    """A text with all that it asks for; no labels: it asks for nothing."""

    name: str
    split: str
    text: str
    labels: tuple[Label, ...]


@dataclass
class Tally:
    """Findings that are right, wrong (or of a wrong value), and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else math.nan

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else math.nan

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0

    def add(self, other: Tally) -> None:
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed
        self.errors += other.errors


def wilson(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not trials:
        return 0.0, 1.0
    share, z2 = hits / trials, z * z / trials
    middle, spread = share + z2 / 2, z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials))
    return (middle - spread) / (1 + z2), (middle + spread) / (1 + z2)


def compare(passage: Passage) -> dict[str, Tally]:
    """The tally of a passage for each kind: equal values whose places touch are the same finding."""
    found = [
        Label(each.kind.value, canonical(each.kind.value, finding_json(each)["value"]), (each.start, each.end))
        for each in read_text(passage.text)
    ]
    tallies: dict[str, Tally] = {}
    open_labels = list(passage.labels)
    for finding in found:
        tally = tallies.setdefault(finding.kind, Tally())
        match = next((label for label in open_labels if _same(label, finding)), None)
        if match is not None:
            open_labels.remove(match)
            tally.right += 1
        elif not any(_same(label, finding) for label in passage.labels):
            tally.wrong += 1
            tally.errors.append(f"{passage.name}: found {finding.kind} {finding.value}")
    for label in open_labels:
        tally = tallies.setdefault(label.kind, Tally())
        tally.missed += 1
        tally.errors.append(f"{passage.name}: missed {label.kind} {label.value}")
    return tallies


def tally(passages: Iterable[Passage]) -> dict[str, Tally]:
    """The tallies of many passages together, by kind."""
    whole: dict[str, Tally] = {}
    for passage in passages:
        for kind, found in compare(passage).items():
            whole.setdefault(kind, Tally()).add(found)
    return whole


def together(tallies: Iterable[Tally]) -> Tally:
    """Tallies as one."""
    whole = Tally()
    for each in tallies:
        whole.add(each)
    return whole


def _same(label: Label, finding: Label) -> bool:
    if label.kind != finding.kind or label.value != finding.value:
        return False
    if label.span is None or finding.span is None:
        return True
    return label.span[0] < finding.span[1] and finding.span[0] < label.span[1]


def canonical(kind: str, value: object) -> str:
    """A value in one spelling, without the parts that are not compared."""
    plain = _plain(value)
    if isinstance(plain, dict):
        for name in _FREE_WORDS.get(kind, ()):
            plain.pop(name, None)
        if plain.get("amount") == "0":
            plain.pop("currency", None)
    return json.dumps(plain, sort_keys=True, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items() if part not in (None, [], ())}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return f"{Decimal(str(value)).normalize():f}"
        except InvalidOperation:
            return fold(str(value)).text
    return value


def own_passages() -> Iterator[Passage]:
    """The passages written for these tests."""
    for path in sorted((FOLDER / "golden").glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            row = json.loads(line)
            labels = tuple(Label(each["kind"], canonical(each["kind"], each["value"])) for each in row["findings"])
            yield Passage(f"{path.name}:{number}", "own", row["text"], labels)


class PassageChanged(Exception):
    """A labelled document is not the one that was labelled."""


def real_passages(split: str) -> Iterator[Passage]:
    """The real passages of a split ("dev" or "held"), as far as ``../shared`` is there."""
    for path in sorted((FOLDER / "real").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["split"] != split or not (SHARED / row["file"]).exists():
                continue
            text = _documents(row["file"])[row["key"]]
            if hashlib.sha256(text.encode()).hexdigest()[:16] != row["sha256"]:
                raise PassageChanged(row["key"])
            labels = tuple(
                Label(each["kind"], canonical(each["kind"], each["value"]), (each["start"], each["end"]))
                for each in row["findings"]
            )
            yield Passage(row["key"], split, text, labels)


@cache
def _documents(file: str) -> dict[str, str]:
    """The texts of a shared file by their keys."""
    path = SHARED / file
    content = path.read_bytes()
    lines = (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()
    rows = [json.loads(line) for line in lines]
    if "path" in rows[0]:
        return {row["path"]: row["text"] for row in rows}
    return {f"{row['src']}/{row['id']}": row["objet"] for row in rows}
