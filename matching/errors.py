"""What can go wrong in matching. Bad *text* is never an error: it yields an empty or a thin document."""

from __future__ import annotations


class MatchingError(Exception):
    """Base of everything this package raises on purpose."""


class LexiconError(MatchingError):
    """A lexicon file breaks its format; the text names the file and the concept."""


class UnknownAlgorithm(MatchingError):
    """No algorithm is registered under this name."""


class ArtifactMismatch(MatchingError):
    """A saved index is damaged or was written by another format, lexicon or algorithm: rebuild it."""


class ModelError(MatchingError):
    """A file of weights breaks its format, or names a signal that this version doesn't have."""


class TrainingError(MatchingError):
    """The judgements are too few, or contradict every signal: no weights can be made from them."""


class PlanningError(MatchingError):
    """A file of pieces or routes breaks its format; the text names the entry."""


class RuleError(MatchingError):
    """A pack of rules breaks its format; the text names the file, the rule and the field."""
