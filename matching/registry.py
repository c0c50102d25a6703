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
    signals=(
        Weighted("text.term", features.shared_words, 3.3, features.WORD),
        Weighted("text.concept", features.shared_concepts, 3.3, features.CONCEPT),
        Weighted("text.trade", features.same_trade, 3.3, features.TRADE),
        Weighted("text.similar", features.similar_letters, 1.5, features.CHARS),
        Weighted("cpv.shared", features.shared_cpv, 1.8, features.CPV),
        Weighted("place.same", features.same_place, 1.0, features.PLACE),
        Weighted("buyer.known", features.known_buyer, 0.3, features.BUYER),
        Weighted("intent.same", features.same_intent, 1.8, features.INTENT, retrieves=False),
        Weighted("reference.similar", features.similar_reference, 2.9),
        Weighted("value.similar", features.similar_value, 0.5),
        Weighted("experience", features.experience, 0.5),
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
