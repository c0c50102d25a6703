"""``safqa eligibility``: may these startups bid for these calls, from files, without server and database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.match import Language


def command(
    *,
    tenders: Annotated[
        Path, typer.Option(metavar="FILE", help="Tenders: JSONL, JSON, CSV, XLSX or OCDS 1.1, also gzipped.")
    ],
    startups: Annotated[
        Path, typer.Option(metavar="FILE", help="Startups; what each can show stands in its `evidence`.")
    ],
    as_of: Annotated[
        str, typer.Option(metavar="DATE|now", help="The day of the question, where a call tells no dates of its own.")
    ] = "now",
    lang: Annotated[Language, typer.Option(help="Language of the sentences.")] = Language.ENGLISH,
) -> None:
    """Print one JSON line for each call and startup: pass, fail, or unknown with what would settle it.

    Each check has its sentence and, where it is law, its article, source, date and confidence. Not legal advice.

    Example: safqa eligibility --tenders tenders.jsonl --startups startups.jsonl --lang fr
    """
    from app.cli.eligibility_run import run_eligibility

    if run_eligibility(tenders, startups, as_of, lang.value):
        raise typer.Exit(2)
