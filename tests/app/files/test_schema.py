"""The published schemas are those of the records, and agree with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from app.files.contract import Side
from app.files.schema import RECORDS, main, schema_text
from scrapers.files.columns import REQUIRED, SYNONYMS, field_of

ROOT = Path(__file__).resolve().parents[3]
LEAVES = ("amount", "name", "title")
JSON_ONLY = {"evidence"}


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_the_published_schema_has_not_drifted(name: str, tmp_path: Path) -> None:
    main(tmp_path)
    published = ROOT / "docs" / "schemas" / f"{name}.schema.json"
    assert published.read_text(encoding="utf-8") == (tmp_path / published.name).read_text(encoding="utf-8"), (
        "run python -m app.files.schema"
    )


@pytest.mark.parametrize(
    ("fields", "valid"),
    [
        ({"id": "1", "title": "x"}, True),
        ({"id": 1, "title": "x", "cpv": ["72000000-5"], "deadline": "2026-12-01"}, True),
        ({"id": "1", "title": "x", "value": {"amount": 5, "currency": "MAD"}, "kept": [1]}, True),
        ({"title": "x"}, False),
        ({"id": "", "title": "x"}, False),
        ({"id": "1", "title": "x", "cpv": ["7200"]}, False),
        ({"id": "1", "title": "x", "value": {"amount": 0, "currency": "MAD"}}, False),
        ({"id": "1", "title": "x", "value": {"amount": 5}}, False),
        ({"id": "1", "title": "x", "sector": "other"}, False),
        ({"id": "1", "title": "x", "country": "Maroc"}, False),
        ({"id": "1", "title": "x", "deadline": "tomorrow"}, False),
    ],
)
def test_schema_and_record_agree(fields: dict[str, object], valid: bool) -> None:
    schema = json.loads(schema_text("tender"))
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema, format_checker=FormatChecker()).is_valid(fields) is valid
    if valid:
        RECORDS["tender"].model_validate(fields)
    else:
        with pytest.raises(ValidationError):
            RECORDS["tender"].model_validate(fields)


@pytest.mark.parametrize("side", ["tender", "startup"])
def test_every_field_has_a_column_and_its_place_in_the_documentation(side: Side) -> None:
    documentation = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    for name in RECORDS[side].model_fields:
        assert f"`{name}`" in documentation, name
        if not name.endswith("_basis") and name not in JSON_ONLY:
            assert any(field_of(heading, side) for heading in (name, *(f"{name}.{leaf}" for leaf in LEAVES))), name
    for heading in SYNONYMS[side]:
        assert f"`{heading}`" in documentation, heading
    assert all(field_of(name, side) == name for name in REQUIRED[side])
