"""Peers that multiply TF-IDF vectors of scikit-learn: scikit-learn with a partial sort, and sparse_dot_topn.

Both read by ``CountVectorizer`` and weigh by ``TfidfTransformer`` (together what ``TfidfVectorizer`` is), in float32
as sparse_dot_topn recommends. The transposed matrix is made once, while building: with scikit-learn alone it would be
made anew by each multiplication, a hundred times slower than this.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sparse_dot_topn import sp_matmul_topn

from bench.engine_contract import STOP_WORDS, TOP, Hits, Sequences


class _Vectors:
    """TF-IDF by scikit-learn, and the transposed matrix of the profiles."""

    remembers = False

    def __init__(self) -> None:
        self._counter = CountVectorizer(stop_words=STOP_WORDS, dtype=np.float32)
        self._weights = TfidfTransformer(sublinear_tf=True)
        self._columns = csr_matrix((0, 0), dtype=np.float32)

    def read(self, texts: Sequence[str]) -> csr_matrix:
        return self._counter.fit_transform(texts)

    def index(self, tokens: csr_matrix) -> None:
        self._columns = self._weights.fit_transform(tokens).T.tocsr()

    def numbers(self, tokens: csr_matrix) -> Sequences:
        times = tokens.data.astype(np.int64)
        ends = np.concatenate([[0], np.cumsum(times)])[tokens.indptr]
        return ends.astype(np.int64), np.repeat(tokens.indices.astype(np.int64), times)

    def index_numbers(self, numbers: Sequences) -> None:
        ptr, terms = numbers
        shape = (ptr.size - 1, len(self._counter.vocabulary_))
        counts = csr_matrix((np.ones(terms.size, np.float32), terms.astype(np.int32), ptr.astype(np.int32)), shape)
        counts.sum_duplicates()
        self.index(counts)

    def question(self, text: str) -> csr_matrix:
        return self._weights.transform(self._counter.transform([text]))

    def size(self) -> int:
        matrix = self._columns
        return int(matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes)


class ScikitLearn(_Vectors):
    """The product of sparse matrices, then ``argpartition`` over what is not zero."""

    def best(self, question: csr_matrix) -> Hits:
        return _highest(question @ self._columns)

    def batch(self, texts: Sequence[str], threads: int) -> int:  # noqa: ARG002 - scikit-learn has one
        questions = self._weights.transform(self._counter.transform(texts))
        return sum(_highest(questions[n] @ self._columns)[0].size for n in range(questions.shape[0]))


class SparseDotTopn(_Vectors):
    """``sp_matmul_topn`` with its sorted result; the threads it offers in a batch."""

    def best(self, question: csr_matrix) -> Hits:
        found = sp_matmul_topn(question, self._columns, top_n=TOP, sort=True)
        return found.indices.astype(np.int64), found.data

    def batch(self, texts: Sequence[str], threads: int) -> int:
        questions = self._weights.transform(self._counter.transform(texts))
        return int(sp_matmul_topn(questions, self._columns, top_n=TOP, sort=True, n_threads=threads).nnz)


def _highest(row: csr_matrix) -> Hits:
    kept = np.argpartition(row.data, -TOP)[-TOP:] if row.nnz > TOP else np.arange(row.nnz)
    kept = kept[np.lexsort((row.indices[kept], -row.data[kept]))]
    return row.indices[kept].astype(np.int64), row.data[kept]
