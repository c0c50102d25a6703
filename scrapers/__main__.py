"""``python -m scrapers``: run a source, parse saved payloads, list the sources. No database, no application.

Exit codes: 0 done; 1 wrong usage or settings; 2 a payload is not what the source sends; 3 the run is partial (it says
why, and goes on from its state file); 4 the portal refused; 130 interrupted from the keyboard.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, NoReturn

from scrapers.base import Parsed, Source
from scrapers.client import PoliteClient
from scrapers.crawl import Batch, Crawl, Order
from scrapers.errors import SourceError, SourceMisconfigured
from scrapers.manners import Permit
from scrapers.net import AddressGuard
from scrapers.payload import Rejection
from scrapers.records import AwardRecord
from scrapers.registry import get_source, list_sources
from scrapers.report import CrawlReport
from scrapers.run_state import RunState

DONE, WRONG, CHANGED, PARTIAL, REFUSED, INTERRUPTED = 0, 1, 2, 3, 4, 130
_PATIENCE_SECONDS = 600.0
_NOBODY = "nobody@localhost.invalid"
"""For sources without a network, which need nobody's contact."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None, guard: AddressGuard | None = None) -> int:
    """Run one command; the exit code. ``guard``: for tests, which reach a portal on loopback."""
    given = _parser().parse_args(arguments)
    try:
        if given.command == "list":
            return _list()
        source = get_source(given.name, _settings(given.set))
        if given.command == "parse":
            return _parse(source, given.files)
        return asyncio.run(_run(source, given, guard))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read has seen enough
        return DONE
    except KeyboardInterrupt:
        kept = " The same command goes on from its state file." if getattr(given, "state", None) else ""
        print(f"{given.command}: interrupted.{kept}", file=sys.stderr)
        return INTERRUPTED
    except (SourceMisconfigured, OSError) as error:
        print(f"{given.command}: {_told(error)}", file=sys.stderr)
        return WRONG


def _told(error: Exception) -> str:
    """An error for people: a file's name before what is wrong with it."""
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m scrapers", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the sources, with licence and attribution")
    run = commands.add_parser("run", help="collect from a source; records as JSON lines")
    run.add_argument("name")
    run.add_argument("--contact", help="mail address at which the portal reaches you (needed for network sources)")
    run.add_argument("--since", type=_instant, help="a day, or an instant with its offset")
    run.add_argument("--until", type=_instant, help="a day, or an instant with its offset")
    run.add_argument("--sample", type=_positive, help="stop after so many records")
    run.add_argument("--out", type=Path, help="write records to this file (with --state: exactly once each)")
    run.add_argument("--state", type=Path, help="keep the cursor here, and go on from it")
    run.add_argument("--restart", action="store_true", help="run again after a refusal")
    run.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE", help="an option of the source")
    parse = commands.add_parser("parse", help="records of saved payloads as JSON lines")
    parse.add_argument("name")
    parse.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parse.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE", help="an option of the source")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _instant(text: str) -> dt.datetime:
    when = dt.datetime.fromisoformat(text)
    if when.tzinfo is None and len(text) > 10:
        raise argparse.ArgumentTypeError("write the offset: 2026-11-01T08:00+01:00")
    return when if when.tzinfo else when.replace(tzinfo=dt.UTC)


def _settings(pairs: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SourceMisconfigured(f"{pair!r} is not OPTION=VALUE")
        found[name] = value
    return found


def _list() -> int:
    for source in list_sources():
        first = source.description().splitlines()[0]
        state = " (experimental)" if source.experimental else ""
        print(f"{source.name}{state}: {first}\n    licence: {source.licence}\n    attribution: {source.attribution}")
    return DONE


def _line(record: Parsed) -> bytes:
    """One record as JSON: a tender in the flat contract, an award marked as one."""
    if isinstance(record, Rejection):
        return json.dumps({"rejected": asdict(record)}, ensure_ascii=False).encode() + b"\n"
    text = record.model_dump_json(exclude_defaults=True, exclude_none=True)
    return (f'{{"record":"award",{text[1:]}' if isinstance(record, AwardRecord) else text).encode() + b"\n"


def _parse(source: Source, files: Sequence[Path]) -> int:
    """Records to standard output, rejections to standard error; a file that cannot be read stops no other."""
    code = DONE
    for path in files:
        try:
            for bundle in source.saved(path):
                for found in source.parse(bundle):
                    stream = sys.stderr.buffer if isinstance(found, Rejection) else sys.stdout.buffer
                    stream.write(_line(found))
        except SourceMisconfigured as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            code = code or WRONG
        except SourceError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            code = CHANGED
        except OSError as error:
            print(_told(error), file=sys.stderr)
            code = code or WRONG
    sys.stdout.flush()
    return code


async def _run(source: Source, given: argparse.Namespace, guard: AddressGuard | None) -> int:
    if source.network and not given.contact:
        raise SourceMisconfigured("--contact is needed: the mail address at which the portal reaches you")
    permit = Permit(given.contact or _NOBODY, enabled=frozenset({source.name}))
    client = PoliteClient.of(permit, guard=guard, patience=_PATIENCE_SECONDS)
    state = RunState.read(given.state, source.name) if given.state else RunState(source=source.name)
    cursor = state.cursor.restarted() if given.restart else state.cursor
    order = Order(since=given.since, until=given.until, sample=given.sample, known=state.fingerprints.get)
    crawl = Crawl(source, client, cursor, order)
    with _output(given.out, state) as out:
        async with aclosing(crawl.batches()) as batches:
            async for batch in batches:
                _write(batch, out)
                state.advance(batch, out.tell() if given.out else 0)
                if given.state and given.sample is None:
                    state.write(given.state)
    print(json.dumps(crawl.report.summary(), ensure_ascii=False), file=sys.stderr)
    return _code(crawl.report)


def _output(path: Path | None, state: RunState) -> BinaryIO:
    """Where records go: a file is cut to what the state knows of, as a killed run may have written more."""
    if path is None:
        return os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    file = path.open("r+b" if path.exists() else "w+b")
    file.truncate(min(state.written, path.stat().st_size))
    file.seek(0, os.SEEK_END)
    return file


def _write(batch: Batch, out: BinaryIO) -> None:
    for _, found in batch.bundles:
        for record in found:
            if isinstance(record, Rejection):
                sys.stderr.buffer.write(_line(record))
            else:
                out.write(_line(record))
    out.flush()
    sys.stderr.flush()


def _code(report: CrawlReport) -> int:
    if report.outcome == "complete" or report.reason == "sample":
        return DONE
    if report.outcome == "refused":
        return REFUSED
    if report.reason == "misconfigured":
        return WRONG
    return CHANGED if report.reason in {"changed", "too_large", "address"} else PARTIAL


if __name__ == "__main__":
    sys.exit(main())
