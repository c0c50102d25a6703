"""The ``safqa`` command: an explicit list of commands, each in a module that is imported when it is asked for.

A module holds ``command``: the function of a single command, or the ``typer.Typer`` of a group. To add one, write the
module and its line here.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

import typer

from app.cli.errors import UserMistake

LOCAL = "local"
VALUE_LEFT_OUT: Mapping[str, str] = MappingProxyType({"--dask": LOCAL})
"""Options whose value may be left out, with the one they then have; Typer knows no such options."""

HELP = "Matches startups with the public and private calls for tenders they can really win, and says why."


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives, and its line in ``safqa --help``."""

    module: str
    summary: str


COMMANDS: Mapping[str, Entry] = MappingProxyType({
    "serve": Entry("app.cli.serve", "Database, API and background work in one process, for one machine."),
    "api": Entry("app.cli.api", "The API alone, for several machines."),
    "worker": Entry("app.cli.worker", "The background work alone, for several machines."),
    "migrate": Entry("app.cli.migrate", "Bring the database to this version's schema."),
    "key": Entry("app.cli.key", "Make, list and revoke API keys."),
    "person": Entry("app.cli.person", "Enter, list and shut out people; let one in by a link."),
    "doctor": Entry("app.cli.doctor", "What is configured, what is reachable, what to fix."),
    "import": Entry("app.cli.import_", "Bring startups or tenders from a file into the database."),
    "ingest": Entry("app.cli.ingest", "Collect what a portal has published, into the database."),
    "replay": Entry("app.cli.replay", "Read the kept payloads of a portal again, without asking it."),
    "sources": Entry("app.cli.sources", "The portals: how each is, stop and restart them, erase what they sent."),
    "sample": Entry("app.cli.sample", "The fictional sample set: load it, make keys to try it with."),
    "match": Entry("app.cli.match", "Rank startups for tenders, or tenders for startups, from files."),
    "mcp": Entry("app.cli.mcp", "Tools for language models, by the Model Context Protocol."),
    "requirements": Entry("app.cli.requirements", "What the documents of a tender ask for, with the passages."),
    "eligibility": Entry("app.cli.eligibility", "Whether startups may bid for calls, from files, and why."),
    "train": Entry("app.cli.train", "Train the weights of the score from judgements and feedback."),
})  # fmt: skip


def run() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line: 0 done, 1 done with some lines refused, 2 not possible."""
    try:
        build(arguments)(list(_completed(arguments)), prog_name="safqa")
    except UserMistake as mistake:
        print(f"safqa: {mistake}", file=sys.stderr)
        return 2
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else int(bool(leave.code))
    except BrokenPipeError:
        # Whoever read our output has seen enough (`safqa match ... | head`); let the interpreter's own flush not fail.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _completed(arguments: Sequence[str]) -> Iterator[str]:
    for word, following in zip(arguments, [*arguments[1:], "-"], strict=True):
        yield f"{word}={VALUE_LEFT_OUT[word]}" if word in VALUE_LEFT_OUT and following.startswith("-") else word


def build(arguments: Sequence[str]) -> typer.Typer:
    """The application with the one command that is asked for imported, and the others as lines of the help."""
    app = typer.Typer(
        help=HELP, add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, rich_markup_mode="rich"
    )
    app.callback()(_root)
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    for name, entry in COMMANDS.items():
        command = importlib.import_module(entry.module).command if name == wanted else _not_imported
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, help=entry.summary)
        else:
            app.command(name, help=None if name == wanted else entry.summary, short_help=entry.summary)(command)
    return app


def _not_imported() -> None:
    """Stands for the commands that were not asked for; it can't be reached, only listed."""


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"safqa {version('safqa')}")
        raise typer.Exit


def _root(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Options before the command."""
