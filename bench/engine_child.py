"""One engine in a process of its own: commands come as lines of JSON on standard input, answers go to standard output.

Run by ``bench.engine`` as ``python -m bench.engine_child ENGINE``, so that the engines' memory is told apart, while
their rounds take turns.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from types import MappingProxyType

from bench import engine_corpus, engine_real
from bench.engine_contract import BATCH, SINGLE, Engine, memory
from bench.engine_oracle import Mismatch, Oracle, compared

ENGINES = MappingProxyType(
    {
        "safqa": ("bench.engine_safqa", "Safqa"),
        "scikit-learn": ("bench.engine_vectors", "ScikitLearn"),
        "sparse_dot_topn": ("bench.engine_vectors", "SparseDotTopn"),
        "bm25s": ("bench.engine_lexical", "Bm25s"),
        "tantivy": ("bench.engine_lexical", "Tantivy"),
    }
)
TENDERS = 10_000
_WARM_UP = 5
_TINY = 100
_MIB = 2**20

Answer = dict[str, object]


class Child:
    """Holds the engine between commands. Times are in seconds."""

    def __init__(self, name: str) -> None:
        module, kind = ENGINES[name]
        self._make: Callable[[], Engine[object, object]] = getattr(importlib.import_module(module), kind)
        self._engine = self._make()
        self._tenders: list[str] = []

    def build(self, source: str, count: int) -> Answer:
        """Build from text, again with the words already seen, and from ids."""
        texts, self._tenders = corpus(source, count)
        self._warm_up(texts[:_TINY])
        before = memory("VmRSS")
        self._engine = engine = self._make()
        gc.collect()
        tokens, told = _built(engine, texts, "cold")
        told |= {"peak": memory("VmHWM"), "before": before}
        again = {name.replace("cold", "warm"): value for name, value in told.items() if "cold" in name}
        if engine.remembers:
            del tokens
            tokens, again = _built(engine, texts, "warm")
        plain = engine.numbers(tokens)
        if plain is not None:
            start = _clocks()
            engine.index_numbers(plain)
            told |= _since(start, "ids")
        del texts, tokens, plain
        gc.collect()
        return {**told, **again, "size": engine.size() / _MIB, "steady": memory("VmRSS")}

    def _warm_up(self, texts: Sequence[str]) -> None:
        """Let a small index pay for imports and compilation."""
        engine = self._make()
        tokens = engine.read(texts)
        engine.index(tokens)
        plain = engine.numbers(tokens)
        if plain is not None:
            engine.index_numbers(plain)
        engine.best(engine.question(self._tenders[0]))
        for threads in (1, 2):
            engine.batch(self._tenders[:_WARM_UP], threads)

    def single(self, turn: int, count: int, seconds: float) -> Answer:
        """Time queries one after the other, tokenizer and search apart: tenders that no round had before, or as many of
        them as the time lets in; then the same ones again, their words known by now.
        """
        texts = self._unseen(SINGLE * turn, count)
        for text in self._unseen(-_WARM_UP, _WARM_UP):
            self._engine.best(self._engine.question(text))
        cut, whole = self._timed(texts, seconds)
        again = self._timed(texts[: len(whole)], seconds)[1]
        return {"tokenizer": cut, "whole": whole, "again": again}

    def _timed(self, texts: Sequence[str], seconds: float) -> tuple[list[float], list[float]]:
        cut: list[float] = []
        whole: list[float] = []
        end = time.perf_counter() + seconds
        for text in texts:
            start = time.perf_counter()
            question = self._engine.question(text)
            known = time.perf_counter()
            self._engine.best(question)
            done = time.perf_counter()
            cut.append(known - start)
            whole.append(done - start)
            if done > end:
                break
        return cut, whole

    def batch(self, turn: int, threads: int) -> Answer:
        """Time a thousand queries from their texts on, which no batch had before."""
        texts = self._unseen(-BATCH * (2 * turn + threads), BATCH)
        start = time.perf_counter()
        found = self._engine.batch(texts, threads)
        return {"seconds": time.perf_counter() - start, "found": found}

    def hits(self, count: int) -> Answer:
        """The profiles and scores of so many queries."""
        found = [self._engine.best(self._engine.question(text)) for text in self._tenders[:count]]
        return {"ids": [ids.tolist() for ids, _ in found], "scores": [scores.tolist() for _, scores in found]}

    def _unseen(self, start: int, count: int) -> list[str]:
        """Tenders from a place on, singles from the beginning of the list and batches from its end."""
        begin = start % len(self._tenders)
        return [self._tenders[n % len(self._tenders)] for n in range(begin, begin + count)]

    def check(self, source: str, count: int, ids: list[list[int]], scores: list[list[float]]) -> Answer:
        """Compare the results of another process with scikit-learn's scores."""
        texts, tenders = corpus(source, count)
        oracle = Oracle()
        oracle.fit(texts)
        try:
            return {"worst": compared(tenders[: len(ids)], ids, scores, oracle)}
        except Mismatch as found:
            return {"mismatch": str(found)}


def _built(engine: Engine[object, object], texts: Sequence[str], name: str) -> tuple[object, dict[str, float]]:
    """The texts as the engine has cut them, and the times of reading and of all."""
    start = _clocks()
    tokens = engine.read(texts)
    read = _since(start, f"read {name}")
    engine.index(tokens)
    return tokens, read | _since(start, name)


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(start: tuple[float, float], name: str) -> dict[str, float]:
    """Seconds on the wall, and of the processor by all threads: these depend less on what else the machine does."""
    return {name: time.perf_counter() - start[0], f"{name} cpu": time.process_time() - start[1]}


def corpus(source: str, count: int) -> tuple[list[str], list[str]]:
    """Texts of profiles, and those of the tenders; the real ones repeat themselves."""
    if source == "real":
        return engine_real.profiles(count), engine_real.tenders(TENDERS)
    return (
        engine_corpus.texts(engine_corpus.PROFILES, count),
        engine_corpus.texts(engine_corpus.TENDERS, TENDERS),
    )


def main() -> None:
    child = Child(sys.argv[1])
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not be read as an answer
    for line in sys.stdin:
        command = json.loads(line)
        answer = getattr(child, command.pop("do"))(**command)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
