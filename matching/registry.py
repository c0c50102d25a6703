"""The algorithms that ship: each is a file of weights in ``data/weights``, listed here."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Final

from matching.errors import UnknownAlgorithm
from matching.model import Model, read_model
from matching.scoring import Algorithm, AlgorithmInfo, describe

SHIPPED: Final = ("profile-2",)
"""The files, the default one first."""


@lru_cache(maxsize=1)
def models() -> tuple[Model, ...]:
    """The models that ship, the default one first."""
    folder = files("matching") / "data" / "weights"
    return tuple(read_model(folder / f"{name}.json") for name in SHIPPED)


def get_model(name: str | None = None) -> Model:
    """The model of this name, the default one for ``None``. Raises ``UnknownAlgorithm``."""
    wanted = name or models()[0].name
    for model in models():
        if model.name == wanted:
            return model
    known = ", ".join(model.name for model in models())
    raise UnknownAlgorithm(f"no algorithm is called {wanted!r}; there are: {known}")


def get(name: str | None = None) -> Algorithm:
    """The algorithm of this name, the default one for ``None``. Raises ``UnknownAlgorithm``."""
    return get_model(name).algorithm()


def list_algorithms() -> tuple[AlgorithmInfo, ...]:
    """Every algorithm that ships, with its signals, their weights and what they say."""
    return tuple(describe(model.algorithm()) for model in models())
