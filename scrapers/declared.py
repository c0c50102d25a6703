"""Sources that the operator declares, several times if need be: under a name of their own, with the data's licence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from scrapers.base import Source
from scrapers.errors import SourceMisconfigured


class DeclaredSource(Source):
    """A kind of source. ``name`` is that of the kind until the option of the same name says more (``rss_communes``)."""

    own_options: Mapping[str, str] = MappingProxyType({
        "name": "name of this source: that of its kind, or that and _ and letters and digits",
        "licence": "licence of the data",
        "attribution": "line shown wherever the data is",
    })  # fmt: skip

    def __init__(self, settings: Mapping[str, str] | None = None, *, base_url: str | None = None) -> None:
        super().__init__(settings, base_url=base_url)
        kind, name = self.name, self.settings.get("name", self.name)
        if not re.fullmatch(rf"{kind}(?:_[a-z0-9]+)*", name, re.ASCII):
            raise SourceMisconfigured(f"the name of this source is {kind}, or {kind}_ and letters and digits")
        self.name = name
        self.licence = self.settings.get("licence", self.licence)
        self.attribution = self.settings.get("attribution", self.attribution)
