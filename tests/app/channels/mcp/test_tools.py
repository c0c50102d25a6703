"""The tools, asked by the SDK's own client: the API's answers, scopes and refusals, bounded and marked as data."""

from __future__ import annotations

import sys
import uuid
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from app.channels.mcp.calling import LONGEST_TEXT, Calls
from app.channels.mcp.server import create_server
from tests.support.api import SECRET, Api, Person
from tests.support.db import Database
from tests.support.factories import in_days, startup, tender
from tests.support.processes import ROOT, environment

TOOLS = {
    "search_tenders", "search_startups", "read_tender", "match_startup", "match_tender", "match_text", "explain_match",
    "check_eligibility", "events_since",
}  # fmt: skip
SECURITY = "Audit de sécurité des systèmes d'information, tests d'intrusion et supervision SOC."
CALL = "Audit de la sécurité du système d'information et tests d'intrusion"


def asking(person: Person) -> Client:
    return Client(create_server(Calls(person.client)))


def data(answer: CallToolResult) -> dict[str, Any]:
    assert not answer.is_error, answer.content
    assert answer.structured_content is not None
    return answer.structured_content


def refusal(answer: CallToolResult) -> str:
    assert answer.is_error
    return str(answer.content[0].text)  # type: ignore[union-attr]


async def made(person: Person, path: str, body: dict[str, object]) -> str:
    answer = await person.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def pair(api: Api) -> tuple[Person, Person, str, str]:
    firm, buyer = await api.person("startup", "Sécurité fictive"), await api.person("buyer")
    startup_id = await made(firm, "/v1/startups", startup(SECURITY, name="Hissn"))
    call = tender(CALL, deadline=in_days(20), description="x" * 9_000) | {"status": "published"}
    return firm, buyer, startup_id, await made(buyer, "/v1/tenders", call)


async def test_every_tool_only_reads_has_an_output_schema_and_warns_of_texts(api: Api) -> None:
    async with asking(await api.person("startup")) as client:
        tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.output_schema is not None
        assert "untrusted data" in (tool.description or "")


async def test_both_sides_find_and_explain_each_other(api: Api) -> None:
    firm, buyer, startup_id, tender_id = await pair(api)
    async with api.worker():
        pass
    both = {"startup_id": startup_id, "tender_id": tender_id}
    async with asking(firm) as client:
        found = data(
            await client.call_tool("search_tenders", {"query": "intrusion", "filters": {"status": ["published"]}})
        )
        assert [one["id"] for one in found["items"]] == [tender_id]
        whole = data(await client.call_tool("read_tender", {"tender_id": tender_id}))
        assert whole["title"] == CALL
        assert len(whole["description"]) == LONGEST_TEXT + 1
        matched = data(await client.call_tool("match_startup", {"startup_id": startup_id}))
        assert matched["items"][0]["tender"]["id"] == tender_id
        said = data(await client.call_tool("explain_match", {**both, "side": "startup"}))
        assert said["match"]["reasons"]
        assert said["match"]["score"] == pytest.approx(sum(one["contribution"] for one in said["match"]["reasons"]))
        may = data(await client.call_tool("check_eligibility", {**both, "side": "startup"}))
        assert may["outcome"] in {"pass", "fail", "unknown"}
        assert may["checks"]
        assert may["disclaimer"]
        example = {"find": "tenders", "title": "Exemple", "description": SECURITY}
        assert data(await client.call_tool("match_text", example))["tenders"][0]["tender"]["id"] == tender_id
        events = data(await client.call_tool("events_since", {}))
        assert {"match.created", "tender.published"} <= {one["type"] for one in events["items"]}
        assert data(await client.call_tool("events_since", {"after": events["next"]}))["items"] == []
    async with asking(buyer) as client:
        found = data(await client.call_tool("search_startups", {"query": "intrusion"}))
        assert [one["id"] for one in found["items"]] == [startup_id]
        matched = data(await client.call_tool("match_tender", {"tender_id": tender_id, "grade": "good"}))
        assert matched["items"][0]["startup"]["id"] == startup_id
        assert data(await client.call_tool("explain_match", {**both, "side": "tender"}))["match"]["grade"] != "none"
        theirs = data(await client.call_tool("check_eligibility", {**both, "side": "tender"}))
        assert theirs["outcome"] == may["outcome"]
        nobody = {**both, "startup_id": str(uuid.uuid4()), "side": "tender"}
        assert data(await client.call_tool("explain_match", nobody)) == {"match": None, "looked_at": 1}
        example = {"find": "startups", "title": CALL, "country": "MA"}
        assert data(await client.call_tool("match_text", example))["startups"][0]["startup"]["id"] == startup_id


async def test_what_the_api_refuses_is_told_as_it_tells_it(api: Api) -> None:
    _, _, startup_id, _ = await pair(api)
    stranger = await api.person("startup")
    async with asking(stranger) as client:
        told = refusal(await client.call_tool("match_startup", {"startup_id": startup_id}))
        assert "(404, /problems/not-found)" in told
        told = refusal(await client.call_tool("events_since", {"types": ["nonsense"]}))
        assert "(422, /problems/" in told
        assert "#/type" in told
        assert "limit" in refusal(await client.call_tool("search_tenders", {"limit": 1_000}))
    async with asking(await api.person("startup", scopes=("tenders:read",))) as client:
        assert "(403, " in refusal(await client.call_tool("events_since", {}))
        assert data(await client.call_tool("search_tenders", {}))["next"] is None


@pytest.mark.e2e
async def test_over_standard_input_and_output(api: Api, fresh: Database) -> None:
    firm, _, _, tender_id = await pair(api)
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from app.cli import run; run()", "mcp"],
        env=environment(database_url=fresh.url, secret=SECRET, api_key=firm.token),
        cwd=ROOT,
    )
    async with Client(server) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
        found = data(await client.call_tool("search_tenders", {"query": "intrusion"}))
        assert [one["id"] for one in found["items"]] == [tender_id]
        assert "(404, " in refusal(await client.call_tool("read_tender", {"tender_id": str(uuid.uuid4())}))
