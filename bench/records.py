"""Flat files of any size, the same at each run: words of the sample set, shuffled into new texts."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path

from app.files.contract import MIB, Limits, ReadOptions
from app.sample import sample_startups, sample_tenders
from bench.figures import BUILD
from scrapers.records import StartupRecord, TenderRecord

SEED = 20_261_122
READING = ReadOptions(limits=Limits(file=1024 * MIB))
"""Half a million tenders are 675 MB, more than a user's file may have unless it is compressed."""
_ANY_DAY = dt.date(2099, 6, 1)


def flat_file(kind: str, n: int) -> Path:
    """``n`` records of ``kind`` (``tenders`` or ``startups``) as JSONL, made once."""
    path = BUILD / "bench-data" / f"{kind}-{n}.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("w", encoding="utf-8") as file:
            for record in (_tenders if kind == "tenders" else _startups)(n):
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        unfinished.rename(path)
    return path


def _tenders(n: int) -> Iterator[dict[str, object]]:
    models = [_plain(record) for record in sample_tenders(_ANY_DAY)]
    words = _words(models, "title", "description")
    chance = random.Random(SEED)
    for number in range(n):
        made = dict(chance.choice(models))
        made["id"] = f"bench-t-{number}"
        made["title"] = " ".join(chance.choices(words, k=12))
        made["description"] = " ".join(chance.choices(words, k=80))
        if number % 3:
            made.pop("lots", None)
        yield made


def _startups(n: int) -> Iterator[dict[str, object]]:
    models = [_plain(record) for record in sample_startups()]
    words = _words(models, "name", "description")
    chance = random.Random(SEED)
    for number in range(n):
        made = dict(chance.choice(models))
        made["id"] = f"bench-s-{number}"
        made["name"] = " ".join(chance.choices(words, k=2))[:100]
        made["description"] = " ".join(chance.choices(words, k=60))
        yield made


def _plain(record: TenderRecord | StartupRecord) -> dict[str, object]:
    """A record as somebody would write it, without what only our own reader notes."""
    fields: dict[str, object] = json.loads(record.model_dump_json(exclude_defaults=True))
    return {name: value for name, value in fields.items() if not name.endswith("_basis")}


def _words(models: list[dict[str, object]], *names: str) -> list[str]:
    return " ".join(str(model.get(name, "")) for model in models for name in names).split()
