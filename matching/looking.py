"""Where features stand in the texts of many documents: asked for first, then looked for together."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Generic, TypeAlias, TypeVar

from matching.analysis.places import Places, spans_of
from matching.types import Span

Doc = TypeVar("Doc")

PLACES_KEPT: Final = 2_048
"""Documents of each side whose places are kept between queries; one of 150 words takes about 4 kB."""

PlacesOf: TypeAlias = Mapping[str, tuple[Span, ...]]
"""The places of features in one document."""


class KeptPlaces(Generic[Doc]):
    """The places of documents (and units of them) that were looked at last, by the very same object: comparing whole
    documents would cost more than it saves.
    """

    def __init__(self, look: Callable[[Sequence[tuple[Doc, int]]], list[Places]]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._places: OrderedDict[tuple[int, int], tuple[Doc, Places]] = OrderedDict()

    def of(self, asked: Sequence[tuple[Doc, int]]) -> list[Places]:
        """The places of each; those that aren't kept are looked for together."""
        wanted = {(id(doc), unit): (doc, unit) for doc, unit in asked}
        with self._lock:
            found = {key: self._places[key][1] for key in wanted if key in self._places}
            for key in found:
                self._places.move_to_end(key)
        missing = [key for key in wanted if key not in found]
        if missing:
            fresh = dict(zip(missing, self._look([wanted[key] for key in missing]), strict=True))
            found |= fresh
            with self._lock:
                self._places.update({key: (wanted[key][0], places) for key, places in fresh.items()})
                while len(self._places) > PLACES_KEPT:
                    self._places.popitem(last=False)
        return [found[id(doc), unit] for doc, unit in asked]


class Looking(Generic[Doc]):
    """What is looked for in the documents of one side, one of each pair; a document of several pairs is read once."""

    def __init__(self, kept: KeptPlaces[Doc], documents: Sequence[tuple[Doc, int]]) -> None:
        numbers = {(id(doc), unit): n for n, (doc, unit) in enumerate(documents)}
        self._number = [numbers[id(doc), unit] for doc, unit in documents]
        self._kept = kept
        self._documents = documents
        self._found: list[dict[str, tuple[Span, ...]]] = [{} for _ in documents]
        self.places: Sequence[Places] = ()
        """Of the document of each pair, once looked for."""

    def ask(self, pair: int, keys: Iterable[str]) -> None:
        """Ask for features in the document of a pair."""
        asked = self._found[self._number[pair]]
        asked.update(dict.fromkeys(keys, ()))

    def look(self) -> None:
        """Find what was asked for."""
        asked = [(n, key) for n, found in enumerate(self._found) for key in found]
        self.places = self._kept.of(self._documents)
        for (n, key), spans in zip(asked, spans_of(self.places, asked), strict=True):
            self._found[n][key] = spans

    def found(self, pair: int) -> PlacesOf:
        """What was found for a pair, and for others of the same document."""
        return self._found[self._number[pair]]
