"""The sources by name, written down: nothing is found by looking around."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

from scrapers.base import Source
from scrapers.errors import SourceMisconfigured

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "boamp": "scrapers.sources.boamp:Boamp",
        "decp": "scrapers.sources.decp:Decp",
        "afdb": "scrapers.sources.afdb:Afdb",
        "morocco_bdc": "scrapers.sources.morocco_bdc:MoroccoBdc",
        "morocco_pmmp": "scrapers.sources.morocco_pmmp:MoroccoPmmp",
        "csv": "scrapers.sources.csv_drop:CsvDrop",
        "ocds": "scrapers.sources.ocds:Ocds",
        "ted": "scrapers.sources.ted:Ted",
        "rss": "scrapers.sources.rss:Rss",
        "uk_contracts_finder": "scrapers.sources.uk_contracts_finder:ContractsFinder",
        "uk_find_a_tender": "scrapers.sources.uk_find_a_tender:FindATender",
        "ungm": "scrapers.sources.ungm:Ungm",
        "world_bank": "scrapers.sources.world_bank:WorldBank",
    }
)
"""Name to module and class; a module is imported when its source is asked for."""


def source_class(name: str) -> type[Source]:
    """The class of a source. Raises SourceMisconfigured for a name that is none."""
    where = SOURCES.get(name)
    if where is None:
        raise SourceMisconfigured(f"there is no source {name!r}; there are {', '.join(sorted(SOURCES))}")
    module, _, attribute = where.partition(":")
    found: object = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, type)
    assert issubclass(found, Source)
    return found


def get_source(name: str, settings: Mapping[str, str] | None = None) -> Source:
    """A source with the operator's settings (``base_url`` and its own options). Raises SourceMisconfigured."""
    return source_class(name)(settings)


def list_sources() -> list[type[Source]]:
    """Every source, by name."""
    return [source_class(name) for name in sorted(SOURCES)]
