"""Peers that rank by BM25: bm25s with its numba backend, and tantivy. They are peers in speed, not in ranking."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
import tantivy
from bm25s.tokenization import Tokenizer

from bench.engine_contract import STOP_WORDS, TOP, Hits

THREADS = 2
_HEAP = 1_000_000_000
_OPERATORS = re.compile(r"[^\w\s]+|_+")
"""What its query parser would read as operators, or its tokenizer would cut a word at, which then were a phrase."""
_PART = 50


class Bm25s:
    """Its ``Tokenizer`` (which keeps its words) with PyStemmer, ids in place of strings, and everything that it can
    compile compiled: the scorer, the selection and the building of the matrix.
    """

    remembers = True

    def __init__(self) -> None:
        self._tokenizer = Tokenizer(stopwords=STOP_WORDS, stemmer=Stemmer.Stemmer("french"))
        self._index = bm25s.BM25(backend="numba")
        # Its own warm-up (``compile(warmup=True)``) writes past the end of an array and may bring the process down.
        self._index.compile(activate_numba=True, warmup=False)
        self._index.index(([[0, 1], [1, 2]] * TOP, {"a": 0, "b": 1, "c": 2}), show_progress=False)
        for threads in (0, THREADS):
            self._index.retrieve([[0, 1]], k=TOP, show_progress=False, n_threads=threads)

    def read(self, texts: Sequence[str]) -> list[list[int]]:
        return self._tokenizer.tokenize(texts, update_vocab=True, return_as="ids", show_progress=False)

    def index(self, tokens: list[list[int]]) -> None:
        self._index.index((tokens, self._tokenizer.get_vocab_dict()), show_progress=False)

    def numbers(self, tokens: list[list[int]]) -> list[list[int]]:
        return tokens

    def index_numbers(self, numbers: list[list[int]]) -> None:
        self.index(numbers)

    def question(self, text: str) -> list[list[int]]:
        return self._tokenizer.tokenize([text], update_vocab=False, return_as="ids", show_progress=False)

    def best(self, question: list[list[int]]) -> Hits:
        found = self._index.retrieve(question, k=TOP, show_progress=False)
        return found.documents[0].astype(np.int64), found.scores[0]

    def batch(self, texts: Sequence[str], threads: int) -> int:
        questions = self._tokenizer.tokenize(texts, update_vocab=False, return_as="ids", show_progress=False)
        return int(self._index.retrieve(questions, k=TOP, show_progress=False, n_threads=threads).documents.size)

    def size(self) -> int:
        return sum(self._index.scores[name].nbytes for name in ("data", "indices", "indptr"))


class Tantivy:
    """Texts in, addresses out: no positions, no stored fields, no count of matches (which lets it skip blocks); two
    threads write, and the merging is waited for.
    """

    remembers = False

    def __init__(self) -> None:
        self._folder: Path | None = None
        filters = (tantivy.Filter.remove_long(40), tantivy.Filter.lowercase(),
                   tantivy.Filter.custom_stopword(STOP_WORDS), tantivy.Filter.stemmer("french"))  # fmt: skip
        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for each in filters:
            builder = builder.filter(each)
        self._analyser = builder.build()

    def read(self, texts: Sequence[str]) -> Sequence[str]:
        return texts

    def index(self, tokens: Sequence[str]) -> None:
        self.close()
        self._folder = Path(tempfile.mkdtemp(prefix="safqa-tantivy-"))
        fields = tantivy.SchemaBuilder()
        fields.add_text_field("text", tokenizer_name="ours", index_option="freq")
        self._index = tantivy.Index(fields.build(), path=str(self._folder))
        self._index.register_tokenizer("ours", self._analyser)
        writer = self._index.writer(heap_size=_HEAP, num_threads=THREADS)
        for text in tokens:
            writer.add_document(tantivy.Document(text=text))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def numbers(self, tokens: Sequence[str]) -> None:  # noqa: ARG002 - it has no such form
        return None

    def index_numbers(self, numbers: object) -> None:  # noqa: ARG002
        raise TypeError("tantivy begins with texts")

    def question(self, text: str) -> tantivy.Query:
        return self._index.parse_query(_OPERATORS.sub(" ", text).lower(), ["text"])

    def best(self, question: tantivy.Query) -> Hits:
        hits = self._searcher.search(question, limit=TOP, count=False).hits
        return np.array([hit[1].doc for hit in hits], np.int64), np.array([hit[0] for hit in hits])

    def batch(self, texts: Sequence[str], threads: int) -> int:
        def answer(part: Sequence[str]) -> int:
            return sum(len(self._searcher.search(self.question(t), limit=TOP, count=False).hits) for t in part)

        parts = [texts[n : n + _PART] for n in range(0, len(texts), _PART)]
        if threads == 1:
            return sum(map(answer, parts))
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(answer, parts))

    def size(self) -> int:
        assert self._folder is not None
        return sum(file.stat().st_size for file in self._folder.iterdir())

    def close(self) -> None:
        """Delete the files."""
        if self._folder is not None:
            shutil.rmtree(self._folder)
