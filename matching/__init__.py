"""Pure matching: text and numbers in, scores and reasons out. No HTTP, no database, no clock, no environment."""

from matching.errors import ArtifactMismatch, LexiconError, MatchingError, UnknownAlgorithm
from matching.matcher import Matcher
from matching.registry import list_algorithms
from matching.scoring import AlgorithmInfo, SignalInfo
from matching.vectorizer import Basis

__all__ = [
    "AlgorithmInfo",
    "ArtifactMismatch",
    "Basis",
    "LexiconError",
    "Matcher",
    "MatchingError",
    "SignalInfo",
    "UnknownAlgorithm",
    "list_algorithms",
]
