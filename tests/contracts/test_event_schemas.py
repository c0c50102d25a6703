"""The catalogue, the JSON Schemas, the examples and the page say the same of every event."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from app.events.catalogue import CATALOGUE, EVENT_TYPES, MAX_PAYLOAD_BYTES
from app.events.describe import BEGIN, END, schema_text, with_events

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "webhooks.md").read_text(encoding="utf-8")


def test_the_catalogue_names_every_type_once() -> None:
    assert tuple(CATALOGUE) == EVENT_TYPES


def test_the_page_is_that_of_the_catalogue() -> None:
    assert with_events(PAGE) == PAGE, "run `make schemas`"
    generated = PAGE[PAGE.index(BEGIN) : PAGE.index(END)]
    assert tuple(re.findall(r"^### `([a-z._]+)`$", generated, re.MULTILINE)) == EVENT_TYPES


def test_there_is_a_schema_for_every_type_and_none_besides() -> None:
    published = {path.name.removesuffix(".schema.json") for path in (DOCS / "schemas" / "events").iterdir()}
    assert published == set(EVENT_TYPES)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_the_example_on_the_page_is_what_the_published_schema_and_the_model_allow(kind: str) -> None:
    published = (DOCS / "schemas" / "events" / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert published == schema_text(kind), "run `make schemas`"
    schema = json.loads(published)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    section = PAGE[PAGE.index(f"### `{kind}`\n") :]
    example = json.loads(re.findall(r"```json\n(.*?)\n```", section, re.DOTALL)[0])
    validator.validate(example)
    CATALOGUE[kind].model_validate(example["data"])
    assert len(json.dumps(example["data"]).encode()) < MAX_PAYLOAD_BYTES
    for name in example:
        assert not validator.is_valid({key: value for key, value in example.items() if key != name})
    for name in example["data"]:
        less = {key: value for key, value in example["data"].items() if key != name}
        assert not validator.is_valid({**example, "data": less}), name
    assert not validator.is_valid({**example, "type": "something.else"})
