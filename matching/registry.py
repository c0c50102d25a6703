"""The algorithms, written out: no discovery, no plug-ins."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from matching import features
from matching.errors import UnknownAlgorithm
from matching.scoring import Algorithm, AlgorithmInfo, Weighted, describe
from matching.types import Grade

# Weights: listwise maximum likelihood (L2 0.01) on development data, told ones on judged pairs in three languages, won
# ones on public awards; told_share blends the two. Scale and bias: Platt scaling on the judged pairs, so that the score
# is the log-odds that an assessor finds the startup suitable; won_bias gives the best candidates of the award data the
# same median. A grade says how many of the pairs that had it suited: strong 7 in 10, good 1 in 2, possible 1 in 4.
PROFILE: Final = Algorithm(
    name="profile",
    version="1",
    bias=-5.72,
    won_bias=-7.06,
    signals=(
        Weighted("text.term", features.shared_words, 2.15, 2.0, features.WORD),
        Weighted("text.concept", features.shared_concepts, 3.15, 1.0, features.CONCEPT),
        Weighted("text.trade", features.same_trade, 4.5, 1.5, features.TRADE),
        Weighted("cpv.shared", features.shared_cpv, 0.85, 0.85, features.CPV),
        Weighted("place.same", features.same_place, 0.23, 2.73, features.PLACE),
        Weighted("buyer.known", features.known_buyer, 0.23, 0.23, features.BUYER),
        Weighted("intent.same", features.same_intent, 1.75, 0.23, features.INTENT, retrieves=False),
        Weighted("reference.similar", features.similar_reference, 2.31, 2.31),
        Weighted("value.similar", features.similar_value, 0.31, 0.34),
        Weighted("experience", features.experience, 0.31, 0.49),
    ),
    reference_weights=MappingProxyType({"word": 0.5, "concept": 0.25, "cpv": 0.25}),
    grades=MappingProxyType({Grade.STRONG: 1.2, Grade.GOOD: -0.5, Grade.POSSIBLE: -2.0}),
)

ALGORITHMS: Final = (PROFILE,)
DEFAULT: Final = PROFILE.name


def get(name: str | None = None) -> Algorithm:
    """The algorithm of this name, the default one for ``None``. Raises ``UnknownAlgorithm``."""
    wanted = name or DEFAULT
    for algorithm in ALGORITHMS:
        if algorithm.name == wanted:
            return algorithm
    known = ", ".join(algorithm.name for algorithm in ALGORITHMS)
    raise UnknownAlgorithm(f"no algorithm is called {wanted!r}; there are: {known}")


def list_algorithms() -> tuple[AlgorithmInfo, ...]:
    """Every algorithm with its signals, their weights and what they say."""
    return tuple(describe(algorithm) for algorithm in ALGORITHMS)
