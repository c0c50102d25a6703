"""``safqa match``: both files in, rankings out, no server and no database."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli import LOCAL


class OutputFormat(StrEnum):
    """What the rankings are written as."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    TREC = "trec"


class Language(StrEnum):
    """The language of headings and reasons."""

    ENGLISH = "en"
    FRENCH = "fr"
    ARABIC = "ar"


def command(
    *,
    tenders: Annotated[
        Path, typer.Option(metavar="FILE", help="Tenders: JSONL, JSON, CSV, XLSX or OCDS 1.1, also gzipped.")
    ],
    startups: Annotated[Path, typer.Option(metavar="FILE", help="Startups: JSONL, JSON, CSV or XLSX, also gzipped.")],
    top: Annotated[int, typer.Option(metavar="K", min=1, max=10_000, help="How many to rank for each query.")] = 10,
    format_: Annotated[
        OutputFormat,
        typer.Option("--format", help="table for people; jsonl and csv with reasons; trec for evaluation."),
    ] = OutputFormat.TABLE,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write here instead of standard output; whole or not at all.")
    ] = None,
    for_startups: Annotated[bool, typer.Option("--for-startups", help="Rank tenders for each startup.")] = False,
    as_of: Annotated[
        str, typer.Option(metavar="DATE|now|none", help="Leave out tenders whose deadline is before this moment.")
    ] = "none",
    any_country: Annotated[bool, typer.Option("--any-country", help="Also pairs of two different countries.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of headings and reasons.")] = Language.ENGLISH,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE", help="Zone of times written without one (default: that of each tender's country)."
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="[ADDRESS]",
            help="Rank on a Dask cluster, part by part: startups need not fit in memory. Without an address, on all "
            "processors of this machine; with one (tcp://host:8786), on the cluster of that scheduler.",
        ),
    ] = None,
    cpv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="SAFQA_CPV_TABLE",
            help="The official CPV table (CSV or XLSX): the labels of codes then speak like words of the records.",
        ),
    ] = None,
    part: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many startups a worker holds at a time, with --dask.")
    ] = 20_000,
) -> None:
    """Rank the startups for each tender (or, with --for-startups, the tenders for each startup), and say why.

    Lines that are no records are reported and skipped; the exit code is then 1. Formats: docs/formats.md.

    Example: safqa match --tenders tenders.jsonl --startups startups.csv --top 5 --as-of now
    """
    from app.cli.match_request import Cluster, MatchRequest
    from app.cli.match_run import run_match

    request = MatchRequest(
        tenders=tenders,
        startups=startups,
        top=top,
        format=format_.value,
        out=out,
        for_startups=for_startups,
        as_of=as_of,
        any_country=any_country,
        lang=lang.value,
        zone=zone,
        cluster=None if dask is None else Cluster(None if dask == LOCAL else dask, part),
        cpv=cpv,
    )
    if run_match(request):
        raise typer.Exit(1)
