"""``safqa requirements``: what the documents of a tender ask for, one JSON line per finding."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    *,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="PDF, DOCX, HTML, text or markdown, or tenders in JSON.")
    ],
    country: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="ISO 3166 code of the documents' country, for hours without zone and sums without currency "
            "(default: that which each document's own words tell, else unknown).",
        ),
    ] = None,
    print_text: Annotated[
        bool, typer.Option("--print-text", help="Print the text that is read, which `start` and `end` count in.")
    ] = False,
) -> None:
    """Print what tenders ask for (bond, references, certificates, dates ...), each with the passage that says so.

    A line is {file, kind, value, quote, start, end, confidence}; findings of a tender's JSON also name its id and the
    field. The kinds and their values: docs/requirements.md. A file that can't be read, or that is scanned, is named on
    standard error; the others are read, and the exit code is 2.

    Example: safqa requirements avis.pdf cps.docx
    """
    from app.cli.requirements_run import run_requirements

    if run_requirements(files, country.upper() if country else None, print_text=print_text):
        raise typer.Exit(2)
