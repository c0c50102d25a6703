"""One record of BOAMP to a tender, or to the awards that it announces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrapers.base import Award, Read
from scrapers.boamp_eforms import eforms, procedure_id
from scrapers.boamp_links import linked_ids, notice_id
from scrapers.boamp_national import national
from scrapers.boamp_told import NOTHING, Stage, Told
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.french_firms import firm_name
from scrapers.french_places import departments, place, regions
from scrapers.json_text import loads
from scrapers.loose_json import Json, first_text, line, text, texts, without_empty
from scrapers.normalise import parse_iso

PAGE = "https://www.boamp.fr/pages/avis/?q=idweb:{id}"
_NATURE = ("nature", "nature_libelle", "nature_categorise", "nature_categorise_libelle", "type_avis", "sousnature")
_STAGES: tuple[tuple[str, Stage], ...] = (
    ("annul", "cancellation"),
    ("rectif", "correction"),
    ("intention", "after_award"),
    ("modification", "after_award"),
    ("attribution", "award"),
    ("resultat", "award"),
    ("résultat", "award"),
    ("pre-information", "planned"),
    ("préinformation", "planned"),
    ("pré-information", "planned"),
    ("preinformation", "planned"),
    ("appel", "call"),
    ("avis de march", "call"),
)
_STATUSES = {"planned": "planned", "call": "active", "correction": "active", "cancellation": "cancelled",
             "after_award": "complete"}  # fmt: skip
_CATEGORIES = {"SERVICES": "services", "FOURNITURES": "goods", "TRAVAUX": "works"}
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)", re.ASCII)
_ID = re.compile(r"[\w.:/-]{1,200}", re.ASCII)
_MOST_ACTIVITIES = 40


def is_notice(record: object) -> bool:
    """Whether an object is a record of this dataset."""
    if not isinstance(record, dict):
        return False
    return "idweb" in record or ("id" in record and bool({"dateparution", "nomacheteur", "donnees"} & record.keys()))


def notice(record: Json) -> Iterator[Read]:
    """A tender, or one award per decision. Raises RecordRejected where the notice has no id."""
    ident = _ident(record)
    told = _told(record.get("donnees"))
    stage = _stage(record, told)
    links, subject = linked_ids(record, ident, told.linked)
    if _is_award(stage, told):
        yield from _awards(record, told, ident, subject)
    else:
        yield _tender(record, told, ident, (stage, links, subject))


def _ident(record: Json) -> str:
    for written in (record.get("idweb"), record.get("id")):
        if found := notice_id(written) or line(written, most=201):
            if _ID.fullmatch(found):
                return found
            raise RecordRejected("boamp.id", f"the id {found[:40]!r} is none of the journal's")
    raise RecordRejected("boamp.no_id", "the notice has no id")


def _told(donnees: object) -> Told:
    """What the inner document tells; it is JSON in a text, and a broken one takes nothing else with it."""
    if isinstance(donnees, str):
        if not donnees.strip():
            return NOTHING
        try:
            donnees = loads(donnees.encode("utf-8", "replace"))
        except SourceChanged as error:
            return Told(unreadable=(f"donnees: {error}"[:300],))
    if not isinstance(donnees, dict):
        return NOTHING
    return eforms(donnees) or national(donnees) or NOTHING


def _stage(record: Json, told: Told) -> Stage | None:
    """The record's own word, then what the inner document is; a winner's name alone makes it an award."""
    if "ANNULE" in text(record.get("etat")).upper():
        return "cancellation"
    if told.stage == "cancellation":
        return "cancellation"
    said = " ".join(word for name in _NATURE for word in texts(record, name)).casefold()
    for mark, stage in _STAGES:
        if mark in said:
            return stage
    return told.stage or ("award" if any(texts(record, "titulaire")) else None)


def _is_award(stage: Stage | None, told: Told) -> bool:
    return stage == "award" or (stage == "correction" and told.stage == "award")


def _tender(
    record: Json, told: Told, ident: str, known: tuple[Stage | None, tuple[str, ...], str | None]
) -> dict[str, object]:
    stage, links, subject = known
    amends = stage in {"correction", "cancellation"} and subject is not None
    title = line(record, "objet", most=10_000) or told.title
    codes = _departments(record)
    unreadable = list(told.unreadable)
    fields: dict[str, object] = {
        "id": subject if amends else ident,
        "notice_id": ident,
        "title": title or f"Avis {ident}",
        "untitled": True if not title else None,
        "description": told.description if told.description != title else "",
        "buyer": _buyer(record, told),
        "sector": "public",
        "category": _category(record),
        "procedure": line(record, "procedure_libelle") or told.procedure or line(record, "type_procedure"),
        "activities": list(dict.fromkeys(said[:500] for said in texts(record, "descripteur_libelle")))[
            :_MOST_ACTIVITIES
        ],
        "descriptors": list(texts(record, "descripteur_code"))[:_MOST_ACTIVITIES],
        "cpv": list(told.cpv),
        "place": place(codes),
        "departments": list(codes),
        "regions": list(regions(codes)),
        "value": told.value,
        # When the call itself was published, its correction does not say.
        "amended" if amends else "published": _published(record, unreadable),
        **_deadline(record, told, unreadable),
        "lots": [{**lot, "title": lot.get("title") or title or f"Lot {lot['id']}"} for lot in told.lots],
        "language": "fr",
        "url": _address(record, ident),
        "documents_url": told.documents if _is_address(told.documents) else None,
        "reference": told.reference,
        "procedure_ids": _procedure_ids(record, told),
        "links": list(links),
        "family": line(record, "famille", most=40),
        "form": told.form,
        "status": _STATUSES.get(stage or ""),
        "sme_suitable": told.sme_suitable,
        # A correction leaves unknown, not empty, what it does not say.
        "delta": True if amends else None,
        "unreadable": unreadable,
    }
    return without_empty(fields)


def _awards(record: Json, told: Told, ident: str, subject: str | None) -> Iterator[Award]:
    named = [name for one in texts(record, "titulaire") if (name := firm_name(one))]
    decided = told.awards or ({"key": "1", "outcome": "awarded"},)
    for award in decided:
        winners = award.get("winners")
        if not winners and award["outcome"] == "awarded" and len(decided) == 1:
            winners = [{"name": name} for name in dict.fromkeys(named)]
        fields = {
            **award,
            "id": f"{ident}/{award['key']}",
            "key": None,
            "tender_id": subject,
            "title": award.get("title") or line(record, "objet", most=10_000) or told.title,
            "buyer": _buyer(record, told),
            "winners": winners,
            "cpv": list(told.cpv),
            "url": _address(record, ident),
            "reference": told.reference,
            "notice_id": ident,
            "published": _published(record, []),
            "procedure_ids": _procedure_ids(record, told),
            "unreadable": list(told.unreadable),
        }
        yield Award(without_empty(fields))


def _buyer(record: Json, told: Told) -> dict[str, str]:
    name = line(record, "nomacheteur") or told.buyer_name
    return {key: value for key, value in (("id", told.buyer_id), ("name", name)) if value}


def _category(record: Json) -> str | None:
    """Works, goods or services; a notice of several kinds is of none of them."""
    kinds = {_CATEGORIES.get(said.upper()) for said in texts(record, "type_marche")}
    return kinds.pop() if len(kinds) == 1 else None


def _departments(record: Json) -> tuple[str, ...]:
    return departments(record.get("code_departement_prestation")) or departments(record.get("code_departement"))


def _procedure_ids(record: Json, told: Told) -> list[str]:
    own = procedure_id(first_text(record, "contractfolderid"))
    return list(dict.fromkeys([*([own] if own else []), *told.procedure_ids]))


def _published(record: Json, unreadable: list[str]) -> str | None:
    written = first_text(record, "dateparution")
    return _day_of(written, "published", unreadable) if written else None


def _deadline(record: Json, told: Told, unreadable: list[str]) -> dict[str, str]:
    """The instant, whose offset is right in recent records. Midnight in UTC stands for a day, as old records have it;
    the inner document may know the hour of that day.
    """
    written, inner = first_text(record, "datelimitereponse"), told.deadline
    midnight = _MIDNIGHT.fullmatch(written)
    if midnight and (not inner or inner[:10] != midnight[1] or len(inner) <= 10):
        return {"deadline": midnight[1], "deadline_basis": "day", "deadline_text": written}
    for said in (inner, written) if midnight else (written, inner):
        try:
            parse_iso(said)
        except ValueError as error:
            if said:
                unreadable.append(f"deadline: {said[:40]!r} {error}")
            continue
        return {"deadline": said}
    return {}


def _day_of(written: str, name: str, unreadable: list[str]) -> str | None:
    try:
        return str(parse_iso(written))[:10]
    except ValueError as error:
        unreadable.append(f"{name}: {written[:40]!r} {error}")
        return None


def _address(record: Json, ident: str) -> str:
    written = first_text(record, "url_avis")
    if _is_address(written):
        return written
    return PAGE.format(id=ident) if notice_id(ident) else ""


def _is_address(written: str) -> bool:
    return written.startswith(("https://", "http://")) and len(written) <= 2_000
