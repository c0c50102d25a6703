"""The catalogue of aid: programmes as dated, cited data, checked when they are read."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.kit.i18n import Lang
from app.support.gaps import Gap
from app.support.schemas import AidOut
from app.tenders.regions import region_of

_FILE = Path(__file__).parent / "data" / "aid.toml"
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1_000)]


class _Entry(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


class Told(_Entry):
    """A sentence in the three languages."""

    ar: Sentence
    fr: Sentence
    en: Sentence


class Aid(_Entry):
    """A programme. ``until``: its last day, where one is known."""

    id: Annotated[str, Field(pattern=r"^[a-z]{2}-[a-z0-9-]+$")]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    name: Told
    gives: Told
    who: Told
    gaps: Annotated[tuple[Gap, ...], Field(min_length=1)]
    regions: tuple[str, ...] = ()
    source: Sentence
    url: Annotated[str | None, Field(pattern="^https://")] = None
    as_of: dt.date
    until: dt.date | None = None
    confidence: Literal["primary", "secondary", "unverified"]

    @model_validator(mode="after")
    def _known_regions(self) -> Self:
        for region in self.regions:
            if self.country == "MA" and region_of(region, "MA") != region:
                raise ValueError(f"{region} is no region of Morocco, as this project names them")
        return self


@cache
def catalogue() -> tuple[Aid, ...]:
    """Every programme.

    Raises:
        pydantic.ValidationError: the file is not as it must be.

    """
    with _FILE.open("rb") as file:
        return tuple(Aid.model_validate(entry) for entry in tomllib.load(file)["aid"])


def aid_for(gaps: Iterable[Gap], country: str | None, region: str | None, as_of: dt.date) -> Sequence[Aid]:
    """Programmes that close one of these gaps (none: any) and have not ended; an unknown place keeps none out."""
    wanted = frozenset(gaps)
    return [
        one
        for one in catalogue()
        if (not wanted or wanted & set(one.gaps))
        and (country is None or one.country == country)
        and (region is None or not one.regions or region in one.regions)
        and (one.until is None or one.until >= as_of)
    ]


def told_aid(aid: Aid, lang: Lang) -> AidOut:
    """A programme in a reader's language."""
    return AidOut.model_validate(
        {
            **aid.model_dump(exclude={"until"}),
            **{name: getattr(getattr(aid, name), lang) for name in ("name", "gives", "who")},
        }
    )
