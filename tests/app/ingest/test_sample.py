"""The sample set in the database."""

from __future__ import annotations

import datetime as dt

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.ingest.sample import load_sample, rotate_sample_keys
from app.ingest.sample_people import renew_sample_people
from app.jobs.messages import ReadRequirements
from app.kit.crypto import Keyring
from app.members.passwords import verified
from app.models.api_key import ApiKey
from app.models.organisation import Organisation, OrganisationKind
from app.models.person import Person
from app.models.source import Source
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus
from app.sample import sample_plan
from tests.support.api import SECRET

TODAY = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


class TestLoadSample:
    async def test_everything_belongs_to_whom_the_plan_says(self, db: AsyncSession) -> None:
        loaded = await load_sample(db, TODAY)
        plan = sample_plan()
        assert loaded is not None
        assert loaded.tenders.created >= 60
        assert loaded.startups.created >= 40
        assert all(organisation.fictional for organisation in loaded.organisations.values())
        owners = {organisation.id: slug for slug, organisation in loaded.organisations.items()}
        for startup in await db.scalars(select(Startup)):
            registrar = plan.registrar_of(startup.external_id)
            assert owners[startup.registrar_id] == registrar
            own = startup.external_id in plan.startup_owner
            assert startup.owner_id == (startup.registrar_id if own else None)
            assert startup.listed is plan.has_agreed(startup.external_id)
            assert (startup.agreed_at is not None) is startup.listed
        source = (await db.scalars(select(Source))).one()
        for tender in await db.scalars(select(Tender)):
            slug = plan.tender_owner.get(tender.external_id)
            assert owners[tender.owner_id] == (slug or plan.operator)
            assert tender.source_id == (None if slug else source.id)
            assert tender.status is TenderStatus.PUBLISHED
            assert tender.record["fictional"] is True

    async def test_it_goes_into_an_empty_database_only_unless_asked(self, db: AsyncSession) -> None:
        db.add(Organisation(kind=OrganisationKind.BUYER, name="Somebody real"))
        await db.flush()
        assert await load_sample(db, TODAY) is None
        assert await db.scalar(select(func.count()).select_from(Tender)) == 0
        loaded = await load_sample(db, TODAY, into_empty=False)
        assert loaded is not None
        assert loaded.tenders.created >= 60

    async def test_again_changes_nothing_and_on_a_later_day_the_dates_only(self, db: AsyncSession) -> None:
        first = await load_sample(db, TODAY)
        again = await load_sample(db, TODAY, into_empty=False)
        later = await load_sample(db, TODAY + dt.timedelta(days=30), into_empty=False)
        assert first is not None
        assert again is not None
        assert later is not None
        assert (again.tenders.unchanged, again.startups.unchanged) == (first.tenders.created, first.startups.created)
        assert later.startups.unchanged == first.startups.created
        assert later.tenders.updated > 0
        assert later.tenders.created == 0

    async def test_what_its_calls_ask_for_is_read(self, db: AsyncSession) -> None:
        await load_sample(db, TODAY)
        payloads = await db.scalars(
            text("SELECT payload FROM pgqueuer.pgqueuer WHERE entrypoint = :name"),
            {"name": ReadRequirements.entrypoint},
        )
        queued = {one for payload in payloads for one in ReadRequirements.model_validate_json(payload).tender_ids}
        assert queued == set(await db.scalars(select(Tender.id)))


class TestSampleKeys:
    async def test_one_key_per_role_and_the_old_ones_end(self, db: AsyncSession) -> None:
        keyring = Keyring([SECRET])
        assert await rotate_sample_keys(db, keyring) == []
        await load_sample(db, TODAY)
        first = await rotate_sample_keys(db, keyring)
        second = await rotate_sample_keys(db, keyring)
        assert [key.organisation.kind.value for key in second] == ["operator", "buyer", "incubator", "startup"]
        assert {key.made.token for key in first}.isdisjoint(key.made.token for key in second)
        await db.flush()
        live = await db.scalars(select(ApiKey.digest).where(ApiKey.revoked_at.is_(None)))
        assert set(live) == {keyring.token_hash(key.made.token) for key in second}

    async def test_fictional_people_get_new_passwords_each_time(
        self, db: AsyncSession, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.members.passwords._HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        keyring = Keyring([SECRET])
        assert await renew_sample_people(db, keyring, TODAY) == []
        await load_sample(db, TODAY)
        first = await renew_sample_people(db, keyring, TODAY)
        second = await renew_sample_people(db, keyring, TODAY)
        assert [one.mail for one in first] == [one.mail for one in second]
        assert all(one.mail.endswith(".example") for one in second)
        people = (await db.scalars(select(Person))).all()
        assert len(people) == len(second) == 5
        (amina,) = [one for one in people if one.name == "Amina Soussi"]
        (before,) = [one.password for one in first if one.name == amina.name]
        (now,) = [one.password for one in second if one.name == amina.name]
        assert (await verified(amina.password_hash, before), await verified(amina.password_hash, now)) == (False, True)
