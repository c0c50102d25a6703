"""The TF-IDF profile of a startup, as the startup may see it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.files.to_matching import startup_doc
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.matches.live import PATIENCE_SECONDS
from app.matches.ranking import Ranker, wire_span
from app.matches.schemas import ProfileOut, ProfileTermOut, SpanOut
from app.matches.subjects import whole_startup
from matching.types import ProfileTerm
from scrapers.records import StartupRecord


async def profile_of(db: AsyncSession, ranker: Ranker, caller: Caller, startup_id: StartupId, limit: int) -> ProfileOut:
    """The heaviest coordinates of a startup's profile.

    Raises:
        NotFound: no such startup, or one that the caller does not see the whole of.
    """
    found = await whole_startup(db, caller, startup_id)
    if found is None:
        raise NotFound
    version, doc = found
    await ranker.index.catch_up(PATIENCE_SECONDS)  # words that nobody used before this startup are known to it now
    algorithm, terms = await ranker.profile(doc, limit)
    return ProfileOut(
        startup_id=startup_id,
        version=version,
        algorithm=algorithm,
        terms=_wire(terms),
    )


async def profile_of_draft(ranker: Ranker, record: StartupRecord, limit: int) -> list[ProfileTermOut]:
    """The heaviest coordinates that a profile would have which nobody has entered yet; nothing is kept."""
    await ranker.index.catch_up(PATIENCE_SECONDS)
    _, terms = await ranker.profile(startup_doc(record), limit)
    return _wire(terms)


def _wire(terms: Iterable[ProfileTerm]) -> list[ProfileTermOut]:
    return [
        ProfileTermOut(
            term=term.term,
            kind=term.kind,
            weight=term.weight,
            labels={name.removeprefix("label_"): label for name, label in term.labels.items()},
            sources=[SpanOut.model_validate(wire_span(span)) for span in term.sources],
        )
        for term in terms
    ]
