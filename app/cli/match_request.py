"""What ``safqa match`` was asked for, and what there is to be written in the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.cli.errors import UserMistake
from app.cli.match_output import Answer, Names
from app.files.cpv_table import read_cpv_table
from app.files.errors import FileError
from app.kit.clock import utc_now
from app.kit.i18n import Lang
from matching.cpv import CpvTable
from matching.types import Gates
from scrapers.normalise import HOME_ZONE, parse_iso, to_instant


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Dask cluster: the address of its scheduler (``None``: one of our own, on this machine), and how many startups
    a part of the collection may hold.
    """

    address: str | None
    part_rows: int


@dataclass(frozen=True, slots=True)
class MatchRequest:
    """The options of ``safqa match`` as they were given; ``as_of`` is a date, an instant, ``now`` or ``none``."""

    tenders: Path
    startups: Path
    top: int
    format: Literal["table", "jsonl", "csv", "trec"]
    out: Path | None
    for_startups: bool
    as_of: str
    any_country: bool
    lang: Lang
    zone: str | None
    cluster: Cluster | None = None
    cpv: Path | None = None

    def gates(self) -> Gates:
        """What must hold before ranking. Raises UserMistake."""
        return Gates(as_of=parse_as_of(self.as_of), same_country=not self.any_country)

    def cpv_table(self) -> CpvTable | None:
        """The table whose labels speak for codes, if one was given. Raises UserMistake."""
        if self.cpv is None:
            return None
        try:
            return read_cpv_table(self.cpv)
        except FileError as error:
            raise UserMistake(f"{self.cpv} {error.reason}") from error


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rankings under way: ``answers`` makes them one by one, ``names`` says what the ids of each stand for by then.

    ``sizes`` are the tenders and the startups, ``refused`` the lines of both files that are none.
    """

    answers: Iterator[Answer]
    names: Names
    sizes: tuple[int, int]
    refused: int


def parse_as_of(text: str) -> dt.datetime | None:
    """The moment of ``--as-of``; a date alone is its first second in Morocco. Raises UserMistake."""
    if text == "none":
        return None
    if text == "now":
        return utc_now()
    try:
        instant, _ = to_instant(parse_iso(text), HOME_ZONE, "start")
    except ValueError as error:
        raise UserMistake(f"--as-of {text!r} {error}, nor now, nor none") from None
    return instant
