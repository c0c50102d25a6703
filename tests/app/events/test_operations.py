"""Events of imports and sources, what is refused, and what is forgotten."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from app.db.base import JsonObject
from app.db.session import unit_of_work
from app.events.log import OPERATORS, NewEvent, Subjects, append
from app.events.schemas.operations import DriftingField, SourceDrifting
from app.housekeeping import Housekeeping
from app.jobs.messages import Tidy
from app.kit.clock import utc_now
from app.models.source import Source
from app.models.source_state import SourceState
from app.sources.drifting import event_of_drift
from app.sources.repository import Card, SourceRepository
from app.sources.service import restart
from tests.support.api import Api
from tests.support.events import log_of
from tests.support.factories import tender
from tests.support.imports import imported, jsonl

SOURCE = Source(id=uuid.UUID(int=7), name="portal", title="Portail")
DEADLINE: JsonObject = {"field": "deadline", "before": 0.98, "now": 0.1}
VALUE: JsonObject = {"field": "value", "before": 0.8, "now": 0.0}
NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)


class TestImports:
    async def test_its_end_is_told_to_who_started_it(self, api: Api) -> None:
        buyer = await api.person("buyer")
        content = jsonl(tender(id=f"T-{n}") for n in range(3)) + b"{broken\n"
        run = await imported(api, buyer, "tenders", content)
        (told,) = await log_of(api, "import.finished")
        assert told.organisation == str(buyer.id)
        assert {name: told.data[name] for name in ("import_id", "state", "created", "rejected", "seen")} == {
            "import_id": run["id"], "state": "finished", "created": 3, "rejected": 1, "seen": 4,
        }  # fmt: skip

    async def test_one_that_can_not_be_read_is_told_as_failed(self, api: Api) -> None:
        buyer = await api.person("buyer")
        run = await imported(api, buyer, "tenders", b"\x00\x01\x02 nothing that anybody could read")
        (told,) = await log_of(api, "import.finished")
        assert told.data["state"] == run["state"]
        assert told.data["problem_code"] == run["problem_code"]


class TestDrift:
    @pytest.mark.parametrize(
        ("before", "now", "told"),
        [
            ([], [], None),
            ([], [DEADLINE], "source.drifting"),
            ([DEADLINE], [{**DEADLINE, "now": 0.0}], None),
            ([DEADLINE], [DEADLINE, VALUE], "source.drifting"),
            ([DEADLINE, VALUE], [VALUE], None),
            ([DEADLINE], [], "source.recovered"),
        ],
    )
    def test_what_is_told_of_it(self, before: list[JsonObject], now: list[JsonObject], told: str | None) -> None:
        event = event_of_drift(SOURCE, before, now, NOW)
        assert (event and event.data.type) == told
        assert event is None or (event.audience, event.subjects.source_id) == (OPERATORS, SOURCE.id)

    async def test_a_person_who_takes_it_for_usual_is_told_as_such(self, api: Api) -> None:
        async with unit_of_work(api.runtime.sessions) as session:
            state: SourceState = await SourceRepository(session).enter(Card("portal", "Portail", None, None), NOW)
            state.drift = [DEADLINE]
        async with unit_of_work(api.runtime.sessions) as session:
            assert await restart(session, "portal", NOW)
        (told,) = await log_of(api)
        assert (told.type, told.audience, told.data) == (
            "source.recovered", "operators", {"source": "portal", "title": "Portail", "accepted": True},
        )  # fmt: skip


async def test_a_payload_that_is_too_large_is_refused(api: Api) -> None:
    drift = [DriftingField(field="x" * 100, before=0.5, now=0.1) for _ in range(200)]
    event = NewEvent(SourceDrifting(source="x", title="X", drift=drift), OPERATORS, "key", Subjects(), NOW)
    async with unit_of_work(api.runtime.sessions) as session:
        with pytest.raises(ValueError, match="too large"):
            await append(session, event)


async def test_events_are_forgotten_in_time_and_not_before(api: Api) -> None:
    async with unit_of_work(api.runtime.sessions) as session:
        for days in (1, 44, 46):
            drift = SourceDrifting(source=f"{days}", title="X", drift=[])
            at = utc_now() - dt.timedelta(days=days)
            await append(session, NewEvent(drift, OPERATORS, f"{days}", Subjects(), at))
    keeping = Housekeeping(api.runtime.sessions, utc_now, events_kept=dt.timedelta(days=45))
    await keeping.tidy(Tidy())
    assert [each.data["source"] for each in await log_of(api)] == ["1", "44"]
