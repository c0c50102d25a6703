"""The weights of a score as versioned data: what ``safqa train`` writes and ``registry`` loads.

A model is a JSON file: ``format``, ``name`` and ``version``; ``bias`` and the weight of each signal, both ``told`` and
``won`` (see ``scoring.Weighted``); ``reference``, the channels that make two contracts alike; ``grades``, the lowest
score of each; and ``card``, which tells people what it was fitted on and how well it did. The card changes no score.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from matching.documents import CHANNELS
from matching.errors import ModelError
from matching.features import SIGNALS
from matching.scoring import Algorithm, Weighted
from matching.types import Grade

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

FORMAT: Final = 1
GRADES: Final = (Grade.STRONG, Grade.GOOD, Grade.POSSIBLE)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_KEYS: Final = frozenset({"format", "name", "version", "bias", "signals", "reference", "grades", "card"})
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Weights:
    """A number for a profile that tells what it does, and one for a supplier known by its past wins alone."""

    told: float
    won: float


@dataclass(frozen=True, slots=True)
class Model:
    """The data of an algorithm. A signal that ``signals`` doesn't name counts nothing."""

    name: str
    version: str
    bias: Weights
    signals: Mapping[str, Weights]
    reference: Mapping[str, float]
    grades: Mapping[Grade, float]
    card: Mapping[str, Json]

    def algorithm(self) -> Algorithm:
        """The score with these weights; signals that weigh nothing are left out."""
        weighted = tuple(
            Weighted(kind.code, kind.signal, weights.told, weights.won, kind.channel)
            for kind in SIGNALS
            if (weights := self.signals.get(kind.code)) is not None and (weights.told or weights.won)
        )
        return Algorithm(
            self.name, self.version, self.bias.told, self.bias.won, weighted, self.reference, self.grades
        )  # fmt: skip


def read_model(file: Path | Traversable) -> Model:
    """The model of a file. Raises ``ModelError`` naming the file and what is wrong."""
    try:
        return parse_model(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file.name}: not readable as a model ({error})") from error
    except ModelError as error:
        raise ModelError(f"{file.name}: {error}") from error


def parse_model(text: str) -> Model:
    """The model of a file's text. Raises ``ModelError``, or ``ValueError`` where it is no JSON."""
    table = json.loads(text)
    if not isinstance(table, dict) or set(table) != _KEYS:
        raise ModelError(f"must be an object with exactly {sorted(_KEYS)}")
    if table["format"] != FORMAT:
        raise ModelError(f"has format {table['format']!r}; this version reads {FORMAT}")
    card = table["card"]
    if not isinstance(card, dict):
        raise ModelError("card: must be an object")
    grades = {grade: _number(_object(table["grades"], "grades"), grade.value, "grades") for grade in GRADES}
    if not grades[Grade.STRONG] > grades[Grade.GOOD] > grades[Grade.POSSIBLE]:
        raise ModelError("grades: strong must be above good, and good above possible")
    return Model(
        name=label(table["name"], "name"),
        version=label(table["version"], "version"),
        bias=_weights(table["bias"], "bias"),
        signals=MappingProxyType(_signals(_object(table["signals"], "signals"))),
        reference=MappingProxyType(_reference(_object(table["reference"], "reference"))),
        grades=MappingProxyType(grades),
        card=MappingProxyType(card),
    )


def model_text(model: Model) -> str:
    """A model as the text of its file, numbers rounded to ``_DIGITS`` places: ``parse_model`` reads it back."""
    table = {
        "format": FORMAT,
        "name": model.name,
        "version": model.version,
        "bias": _table(model.bias),
        "signals": {code: _table(weights) for code, weights in model.signals.items()},
        "reference": dict(model.reference),
        "grades": {grade.value: round(model.grades[grade], _DIGITS) for grade in GRADES},
        "card": dict(model.card),
    }
    return json.dumps(table, ensure_ascii=False, indent=2) + "\n"


def _table(weights: Weights) -> dict[str, float]:
    return {"told": round(weights.told, _DIGITS), "won": round(weights.won, _DIGITS)}


def _signals(table: Mapping[str, object]) -> dict[str, Weights]:
    kinds = {kind.code: kind for kind in SIGNALS}
    found: dict[str, Weights] = {}
    for code, value in table.items():
        if code not in kinds:
            raise ModelError(f"signals: there is no signal {code!r}; there are: {', '.join(kinds)}")
        weights = _weights(value, f"signals: {code}")
        sign = kinds[code].sign
        if min(weights.told * sign, weights.won * sign) < 0:
            raise ModelError(f"signals: {code}: its weights must not be {'negative' if sign > 0 else 'positive'}")
        found[code] = weights
    return found


def _reference(table: Mapping[str, object]) -> dict[str, float]:
    if unknown := set(table) - set(CHANNELS):
        raise ModelError(f"reference: there is no channel {min(unknown)!r}")
    return {channel: _number(table, channel, "reference") for channel in table}


def label(value: object, key: str) -> str:
    """A name or a version as a model may have it. Raises ``ModelError``."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ModelError(f"{key}: must be lower-case letters, digits, '.', '_' and '-', at most 40")
    return value


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ModelError(f"{where}: must be an object")
    return value


def _weights(value: object, where: str) -> Weights:
    table = _object(value, where)
    if set(table) != {"told", "won"}:
        raise ModelError(f"{where}: must have told and won, and nothing else")
    return Weights(_number(table, "told", where), _number(table, "won", where))


def _number(table: Mapping[str, object], key: str, where: str) -> float:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ModelError(f"{where}: {key} must be a finite number")
    return float(value)
