"""Safqa's word-and-concept channel as an engine of the suite: its analyser, its weights, its postings."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.sparse import csr_matrix

from bench.engine_contract import TOP, Hits, Sequences
from matching.analysis.analyser import Analyser
from matching.lexicon import default_lexicon
from matching.postings import Postings
from matching.trades import default_trades
from matching.vectorizer import CHANNEL_COUNT, F32, I32, Idf, Rows, Vocabulary, smooth_idf, sublinear


class Safqa:
    """The words and concepts of a text in one norm, as scikit-learn weighs them; float32 postings."""

    remembers = True

    def __init__(self) -> None:
        self._analyser = Analyser(default_lexicon(), default_trades())
        self._vocabulary = Vocabulary()
        self._idf = Idf(np.empty(0), np.empty(0, np.uint8), np.zeros(CHANNEL_COUNT))
        self._postings = Postings.of(Rows.of([]), 0)

    def read(self, texts: Sequence[str]) -> Rows:
        return self._analyser.texts(texts, self._vocabulary, grow=True)

    def index(self, tokens: Rows) -> None:
        size = len(self._vocabulary)
        weights = smooth_idf(np.bincount(tokens.ids, minlength=size), len(tokens))
        # One channel for all features: words and concepts have one norm, as a TfidfVectorizer would give them.
        self._idf = Idf(weights, np.zeros(size, np.uint8), np.zeros(CHANNEL_COUNT))
        self._postings = Postings.of(tokens.weighted(self._idf), size)

    def numbers(self, tokens: Rows) -> Sequences:
        times = np.rint(np.exp(tokens.tf - 1.0)).astype(np.int64)
        ends = np.concatenate([[0], np.cumsum(times)])[tokens.ptr]
        return ends.astype(np.int64), np.repeat(tokens.ids.astype(np.int64), times)

    def index_numbers(self, numbers: Sequences) -> None:
        ptr, terms = numbers
        shape = (ptr.size - 1, len(self._vocabulary))
        counts = csr_matrix((np.ones(terms.size, np.float32), terms.astype(np.int32), ptr.astype(np.int32)), shape)
        counts.sum_duplicates()
        tf = sublinear(counts.data).astype(np.float32)
        self.index(Rows(counts.indptr.astype(np.int64), counts.indices, tf, tf, np.empty((ptr.size - 1, 0))))

    def transform(self, texts: Sequence[str]) -> Rows:
        """The weighted rows of texts, as ``TfidfVectorizer.transform`` gives them."""
        return self._analyser.texts(texts, self._vocabulary, grow=False).weighted(self._idf)

    def question(self, text: str) -> tuple[I32, F32]:
        return self.transform([text]).row(0)

    def best(self, question: tuple[I32, F32]) -> Hits:
        return self._postings.top(*question, TOP)

    def batch(self, texts: Sequence[str], threads: int) -> int:
        def answer(part: Sequence[str]) -> int:
            return int(np.count_nonzero(self._postings.top_many(self.transform(part), TOP)[0] >= 0))

        each = -(-len(texts) // threads)
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(answer, [texts[n : n + each] for n in range(0, len(texts), each)]))

    def size(self) -> int:
        return self._postings.nbytes
