"""The audit trail: what is kept, that it holds, and that nobody can change it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.audit.chain import FIRST, Step, first_break
from app.db.base import JsonObject
from app.models.audit_entry import AuditAction
from tests.app.openness.conftest import Market, market

__all__ = ["market"]


def step_from(told: JsonObject) -> tuple[Step, bytes]:
    """An entry as anybody reads it from an export."""
    return (
        Step(
            uuid.UUID(told["tender_id"]), told["number"], uuid.UUID(told["organisation_id"]), uuid.UUID(told["key_id"]),
            AuditAction(told["action"]), told["tender_version"], told["details"], dt.datetime.fromisoformat(told["at"]),
            bytes.fromhex(told["previous"]),
        ),
        bytes.fromhex(told["hash"]),
    )  # fmt: skip


async def test_looks_and_invitations_are_kept_in_order_and_the_chain_holds(market: Market) -> None:
    buyer = market.buyer.client
    await buyer.post(f"/v1/tenders/{market.call}/mirror", json={})
    shown = await buyer.get(f"/v1/tenders/{market.call}/candidates")
    await buyer.put(f"/v1/tenders/{market.call}/decisions/{market.firms[1]}", json={"kind": "invited"})
    frozen = await buyer.post(f"/v1/tenders/{market.call}/audit/freeze")
    assert frozen.status_code == 201, frozen.text
    trail = (await buyer.get(f"/v1/tenders/{market.call}/audit")).json()["items"]
    assert [each["action"] for each in trail] == ["mirror_viewed", "candidates_viewed", "invited", "frozen"]
    assert trail[1]["details"]["startup_ids"] == [each["startup"]["id"] for each in shown.json()["items"]]
    assert trail[2]["details"] == {"startup_id": market.firms[1]}
    assert [each["startup_id"] for each in trail[3]["details"]["candidates"]] == trail[1]["details"]["startup_ids"]
    assert frozen.json()["list_hash"] == trail[3]["details"]["list_hash"]

    exported = await buyer.get(f"/v1/tenders/{market.call}/audit/export")
    assert exported.headers["content-type"].startswith("application/x-ndjson")
    steps = [step_from(json.loads(line)) for line in exported.text.splitlines()]
    assert len(steps) == 4
    assert first_break(steps) is None
    table = await buyer.get(f"/v1/tenders/{market.call}/audit/export?format=csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["hash"] for row in rows] == [hash_.hex() for _, hash_ in steps]


async def test_a_stranger_finds_no_trail_and_freezes_nothing(market: Market) -> None:
    await market.buyer.client.post(f"/v1/tenders/{market.call}/mirror", json={})
    for stranger in (await market.api.person("buyer"), market.owner):
        for path in ("audit", "audit/export"):
            assert (await stranger.client.get(f"/v1/tenders/{market.call}/{path}")).status_code == 404
        assert (await stranger.client.post(f"/v1/tenders/{market.call}/audit/freeze")).status_code == 404


async def test_a_draft_is_not_frozen(market: Market) -> None:
    assert (await market.buyer.client.post(f"/v1/tenders/{market.draft}/audit/freeze")).status_code == 409


async def test_the_trail_of_a_deleted_draft_stays(market: Market) -> None:
    buyer = market.buyer.client
    await buyer.post(f"/v1/tenders/{market.draft}/mirror", json={})
    assert (await buyer.delete(f"/v1/tenders/{market.draft}")).status_code == 204
    assert len((await buyer.get(f"/v1/tenders/{market.draft}/audit")).json()["items"]) == 1


async def test_the_database_itself_refuses_to_change_it(market: Market) -> None:
    await market.buyer.client.post(f"/v1/tenders/{market.call}/mirror", json={})
    for statement in ("UPDATE audit_entry SET details = '{}'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        async with market.api.runtime.sessions() as session:
            with pytest.raises(IntegrityError, match="never changed"):
                await session.execute(text(statement))


async def test_a_page_at_a_time(market: Market) -> None:
    for _ in range(3):
        await market.buyer.client.post(f"/v1/tenders/{market.call}/mirror", json={})
    first = (await market.buyer.client.get(f"/v1/tenders/{market.call}/audit?limit=2")).json()
    rest = (await market.buyer.client.get(f"/v1/tenders/{market.call}/audit?cursor={first['next']}")).json()
    assert [each["number"] for each in (*first["items"], *rest["items"])] == [1, 2, 3]


class TestTheChain:
    def chained(self) -> list[tuple[Step, bytes]]:
        steps, previous = [], FIRST
        for number in range(1, 5):
            step = Step(
                uuid.UUID(int=1), number, uuid.UUID(int=2), uuid.UUID(int=3), AuditAction.INVITED, 1,
                {"startup_id": f"é {number}"}, dt.datetime(2026, 11, 22, tzinfo=dt.UTC), previous,
            )  # fmt: skip
            previous = step.hashed()
            steps.append((step, previous))
        return steps

    def test_holds_as_it_was_written(self) -> None:
        assert first_break(self.chained()) is None
        assert first_break([]) is None

    def test_breaks_where_an_entry_was_changed_left_out_or_slipped_in(self) -> None:
        trail = self.chained()
        changed = replace(trail[1][0], details={"startup_id": "another"})
        assert first_break([trail[0], (changed, trail[1][1]), *trail[2:]]) == 2
        assert first_break([trail[0], (changed, changed.hashed()), *trail[2:]]) == 3
        assert first_break([trail[0], *trail[2:]]) == 3
        assert first_break([trail[1]]) == 2
        assert first_break([*trail[:2], trail[1], *trail[2:]]) == 2
