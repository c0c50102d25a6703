"""The whole ranking in a process of its own: ``python -m bench.engine_whole STARTUPS`` prints its figures as JSON.

All channels and signals, the reasons of the 20 shown, changes while queries run, the loss by the reranking depth.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bench import engine_corpus, engine_documents
from bench.engine_contract import BATCH, SINGLE, TOP, memory
from matching.matcher import Matcher
from matching.types import StartupDoc, TenderDoc

ROUNDS = 3
THREADS = 2
CHANGES = 1_100
"""More than a tail holds: parts are sealed and folded together meanwhile, by a thread as the service has it."""

_SECONDS_OF_CHANGES = 60.0
_FULLY_SCORED = 30
_SCORED_PAIRS = 4_000_000
"""At most so many pairs are scored to learn what the reranking depth loses."""

_MAINTENANCE_EVERY = 0.1
_MS = 1_000.0
Figures = dict[str, float]


def main() -> None:
    count = int(sys.argv[1])
    startups = list(engine_documents.startups(engine_corpus.texts(engine_corpus.PROFILES, count)))
    tenders = list(engine_documents.tenders(engine_corpus.texts(engine_corpus.TENDERS, BATCH + SINGLE)))
    matcher = Matcher()
    before = memory("VmRSS")
    start = time.perf_counter()
    matcher.load(startups=startups)
    told: Figures = {"load": time.perf_counter() - start, "before": before}
    gc.collect()
    gc.freeze()
    told["steady"] = memory("VmRSS")
    asked = tenders[BATCH:]
    for tender in asked[:5]:
        matcher.startups_for(tender, k=TOP)
    told |= _queries(matcher, asked)
    told |= _loss(matcher, asked, count)
    told |= _batch(matcher, tenders[:BATCH])
    told |= _changes(matcher, startups, tenders)
    print(json.dumps(told | {"peak": memory("VmHWM")}))


def _queries(matcher: Matcher, tenders: Sequence[TenderDoc]) -> Figures:
    told: Figures = {}
    for with_reasons in (True, False):
        rounds = []
        for _ in range(ROUNDS):
            times, worked = [], []
            for tender in tenders:
                start, used = time.perf_counter(), time.thread_time()
                matcher.startups_for(tender, k=TOP, with_reasons=with_reasons)
                times.append((time.perf_counter() - start) * _MS)
                worked.append((time.thread_time() - used) * _MS)
            rounds.append([float(np.quantile(each, share)) for each in (times, worked) for share in (0.5, 0.99)])
        name = "query" if with_reasons else "query without reasons"
        names = (f"{name}{what} {share}" for what in ("", " cpu") for share in ("p50", "p99"))
        told |= zip(names, np.median(rounds, axis=0).tolist(), strict=True)
    return told


def _loss(matcher: Matcher, tenders: Sequence[TenderDoc], count: int) -> Figures:
    """What the best by full scoring are that the reranked ones are not. Asking for all makes all be scored."""
    kept, same, lost = [], [], []
    for tender in tenders[: max(3, min(_FULLY_SCORED, _SCORED_PAIRS // count))]:
        full = matcher.startups_for(tender, k=count, with_reasons=False).items[:TOP]
        found = matcher.startups_for(tender, k=TOP, with_reasons=False).items
        best = {item.startup_id for item in full}
        kept.append(len(best & {item.startup_id for item in found}) / max(len(best), 1))
        same.append(full[0].startup_id == found[0].startup_id)
        lost.append(float(np.mean([item.score for item in full]) - np.mean([item.score for item in found])))
    return {"overlap": float(np.mean(kept)), "same best": float(np.mean(same)), "logits lost": float(np.mean(lost)),
            "fully scored": float(len(kept))}  # fmt: skip


def _batch(matcher: Matcher, tenders: Sequence[TenderDoc]) -> Figures:
    """A thousand new tenders with reasons, half of them in one process, the others in two: times for all of them."""
    half, told = len(tenders) // 2, Figures()
    for workers, part in ((1, tenders[:half]), (THREADS, tenders[half:])):
        start, used = time.perf_counter(), _cpu()
        deque(matcher.startups_for_many(part, k=TOP, workers=workers), maxlen=0)
        told |= {f"batch {workers}": (time.perf_counter() - start) * 2, f"batch {workers} cpu": (_cpu() - used) * 2}
    return told


def _cpu() -> float:
    """Seconds of processor that this process and its children that have ended took: others on the machine count less
    in them than in the time that passed.
    """
    return sum(os.times()[:4])


def _changes(matcher: Matcher, startups: Sequence[StartupDoc], tenders: Sequence[TenderDoc]) -> Figures:
    """A profile takes on what a tender says, and must be among its results: from the call to the answer with it."""
    writes, seen = [], []
    stop = threading.Event()
    maintenance = threading.Thread(target=_maintain, args=(matcher, stop))
    maintenance.start()
    end = time.perf_counter() + _SECONDS_OF_CHANGES
    for number in range(CHANGES):
        tender = tenders[number % len(tenders)]
        changed = replace(
            startups[number * 7 % len(startups)], description=f"{tender.title} {tender.description}", cpv=tender.cpv,
            city=tender.place, references=(),
        )  # fmt: skip
        start = time.perf_counter()
        matcher.upsert_startups([changed])
        written = time.perf_counter()
        found = matcher.startups_for(tender, k=TOP, with_reasons=False)
        done = time.perf_counter()
        if changed.id not in {item.startup_id for item in found.items}:
            raise AssertionError(f"change {number} is not seen by the next query")
        writes.append((written - start) * _MS)
        seen.append((done - start) * _MS)
        if done > end:
            break
    stop.set()
    maintenance.join()
    return {"change p50": float(np.median(writes)), "change p99": float(np.quantile(writes, 0.99)),
            "change slowest": max(writes), "seen p50": float(np.median(seen)),
            "seen p99": float(np.quantile(seen, 0.99)), "changes": float(len(seen))}  # fmt: skip


def _maintain(matcher: Matcher, stop: threading.Event) -> None:
    """What the service does beside its queries."""
    while not stop.wait(_MAINTENANCE_EVERY):
        while matcher.maintain():
            pass


if __name__ == "__main__":
    main()
