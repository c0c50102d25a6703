"""A record as a form and back."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from app.db.base import JsonObject
from app.web.forms import Form
from app.web.officer.differing import differences, merged
from app.web.officer.draft import form_of, record_of

SAMPLE = Path(__file__).parents[4] / "matching" / "data" / "fictional" / "tenders.jsonl"
RECORDS = st.dictionaries(
    st.sampled_from(["title", "description", "place", "own"]), st.text("ab", min_size=1), max_size=4
)


def test_a_form_sent_back_as_it_came_changes_nothing_of_any_record() -> None:
    records = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    assert len(records) > 20
    for record in records:
        draft = record_of(form_of(record), record, "fr")
        assert (draft.errors, draft.record) == ({}, record)


@settings(max_examples=60)
@given(
    title=st.text(min_size=1, max_size=30),
    amount=st.text(max_size=12),
    day=st.text(max_size=12),
    time=st.text(max_size=8),
)
def test_whatever_is_typed_is_read_or_refused(title: str, amount: str, day: str, time: str) -> None:
    before: JsonObject = {"id": "A", "country": "MA", "title": "T", "own": "kept"}
    typed = {"title": [title], "value_amount": [amount], "deadline_day": [day], "deadline_time": [time]}
    draft = record_of(Form({**form_of(before).values, **typed}), before, "ar")
    assert (draft.record is None) == bool(draft.errors)
    assert draft.record is None or draft.record["own"] == "kept"


@settings(max_examples=60)
@given(before=RECORDS, theirs=RECORDS, mine=RECORDS)
def test_a_merge_holds_every_change_of_either_and_asks_where_both_changed(
    before: dict[str, JsonValue], theirs: dict[str, JsonValue], mine: dict[str, JsonValue]
) -> None:
    told = differences(before, theirs, mine)
    for each in told:
        if not each.both:
            kept = mine if each.mine != each.before else theirs
            assert merged(before, theirs, mine, {}).get(each.name) == kept.get(each.name)
    everything = {each.name: "mine" for each in told}
    assert merged(before, theirs, mine, everything) == mine
    assert merged(before, theirs, mine, dict.fromkeys(everything, "theirs")) == theirs
