"""Inner documents of BOAMP notices, written for the tests: nobody and nothing in them exists."""

from __future__ import annotations

FOLDER = "3f2a0c1e-7b1d-4c55-9a60-0a1b2c3d4e5f"


def code(text: str, scheme: str = "cpv") -> dict:
    return {"cbc:ItemClassificationCode": {"@listName": scheme, "#text": text}}


def organization(ref: str, name: str, number: str, **more: object) -> dict:
    company = {
        "cac:PartyIdentification": {"cbc:ID": {"@schemeName": "organization", "#text": ref}},
        "cac:PartyName": {"cbc:Name": {"@languageID": "FRA", "#text": name}},
        "cac:PartyLegalEntity": {"cbc:CompanyID": number},
        "cac:Contact": {"cbc:Name": "Jeanne Exemple", "cbc:ElectronicMail": "jeanne@villeneuve.example"},
    }
    return {"efac:Company": company, **more}


def lot(ident: str, title: str, cpv: str) -> dict:
    return {
        "cbc:ID": {"@schemeName": "Lot", "#text": ident},
        "cac:ProcurementProject": {
            "cbc:Name": {"@languageID": "FRA", "#text": title},
            "cac:MainCommodityClassification": code(cpv),
            "cbc:SMESuitableIndicator": "true",
        },
        "cac:TenderingProcess": {
            "cac:TenderSubmissionDeadlinePeriod": {"cbc:EndDate": "2026-10-05+02:00", "cbc:EndTime": "12:00:00+02:00"}
        },
        "cac:TenderingTerms": {
            "cac:CallForTendersDocumentReference": {
                "cac:Attachment": {"cac:ExternalReference": {"cbc:URI": "https://profil.example/dce/1"}}
            }
        },
    }


def eforms(kind: str = "ContractNotice", extension: dict | None = None, **more: object) -> dict:
    told = {
        "efac:Organizations": {
            "efac:Organization": [
                organization("ORG-0001", "Journal officiel", "13000918600011"),
                organization("ORG-0002", "Ville de Villeneuve", "210 303 101 00018"),
                organization("ORG-0003", "Serveurs du Centre SAS", "73282932000074"),
                organization("ORG-0004", "Jean Exemple", "44306184100047", **{"efbc:NaturalPersonIndicator": "true"}),
            ]
        },
        "efac:Publication": {"efbc:NoticePublicationID": {"@schemeName": "ojs-notice-id", "#text": "00612345-2026"}},
        **(extension or {}),
    }
    wrapped = {"ext:UBLExtension": {"ext:ExtensionContent": {"efext:EformsExtension": told}}}
    notice = {
        "ext:UBLExtensions": wrapped,
        "cbc:ContractFolderID": FOLDER,
        "cac:ContractingParty": {"cac:Party": {"cac:PartyIdentification": {"cbc:ID": "ORG-0002"}}},
        "cac:ProcurementProject": {
            "cbc:ID": "26S014",
            "cbc:Name": {"@languageID": "FRA", "#text": "Maintenance des serveurs"},
            "cbc:Description": [
                {"@languageID": "ENG", "#text": "Maintenance of servers"},
                {"@languageID": "FRA", "#text": "Maintenance pr&amp;eacute;ventive et corrective."},
            ],
            "cac:MainCommodityClassification": code("50312000"),
            "cac:AdditionalCommodityClassification": [code("72500000-0"), code("abc", "other")],
            "cac:RequestedTenderTotal": {
                "cbc:EstimatedOverallContractAmount": {"@currencyID": "EUR", "#text": "240000.00"}
            },
        },
        "cac:ProcurementProjectLot": [lot("LOT-0001", "Serveurs", "50312000"), lot("LOT-0002", "Réseau", "50332000")],
        **more,
    }
    return {"EFORMS": {kind: notice}}


def results(*codes: str) -> dict:
    """A result per lot: two tenders each, of which the second has the contract."""
    lots, tenders, parties, contracts = [], [], [], []
    for number, outcome in enumerate(codes, start=1):
        lots.append({
            "cbc:ID": f"RES-{number:04d}",
            "cbc:TenderResultCode": outcome,
            "efac:TenderLot": {"cbc:ID": f"LOT-{number:04d}"},
            "efac:LotTender": [{"cbc:ID": f"TEN-{number}-1"}, {"cbc:ID": f"TEN-{number}-2"}],
            "efac:SettledContract": {"cbc:ID": f"CON-{number}"},
            "efac:ReceivedSubmissionsStatistics": [
                {"efbc:StatisticsCode": "t-sme", "efbc:StatisticsNumeric": "1"},
                {"efbc:StatisticsCode": "tenders", "efbc:StatisticsNumeric": "2"},
            ],
        })  # fmt: skip
        tenders += [
            {
                "cbc:ID": f"TEN-{number}-{rank}",
                "cac:LegalMonetaryTotal": {"cbc:PayableAmount": {"@currencyID": "EUR", "#text": f"{rank}0000.5"}},
                "efac:TenderingParty": {"cbc:ID": f"TPA-{rank}"},
            }
            for rank in (1, 2)
        ]
        contracts.append({
            "cbc:ID": f"CON-{number}", "cbc:IssueDate": "2026-08-20+02:00",
            "efac:LotTender": {"cbc:ID": f"TEN-{number}-2"},
        })  # fmt: skip
    for rank, who in ((1, "ORG-0001"), (2, "ORG-0003")):
        parties.append({"cbc:ID": f"TPA-{rank}", "efac:Tenderer": {"cbc:ID": who}})
    return {
        "efac:NoticeResult": {
            "efac:LotResult": lots, "efac:LotTender": tenders, "efac:TenderingParty": parties,
            "efac:SettledContract": contracts,
        }
    }  # fmt: skip


FNSIMPLE = {
    "organisme": {"nomOfficiel": "Commune de Villeneuve", "codeIdentificationNational": "21030310100018"},
    "initial": {
        "communication": {
            "identifiantInterne": "2026-DSI-07",
            "urlProfilAch": "https://profil.example",
            "nomContact": "J",
        },
        "procedure": {"dateReceptionOffres": "2026-10-05T12:00:00"},
        "natureMarche": {
            "intitule": "Location de serveurs",
            "description": "Location et entretien &lt;sur site&gt;.",
            "codeCPV": {"objetPrincipal": {"classPrincipale": "72415000"}},
            "valeurEstimee": {"valeur": "90 000,50"},
        },
        "lots": {
            "lot": {"numLot": "1", "intitule": "Nord", "codeCPV": {"objetPrincipal": {"classPrincipale": "72000000"}}}
        },
    },
}
