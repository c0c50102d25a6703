"""The fictional judged set: sound as data, and a floor under the quality of the shipped algorithm."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

from app.files.contract import Accepted, Side
from app.files.reader import read_records
from app.files.to_matching import startup_doc, tender_doc
from matching import Matcher
from matching.evaluate import Qrels, Report, Run, evaluate, load_qrels
from matching.types import Grade, StartupDoc, TenderDoc
from scrapers.records import StartupRecord, TenderRecord

FOLDER: Final = Path(str(files("matching"))) / "data" / "fictional"
LANGUAGES: Final = ("fr", "ar", "en")

# Measured when the set was written: 0.80, 0.79 and 0.73, AUC 0.975; no negative was graded strong. The margin leaves
# room for a change that helps elsewhere and costs a rank or two here, not for losing a trade or a language.
NDCG_FLOOR: Final = {"fr": 0.765, "ar": 0.755, "en": 0.695}
AUC_FLOOR: Final = 0.955


def accepted(name: str, side: Side) -> list[TenderRecord | StartupRecord]:
    found = list(read_records(FOLDER / name, side))
    assert [row for row in found if not isinstance(row, Accepted)] == []
    return [row.record for row in found if isinstance(row, Accepted)]


@pytest.fixture(scope="module")
def tenders() -> list[TenderDoc]:
    return [tender_doc(record) for record in accepted("tenders.jsonl", "tender") if isinstance(record, TenderRecord)]


@pytest.fixture(scope="module")
def startups() -> list[StartupDoc]:
    return [startup_doc(row) for row in accepted("startups.jsonl", "startup") if isinstance(row, StartupRecord)]


@pytest.fixture(scope="module")
def qrels() -> Qrels:
    return load_qrels(FOLDER)


# ---- the data


def test_every_record_is_read_and_marked_as_fictional() -> None:
    sides: tuple[tuple[str, Side], ...] = (("tenders.jsonl", "tender"), ("startups.jsonl", "startup"))
    for name, side in sides:
        records = accepted(name, side)
        assert len({record.id for record in records}) == len(records) > 100
        for record in records:
            assert record.id.startswith("fictional-"), record.id
            assert (record.model_extra or {}).get("fictional") is True, record.id


def test_no_address_can_be_anybodys() -> None:
    text = "".join((FOLDER / name).read_text("utf-8") for name in ("tenders.jsonl", "startups.jsonl"))
    hosts = re.findall(r"[\w.+-]+@([\w.-]+\w)", text)
    assert set(hosts) == {"example.org"}
    assert "http" not in text


def test_no_text_stands_there_twice(tenders: list[TenderDoc], startups: list[StartupDoc]) -> None:
    assert len({tender.title.casefold() for tender in tenders}) == len(tenders)
    told = [startup.description for startup in startups if startup.description]
    assert len(set(told)) == len(told)
    assert len({startup.name for startup in startups}) == len(startups)


def test_every_judgement_is_of_a_pair_that_exists(
    tenders: list[TenderDoc], startups: list[StartupDoc], qrels: Qrels
) -> None:
    known = {startup.id for startup in startups}
    assert list(qrels) == [tender.id for tender in tenders]
    for tender, grades in qrels.items():
        assert set(grades) <= known, tender
        assert set(grades.values()) <= {0.0, 1.0, 2.0, 3.0}, tender


def test_a_judged_tender_has_a_core_supplier_and_tempting_wrong_ones(qrels: Qrels) -> None:
    for tender, grades in qrels.items():
        counts = Counter(grades.values())
        if grades:
            assert counts[3.0] >= 1, tender
            assert counts[0.0] >= 5, tender
            assert 8 <= len(grades) <= 30, tender


def test_nobody_suits_everything(startups: list[StartupDoc], qrels: Qrels) -> None:
    suits = Counter(name for grades in qrels.values() for name, grade in grades.items() if grade >= 2)
    assert max(suits.values()) < len(qrels) / 8
    never = {startup.id for startup in startups} - set(suits)
    assert never == {"fictional-multiserva"}, "each startup is the answer to a tender, but the one that claims them all"


def test_both_halves_hold_every_language_and_negatives(tenders: list[TenderDoc], qrels: Qrels) -> None:
    halves = Counter((int(tender.id[-3:]) % 2, tender.language, bool(qrels[tender.id])) for tender in tenders)
    for language in LANGUAGES:
        for judged in (True, False):
            assert abs(halves[0, language, judged] - halves[1, language, judged]) <= 1


def test_the_distribution_is_the_one_told(tenders: list[TenderDoc], startups: list[StartupDoc], qrels: Qrels) -> None:
    told = (FOLDER / "README.md").read_text("utf-8")
    grades = Counter(int(grade) for each in qrels.values() for grade in each.values())
    assert f"{len(startups)} startups, {len(tenders)} tenders and {grades.total():,} judgements" in told
    for grade, count in grades.items():
        assert f"| {grade} | {count} |\n" in told
    for language in LANGUAGES:
        ids = [tender.id for tender in tenders if tender.language == language]
        assert f"| {language} | {len(ids)} | {sum(not qrels[name] for name in ids)} |\n" in told


def test_the_judgements_are_plain_json() -> None:
    table = json.loads((FOLDER / "qrels.json").read_text("utf-8"))
    assert all(isinstance(grade, int) for each in table.values() for grade in each.values())


# ---- the shipped algorithm


@dataclass(frozen=True)
class Measured:
    run: Run
    tops: dict[str, Grade]


@pytest.fixture(scope="module")
def measured(tenders: list[TenderDoc], startups: list[StartupDoc]) -> Measured:
    matcher = Matcher()
    matcher.load(tenders=tenders, startups=startups)
    rankings = {tender.id: matcher.startups_for(tender, k=len(startups), with_reasons=False) for tender in tenders}
    run = {name: [(item.startup_id, item.score) for item in ranking.items] for name, ranking in rankings.items()}
    return Measured(run, {name: ranking.items[0].grade for name, ranking in rankings.items()})


def report(measured: Measured, qrels: Qrels, only: set[str]) -> Report:
    return evaluate(measured.run, {name: grades for name, grades in qrels.items() if name in only or not grades})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_startups_come_first(
    measured: Measured, tenders: list[TenderDoc], qrels: Qrels, language: str
) -> None:
    found = report(measured, qrels, {tender.id for tender in tenders if tender.language == language})
    assert found.ndcg.mean >= NDCG_FLOOR[language]


def test_a_tender_that_somebody_suits_scores_above_one_that_nobody_does(measured: Measured, qrels: Qrels) -> None:
    found = report(measured, qrels, set(qrels))
    assert not math.isnan(found.auc)
    assert found.auc >= AUC_FLOOR


def test_no_negative_is_graded_strong(measured: Measured, qrels: Qrels) -> None:
    assert [name for name, grade in measured.tops.items() if not qrels[name] and grade is Grade.STRONG] == []


def test_who_claims_everything_wins_little(measured: Measured) -> None:
    first = sum(documents[0][0] == "fictional-multiserva" for documents in measured.run.values())
    assert first <= len(measured.run) / 20
