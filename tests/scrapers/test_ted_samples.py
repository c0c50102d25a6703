"""TED's notices as others saw them, and notices bent out of shape: no exception but the declared one."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.errors import SourceChanged
from scrapers.payload import Rejection
from scrapers.records import AwardRecord, TenderRecord
from scrapers.sources.ted import Ted
from tests.scrapers.test_eforms_awards import TWO_LOTS, WINNERS
from tests.scrapers.test_eforms_notice import read
from tests.scrapers.test_ted_export import LOST, REFERENCE, WON, TestCorrigendum, TestEarlierVersion
from tests.support.processes import ROOT
from tests.support.ted_notices import changed, eforms, form, legacy, lot

SAMPLES = ROOT.parent / "shared" / "sources" / "ted" / "samples"
FILES = sorted(SAMPLES.glob("*/*.xml")) or [SAMPLES / "none"]
SEEDS = (
    eforms(extension=changed("update-add"), lots=lot() + lot("LOT-2", value="12")),
    eforms("pin-only", root="PriorInformationNotice", procedure=""),
    eforms("can-standard", root="ContractAwardNotice", organisations=WINNERS,
           extension=f"<efac:NoticeResult>{TWO_LOTS}</efac:NoticeResult>"),
    legacy(form(inside="<PROCEDURE><PT_OPEN/></PROCEDURE>", contract='<OBJECT_DESCR ITEM="1"><LOT_NO>1</LOT_NO>'
           '<VAL_OBJECT CURRENCY="EUR">5</VAL_OBJECT></OBJECT_DESCR>'),
           coded="<DT_DATE_FOR_SUBMISSION>20210715 12:00</DT_DATE_FOR_SUBMISSION>"),
    legacy(form("F03_2014", number="F03", inside=WON.format(item=1) + LOST.format(why="") + REFERENCE), document="7"),
    legacy(form("F14_2014", number="F14", inside=REFERENCE + TestCorrigendum.CHANGES), document="2"),
    legacy(TestEarlierVersion.AWARD, document="7"),
)  # fmt: skip
LONG = b"x" * 900
_TOKEN = re.compile(rb"<[^>]*>|[^<]+")


def records(path: Path) -> list[object]:
    ted = Ted()
    return [found for bundle in ted.saved(path) for found in ted.parse(bundle)]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of ../shared are not here")
class TestSamples:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_every_notice_is_read(self, path: Path) -> None:
        found = records(path)
        assert found
        assert not [one for one in found if isinstance(one, Rejection)]
        for one in found:
            assert "unreadable" not in (one.model_extra or {})  # type: ignore[attr-defined]
            assert "redacted@" not in one.model_dump_json()  # type: ignore[attr-defined]
        (tender,) = [one for one in found if isinstance(one, TenderRecord)]
        assert tender.title
        assert tender.country
        assert tender.cpv
        assert tender.buyer
        told = tender.model_extra or {}
        closed = told["form_type"] in {"result", "cont-modif", "dir-awa-pre"}
        assert bool([one for one in found if isinstance(one, AwardRecord)]) is closed
        assert "status" in told or told["form_type"] == "change"

    def test_a_cancellation_that_the_type_does_not_show(self) -> None:
        void, call = (records(SAMPLES / "eforms" / f"{name}.xml")[0] for name in ("change-cn_24_void", "cn_24_minimal"))
        assert void.id == call.id  # type: ignore[attr-defined]
        assert void.model_extra["status"] == "cancelled"  # type: ignore[attr-defined]
        assert void.model_extra["changed_notice"] == call.model_extra["notice_id"]  # type: ignore[attr-defined]

    def test_the_search(self) -> None:
        (row,) = records(SAMPLES / "search_api" / "SYNTHETIC_response.json")
        assert row.deadline.isoformat() == "2026-07-20T10:15:00+02:00"  # type: ignore[attr-defined]
        assert row.country == "MA"  # type: ignore[attr-defined]

    @pytest.mark.parametrize("name", ["search_api/error_limit.json", "search_api/request.json",
                                      "eforms_fields/bt_subset.json"])  # fmt: skip
    def test_what_is_no_answer(self, name: str) -> None:
        with pytest.raises(SourceChanged):
            records(SAMPLES / name)


class TestBent:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_seeds_are_sound(self, seed: bytes) -> None:
        assert not [one for one in read(seed) if isinstance(one, Rejection)]

    @settings(max_examples=250, deadline=None)
    @given(data=st.data())
    def test_elements_lost_doubled_moved_or_filled_with_anything(self, data: st.DataObject) -> None:
        tokens = _TOKEN.findall(data.draw(st.sampled_from(SEEDS)))
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(tokens) - 1))
            text = data.draw(st.sampled_from([b"", b"0", b"-1", b"9" * 400, b"2026-02-30", b"24:00:00", b"x" * 600,
                                              b"unpublished", b"1970-01-01", b"1e400", "٣é\u202e".encode(), b"&#0;"]))  # fmt: skip
            if tokens[at].startswith(b"<") and not data.draw(st.booleans()):
                tokens.insert(data.draw(st.integers(0, len(tokens))), tokens[at])
            elif tokens[at].startswith(b"<"):
                tokens[at] = re.sub(rb'"[^"]*"', b'"' + text.replace(b"&", b"") + b'"', tokens[at], count=1)
            else:
                tokens[at] = text
        with contextlib.suppress(SourceChanged):
            read(b"".join(tokens))

    @settings(max_examples=150, deadline=None)
    @given(data=st.data())
    def test_whole_elements_without_what_is_in_them(self, data: st.DataObject) -> None:
        """Always well-formed: a pair of tags and everything between them is gone, or stands there twice."""
        body = data.draw(st.sampled_from(SEEDS))
        opening = list(re.finditer(rb"<([\w:]+)(?: [^>]*)?(?<!/)>", body))[1:]
        tag = data.draw(st.sampled_from(opening))
        end = body.find(b"</" + tag[1] + b">", tag.end())
        part = body[tag.start() : end + len(tag[1]) + 3]
        try:
            found = read(body.replace(part, part * data.draw(st.sampled_from([0, 2, 30])), 1))
        except SourceChanged:
            return
        assert all(isinstance(one, TenderRecord | AwardRecord | Rejection) for one in found)

    @settings(max_examples=100, deadline=None)
    @given(body=st.binary(max_size=300), start=st.sampled_from([b"", b"<", b"<TED_EXPORT>", SEEDS[0][:800]]))
    def test_anything_at_all(self, body: bytes, start: bytes) -> None:
        with pytest.raises(SourceChanged):
            read(start + body)

    def test_entities_are_not_expanded(self) -> None:
        bomb = b"<!DOCTYPE a [" + b"".join(
            b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"x") for n in range(9)
        ) + b"]>"  # fmt: skip
        with pytest.raises(SourceChanged):
            read(SEEDS[0].replace(b"<!-- fictional -->", bomb).replace(b"Serveurs", b"&e8;"))

    @pytest.mark.parametrize(
        ("place", "old", "new"),
        [(0, b"LOT-0001", LONG), (0, b"AO-12/2026", LONG), (0, b">open<", b">%b<" % LONG), (2, b"LOT-0001", LONG),
         (2, b"AO-12/2026", LONG), (2, b">T1<", b">%b<" % LONG), (2, b"2026-10-01+02:00", b"soon"),
         (3, b"Open procedure", LONG), (4, b"2020-17", LONG), (4, b"2021-02-03", b"2021-02-30"),
         (4, b"<LOT_NO>1<", b"<LOT_NO>%b<" % LONG), (4, b"Alpha SARL", LONG), (6, b">2014<", b">99<")],
    )  # fmt: skip
    def test_a_field_that_cannot_be_loses_itself_and_not_its_record(self, place: int, old: bytes, new: bytes) -> None:
        seed = SEEDS[place]
        assert old in seed
        found = read(seed.replace(old, new))
        assert len(found) == len(read(seed))
        assert not [one for one in found if isinstance(one, Rejection)]

    def test_a_thousand_lots(self) -> None:
        (found,) = read(eforms(lots="".join(lot(f"LOT-{n:04d}") for n in range(1_000))))
        assert len(found.lots) == 1_000  # type: ignore[attr-defined]

    def test_more_lots_than_any_notice_has_are_refused(self) -> None:
        (found,) = read(eforms(lots="".join(lot(f"LOT-{n:04d}", process="") for n in range(5_001))))
        assert isinstance(found, Rejection)
