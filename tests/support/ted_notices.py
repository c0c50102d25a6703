"""Notices of TED as they are published, of buyers and firms that do not exist: eForms and TED_EXPORT."""

from __future__ import annotations

PROCEDURE = "0f6a3c52-6d3e-4b1e-9a55-5b8a4f3d2c11"
NOTICE = "7d0b8c1e-2f4a-4c6b-8e9d-1a2b3c4d5e6f"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_EU = "http://data.europa.eu/p27/eforms-ubl-extension"


def organisation(ident: str, name: str, *, country: str = "FRA", number: str = "", more: str = "") -> str:
    return (
        f"<efac:Organization><efac:Company>{more}"
        f'<cac:PartyIdentification><cbc:ID schemeName="organization">{ident}</cbc:ID></cac:PartyIdentification>'
        f'<cac:PartyName><cbc:Name languageID="FRA">{name}</cbc:Name></cac:PartyName>'
        f"<cac:PostalAddress><cac:Country><cbc:IdentificationCode>{country}</cbc:IdentificationCode></cac:Country>"
        f"</cac:PostalAddress><cac:PartyLegalEntity><cbc:CompanyID>{number}</cbc:CompanyID></cac:PartyLegalEntity>"
        "<cac:Contact><cbc:Name>Jeanne Exemple</cbc:Name><cbc:Telephone>+33 1 99 00 00 00</cbc:Telephone>"
        "<cbc:ElectronicMail>jeanne@buyer.example</cbc:ElectronicMail></cac:Contact>"
        "</efac:Company></efac:Organization>"
    )


def project(
    titles: dict[str, str] | None = None,
    *,
    cpv: tuple[str, ...] = ("72000000",),
    value: str = "",
    currency: str = "EUR",
    country: str = "MAR",
    more: str = "",
) -> str:
    named = "".join(f'<cbc:Name languageID="{code}">{text}</cbc:Name>' for code, text in (titles or {}).items())
    total = (
        "<cac:RequestedTenderTotal>"
        f'<cbc:EstimatedOverallContractAmount currencyID="{currency}">{value}</cbc:EstimatedOverallContractAmount>'
        "</cac:RequestedTenderTotal>"
    )
    codes = "".join(
        f"<cac:{'Main' if not place else 'Additional'}CommodityClassification>"
        f'<cbc:ItemClassificationCode listName="cpv">{code}</cbc:ItemClassificationCode>'
        f"</cac:{'Main' if not place else 'Additional'}CommodityClassification>"
        for place, code in enumerate(cpv)
    )
    return (
        f'<cac:ProcurementProject><cbc:ID schemeName="InternalID">AO-12/2026</cbc:ID>{named}'
        '<cbc:Description languageID="FRA">Entretien de serveurs.</cbc:Description>'
        '<cbc:ProcurementTypeCode listName="contract-nature">services</cbc:ProcurementTypeCode>'
        f"{more}{total if value else ''}{codes}"
        "<cac:RealizedLocation><cac:Address><cbc:CityName>Rabat</cbc:CityName>"
        '<cbc:CountrySubentityCode listName="nuts">EXTRA</cbc:CountrySubentityCode>'
        f"<cac:Country><cbc:IdentificationCode>{country}</cbc:IdentificationCode></cac:Country>"
        "</cac:Address></cac:RealizedLocation></cac:ProcurementProject>"
    )


def period(name: str, date: str, time: str = "") -> str:
    hour = f"<cbc:EndTime>{time}</cbc:EndTime>" if time else ""
    return f"<{name}><cbc:EndDate>{date}</cbc:EndDate>{hour}</{name}>"


def lot(
    ident: str = "LOT-0001",
    title: str = "Serveurs",
    *,
    scheme: str = "Lot",
    terms: str = "",
    process: str = period("cac:TenderSubmissionDeadlinePeriod", "2026-12-01+01:00", "12:00:00+01:00"),
    more: str = "",
    value: str = "",
) -> str:
    return (
        f'<cac:ProcurementProjectLot><cbc:ID schemeName="{scheme}">{ident}</cbc:ID>'
        f"<cac:TenderingTerms>{terms}<cac:Language><cbc:ID>FRA</cbc:ID></cac:Language></cac:TenderingTerms>"
        f"<cac:TenderingProcess>{process}</cac:TenderingProcess>"
        f"{project({'FRA': title}, more=more, value=value)}</cac:ProcurementProjectLot>"
    )


def in_extension(content: str) -> str:
    return (
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>"
        f"{content}</efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )


def eforms(
    kind: str = "cn-standard",
    *,
    root: str = "ContractNotice",
    extension: str = "",
    organisations: str = organisation("ORG-0001", "Ville d'Exemple", number="123 456"),
    titles: dict[str, str] | None = None,
    lots: str = lot(),
    procedure: str = PROCEDURE,
    notice: str = NOTICE,
    language: str = "FRA",
    value: str = "250000",
    number: str = "00123456-2026",
    more: str = "",
) -> bytes:
    """A notice; ``number`` "" is one that has not been published."""
    published = (
        f'<efac:Publication><efbc:NoticePublicationID schemeName="ojs-notice-id">{number}</efbc:NoticePublicationID>'
        "<efbc:PublicationDate>2026-11-02+01:00</efbc:PublicationDate></efac:Publication>"
    )
    folder = f"<cbc:ContractFolderID>{procedure}</cbc:ContractFolderID>" if procedure else ""
    whole = in_extension(
        f"{extension}<efac:NoticeSubType><cbc:SubTypeCode>16</cbc:SubTypeCode></efac:NoticeSubType>"
        f"<efac:Organizations>{organisations}</efac:Organizations>{published if number else ''}"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><!-- fictional --><{root} xmlns="{_UBL}{root}-2" '
        f'xmlns:cac="{_UBL}CommonAggregateComponents-2" xmlns:cbc="{_UBL}CommonBasicComponents-2" '
        f'xmlns:ext="{_UBL}CommonExtensionComponents-2" xmlns:efac="{_EU}-aggregate-components/1" '
        f'xmlns:efbc="{_EU}-basic-components/1" xmlns:efext="{_EU}s/1">{whole}'
        "<cbc:CustomizationID>eforms-sdk-1.13</cbc:CustomizationID>"
        f'<cbc:ID schemeName="notice-id">{notice}</cbc:ID>{folder}'
        "<cbc:IssueDate>2026-10-30+01:00</cbc:IssueDate><cbc:IssueTime>10:00:00+01:00</cbc:IssueTime>"
        f"<cbc:VersionID>01</cbc:VersionID><cbc:NoticeTypeCode>{kind}</cbc:NoticeTypeCode>"
        f"<cbc:NoticeLanguageCode>{language}</cbc:NoticeLanguageCode>{more}"
        "<cac:ContractingParty><cac:Party><cac:PartyIdentification><cbc:ID>ORG-0001</cbc:ID></cac:PartyIdentification>"
        "</cac:Party></cac:ContractingParty><cac:TenderingProcess><cbc:ProcedureCode>open</cbc:ProcedureCode>"
        f"</cac:TenderingProcess>{project(titles or {'FRA': 'Maintenance du parc'}, value=value)}{lots}</{root}>"
    ).encode()


def changed(reason: str, notice: str = NOTICE, version: str = "01") -> str:
    """The extension of a change notice."""
    return (
        f"<efac:Changes><efbc:ChangedNoticeIdentifier>{notice}-{version}</efbc:ChangedNoticeIdentifier>"
        f"<efac:ChangeReason><cbc:ReasonCode>{reason}</cbc:ReasonCode>"
        '<efbc:ReasonDescription languageID="FRA">Un motif.</efbc:ReasonDescription></efac:ChangeReason></efac:Changes>'
    )


def lot_result(
    lot_id: str,
    code: str = "selec-w",
    *,
    tenders: tuple[str, ...] = (),
    contracts: tuple[str, ...] = (),
    more: str = "",
) -> str:
    listed = "".join(f"<efac:LotTender><cbc:ID>{one}</cbc:ID></efac:LotTender>" for one in tenders)
    settled = "".join(f"<efac:SettledContract><cbc:ID>{one}</cbc:ID></efac:SettledContract>" for one in contracts)
    return (
        f"<efac:LotResult><cbc:ID>RES-{lot_id}</cbc:ID><cbc:TenderResultCode>{code}</cbc:TenderResultCode>{more}{listed}"
        "<efac:ReceivedSubmissionsStatistics><efbc:StatisticsCode>tenders</efbc:StatisticsCode>"
        "<efbc:StatisticsNumeric>3</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics>"
        f"{settled}<efac:TenderLot><cbc:ID>{lot_id}</cbc:ID></efac:TenderLot></efac:LotResult>"
    )


def tender(ident: str, *organisations: str, value: str = "1000", rank: str = "") -> str:
    """A tender of a party of organisations."""
    members = "".join(f"<efac:Tenderer><cbc:ID>{one}</cbc:ID></efac:Tenderer>" for one in organisations)
    ranked = f"<cbc:RankCode>{rank}</cbc:RankCode>" if rank else ""
    return (
        f"<efac:LotTender><cbc:ID>{ident}</cbc:ID>{ranked}<cac:LegalMonetaryTotal>"
        f'<cbc:PayableAmount currencyID="EUR">{value}</cbc:PayableAmount></cac:LegalMonetaryTotal>'
        f"<efac:TenderingParty><cbc:ID>TPA-{ident}</cbc:ID></efac:TenderingParty></efac:LotTender>"
        f"<efac:TenderingParty><cbc:ID>TPA-{ident}</cbc:ID>{members}</efac:TenderingParty>"
    )


def contract(ident: str, *tenders: str, date: str = "2026-10-01+02:00") -> str:
    signed = "".join(f"<efac:LotTender><cbc:ID>{one}</cbc:ID></efac:LotTender>" for one in tenders)
    return (
        f"<efac:SettledContract><cbc:ID>{ident}</cbc:ID><cbc:AwardDate>{date}</cbc:AwardDate>"
        f"<efac:ContractReference><cbc:ID>M-{ident}</cbc:ID></efac:ContractReference>{signed}</efac:SettledContract>"
    )


def legacy(
    form: str,
    *,
    number: str = "000123-2021",
    document: str = "3",
    coded: str = "",
    notice: str = "",
    namespace: str = "http://publications.europa.eu/resource/schema/ted/R2.0.9/publication",
    country: str = "FR",
    nuts: str = '<n2016:PERFORMANCE_NUTS CODE="FR101">Paris</n2016:PERFORMANCE_NUTS>',
) -> bytes:
    """A notice of TED_EXPORT around its form."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><TED_EXPORT xmlns="{namespace}" DOC_ID="{number}" '
        'xmlns:n2016="http://publications.europa.eu/resource/schema/ted/2016/nuts">'
        "<CODED_DATA_SECTION><REF_OJS><DATE_PUB>20210104</DATE_PUB></REF_OJS><NOTICE_DATA>"
        f'<NO_DOC_OJS>2021/S 001-000123</NO_DOC_OJS><LG_ORIG>FR</LG_ORIG><ISO_COUNTRY VALUE="{country}"/>'
        f'<ORIGINAL_CPV CODE="72000000">IT services</ORIGINAL_CPV>{nuts}{notice}</NOTICE_DATA>'
        f'<CODIF_DATA><DS_DATE_DISPATCH>20201230</DS_DATE_DISPATCH>{coded}<TD_DOCUMENT_TYPE CODE="{document}"/>'
        '<NC_CONTRACT_NATURE CODE="4">Services</NC_CONTRACT_NATURE><PR_PROC CODE="1">Open procedure</PR_PROC>'
        "</CODIF_DATA></CODED_DATA_SECTION><TRANSLATION_SECTION><ML_TITLES>"
        '<ML_TI_DOC LG="EN"><TI_CY>France</TI_CY><TI_TEXT><P>Example services</P></TI_TEXT></ML_TI_DOC>'
        '<ML_TI_DOC LG="FR"><TI_CY>France</TI_CY><TI_TEXT><P>Services fictifs</P></TI_TEXT></ML_TI_DOC>'
        f"</ML_TITLES></TRANSLATION_SECTION><FORM_SECTION>{form}</FORM_SECTION></TED_EXPORT>"
    ).encode()


BODY = (
    "<CONTRACTING_BODY><ADDRESS_CONTRACTING_BODY><OFFICIALNAME>Ville d'Exemple</OFFICIALNAME>"
    "<NATIONALID>21750001600019</NATIONALID><CONTACT_POINT>Jeanne Exemple</CONTACT_POINT>"
    "<E_MAIL>jeanne@buyer.example</E_MAIL></ADDRESS_CONTRACTING_BODY></CONTRACTING_BODY>"
    "<OBJECT_CONTRACT><TITLE><P>Maintenance du parc</P></TITLE><REFERENCE_NUMBER>2020-17</REFERENCE_NUMBER>"
    '<CPV_MAIN><CPV_CODE CODE="72250000"/></CPV_MAIN><SHORT_DESCR><P>Du 1<FT TYPE="SUP">er</FT> juillet.</P>'
    "<P>Au 31 août.</P></SHORT_DESCR>{object}</OBJECT_CONTRACT>"
)


def form(name: str = "F02_2014", *, number: str = "F02", inside: str = "", contract: str = "", notice: str = "") -> str:
    """A form of R2.0.9; ``contract`` stands in its OBJECT_CONTRACT."""
    return f'<{name} CATEGORY="ORIGINAL" FORM="{number}" LG="FR">{notice}{BODY.replace("{object}", contract)}{inside}</{name}>'
