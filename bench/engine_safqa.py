"""Safqa's word-and-concept channel as an engine of the suite: its analyser, its weights, its postings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from bench.engine_contract import TOP, Hits, Sequences
from bench.engine_oracle import keys
from matching.postings import Postings
from matching.vectorizer import CHANNEL_COUNT, F32, I32, Idf, Rows, smooth_idf, sublinear


@dataclass(frozen=True, slots=True)
class Counted:
    """Texts as counts of features: pointers, and each row's features in ascending order with how often they stand."""

    ptr: np.ndarray
    ids: I32
    counts: F32


class Safqa:
    """The words and concepts of a text in one norm, as scikit-learn weighs them; float32 postings."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._idf = Idf(np.empty(0), np.empty(0, np.uint8), np.zeros(CHANNEL_COUNT))
        self._postings = Postings.of(Rows.of([]), 0)

    def read(self, texts: Sequence[str]) -> Counted:
        return self._counted(texts, grow=True)

    def _counted(self, texts: Sequence[str], *, grow: bool) -> Counted:
        numbers = self._numbers
        ids: list[int] = []
        counts: list[int] = []
        ends = [0]
        for text in texts:
            found = Counter(keys(text))
            if grow:
                row = sorted((numbers.setdefault(key, len(numbers)), count) for key, count in found.items())
            else:
                row = sorted((numbers[key], count) for key, count in found.items() if key in numbers)
            ids.extend(number for number, _ in row)
            counts.extend(count for _, count in row)
            ends.append(len(ids))
        return Counted(np.array(ends, np.int64), np.array(ids, np.int32), np.array(counts, np.float32))

    def index(self, tokens: Counted) -> None:
        size = len(self._numbers)
        frequency = np.bincount(tokens.ids, minlength=size)
        weights = smooth_idf(frequency, tokens.ptr.size - 1)
        self._idf = Idf(weights, np.zeros(size, np.uint8), np.zeros(CHANNEL_COUNT))
        self._postings = Postings.of(self._weighted(tokens), size)

    def _weighted(self, tokens: Counted) -> Rows:
        tf = sublinear(tokens.counts.astype(np.float64)).astype(np.float32)
        rows = Rows(tokens.ptr, tokens.ids, tf, tf, np.empty((tokens.ptr.size - 1, 0)))
        return rows.weighted(self._idf)

    def numbers(self, tokens: Counted) -> Sequences:
        times = tokens.counts.astype(np.int64)
        ends = np.concatenate([[0], np.cumsum(times)])[tokens.ptr]
        return ends.astype(np.int64), np.repeat(tokens.ids.astype(np.int64), times)

    def index_numbers(self, numbers: Sequences) -> None:
        ptr, terms = numbers
        shape = (ptr.size - 1, len(self._numbers))
        counts = csr_matrix((np.ones(terms.size, np.float32), terms.astype(np.int32), ptr.astype(np.int32)), shape)
        counts.sum_duplicates()
        self.index(Counted(counts.indptr.astype(np.int64), counts.indices, counts.data))

    def transform(self, texts: Sequence[str]) -> Rows:
        """The weighted rows of texts, as ``TfidfVectorizer.transform`` gives them."""
        return self._weighted(self._counted(texts, grow=False))

    def question(self, text: str) -> tuple[I32, F32]:
        return self.transform([text]).row(0)

    def best(self, question: tuple[I32, F32]) -> Hits:
        return self._postings.top(*question, TOP)

    def batch(self, texts: Sequence[str], threads: int) -> int:
        questions = self.transform(texts)
        return int(np.count_nonzero(self._postings.top_many(questions, TOP, threads)[0] >= 0))

    def size(self) -> int:
        return self._postings.nbytes
