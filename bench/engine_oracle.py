"""The oracle: scikit-learn's ``TfidfVectorizer`` with Safqa's analyser, every score computed, and the comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from bench.engine_contract import TOP, Hits
from matching.analysis.analyser import Analyser
from matching.lexicon import default_lexicon
from matching.trades import default_trades

TOLERANCE = 1e-5


class Mismatch(Exception):
    """Safqa's results are not scikit-learn's."""


class Oracle:
    """Sublinear tf, smooth idf, L2, in float64; terms unknown to the index are dropped before the norm."""

    def __init__(self) -> None:
        self._vectors = TfidfVectorizer(analyzer=Analyser(default_lexicon(), default_trades()).terms, sublinear_tf=True)
        self._profiles = csr_matrix((0, 0))

    def fit(self, texts: Sequence[str]) -> None:
        """Weigh the profiles."""
        self._profiles = self._vectors.fit_transform(texts)

    def scores(self, text: str) -> np.ndarray:
        """The score of every profile."""
        question = self._vectors.transform([text]).toarray().ravel()
        return np.asarray(self._profiles @ question)


def worst_difference(found: Hits, scores: np.ndarray) -> float:
    """How far results are from the oracle's: each profile's own score, and the best scores in their order.

    Profiles of equal scores may stand for each other. Raises ``Mismatch`` where there are too few or too many results,
    or one of them twice.
    """
    ids, given = found
    best = np.sort(scores[scores > 0.0])[::-1][:TOP]
    if ids.size != best.size or np.unique(ids).size != ids.size:
        raise Mismatch(f"{ids.size} results ({np.unique(ids).size} different ones) instead of {best.size}")
    if not ids.size:
        return 0.0
    return float(max(np.abs(given - scores[ids]).max(), np.abs(given - best).max()))


def compared(
    texts: Sequence[str], ids: Sequence[Sequence[int]], scores: Sequence[Sequence[float]], oracle: Oracle
) -> float:
    """The worst difference over all queries. Raises ``Mismatch`` beyond ``TOLERANCE``."""
    worst = 0.0
    for number, (text, found, given) in enumerate(zip(texts, ids, scores, strict=True)):
        difference = worst_difference((np.array(found, np.int64), np.array(given)), oracle.scores(text))
        if not difference <= TOLERANCE:
            raise Mismatch(f"query {number}: a score is {difference:.2g} from scikit-learn's")
        worst = max(worst, difference)
    return worst
