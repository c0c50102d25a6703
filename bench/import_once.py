"""One import in a process of its own, so that its memory is its own: ``python -m bench.import_once KIND FILE URL``."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from app.accounts.service import create_organisation
from app.db.engine import create_engine
from app.db.session import create_sessions, unit_of_work
from app.ingest.runs import Importer
from app.ingest.service import NewImport, enter
from app.kit.clock import utc_now
from app.kit.ids import ImportRunId, OrganisationId
from app.models.import_run import ImportKind
from app.models.organisation import OrganisationKind
from bench.records import READING


async def main(kind: ImportKind, path: Path, url: str) -> dict[str, float]:
    engine = create_engine(url, pool_size=2, statement_timeout_seconds=15)
    importer = Importer(create_sessions(engine), utc_now, READING)
    async with unit_of_work(importer.sessions) as session:
        owner = create_organisation(session, kind=OrganisationKind.OPERATOR, name="bench", country=None)
        await session.flush()
        agreed = kind is ImportKind.STARTUPS
        run = await enter(session, OrganisationId(owner.id), NewImport(kind, path.name, 0, agreed), utc_now())
    taken = await importer.take(ImportRunId(run.id))
    assert taken is not None
    started, cpu = time.perf_counter(), time.process_time()
    counts = await importer.carry_out(taken, path)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    await engine.dispose()
    own, parser = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "created": counts.created,
        "seconds": seconds,
        "cpu": cpu,
        "parser_cpu": parser.ru_utime + parser.ru_stime,
        "rss_mb": own.ru_maxrss / 1024,
        "parser_rss_mb": parser.ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(ImportKind(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))))
