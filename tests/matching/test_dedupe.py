"""The same call on two portals: what joins two notices, and what must never."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.dedupe import (
    Notice,
    Stage,
    Strength,
    blocking_keys,
    buyer_key,
    compare,
    is_distinctive,
    pairs,
    reference_key,
)

DAY = dt.date(2027, 3, 18)
CALL = Notice(
    source="national_portal",
    id="1020",
    title="Mise en place d'un système d'information géographique du patrimoine arboré",
    country="MA",
    buyer_name="Société régionale d'aménagement de Tansift S.A.",
    reference="14/SRAT/2027",
    deadline=DAY,
)
COPY = replace(CALL, source="buyer_site", id="sig-2027")


def strength(one: Notice, other: Notice) -> Strength | None:
    finding = compare(one, other)
    return finding.strength if finding else None


def test_an_identifier_of_the_procedure_joins_whatever_else_differs() -> None:
    one = replace(CALL, procedure_ids=frozenset({"bt-04:0f1e"}), country=None)
    other = Notice("eu", "2", "Geographic information system", procedure_ids=frozenset({"bt-04:0f1e", "ted:1-2027"}))
    finding = compare(one, other)
    assert finding is not None
    assert (finding.strength, finding.rule) == (Strength.EXACT, "procedure-id")
    assert dict(finding.evidence) == {"procedure_id": "bt-04:0f1e"}


def test_a_cancellation_without_a_deadline_joins_its_call_by_the_identifier() -> None:
    shared = frozenset({"ocid:ocds-fictional-7"})
    cancelled = replace(COPY, procedure_ids=shared, deadline=None, ended=True)
    assert strength(replace(CALL, procedure_ids=shared), cancelled) is Strength.EXACT


@pytest.mark.parametrize("written", ["14/SRAT/2027", "N° 14 - srat - 2027".removeprefix("N° "), "014/SRAT/2027"])
def test_a_distinctive_reference_at_the_same_buyer_joins(written: str) -> None:
    finding = compare(CALL, replace(COPY, reference=written, title="SIG arbres", buyer_name="Tansift (aménagement)"))
    assert finding is not None
    assert finding.strength is Strength.EXACT
    assert finding.evidence["reference"] == "14/SRAT/2027"


def test_buyer_day_and_title_join() -> None:
    other = replace(
        COPY, reference=None, title="SYSTEME D'INFORMATION GEOGRAPHIQUE DU PATRIMOINE ARBORE : mise en place"
    )
    finding = compare(replace(CALL, reference="07/2027"), other)
    assert finding is not None
    assert finding.strength is Strength.STRONG
    assert set(finding.evidence) == {"buyer", "deadline", "title", "likeness", "country"}


def test_an_arabic_name_is_the_same_buyer_with_and_without_its_article() -> None:
    one = replace(CALL, buyer_name="الوكالة الحضرية لبني ملال", title="إنجاز نظام معلوماتي جغرافي", reference=None)
    other = replace(one, source="b", buyer_name="وكالة حضرية لبني ملال")
    assert buyer_key(one.buyer_name) == buyer_key(other.buyer_name)
    assert strength(one, other) is Strength.STRONG


NEVER = {
    "one source: its own id decides": replace(CALL, id="1021"),
    "pre-information and call": replace(COPY, stage=Stage.PLANNED, procedure_ids=frozenset({"x"})),
    "the repetition of a cancelled call": replace(COPY, ended=True, deadline=DAY - dt.timedelta(days=60)),
    "a cancelled call whose day is not known": replace(COPY, ended=True, deadline=None),
    "another country": replace(COPY, country="TN"),
    "a country that is not told": replace(COPY, country=None),
}


@pytest.mark.parametrize("other", NEVER.values(), ids=NEVER)
def test_never_joined(other: Notice) -> None:
    assert compare(CALL, other) is None


def test_lots_are_not_each_other() -> None:
    shared = frozenset({"ocid:ocds-fictional-7"})
    first, second = replace(CALL, lot="1", procedure_ids=shared), replace(COPY, lot="Lot 2", procedure_ids=shared)
    assert compare(first, second) is None
    assert strength(first, replace(second, lot="01")) is Strength.EXACT


NOT_JOINED = {
    "numbers that differ by a digit": (
        replace(CALL, title="Services de maintenance LRFP-2027-9301896", reference=None),
        replace(COPY, title="Services de maintenance LRFP-2027-9301898", reference=None),
    ),
    "references that differ by a digit": (
        replace(CALL, reference="LRFP-2027-9301896"),
        replace(COPY, reference="LRFP-2027-9301898"),
    ),
    "a title of stock at another buyer": (
        replace(CALL, title="Material handling equipment", buyer_name="Port of Sidi Taibi", reference=None),
        replace(COPY, title="Material handling equipment", buyer_name="Atlas Rail Works", reference=None),
    ),
    "a bare sequence of the year": (
        replace(CALL, reference="2027-078", title="Gardiennage", deadline=None),
        replace(COPY, reference="2027-078", title="Fourniture de tablettes", deadline=None),
    ),
    "letters that every buyer writes": (
        replace(CALL, reference="AO 12/2027", title="Gardiennage", deadline=None),
        replace(COPY, reference="AO 12/2027", title="Fourniture de tablettes", deadline=None),
    ),
    "nothing known": (Notice("a", "1", "Travaux"), Notice("b", "1", "Travaux")),
    "no reference on both sides": (
        replace(CALL, reference=None, buyer_name=None, deadline=None),
        replace(COPY, reference=None, buyer_name=None, deadline=None),
    ),
    "the same number a year later": (
        replace(CALL, reference="14/SRAT"),
        replace(COPY, reference="14/SRAT", deadline=DAY + dt.timedelta(days=365)),
    ),
    "a distinctive reference at an unknown buyer": (CALL, replace(COPY, buyer_name=None, title="Autre objet")),
    "buyers with ids of one scheme that differ": (
        replace(CALL, buyer_id="FR-SIRET:13002526500013"),
        replace(COPY, buyer_id="FR-SIRET:13002526500021", reference=None),
    ),
    "one lot beside the whole call": (replace(CALL, reference=None), replace(COPY, reference=None, lot="2")),
}


@pytest.mark.parametrize(("one", "other"), NOT_JOINED.values(), ids=NOT_JOINED)
def test_at_most_possible(one: Notice, other: Notice) -> None:
    assert strength(one, other) in {None, Strength.POSSIBLE}


def test_likeness_of_titles_joins_nothing_by_itself() -> None:
    assert compare(replace(CALL, reference=None, deadline=None), replace(COPY, reference=None, deadline=None)) is None


@pytest.mark.parametrize(
    ("reference", "distinctive"),
    [("14/SRAT/2027", True), ("LRFP-2027-9301896", True), ("AO 12/2027", False), ("2027-078", False), ("9301896", False), ("AO 202712", False),
     ("DSI", False), ("", False), (None, False), ("ص 12/2027", False), ("مكتب/12/2027", True)],
)  # fmt: skip
def test_distinctive_references(reference: str | None, distinctive: bool) -> None:
    assert is_distinctive(reference) is distinctive


def test_a_reference_is_the_same_in_other_clothes() -> None:
    assert reference_key("N°07/DSI-2027") == reference_key("n° 7 dsi 2027") == reference_key("N° ٠٧/DSI/٢٠٢٧")


TEXTS = st.sampled_from(
    ["", "Mise en place d'un SIG", "mise en place SIG lot 2", "Étude 3", "إنجاز دراسة", "Gardiennage", "Lot unique"],
) | st.text(max_size=30)
NOTICES = st.builds(
    Notice,
    source=st.sampled_from("ab"),
    id=st.text(max_size=3),
    title=TEXTS,
    country=st.sampled_from([None, "MA", "FR"]),
    buyer_id=st.sampled_from([None, "x", "FR-SIRET:1", "FR-SIRET:2"]),
    buyer_name=st.sampled_from([None, "ONEE", "ONEE branche eau", "Commune d'Agadir", "S.A."]) | st.text(max_size=20),
    reference=st.sampled_from([None, "12/2027", "7/DSI/2027", "07 DSI 2027"]),
    procedure_ids=st.frozensets(st.sampled_from(["ocid:1", "ted:2"]), max_size=2),
    deadline=st.sampled_from([None, DAY, DAY + dt.timedelta(days=1)]),
    stage=st.sampled_from(Stage),
    lot=st.sampled_from([None, "1", "2"]),
    ended=st.booleans(),
)


@given(NOTICES, NOTICES)
def test_the_order_of_two_notices_does_not_matter(one: Notice, other: Notice) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (there and (there.strength, there.rule)) == (back and (back.strength, back.rule))


@given(NOTICES, NOTICES)
def test_every_pair_shares_a_blocking_key(one: Notice, other: Notice) -> None:
    if compare(one, other) is not None:
        assert blocking_keys(one) & blocking_keys(other)
        assert len(list(pairs([one, other]))) == 1
