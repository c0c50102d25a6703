"""``safqa doctor``: what is configured, what is reachable, what to fix. Looks at this machine and its database only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.cli.doctor_checks import Finding


def command(
    *,
    port: Annotated[int | None, typer.Option(help="Look at this port instead of SAFQA_PORT.")] = None,
) -> None:
    """Check this installation, and say for whatever is wrong what to do. Nothing is changed, nothing sent anywhere.

    Exit code 1 if something must be fixed. Secrets are never shown.

    Example: safqa doctor
    """
    from app.cli.database import read_settings, run_async
    from app.cli.doctor_checks import State, examine

    findings = run_async(examine(read_settings(port=port)))
    _show(findings)
    if any(finding.state is State.FIX for finding in findings):
        raise typer.Exit(1)


def _show(findings: Sequence[Finding]) -> None:
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from app.cli.doctor_checks import State

    styles = {State.OK: "green", State.NOTE: "cyan", State.FIX: "bold red"}
    table = Table(header_style="bold", pad_edge=False)
    table.add_column("what")
    table.add_column("state")
    table.add_column("found", overflow="fold", ratio=1)
    for finding in findings:
        told = finding.found if finding.remedy is None else f"{finding.found}\n→ {finding.remedy}"
        table.add_row(finding.what, Text(finding.state.value, style=styles[finding.state]), Text(told))
    Console(width=None if sys.stdout.isatty() else 120).print(table)
