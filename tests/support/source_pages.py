"""A page of every kind that the sources send, as long as is asked for: what is measured, and what is mutated.

Every call, buyer and firm in them is fictional. The shapes are those of the portals of the tests.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from scrapers.base import Source
from scrapers.payload import Bundle
from tests.support import documents_boamp, pmmp_pages, portal_bdc, portal_boamp, portal_feeds, ted_notices
from tests.support.portal import Portal
from tests.support.portal_banks import rss_item, ungm_row, wb_notice
from tests.support.portal_ocds import release

Form = Literal["html", "xml", "json", "table"]
_DAY = dt.date(2026, 9, 1)
_NOW = dt.datetime(2026, 9, 1, 9, 30, tzinfo=dt.UTC)
_PROSE = (
    "La prestation comprend la fourniture, la pose et la mise en service des équipements, la formation des agents et "
    "une garantie de douze mois. Les offres sont examinées en séance publique. Le dossier peut être retiré au service "
    "des marchés ou téléchargé ; les échantillons sont déposés la veille de l'ouverture des plis. "
)


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One kind of page of a source. ``count``: its notices in a page as long as the source sends them; ``write``: the
    page with so many.
    """

    source: str
    name: str
    form: Form
    count: int
    write: Callable[[int], bytes]

    @property
    def title(self) -> str:
        return f"{self.source}, {self.name}"


def saved(source: Source, body: bytes, folder: Path | None = None) -> Iterator[Bundle]:
    """A page as the bundles that ``python -m scrapers parse`` makes of it."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix="page-") as file:
        file.write(body)
        file.flush()
        yield from source.saved(Path(file.name))


def _pmmp_call(n: int) -> pmmp_pages.FakeCall:
    lots = (pmmp_pages.FakeLot(f"Lot {n}", "120 000,00", "2 000,00 MAD "),) * (1 + n % 4) if n % 3 == 0 else ()
    return pmmp_pages.FakeCall(
        1_000_000 + n,
        f"Fourniture et installation de matériel informatique pour le site n° {n}, tranche ferme",
        reference=f"{n}/2026",
        places=("RABAT", "SALÉ-AL JADIDA", "KÉNITRA")[: 1 + n % 3],
        lots=lots,
    )


def _pmmp_list(count: int) -> bytes:
    calls = tuple(_pmmp_call(n) for n in range(count))
    return pmmp_pages.listing(pmmp_pages.Shown(calls, total=count, size=500, state="s" * 4_000)).encode()


def _pmmp_results(count: int) -> bytes:
    calls = tuple(
        pmmp_pages.FakeCall(2_000_000 + n, kind=str(4 + n % 2), announcement="Annonce d'attribution")
        for n in range(count)
    )
    search = {"annonceType": "4"}
    return pmmp_pages.listing(pmmp_pages.Shown(calls, total=count, size=500, search=search)).encode()


def _pmmp_lots(count: int) -> bytes:
    lots = tuple(pmmp_pages.FakeLot(f"Équipement {n}", "85 000,00", "1 500,00 MAD ", "Oui") for n in range(count))
    return pmmp_pages.popup(pmmp_pages.FakeCall(1_000_001, lots=lots)).encode()


def _bdc_call(n: int, articles: int = 1) -> portal_bdc.Call:
    return portal_bdc.Call(
        370_000 + n,
        _NOW,
        f"{n % 28 + 1:02}/10/2026 10:00",
        title=f"Achat de fournitures n° {n} & pose",
        reference=f"{n}/2026",
        articles=[(f"Article {k}", "unité", "1 200,5") for k in range(articles)],
    )


def _bdc_page(cards: list[str], total: int) -> bytes:
    return (
        f'<!doctype html><title>Avis d\'achat</title><body><div class="content__resultat">Nombre de résultats : {total}'
        f'</div><div class="mt-4 py-3 content__subBox">{"".join(cards)}<span>Suivant</span></div>'
    ).encode()


def _bdc_detail(count: int) -> bytes:
    call = _bdc_call(1, count)
    return (portal_bdc.detail_of(call) + f'<a href="{portal_bdc.PATH}show/{call.id}">Lien</a>').encode()


def _bdc_list(count: int) -> bytes:
    return _bdc_page([portal_bdc.card_of(_bdc_call(n)) for n in range(count)], count)


def _bdc_results(count: int) -> bytes:
    results = [
        portal_bdc.Result(
            f"{n}/2026", "Commune d'Exempleville", _NOW, winner=None if n % 4 == 0 else "STÉ EXEMPLE SARL"
        )
        for n in range(count)
    ]
    return _bdc_page([portal_bdc.result_of(one) for one in results], count)


def _release(n: int, publisher: str = "ocds-h6vhtk") -> dict[str, object]:
    """A notice of the size that Find a Tender's have: items, lots, documents, sometimes an award."""
    awarded = n % 4 == 0
    whole = release(n, _NOW, tag="award" if awarded else "tender", ocid=f"{publisher}-{n:06x}")
    whole["tender"] = {
        "id": str(n),
        "title": f"Maintenance of servers and networks, site {n}",
        "description": _PROSE,
        "status": "active",
        "mainProcurementCategory": "services",
        "procurementMethod": "open",
        "value": {"amount": 250_000 + n, "currency": "GBP"},
        "tenderPeriod": {"endDate": "2026-10-05T12:00:00+01:00"},
        "items": [
            {
                "id": str(k),
                "description": f"Item {k}",
                "classification": {"scheme": "CPV", "id": f"{72_000_000 + k}", "description": "IT services"},
                "deliveryAddresses": [{"region": "UKI31", "countryName": "United Kingdom"}],
                "relatedLot": str(k),
            }
            for k in range(1, 4)
        ],
        "lots": [
            {
                "id": str(k),
                "title": f"Lot {k}",
                "description": _PROSE[:150],
                "value": {"amount": 80_000, "currency": "GBP"},
            }
            for k in range(1, 4)
        ],
        "documents": [{"id": "d1", "documentType": "tenderNotice", "url": f"https://notices.example/{n}"}],
    }
    if awarded:
        whole["awards"] = [
            {
                "id": f"{n}-1", "status": "active", "date": "2026-09-01T00:00:00Z", "relatedLots": ["1"],
                "suppliers": [{"id": "S1", "name": "Example Servers Ltd"}],
                "value": {"amount": 79_500.5, "currency": "GBP"},
            }
        ]  # fmt: skip
    return whole


def _package(count: int, publisher: str = "ocds-h6vhtk") -> bytes:
    releases = [_release(n, publisher) for n in range(count)]
    return json.dumps({"uri": "https://notices.example", "version": "1.1", "releases": releases}).encode()


def ocds_line(n: int) -> bytes:
    """A line of a file of releases."""
    return json.dumps(_release(n)).encode() + b"\n"


def _lines(count: int) -> bytes:
    return b"".join(map(ocds_line, range(count)))


def _boamp(count: int) -> bytes:
    """Two flat ones, a national form, an eForms call and an eForms result, in turn."""
    inner = (
        None,
        {"FNSimple": documents_boamp.FNSIMPLE},
        documents_boamp.eforms(),
        None,
        documents_boamp.eforms("ContractAwardNotice", documents_boamp.results("selec-w", "clos-nw")),
    )
    rows = []
    for n in range(count):
        told = inner[n % len(inner)]
        nature = "ATTRIBUTION" if n % len(inner) == 4 else "APPEL_OFFRE"
        rows.append(portal_boamp.call(n, nature=nature, **({"donnees": json.dumps(told)} if told else {})))
    return json.dumps({"total_count": count, "results": rows}).encode()


def _decp_rows(count: int) -> bytes:
    return json.dumps({"total_count": count, "results": [portal_boamp.contract(n) for n in range(count)]}).encode()


def _decp_contract(n: int) -> dict[str, object]:
    return {
        "id": f"2026M{n:05d}",
        "acheteur": {"id": "21030310100018"},
        "nature": "Marché",
        "objet": f"Entretien des &amp;eacute;coles, secteur {n}",
        "codeCPV": "90911200-8",
        "procedure": "Procédure adaptée",
        "lieuExecution": {"code": "20200", "typeCode": "Code postal"},
        "dureeMois": 48,
        "dateNotification": "2026-08-20",
        "datePublicationDonnees": "2026-09-01",
        "montant": 575_000.10 + n,
        "offresRecues": 4,
        "titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": "73282932000074"}}],
        "modifications": [{"modification": {"id": 1, "dureeMois": 50, "dateNotificationModification": "2026-09-20"}}],
    }


def _decp_contracts(count: int) -> bytes:
    return json.dumps({"marches": {"marche": list(map(_decp_contract, range(count)))}}).encode()


def _decp_xml(count: int) -> bytes:
    body = "".join(
        f"<marche><id>2026M{n}</id><acheteur><id>21030310100018</id></acheteur><nature>Marché</nature><objet>Écoles</objet>"
        "<codeCPV>90911200-8</codeCPV><procedure>Procédure adaptée</procedure><dureeMois>48</dureeMois>"
        "<dateNotification>2026-08-20</dateNotification><montant>575000.1</montant><titulaires><titulaire>"
        "<typeIdentifiant>SIRET</typeIdentifiant><id>73282932000074</id></titulaire></titulaires></marche>"
        for n in range(count)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><marches>{body}</marches>'.encode()


def _world_bank(count: int) -> bytes:
    notices = [wb_notice(n, _DAY, notice_text=f"<p>{_PROSE}</p><ul><li>Lot&nbsp;1</li></ul>" * 3) for n in range(count)]
    return json.dumps({"total": str(400_000 + count), "procnotices": notices}).encode()


def _ted_call(count: int) -> bytes:
    lots = "".join(ted_notices.lot(f"LOT-{n:04d}", f"Serveurs {n}", value="120000") for n in range(1, count + 1))
    return ted_notices.eforms(lots=lots, titles={"FRA": "Maintenance du parc", "ENG": "Maintenance of servers"})


def _ted_award(count: int) -> bytes:
    numbers = range(1, count + 1)
    results = "".join(
        ted_notices.lot_result(f"LOT-{n:04d}", tenders=(f"TEN-{n}",), contracts=(f"CON-{n}",))
        + ted_notices.tender(f"TEN-{n}", "ORG-0002")
        + ted_notices.contract(f"CON-{n}", f"TEN-{n}")
        for n in numbers
    )
    firms = ted_notices.organisation("ORG-0001", "Ville d'Exemple") + ted_notices.organisation(
        "ORG-0002", "Exemple SAS"
    )
    return ted_notices.eforms(
        "can-standard",
        root="ContractAwardNotice",
        extension=f"<efac:NoticeResult>{results}</efac:NoticeResult>",
        organisations=firms,
        lots="".join(ted_notices.lot(f"LOT-{n:04d}") for n in numbers),
    )


def _ted_export(count: int) -> bytes:
    awards = "".join(
        f'<AWARD_CONTRACT ITEM="{n}"><CONTRACT_NO>{n}</CONTRACT_NO><LOT_NO>{n}</LOT_NO><AWARDED_CONTRACT>'
        "<DATE_CONCLUSION_CONTRACT>2020-12-10</DATE_CONCLUSION_CONTRACT><TENDERS><NB_TENDERS_RECEIVED>3"
        "</NB_TENDERS_RECEIVED></TENDERS><CONTRACTORS><CONTRACTOR><ADDRESS_CONTRACTOR><OFFICIALNAME>Exemple SAS"
        '</OFFICIALNAME><COUNTRY VALUE="FR"/></ADDRESS_CONTRACTOR></CONTRACTOR></CONTRACTORS><VALUES>'
        '<VAL_TOTAL CURRENCY="EUR">12000.50</VAL_TOTAL></VALUES></AWARDED_CONTRACT></AWARD_CONTRACT>'
        for n in range(1, count + 1)
    )
    return ted_notices.legacy(ted_notices.form("F03_2014", number="F03", inside=awards), document="7")


def _ted_search(count: int) -> bytes:
    rows = [
        {
            "publication-number": f"{n}-2026", "notice-identifier": f"id-of-{n}", "publication-date": "2026-09-01+02:00",
            "notice-type": "cn-standard", "title-proc": {"fra": f"Marché {n}"}, "buyer-name": {"fra": ["Ville d'Exemple"]},
            "buyer-country": ["FRA"], "place-of-performance": ["MAR"], "classification-cpv": ["72000000"],
        }
        for n in range(count)
    ]  # fmt: skip
    return json.dumps(
        {"notices": rows, "totalNoticeCount": count, "iterationNextToken": "t", "timedOut": False}
    ).encode()


def _afdb_feed(count: int) -> bytes:
    countries = ("Morocco", "Tunisia", "Kenya")
    items = "".join(
        rss_item(n, f"SPN - {countries[n % 3]} - Acquisition of servers {n} - Irrigation project", Portal())
        for n in range(count)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>n</title>{items}</channel></rss>'.encode()


def _afdb_page(count: int) -> bytes:
    prose = f"<p>{_PROSE}</p>" * 4 * count
    return (
        "<html><head><title>SPN - Morocco - Servers | African Development Bank</title>"
        '<link rel="canonical" href="https://www.afdb.org/en/documents/spn-morocco-servers"></head><body>'
        '<div class="field field-name-field-procurement-end-date"><span content="2026-10-15T10:00:00+00:00">15</span></div>'
        f'<div class="field field-name-body">{prose}</div></body></html>'
    ).encode()


def _ungm(count: int) -> bytes:
    return "".join(ungm_row(310_000 + n) for n in range(count)).encode()


def _rss(count: int) -> bytes:
    items = [
        portal_feeds.item(
            f"call-{n}", f"Appel d'offres n° {n} : matériel informatique", f"https://exempleville.example/appels/{n}",
            "Tue, 01 Sep 2026 09:30:00 +0100",
            text=f"<p>{_PROSE}</p><p>Date limite de remise des offres : {n % 28 + 1:02}/10/2026 à 10h00</p>",
        )
        for n in range(count)
    ]  # fmt: skip
    return portal_feeds.rss(*items, head="<ttl>60</ttl>").encode()


def _atom(count: int) -> bytes:
    entries = [
        f"<entry><id>urn:example:{n}</id><title>Call {n}: servers</title><updated>2026-09-01T09:30:00Z</updated>"
        f'<link rel="alternate" href="https://borough.example/calls/{n}"/><author><name>Borough Council</name></author>'
        f'<content type="html">&lt;p&gt;{_PROSE}&lt;/p&gt;&lt;p&gt;Deadline: 5 October 2026&lt;/p&gt;</content></entry>'
        for n in range(count)
    ]
    return portal_feeds.atom(*entries).encode()


def _csv(count: int) -> bytes:
    rows = "".join(
        f'{n}/2026;"Acquisition de serveurs n° {n}; pose comprise";Ville d\'Exemple;12/10/2026 10:00;250 000,00\r\n'
        for n in range(count)
    )
    return f"Référence;Objet;Acheteur;Date limite;Estimation\r\n{rows}".encode("cp1252")


PAGES: tuple[SourcePage, ...] = (
    SourcePage("morocco_pmmp", "list", "html", 500, _pmmp_list),
    SourcePage("morocco_pmmp", "results", "html", 500, _pmmp_results),
    SourcePage("morocco_pmmp", "detail", "html", 1, lambda count: pmmp_pages.detail(_pmmp_call(3 * count)).encode()),
    SourcePage("morocco_pmmp", "lots", "html", 8, _pmmp_lots),
    SourcePage("morocco_bdc", "list", "html", 50, _bdc_list),
    SourcePage("morocco_bdc", "results", "html", 50, _bdc_results),
    SourcePage("morocco_bdc", "detail", "html", 4, _bdc_detail),
    SourcePage("ted", "eForms call", "xml", 3, _ted_call),
    SourcePage("ted", "eForms result", "xml", 3, _ted_award),
    SourcePage("ted", "TED_EXPORT", "xml", 3, _ted_export),
    SourcePage("ted", "search", "json", 250, _ted_search),
    SourcePage("afdb", "feed", "xml", 30, _afdb_feed),
    SourcePage("afdb", "detail", "html", 1, _afdb_page),
    SourcePage("ungm", "rows", "html", 15, _ungm),
    SourcePage("rss", "RSS", "xml", 30, _rss),
    SourcePage("rss", "Atom", "xml", 30, _atom),
    SourcePage("decp", "XML", "xml", 200, _decp_xml),
    SourcePage("decp", "rows", "json", 100, _decp_rows),
    SourcePage("decp", "contracts", "json", 200, _decp_contracts),
    SourcePage("boamp", "page", "json", 100, _boamp),
    SourcePage("ocds", "lines", "json", 200, _lines),
    SourcePage("uk_find_a_tender", "package", "json", 100, _package),
    SourcePage("uk_contracts_finder", "package", "json", 100, partial(_package, publisher="ocds-b5fd17")),
    SourcePage("world_bank", "page", "json", 100, _world_bank),
    SourcePage("csv", "table", "table", 500, _csv),
)
"""In a detail, ``count`` is the number of its lots, articles or paragraphs: it is one notice."""
