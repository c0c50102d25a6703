"""TED_EXPORT: forms of both versions, corrigenda, results, and times without a zone."""

from __future__ import annotations

import pytest

from scrapers.errors import SourceChanged
from scrapers.records import AwardRecord, TenderRecord
from tests.scrapers.test_eforms_notice import extra, read, tender
from tests.support.ted_notices import form, legacy

CALLED = "<DT_DATE_FOR_SUBMISSION>20210715 12:00</DT_DATE_FOR_SUBMISSION>"
REFERENCE = "<COMPLEMENTARY_INFO><NOTICE_NUMBER_OJ>2020/S 245-606782</NOTICE_NUMBER_OJ></COMPLEMENTARY_INFO>"
WON = """<AWARD_CONTRACT ITEM="{item}"><CONTRACT_NO>M-1</CONTRACT_NO><LOT_NO>{item}</LOT_NO><TITLE><P>Lot</P></TITLE>
<AWARDED_CONTRACT><DATE_CONCLUSION_CONTRACT>2021-02-03</DATE_CONCLUSION_CONTRACT><TENDERS><NB_TENDERS_RECEIVED>4
</NB_TENDERS_RECEIVED><NB_TENDERS_RECEIVED_SME>2</NB_TENDERS_RECEIVED_SME></TENDERS><CONTRACTORS><CONTRACTOR>
<ADDRESS_CONTRACTOR><OFFICIALNAME>Alpha SARL</OFFICIALNAME><NATIONALID>111</NATIONALID><COUNTRY VALUE="UK"/>
<E_MAIL>x@firm.example</E_MAIL></ADDRESS_CONTRACTOR></CONTRACTOR></CONTRACTORS><VALUES><VAL_ESTIMATED_TOTAL
CURRENCY="EUR">9</VAL_ESTIMATED_TOTAL><VAL_TOTAL CURRENCY="EUR">148917509.73</VAL_TOTAL></VALUES></AWARDED_CONTRACT>
</AWARD_CONTRACT>"""
LOST = '<AWARD_CONTRACT ITEM="2"><NO_AWARDED_CONTRACT>{why}</NO_AWARDED_CONTRACT></AWARD_CONTRACT>'


def awards(body: bytes) -> list[AwardRecord]:
    return [one for one in read(body) if isinstance(one, AwardRecord)]


class TestCall:
    def test_what_a_call_says(self) -> None:
        inside = (
            '<LEFTI><RESTRICTED_SHELTERED_WORKSHOP/></LEFTI><PROCEDURE><PT_OPEN/><LANGUAGES><LANGUAGE VALUE="FR"/>'
            "</LANGUAGES></PROCEDURE>"
        )  # fmt: skip
        value = '<VALUES><VALUE TYPE="ESTIMATED_TOTAL" CURRENCY="EUR">4788000</VALUE></VALUES>'
        body = legacy(form(inside=inside), coded=CALLED, notice=value)
        call = tender(body)
        assert (call.id, call.title) == ("123-2021", "Maintenance du parc")
        assert call.description == "Du 1er juillet.\nAu 31 août.", "nothing behind the superscript is lost"
        assert (call.buyer.id, call.buyer.name) == ("21750001600019", "Ville d'Exemple")  # type: ignore[union-attr]
        assert (call.category, call.procedure, call.country) == ("services", "Open procedure", "FR")
        assert (call.cpv, str(call.value.amount)) == (("72000000", "72250000"), "4788000")  # type: ignore[union-attr]
        assert (str(call.published), call.language) == ("2021-01-04", "fr")
        told = extra(body)
        assert (told["status"], told["reference"], told["nuts"]) == ("active", "2020-17", ["FR101"])
        assert (told["titles"], told["reserved"]) == ({"en": "Example services", "fr": "Services fictifs"}, ["res-ws"])
        assert "jeanne" not in call.model_dump_json().casefold()

    def test_a_town_in_place_of_a_number_is_nobodys_number(self) -> None:
        body = legacy(form(), coded=CALLED).replace(b"21750001600019", "Πολύγυρος".encode())
        assert tender(body).buyer.model_dump(exclude_none=True) == {"name": "Ville d'Exemple"}  # type: ignore[union-attr]

    def test_a_time_is_that_of_the_buyers_country(self) -> None:
        call = tender(legacy(form(), coded=CALLED))
        assert call.deadline is not None
        assert (call.deadline.isoformat(), call.deadline_basis) == ("2021-07-15T12:00:00+02:00", "zone")
        assert extra(legacy(form(), coded=CALLED))["deadline_text"] == "2021-07-15 12:00"

    def test_the_forms_own_deadline_where_none_is_coded(self) -> None:
        inside = (
            "<PROCEDURE><DATE_RECEIPT_TENDERS>2021-07-15</DATE_RECEIPT_TENDERS>"
            "<TIME_RECEIPT_TENDERS>12:00</TIME_RECEIPT_TENDERS></PROCEDURE>"
        )
        assert tender(legacy(form(inside=inside))).deadline == tender(legacy(form(), coded=CALLED)).deadline

    @pytest.mark.parametrize(("iso", "country"), [("UK", "GB"), ("EL", "GR"), ("PL", "PL"), ("", None)])
    def test_countries_of_the_union_are_written_its_own_way(self, iso: str, country: str | None) -> None:
        assert tender(legacy(form(), country=iso, nuts="")).country == country

    def test_work_in_another_country(self) -> None:
        elsewhere = '<n2021:PERFORMANCE_NUTS xmlns:n2021="urn:n" CODE="TR51">Ankara</n2021:PERFORMANCE_NUTS>'
        call = tender(legacy(form(), nuts=elsewhere))
        assert (call.country, call.place) == ("TR", "Ankara")

    @pytest.mark.parametrize("namespace", ["http://formex.publications.europa.eu/ted/schema/export/R2.0.9.S01.E01",
                                           "http://publications.europa.eu/TED_schema/Export", "urn:x"])  # fmt: skip
    def test_namespaces_do_not_matter(self, namespace: str) -> None:
        assert tender(legacy(form(), namespace=namespace)).title == "Maintenance du parc"

    def test_lots(self) -> None:
        lots = "".join(
            f'<OBJECT_DESCR ITEM="{n}"><TITLE><P>Part {n}</P></TITLE><LOT_NO>{n}</LOT_NO><CPV_ADDITIONAL><CPV_CODE '
            f'CODE="7225{n}000"/></CPV_ADDITIONAL><VAL_OBJECT CURRENCY="EUR">{n}00</VAL_OBJECT></OBJECT_DESCR>'
            for n in (1, 2, 2)
        )
        found = tender(legacy(form(contract=lots))).lots
        assert [(lot.id, lot.title, lot.cpv, str(lot.value.amount)) for lot in found] == [  # type: ignore[union-attr]
            ("1", "Part 1", ("72251000",), "100"),
            ("2", "Part 2", ("72252000",), "200"),
        ]

    def test_lots_of_several_objects_keep_apart(self) -> None:
        two = form(number="F01", contract='<OBJECT_DESCR ITEM="1"/>').replace(
            "<OBJECT_CONTRACT>", '<OBJECT_CONTRACT ITEM="1">'
        )
        one = two[two.index("<OBJECT_CONTRACT") : two.index("</OBJECT_CONTRACT>") + len("</OBJECT_CONTRACT>")]
        body = legacy(two.replace(one, one + one.replace('ITEM="1"', 'ITEM="2"', 1).replace("du parc", "du réseau")))
        assert [(lot.id, lot.title) for lot in tender(body).lots] == [
            ("1.1", "Maintenance du parc"), ("2.1", "Maintenance du réseau"),
        ]  # fmt: skip

    def test_one_part_is_no_lot(self) -> None:
        assert tender(legacy(form(contract='<OBJECT_DESCR ITEM="1"/>'))).lots == ()


class TestKinds:
    @pytest.mark.parametrize(
        ("number", "status"),
        [("F01", "planned"), ("F02", "active"), ("2", "active"), ("F04", "planned"), ("F05", "active"),
         ("F07", "active"), ("F12", "active"), ("17", "active"), ("F24", "active"), ("T01", "planned")],
    )  # fmt: skip
    def test_forms(self, number: str, status: str) -> None:
        assert extra(legacy(form("X_2014", number=number), document="9"))["status"] == status

    @pytest.mark.parametrize(
        ("kind", "status"),
        [("CONTRACT", "active"), ("PRI_ONLY", "planned"), ("PRI_CALL_COMPETITION", "active"), ("QSU_ONLY", "active")],
    )
    def test_social_services_say_themselves_what_they_are(self, kind: str, status: str) -> None:
        body = legacy(form("F21_2014", number="F21", notice=f'<NOTICE TYPE="{kind}"/>'))
        assert extra(body)["status"] == status

    def test_a_form_without_a_number_is_what_the_coded_section_says(self) -> None:
        body = legacy('<OTH_NOT CATEGORY="ORIGINAL" LG="FR"><FD_OTH_NOT/></OTH_NOT>', document="3")
        assert (tender(body).title, extra(body)["status"]) == ("Services fictifs", "active")

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (legacy('<OTH_NOT CATEGORY="ORIGINAL"/>', document="8"), "ted.unknown_type"),
            (legacy(form("F21_2014", number="F21", notice='<NOTICE TYPE="X"/>'), document="Z"), "ted.unknown_type"),
            (legacy('<EEIG CATEGORY="ORIGINAL"/>'), "ted.no_procurement"),
            (legacy(form("F14_2014", number="F14"), document="2"), "ted.no_reference"),
        ],
    )
    def test_what_is_refused(self, body: bytes, code: str) -> None:
        assert [found.code for found in read(body)] == [code]  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        "body",
        [b"<TED_EXPORT/>", legacy(""), legacy(form(), number="x").replace(b"2021/S 001", b""), legacy(form())[:400]],
    )
    def test_what_is_no_notice(self, body: bytes) -> None:
        with pytest.raises(SourceChanged):
            read(body)


class TestCorrigendum:
    CHANGES = (
        "<CHANGES><CHANGE><WHERE><SECTION>IV.2.2)</SECTION><LOT_NO>1</LOT_NO></WHERE><OLD_VALUE><DATE>2021-07-01</DATE>"
        "<TIME>09:00</TIME></OLD_VALUE><NEW_VALUE><DATE>2021-07-15</DATE><TIME>12:00</TIME></NEW_VALUE></CHANGE>"
        '<CHANGE><WHERE><SECTION>II.1.2</SECTION></WHERE><OLD_VALUE><CPV_CODE CODE="33183300"/></OLD_VALUE>'
        '<NEW_VALUE><CPV_CODE CODE="33183100"/></NEW_VALUE></CHANGE></CHANGES>'
    )

    def body(self, coded: str = "", changes: str = CHANGES) -> bytes:
        return legacy(form("F14_2014", number="F14", inside=REFERENCE + changes), document="2", coded=coded)

    def test_it_is_a_delta_of_the_notice_that_it_names(self) -> None:
        found = tender(self.body())
        told = extra(self.body())
        assert (found.id, told["publication_number"], told["delta"]) == ("606782-2020", "123-2021", True)
        assert "status" not in told
        assert (found.published, told["notice_published"]) == (None, "2021-01-04")
        assert told["changes"][1] == {"section": "II.1.2", "old": "33183300", "new": "33183100"}  # type: ignore[index]
        assert "33183300" not in found.cpv
        assert "33183100" in found.cpv

    def test_its_new_deadline(self) -> None:
        assert tender(self.body()).deadline == tender(self.body(CALLED, "")).deadline
        assert tender(self.body()).deadline.isoformat() == "2021-07-15T12:00:00+02:00"  # type: ignore[union-attr]

    def test_different_new_deadlines_are_none(self) -> None:
        other = self.CHANGES.replace("2021-07-15", "2021-07-16")
        assert tender(self.body(changes=self.CHANGES + other)).deadline is None


class TestResult:
    def test_a_contract(self) -> None:
        body = legacy(form("F03_2014", number="F03", inside=WON.format(item=1) + REFERENCE), document="7")
        (one,) = awards(body)
        assert (one.id, one.tender_id, one.lot_id, one.offers) == ("123-2021/1", "606782-2020", "1", 4)
        assert [(each.id, each.name, each.country) for each in one.winners] == [("111", "Alpha SARL", "GB")]
        assert (str(one.value.amount), str(one.date)) == ("148917509.73", "2021-02-03")  # type: ignore[union-attr]
        call = tender(body)
        assert (call.id, extra(body)["status"], extra(body)["delta"]) == ("606782-2020", "complete", True)
        assert "x@firm" not in str(read(body))

    @pytest.mark.parametrize(
        ("why", "outcome"),
        [("<PROCUREMENT_UNSUCCESSFUL/>", "unsuccessful"), ("<PROCUREMENT_DISCONTINUED/>", "cancelled")],
    )
    def test_a_lot_that_nobody_won(self, why: str, outcome: str) -> None:
        body = legacy(form("F03_2014", number="F03", inside=LOST.format(why=why)), document="7")
        assert [one.outcome for one in awards(body)] == [outcome]
        assert (tender(body).id, extra(body)["status"]) == ("123-2021", outcome)

    def test_a_modification_belongs_to_an_award_and_not_to_a_call(self) -> None:
        body = legacy(form("F20_2014", number="F20", inside=WON.format(item=1) + REFERENCE), document="K")
        (one,) = read(body)
        assert isinstance(one, AwardRecord)
        assert one.tender_id is None
        assert (one.model_extra or {})["modified_notices"] == ["606782-2020"]

    def test_a_prize(self) -> None:
        prize = (
            "<RESULTS><AWARDED_PRIZE><WINNERS><WINNER><ADDRESS_WINNER><OFFICIALNAME>Atelier B</OFFICIALNAME>"
            '</ADDRESS_WINNER></WINNER></WINNERS><VAL_PRIZE CURRENCY="EUR">15000</VAL_PRIZE></AWARDED_PRIZE></RESULTS>'
        )
        (one,) = awards(legacy(form("F13_2014", number="F13", inside=prize), document="7"))
        assert ([each.name for each in one.winners], str(one.value.amount)) == (["Atelier B"], "15000")  # type: ignore[union-attr]


class TestEarlierVersion:
    """R2.0.8 names nearly everything otherwise."""

    CALL = (
        '<CONTRACT CATEGORY="ORIGINAL" FORM="2" LG="FR"><FD_CONTRACT><CONTRACTING_AUTHORITY_INFORMATION><ORGANISATION>'
        "<OFFICIALNAME>Ville d'Exemple</OFFICIALNAME></ORGANISATION></CONTRACTING_AUTHORITY_INFORMATION>"
        "<OBJECT_CONTRACT_INFORMATION><DESCRIPTION_CONTRACT_INFORMATION><TITLE_CONTRACT><P>Parc de serveurs</P>"
        "</TITLE_CONTRACT><SHORT_CONTRACT_DESCRIPTION><P>Entretien.</P></SHORT_CONTRACT_DESCRIPTION><CPV><CPV_MAIN>"
        '<CPV_CODE CODE="50312000"/></CPV_MAIN></CPV><F02_DIVISION_INTO_LOTS><F02_DIV_INTO_LOT_YES VALUE="ONE_OR_MORE">'
        "<F02_ANNEX_B><LOT_NUMBER>1</LOT_NUMBER><LOT_TITLE>Nord</LOT_TITLE><LOT_DESCRIPTION><P>Le nord.</P>"
        "</LOT_DESCRIPTION></F02_ANNEX_B></F02_DIV_INTO_LOT_YES></F02_DIVISION_INTO_LOTS>"
        "</DESCRIPTION_CONTRACT_INFORMATION></OBJECT_CONTRACT_INFORMATION></FD_CONTRACT></CONTRACT>"
    )
    AWARD = (
        '<CONTRACT_AWARD CATEGORY="ORIGINAL" FORM="3" LG="FR"><FD_CONTRACT_AWARD><ORGANISATION><OFFICIALNAME>Ville'
        "</OFFICIALNAME></ORGANISATION><TITLE_CONTRACT><P>Parc</P></TITLE_CONTRACT><AWARD_OF_CONTRACT><LOT_NUMBER>2"
        "</LOT_NUMBER><CONTRACT_TITLE><P>Sud</P></CONTRACT_TITLE><CONTRACT_AWARD_DATE><DAY>3</DAY><MONTH>02</MONTH>"
        "<YEAR>2014</YEAR></CONTRACT_AWARD_DATE><OFFERS_RECEIVED_NUMBER>5</OFFERS_RECEIVED_NUMBER>"
        "<ECONOMIC_OPERATOR_NAME_ADDRESS><CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME><ORGANISATION><OFFICIALNAME>Alpha SARL"
        '</OFFICIALNAME></ORGANISATION><COUNTRY VALUE="FR"/></CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME>'
        "</ECONOMIC_OPERATOR_NAME_ADDRESS><CONTRACT_VALUE_INFORMATION><INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT>"
        '<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="EUR"><VALUE_COST FMTVAL="9.00">9</VALUE_COST>'
        "</COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT>"
        '<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="EUR"><VALUE_COST FMTVAL="12345.60">12 345,60</VALUE_COST>'
        "</COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></CONTRACT_VALUE_INFORMATION></AWARD_OF_CONTRACT>"
        "</FD_CONTRACT_AWARD></CONTRACT_AWARD>"
    )

    def test_a_call(self) -> None:
        call = tender(legacy(self.CALL, coded=CALLED, nuts='<ORIGINAL_NUTS CODE="FR101">Paris</ORIGINAL_NUTS>'))
        assert (call.title, call.description) == ("Parc de serveurs", "Entretien.")
        assert call.buyer is not None
        assert (call.buyer.name, call.cpv, call.place) == ("Ville d'Exemple", ("72000000", "50312000"), "Paris")
        assert [(lot.id, lot.title, lot.description) for lot in call.lots] == [("1", "Nord", "Le nord.")]
        assert call.deadline is not None

    def test_an_award(self) -> None:
        (one,) = awards(legacy(self.AWARD, document="7"))
        assert (one.lot_id, one.title, one.offers, str(one.date)) == ("2", "Sud", 5, "2014-02-03")
        assert [(each.name, each.country) for each in one.winners] == [("Alpha SARL", "FR")]
        assert str(one.value.amount) == "12345.6"  # type: ignore[union-attr]

    def test_a_block_of_another_name_is_known_by_its_winner(self) -> None:
        body = legacy(self.AWARD.replace("AWARD_OF_CONTRACT>", "AWARD_AND_VALUE>"), document="7")
        assert [[each.name for each in one.winners] for one in awards(body)] == [["Alpha SARL"]]

    def test_other_languages_of_a_notice_are_no_notices(self) -> None:
        both = form().replace('CATEGORY="ORIGINAL"', 'CATEGORY="TRANSLATION"').replace("Maintenance", "Upkeep") + form()
        assert [one.title for one in read(legacy(both)) if isinstance(one, TenderRecord)] == ["Maintenance du parc"]
