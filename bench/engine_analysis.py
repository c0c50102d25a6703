"""Texts analysed per second: Safqa's analyser, with stems, concepts, idf and norm, beside ``TfidfVectorizer``."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from sklearn.feature_extraction.text import TfidfVectorizer

from bench import engine_corpus
from bench.engine_contract import STOP_WORDS
from bench.engine_safqa import Safqa
from bench.figures import Figure

TEXTS = 10_000
ROUNDS = 3


def analysis() -> Iterator[Figure]:
    """Both transform the same texts, in turns: scikit-learn's with its own tokenizer, without stems and concepts."""
    texts = engine_corpus.texts(engine_corpus.PROFILES, TEXTS)
    peer = TfidfVectorizer(sublinear_tf=True, stop_words=STOP_WORDS).fit(texts)
    ours = Safqa()
    ours.index(ours.read(texts))
    rounds: dict[str, list[float]] = {"safqa": [], "TfidfVectorizer": []}
    transforms: dict[str, Callable[[Sequence[str]], object]] = {
        "safqa": ours.transform, "TfidfVectorizer": peer.transform,
    }  # fmt: skip
    for _ in range(ROUNDS):
        for name, transform in transforms.items():
            start = time.perf_counter()
            transform(texts)
            rounds[name].append(TEXTS / (time.perf_counter() - start))
    for name, rates in rounds.items():
        yield Figure("engine", "analysis", name, TEXTS, "texts a second", statistics.median(rates), "")
    ratios = [one / other for one, other in zip(rounds["safqa"], rounds["TfidfVectorizer"], strict=True)]
    for part, value in (("", statistics.median(ratios)), (" least", min(ratios)), (" most", max(ratios))):
        yield Figure("engine", "analysis", "safqa", TEXTS, "times TfidfVectorizer" + part, value, "")
