"""The fictional sample set into the database: organisations, their startups, their calls; again on a later day, too."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import AccountRepository
from app.accounts.service import NewKey, create_organisation, rotate_key
from app.db.session import driver_connection
from app.ingest.mapping import Gathered, map_batch
from app.ingest.merging import merge
from app.ingest.outcome import Counts, Target
from app.ingest.sample_repository import SampleRepository
from app.jobs.messages import MatchStartups, MatchTenders, ReadRequirements
from app.jobs.queue import enqueue
from app.kit.crypto import Keyring
from app.kit.ids import OrganisationId
from app.models.import_run import ImportKind
from app.models.organisation import Organisation, OrganisationKind
from app.sample import SamplePlan, sample_evidence, sample_plan, sample_startups, sample_tenders
from app.sample.dates import ZONE
from scrapers.records import StartupRecord, TenderRecord

KEY_NAME = "sample"


@dataclass(frozen=True, slots=True)
class LoadedSample:
    """What the sample set is now in the database. ``organisations`` by their slug in the plan."""

    organisations: Mapping[str, Organisation]
    startups: Counts
    tenders: Counts


@dataclass(frozen=True, slots=True)
class SampleKey:
    """A fresh key of the sample set's organisation of one kind."""

    organisation: Organisation
    made: NewKey


async def load_sample(session: AsyncSession, now: dt.datetime, *, into_empty: bool = True) -> LoadedSample | None:
    """Load the sample set in the session's transaction; what is there already stays, with its dates told from today.

    ``into_empty``: only into a database without any organisation; ``None`` where there is one.
    """
    if into_empty and await SampleRepository(session).has_organisations():
        return None
    plan = sample_plan()
    organisations = await _organisations(session, plan)
    startups = await _load_startups(session, plan, organisations, now)
    return LoadedSample(organisations, startups, await _load_tenders(session, plan, organisations, now))


async def rotate_sample_keys(session: AsyncSession, keyring: Keyring) -> list[SampleKey]:
    """A new key for the first organisation of each role of the sample set, in place of the one made before.

    Empty where the sample set is not in the database.
    """
    first = {OrganisationKind(each.kind): each.name for each in reversed(sample_plan().organisations)}
    keys = []
    for kind in (
        OrganisationKind.OPERATOR,
        OrganisationKind.BUYER,
        OrganisationKind.INCUBATOR,
        OrganisationKind.STARTUP,
    ):
        organisation = await AccountRepository(session).organisation_named(first[kind], kind)
        if organisation is not None and organisation.fictional:
            keys.append(SampleKey(organisation, await rotate_key(session, keyring, organisation, KEY_NAME)))
    return keys


async def _organisations(session: AsyncSession, plan: SamplePlan) -> dict[str, Organisation]:
    found: dict[str, Organisation] = {}
    for each in plan.organisations:
        kind = OrganisationKind(each.kind)
        known = await AccountRepository(session).organisation_named(each.name, kind)
        found[each.slug] = known or create_organisation(
            session, kind=kind, name=each.name, country=each.country, fictional=True
        )
    await session.flush()
    return found


async def _load_startups(
    session: AsyncSession, plan: SamplePlan, organisations: Mapping[str, Organisation], now: dt.datetime
) -> Counts:
    groups: dict[tuple[str, bool], list[StartupRecord]] = defaultdict(list)
    evidence = sample_evidence(now.astimezone(ZONE).date())
    for record in sample_startups():
        told = record.model_copy(update={"evidence": evidence.get(record.id)})
        groups[plan.registrar_of(record.id), plan.has_agreed(record.id)].append(told)
    total = Counts()
    for (slug, agreed), records in groups.items():
        owner = OrganisationId(organisations[slug].id)
        target = Target(owner, ImportKind.STARTUPS, now, agreed)
        total += await _merge(session, target, records)
        if organisations[slug].kind is OrganisationKind.STARTUP:
            await SampleRepository(session).own(owner)
    return total


async def _load_tenders(
    session: AsyncSession, plan: SamplePlan, organisations: Mapping[str, Organisation], now: dt.datetime
) -> Counts:
    source_id = await SampleRepository(session).source(plan.source)
    groups: dict[str | None, list[TenderRecord]] = defaultdict(list)
    for record in sample_tenders(now.astimezone(ZONE).date()):
        groups[plan.tender_owner.get(record.id)].append(record)
    total = Counts()
    for slug, records in groups.items():
        target = Target(OrganisationId(organisations[slug or plan.operator].id), ImportKind.TENDERS, now)
        total += await _merge(session, replace(target, source_id=None if slug else source_id), records)
    return total


async def _merge(session: AsyncSession, target: Target, records: Iterable[StartupRecord | TenderRecord]) -> Counts:
    texts = [record.__pydantic_serializer__.to_json(record, exclude_defaults=True) for record in records]
    batch = map_batch(target.kind, Gathered(texts, list(range(1, len(texts) + 1))))
    taken = await merge(await driver_connection(session), target, batch)
    if taken.rejected:
        raise RuntimeError(f"the sample set holds a record that can't be stored: {taken.rejected[0].reason}")
    ids = tuple(taken.to_rank)
    if ids:
        startups = target.kind is ImportKind.STARTUPS
        await enqueue(session, MatchStartups(startup_ids=ids) if startups else MatchTenders(tender_ids=ids))
    if taken.to_link:
        await enqueue(session, ReadRequirements(tender_ids=tuple(taken.to_link)))
    return taken.counts
