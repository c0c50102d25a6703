"""Compile the ranking kernels ahead of their first use, for images: ``python -m app.cli.warm``."""

from __future__ import annotations

import datetime as dt

from app.files.to_matching import startup_doc, tender_doc
from app.sample import sample_startups, sample_tenders
from matching import Matcher


def warm() -> None:
    """Rank the sample set both ways, loaded and changed."""
    tenders = [tender_doc(record) for record in sample_tenders(dt.date(2026, 1, 1))]
    startups = [startup_doc(record) for record in sample_startups()]
    matcher = Matcher()
    matcher.load(tenders=tenders[1:], startups=startups[1:])
    matcher.upsert_tenders(tenders[:1])
    matcher.upsert_startups(startups[:1])
    matcher.startups_for(tenders[0], k=5)
    matcher.tenders_for(startups[0], k=5)


if __name__ == "__main__":
    warm()
