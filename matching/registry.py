"""The algorithms, written out: no discovery, no plug-ins."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from matching import features
from matching.errors import UnknownAlgorithm
from matching.scoring import Algorithm, AlgorithmInfo, Weighted, describe
from matching.types import Grade

PROFILE: Final = Algorithm(
    name="profile",
    version="1",
    bias=-6.0,
    won_bias=-6.0,
    signals=(
        Weighted("text.term", features.shared_words, 1.9, 0.8, features.WORD),
        Weighted("text.concept", features.shared_concepts, 4.4, 2.1, features.CONCEPT),
        Weighted("text.trade", features.same_trade, 5.1, 0.7, features.TRADE),
        Weighted("text.similar", features.similar_letters, 2.5, 2.2, features.CHARS),
        Weighted("cpv.shared", features.shared_cpv, 1.2, 1.2, features.CPV),
        Weighted("place.same", features.same_place, 0.4, 3.6, features.PLACE),
        Weighted("buyer.known", features.known_buyer, 0.3, 0.3, features.BUYER),
        Weighted("intent.same", features.same_intent, 2.4, 0.3, features.INTENT, retrieves=False),
        Weighted("reference.similar", features.similar_reference, 3.0, 3.0),
        Weighted("value.similar", features.similar_value, 0.4, 0.4),
        Weighted("experience", features.experience, 0.6, 0.6),
    ),
    reference_weights=MappingProxyType({"word": 0.5, "concept": 0.25, "cpv": 0.25}),
    grades=MappingProxyType({Grade.STRONG: -1.5, Grade.GOOD: -2.5, Grade.POSSIBLE: -3.5}),
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
