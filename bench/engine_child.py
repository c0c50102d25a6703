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

    def build(self, source: str, count: int, *, warm: bool, numbers: bool) -> Answer:
        """Build from text; with ``warm`` again with the words already seen, and with ``numbers`` from ids."""
        texts, self._tenders = corpus(source, count)
        self._warm_up(texts[:_TINY])
        before = memory("VmRSS")
        self._engine = engine = self._make()
        gc.collect()
        start = time.perf_counter()
        tokens = engine.read(texts)
        read = time.perf_counter()
        engine.index(tokens)
        done = time.perf_counter()
        told: Answer = {"cold": done - start, "read cold": read - start, "index": done - read,
                        "peak": memory("VmHWM"), "before": before}  # fmt: skip
        if warm:
            del tokens
            start = time.perf_counter()
            tokens = engine.read(texts)
            read = time.perf_counter()
            engine.index(tokens)
            told |= {"warm": time.perf_counter() - start, "read warm": read - start}
        plain = engine.numbers(tokens) if numbers else None
        if plain is not None:
            start = time.perf_counter()
            engine.index_numbers(plain)
            told["ids"] = time.perf_counter() - start
        del texts, tokens, plain
        gc.collect()
        return told | {"size": engine.size() / _MIB, "steady": memory("VmRSS")}

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

    def single(self, count: int, seconds: float) -> Answer:
        """Time so many queries, one after the other, or as many as the time lets in: tokenizer and search apart."""
        texts = self._tenders[BATCH : BATCH + count]
        cut: list[float] = []
        whole: list[float] = []
        for text in texts[:_WARM_UP]:
            self._engine.best(self._engine.question(text))
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
        return {"tokenizer": cut, "whole": whole}

    def batch(self, threads: int) -> Answer:
        """Time a thousand queries from their texts on."""
        start = time.perf_counter()
        found = self._engine.batch(self._tenders[:BATCH], threads)
        return {"seconds": time.perf_counter() - start, "found": found}

    def hits(self, count: int) -> Answer:
        """The profiles and scores of so many queries."""
        texts = self._tenders[BATCH : BATCH + count]
        found = [self._engine.best(self._engine.question(text)) for text in texts]
        return {"ids": [ids.tolist() for ids, _ in found], "scores": [scores.tolist() for _, scores in found]}

    def check(self, source: str, count: int, ids: list[list[int]], scores: list[list[float]]) -> Answer:
        """Compare the results of another process with scikit-learn's scores."""
        texts, tenders = corpus(source, count)
        oracle = Oracle()
        oracle.fit(texts)
        try:
            return {"worst": compared(tenders[BATCH : BATCH + len(ids)], ids, scores, oracle)}
        except Mismatch as found:
            return {"mismatch": str(found)}


def corpus(source: str, count: int) -> tuple[list[str], list[str]]:
    """Texts of profiles, and those of the tenders: a batch, then those asked one by one."""
    if source == "real":
        return engine_real.profiles(count), engine_real.tenders(BATCH + SINGLE)
    return (
        engine_corpus.texts(engine_corpus.PROFILES, count),
        engine_corpus.texts(engine_corpus.TENDERS, BATCH + SINGLE),
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
