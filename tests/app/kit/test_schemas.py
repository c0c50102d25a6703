import datetime as dt

import pytest
from pydantic import Field, ValidationError

from app.kit.schemas import OpenSchema, OutSchema, Schema, UtcDatetime


class Lot(Schema):
    title: str


class Tender(Schema):
    title: str
    words: list[str] = Field(default_factory=list)
    lots: list[Lot] = Field(default_factory=list)
    deadline_at: UtcDatetime | None = None


class FlatTender(OpenSchema):
    title: str


class TenderOut(OutSchema):
    title: str
    note: str | None = None


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"title": "a\0b"}, ("title",)),
        ({"title": "a\ud800"}, ("title",)),
        ({"title": "a", "words": ["ok", "\0"]}, ("words",)),
        ({"title": "a", "lots": [{"title": "b"}, {"title": "\0"}]}, ("lots",)),
    ],
)
def test_text_that_postgresql_cannot_store_is_refused_where_it_stands(body, where):
    with pytest.raises(ValidationError) as caught:
        Tender.model_validate(body)
    errors = caught.value.errors()
    assert {error["type"] for error in errors} == {"unstorable_text"}
    assert errors[0]["loc"][: len(where)] == where


def test_nul_is_refused_in_json_escapes_too():
    with pytest.raises(ValidationError):
        Tender.model_validate_json('{"title": "a\\u0000b"}')


def test_an_unknown_field_is_refused_in_a_body_and_kept_in_a_flat_format():
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Tender.model_validate({"title": "a", "colour": "red"})
    assert FlatTender.model_validate({"title": "a", "colour": "red"}).model_extra == {"colour": "red"}


@pytest.mark.parametrize("extra", [{"colour": "\0"}, {"colour": {"deep": ["x", "\0"]}}, {"co\0lour": 1}])
def test_kept_fields_are_storable_too(extra):
    with pytest.raises(ValidationError, match="NUL"):
        FlatTender.model_validate({"title": "a", **extra})


def test_a_body_at_the_edge_of_the_stack_is_refused_and_breaks_nothing():
    deep: object = 1
    for _ in range(900):
        deep = [deep]
    with pytest.raises(ValidationError, match="too_deep"):
        FlatTender.model_validate({"title": "a", "colour": deep})
    with pytest.raises(ValidationError, match="too_deep"):
        Tender.model_validate({"title": deep})


def test_instants_come_out_in_utc_and_need_a_zone():
    tender = Tender.model_validate({"title": "a", "deadline_at": "2026-11-22T10:00:00+01:00"})
    assert tender.deadline_at == dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
    assert tender.deadline_at.tzinfo is dt.UTC
    for wrong, code in (
        ("2026-11-22T10:00:00", "timezone_aware"),
        ("0001-01-01T00:00:00+05:00", "instant_out_of_range"),
    ):
        with pytest.raises(ValidationError, match=code):
            Tender.model_validate({"title": "a", "deadline_at": wrong})


def test_every_field_of_an_answer_is_required_in_its_schema():
    assert TenderOut.model_json_schema(mode="serialization")["required"] == ["title", "note"]
