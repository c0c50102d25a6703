"""Schemathesis over every operation: no 5xx, and every answer is one that the OpenAPI document tells of.

Each example is made from the document, well formed or broken on purpose, and sent by an operator, a buyer or a startup,
through a socket to the real application over a real PostgreSQL; half of them name objects that the caller owns.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.generation.modes import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks as openapi_checks

from app.config import Settings
from app.main import create_app
from app.models.organisation import OrganisationKind
from tests.support.api import Api, running_api, settings_for
from tests.support.db import Cluster
from tests.support.factories import startup, tender
from tests.support.offers import offer
from tests.support.pilots import pilot
from tests.support.server import served

SEED = 20_261_122
SHORT = 15
KINDS = (OrganisationKind.OPERATOR, OrganisationKind.BUYER, OrganisationKind.STARTUP)
CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
DOCUMENT = create_app(Settings()).openapi()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS: dict[str, APIOperation] = {
    f"{one.method.upper()} {one.path}": one
    for one in (result.ok() for result in SCHEMA.get_all_operations())
    if one.path != "/v1/events/stream"  # an answer without an end: tests/app/channels/stream reads it
}


@dataclass
class World:
    """A running server and a caller of each kind, each with its own objects."""

    url: str
    sessions: dict[OrganisationKind, requests.Session]
    organisations: dict[OrganisationKind, str]

    def post(self, kind: OrganisationKind, path: str, body: dict[str, object]) -> dict[str, Any]:
        answer = self.sessions[kind].post(self.url + path, json=body, timeout=20)
        assert answer.status_code in {200, 201, 202}, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def fresh_objects(self, kind: OrganisationKind, names: Iterable[str]) -> dict[str, str]:
        """Ids of objects made just now for these parameters, of the caller's own where its kind may have such."""
        return {name: make(self, kind) for name in names if (make := _MADE.get(name)) is not None}

    def run_of_import(self, kind: OrganisationKind) -> str:
        """A run of an import of one call."""
        url, line = f"{self.url}/v1/imports/tenders", b'{"id": "1", "title": "Un marche"}\n'
        return str(self.sessions[_buying(kind)].post(url, data=line, timeout=20).json()["id"])


def _buying(kind: OrganisationKind) -> OrganisationKind:
    return OrganisationKind.OPERATOR if kind is OrganisationKind.OPERATOR else OrganisationKind.BUYER


def _selling(kind: OrganisationKind) -> OrganisationKind:
    return OrganisationKind.OPERATOR if kind is OrganisationKind.OPERATOR else OrganisationKind.STARTUP


def _spare_key() -> dict[str, object]:
    return {"name": f"spare {next(_numbers)}", "scopes": ["accounts:read"]}


_MADE: Mapping[str, Callable[[World, OrganisationKind], str]] = {
    "tender_id": lambda world, kind: world.post(_buying(kind), "/v1/tenders", tender() | {"status": "published"})["id"],
    "startup_id": lambda world, kind: world.post(_selling(kind), "/v1/startups", startup())["id"],
    "pilot_id": lambda world, kind: world.post(_buying(kind), "/v1/pilots", pilot() | {"state": "open"})["id"],
    "offer_id": lambda world, _: world.post(OrganisationKind.OPERATOR, "/v1/support-offers", offer())["id"],
    "organisation_id": lambda world, kind: world.organisations[kind],
    "key_id": lambda world, kind: world.post(kind, "/v1/keys", _spare_key())["id"],
    "import_id": World.run_of_import,
    "version": lambda *_: "1",
    "slug": lambda *_: "not-found",
}


_numbers = itertools.count()


@pytest.fixture(scope="module")
async def people(cluster: Cluster) -> AsyncIterator[tuple[Api, Settings]]:
    async with cluster.copy("schemathesis") as database, running_api(database) as api:
        yield api, settings_for(database, port=0)


@pytest.fixture(scope="module")
async def keys(people: tuple[Api, Settings]) -> dict[OrganisationKind, tuple[str, str]]:
    made = {kind: await people[0].person(kind.value, kind.value) for kind in KINDS}
    return {kind: (str(person.id), person.token) for kind, person in made.items()}


@pytest.fixture(scope="module")
def world(people: tuple[Api, Settings], keys: dict[OrganisationKind, tuple[str, str]]) -> Iterator[World]:
    with served(people[1]) as url:
        sessions = {}
        for kind, (_, token) in keys.items():
            sessions[kind] = requests.Session()
            sessions[kind].trust_env = False
            sessions[kind].headers["Authorization"] = f"Bearer {token}"
        yield World(url, sessions, {kind: owner for kind, (owner, _) in keys.items()})
        for session in sessions.values():
            session.close()


def walk(world: World, operation: APIOperation, examples: int) -> None:
    """Send that many examples of an operation, and check each answer against the document."""
    named = [parameter.name for parameter in operation.path_parameters]
    own = {kind: world.fresh_objects(kind, named) for kind in KINDS}
    cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.body or operation.query or operation.path_parameters:  # else nothing can be wrong
        cases |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @seed(SEED)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, kind=st.sampled_from(KINDS), named=st.booleans(), current=st.booleans())
    def send(case: Any, kind: OrganisationKind, named: bool, current: bool) -> None:
        _make_likelier(case, own[kind] if named else {}, current=current)
        session = world.sessions[kind]
        case.headers = {**(case.headers or {}), "Authorization": session.headers["Authorization"]}
        answer = case.call(base_url=world.url, session=session, timeout=20)
        case.validate_response(answer, checks=CHECKS)

    send()


def _make_likelier(case: Any, ids: dict[str, str], *, current: bool) -> None:
    """Let an example get further than chance would: ids of the caller's, no made-up cursor, the present version."""
    case.path_parameters = {name: ids.get(name, value) for name, value in (case.path_parameters or {}).items()}
    if current:
        case.query = {name: value for name, value in (case.query or {}).items() if name not in {"cursor", "after"}}
        if case.method in {"PUT", "PATCH", "DELETE"}:
            case.headers = {**(case.headers or {}), "If-Match": "*"}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_every_answer_is_one_that_the_document_tells_of(world: World, label: str) -> None:
    walk(world, OPERATIONS[label], examples=SHORT)


@pytest.mark.soak
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_the_same_at_length(world: World, label: str) -> None:
    walk(world, OPERATIONS[label], examples=1_000)


def test_the_document_names_every_operation_once() -> None:
    assert len(OPERATIONS) >= 55
