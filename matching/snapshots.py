"""Everything a query reads, at one moment, and what its idf was fitted on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from matching.gates import Codes
from matching.kernels.weighing import frequencies
from matching.types import StartupDoc, TenderDoc
from matching.vectorizer import CHANNEL_COUNT, I64, Basis, Idf, Rows, Vocabulary, smooth_idf
from matching.views import View

STALE_SHARE: Final = 0.25
STALE_START: Final = 8


@dataclass(frozen=True, slots=True)
class Fitted:
    """Rows that hold each feature, and how many rows there were."""

    frequency: I64
    documents: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Both collections in one feature space. ``changes`` counts the documents put in since its idf was fitted;
    ``epoch`` changes when the collections are replaced as a whole.
    """

    startups: View[StartupDoc]
    tenders: View[TenderDoc]
    idf: Idf
    fitted: Fitted
    vocabulary: Vocabulary
    codes: Codes
    changes: int
    epoch: int

    @property
    def stale(self) -> bool:
        """Whether so much has changed that the idf should be fitted anew."""
        return self.changes > max(STALE_START, int(STALE_SHARE * self.fitted.documents))

    @property
    def basis(self) -> Basis:
        """The fitted feature space as data."""
        terms = self.vocabulary.terms()[: self.fitted.frequency.size]
        return Basis(
            terms, tuple(self.fitted.frequency.tolist()), self.fitted.documents, tuple(self.idf.lengths.tolist())
        )  # fmt: skip


def fit(vocabulary: Vocabulary, size: int, profiles: Rows, tenders: Rows, given: Basis | None) -> tuple[Idf, Fitted]:
    """The idf of the first ``size`` features over the rows of both sides; a ``given`` basis stands as it is."""
    frequency = frequencies(profiles.ids, size) + frequencies(tenders.ids, size)
    documents = len(profiles) + len(tenders)
    if given is not None:
        frequency[: len(given.terms)] = given.document_frequency
        documents = given.documents
    idf = Idf(smooth_idf(frequency, documents), vocabulary.channels()[:size], np.zeros(CHANNEL_COUNT))
    lengths = given.lengths if given is not None and given.lengths else profiles.lengths(idf).mean
    return replace(idf, lengths=np.array(lengths, np.float64)), Fitted(frequency, documents)


def grown(idf: Idf, fitted: Fitted, vocabulary: Vocabulary) -> Idf:
    """The same idf with the features numbered since, each taken as held by one row."""
    known, size = idf.weights.size, len(vocabulary)
    if size == known:
        return idf
    channels = vocabulary.channels(known)[: size - known]
    fresh = smooth_idf(np.ones(size - known, np.int64), fitted.documents)
    return Idf(np.concatenate([idf.weights, fresh]), np.concatenate([idf.channels, channels]), idf.lengths)
