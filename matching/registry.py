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
# same median. A grade's threshold: of the pairs at it, about 4 in 5 (strong), 2 in 5 (good), 1 in 8 (possible) suited.
PROFILE: Final = Algorithm(
    name="profile",
    version="1",
    bias=-6.15,
    won_bias=-7.1,
    signals=(
        Weighted("text.term", features.shared_words, 1.4, 0.7, features.WORD),
        Weighted("text.concept", features.shared_concepts, 3.25, 1.0, features.CONCEPT),
        Weighted("text.trade", features.same_trade, 4.65, 1.5, features.TRADE),
        Weighted("text.similar", features.similar_letters, 2.5, 1.7, features.CHARS),
        Weighted("cpv.shared", features.shared_cpv, 0.85, 0.85, features.CPV),
        Weighted("place.same", features.same_place, 0.25, 2.75, features.PLACE),
        Weighted("buyer.known", features.known_buyer, 0.25, 0.25, features.BUYER),
        Weighted("intent.same", features.same_intent, 2.0, 0.2, features.INTENT, retrieves=False),
        Weighted("reference.similar", features.similar_reference, 2.15, 2.15),
        Weighted("value.similar", features.similar_value, 0.3, 0.3),
        Weighted("experience", features.experience, 0.3, 0.45),
    ),
    reference_weights=MappingProxyType({"word": 0.5, "concept": 0.25, "cpv": 0.25}),
    grades=MappingProxyType({Grade.STRONG: 1.5, Grade.GOOD: -0.5, Grade.POSSIBLE: -2.0}),
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
