"""Batches: the answers of single queries, in order, over processes."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import time
from collections.abc import Generator, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import cast

import pytest

from matching import Matcher
from matching.batch import in_order
from matching.types import Gates, StartupDoc
from tests.matching.test_matcher import STARTUPS, TENDERS


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_a_batch_answers_as_single_queries_do(workers: int) -> None:
    matcher = Matcher()
    matcher.load(tenders=TENDERS, startups=STARTUPS)
    gates = Gates(same_country=False)
    many = list(matcher.startups_for_many(TENDERS * 9, k=3, gates=gates, workers=workers))
    assert many == [matcher.startups_for(tender, k=3, gates=gates) for tender in TENDERS] * 9
    back = list(matcher.tenders_for_many(STARTUPS, k=2, with_reasons=False, workers=workers))
    assert back == [matcher.tenders_for(startup, k=2, with_reasons=False) for startup in STARTUPS]


def test_a_batch_sees_one_moment() -> None:
    matcher = Matcher()
    matcher.load(tenders=TENDERS, startups=STARTUPS)
    answers = matcher.startups_for_many(TENDERS * 40, k=9, gates=Gates(same_country=False), with_reasons=False)
    first = next(answers)
    matcher.upsert_startups([StartupDoc("late", "L", TENDERS[0].title)])
    assert {ranking.considered for ranking in answers} == {first.considered}


def test_answers_come_in_order_and_queries_are_not_taken_far_ahead() -> None:
    taken: list[int] = []

    def queries() -> Iterator[int]:
        for number in range(400):
            taken.append(number)
            yield number

    def ask(number: int) -> int:
        time.sleep(0.002 if number % 3 == 0 else 0)
        return number

    answers = in_order(queries(), ask, 4)
    assert [next(answers) for _ in range(3)] == [0, 1, 2]
    assert len(taken) < 100
    assert list(answers) == list(range(3, 400))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_query_that_fails_fails_the_batch_and_leaves_no_process(workers: int) -> None:
    def ask(number: int) -> int:
        if number == 5:
            raise ValueError("five")
        return number

    with pytest.raises(ValueError, match="five"):
        list(in_order(range(100), ask, workers))
    assert multiprocessing.active_children() == []


def test_who_stops_listening_leaves_no_process() -> None:
    answers = in_order(itertools.count(), lambda number: number, 2)
    assert next(answers) == 0
    cast("Generator[int]", answers).close()
    assert multiprocessing.active_children() == []


def test_a_process_that_dies_is_told() -> None:
    def ask(number: int) -> int:
        if number == 50:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(BrokenProcessPool):
        list(in_order(range(100), ask, 2))
