"""Real texts for the suite ``engine``, from the data beside the checkout, repeated until there are enough."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_PROFILES = (
    ("startups_yc/yc_companies.jsonl.gz", ("name", "one_liner", "long_description", "industries", "tags")),
    ("startups_ma_technopark/technopark_startups.json", ("name", "sector", "technologies", "description")),
    ("gold_ma/startups.jsonl", ("name", "sector", "technologies", "description")),
    ("fr_decp_awards/decp_suppliers.jsonl.gz", ("name", "wins")),
)
_TENDERS = (("ma_tenders_unified/tenders.jsonl.gz", ("objet", "activites", "sous_domaines")),)
_MOST_WINS = 12


def present() -> bool:
    """Whether every file is there."""
    return all((DATA / name).exists() for name, _ in (*_PROFILES, *_TENDERS))


def profiles(count: int) -> list[str]:
    """Texts of startups and suppliers in French and English, repeated."""
    return _repeated(_PROFILES, count)


def tenders(count: int) -> list[str]:
    """Texts of Moroccan tenders in French and Arabic, repeated."""
    return _repeated(_TENDERS, count)


def _repeated(sources: tuple[tuple[str, tuple[str, ...]], ...], count: int) -> list[str]:
    found = [text for name, fields in sources for text in _texts(DATA / name, fields)]
    return list(islice(cycle(found), count))


def _texts(path: Path, fields: tuple[str, ...]) -> Iterator[str]:
    for record in _records(path):
        text = ". ".join(said for field in fields if (said := _said(record.get(field))))
        if text:
            yield " ".join(text.split())


def _said(value: object) -> str:
    if isinstance(value, list):  # the contracts of a supplier
        return ". ".join(str(win.get("objet") or "") for win in value[:_MOST_WINS] if isinstance(win, dict))
    return value if isinstance(value, str) else ""


def _records(path: Path) -> Iterator[dict[str, object]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    if path.suffix == ".json":
        yield from json.loads(text)
    else:
        yield from (json.loads(line) for line in text.splitlines() if line)
