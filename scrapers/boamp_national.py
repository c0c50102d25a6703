"""The national forms of BOAMP: FNSimple, MAPA, DSP and their kin, and the form of notices before them.

Only a part of their keys is documented: what is known stands in paths, what is not is looked for by name, whatever its
case, inside the section where it means what it says.
"""

from __future__ import annotations

from collections.abc import Iterator

from scrapers.boamp_told import Stage, Told
from scrapers.french_firms import firm_name, register_id, siret
from scrapers.loose_json import (
    Json,
    aslist,
    first_object,
    first_text,
    folded,
    line,
    named,
    objects,
    text,
    texts,
    without_empty,
)
from scrapers.loose_values import cpv_codes, day, money

_LEGACY = frozenset({"IDENTITE", "OBJET", "ATTRIBUTION", "PROCEDURE", "CONDITION_DELAI", "RECTIFICATIF", "ANNULATION"})
_SECTIONS: tuple[tuple[str, Stage], ...] = (
    ("rectificatif", "correction"),
    ("rectif", "correction"),
    ("annulation", "cancellation"),
    ("attribution", "award"),
    ("resultat", "award"),
    ("initial", "call"),
)
_CPV = frozenset({"classprincipale", "classsupplementaire"})
_WINNERS = frozenset({"titulaire", "attributaire"})
_DECISIONS = (frozenset({"decision"}), frozenset({"resultat"}), frozenset({"lot"}))
_NAMES = ("DENOMINATION", "denomination", "denominationSociale", "raisonSociale", "nomOfficiel", "nom", "NOM")
_NUMBERS = ("codeIdentificationNational", "CODE_IDENT_NATIONAL", "siret", "SIRET")
_FAILED = frozenset({"infructueux", "sanssuite", "declareinfructueux", "declaresanssuite"})
_DATES = frozenset({"dateattribution", "datedecision", "dateconclusion"})
_OFFERS = frozenset({"nboffrerecu", "nboffresrecues", "nombreoffresrecues", "nbrecu"})
_PRICES = frozenset({"montant", "valeurtotale", "valeur"})


def national(donnees: Json) -> Told | None:
    """What a national form tells; None where the document is none."""
    if _LEGACY & donnees.keys():
        return _legacy(donnees)
    for form, root in donnees.items():
        if isinstance(root, dict) and not form.startswith("@"):
            return _form(form, root)
    return None


def _form(form: str, root: Json) -> Told:
    unreadable: list[str] = []
    section, stage = next(
        ((root[name], stage) for name, stage in _SECTIONS if isinstance(root.get(name), dict)), (root, None)
    )
    body = _body(root, section, stage)
    nature = first_object(body, "natureMarche") or first_object(root, "natureMarche")
    about, contact = first_object(body, "description"), first_object(body, "communication")
    organisme = first_object(root, "organisme")
    title = line(nature, "intitule", most=10_000) or line(about, "objet", most=10_000)
    described = text(nature.get("description")) or first_text(about, "objet")
    quantities = first_text(body, "caracteristiques", "quantites")
    return Told(
        form=form[:40],
        stage=stage,
        title=title,
        description="\n".join(said for said in (described, quantities) if said and said != title),
        buyer_id=next((found for name in _NUMBERS if (found := siret(text(organisme.get(name))))), None),
        buyer_name=line(organisme, "nomOfficiel") or line(organisme, "acheteurPublic"),
        cpv=tuple(cpv_codes(_codes(nature, body), unreadable)),
        lots=tuple(_lots(objects(body, "lots", "lot") or objects(nature, "lots", "lot"), unreadable)),
        value=money(first_text(nature, "valeurEstimee", "valeur"), noted=unreadable, where="value"),
        deadline=first_text(body, "procedure", "dateReceptionOffres") or first_text(body, "delais", "receptionOffres"),
        documents=_documents(contact, organisme),
        reference=line(contact, "identifiantInterne", most=200) or line(body, "renseignements", "idMarche", most=200),
        linked=tuple(text(said) for said in named(section, {"idweb"}) if text(said)),
        awards=tuple(_awards(section, unreadable)) if stage == "award" else (),
        unreadable=tuple(unreadable),
    )


def _body(root: Json, section: object, stage: Stage | None) -> Json:
    """What describes the call: a correction repeats it inside itself, or beside itself, or not at all."""
    held = first_object(section)
    repeated = (first_object(held, "avisInitial"), first_object(root, "initial")) if stage != "award" else ()
    return next((one for one in (held, *repeated) if {"natureMarche", "description"} & one.keys()), held)


def _codes(nature: Json, body: Json) -> Iterator[str]:
    """The main code of the whole, then every other wherever it stands."""
    yield from texts(nature, "codeCPV", "objetPrincipal", "classPrincipale")
    yield from (text(code) for code in named(body, _CPV))


def _documents(contact: Json, organisme: Json) -> str:
    places = ((contact, "urlDocConsul"), (contact, "urlProfilAch"), (organisme, "urlProfilAcheteur"))
    return next((said for holder, name in places if (said := first_text(holder, name))), "")


def _lots(lots: list[dict[str, object]], unreadable: list[str]) -> Iterator[dict[str, object]]:
    seen: set[str] = set()
    for position, lot in enumerate(lots, start=1):
        numbers = (line(lot, name, most=200) for name in ("numLot", "numero", "NUM", "NUM_LOT"))
        ident = next((said for said in numbers if said), str(position))
        if ident in seen:
            continue
        seen.add(ident)
        words = [
            said for name in ("intitule", "INTITULE", "description", "DESCRIPTION") if (said := first_text(lot, name))
        ]
        yield without_empty({
            "id": ident,
            "title": " ".join(words[0].split())[:10_000] if words else "",
            "description": words[1] if len(words) > 1 else "",
            "cpv": cpv_codes([*(text(code) for code in named(lot, _CPV)), *texts(lot, "CPV", "PRINCIPAL")], unreadable),
        })  # fmt: skip


def _legacy(root: Json) -> Told:
    unreadable: list[str] = []
    about, buyer = first_object(root, "OBJET"), first_object(root, "IDENTITE")
    lots = [*objects(about, "LOT"), *objects(about, "LOTS", "LOT")]
    codes = [*texts(about, "CPV", "PRINCIPAL"), *texts(about, "CPV", "SUPPLEMENTAIRE")]
    codes += [code for lot in lots for code in texts(lot, "CPV", "PRINCIPAL")]
    kinds = first_object(root, "PROCEDURE", "TYPE_PROCEDURE") or first_object(about, "PROCEDURE", "TYPE_PROCEDURE")
    title = line(about, "TITRE_MARCHE", most=10_000)
    described = first_text(about, "OBJET_COMPLET")
    decided = objects(root, "ATTRIBUTION")
    return Told(
        form="legacy",
        stage="award" if decided else _legacy_stage(root),
        title=title or " ".join(described.split())[:500],
        description=described if described != title else "",
        buyer_id=next((found for name in _NUMBERS if (found := siret(text(buyer.get(name))))), None),
        buyer_name=line(buyer, "DENOMINATION"),
        cpv=tuple(cpv_codes(codes, unreadable)),
        lots=tuple(_lots(lots, unreadable)),
        value=_legacy_value(about, unreadable),
        deadline=first_text(root, "CONDITION_DELAI", "RECEPT_OFFRES"),
        documents=first_text(buyer, "URL_PROFIL_ACHETEUR"),
        reference=line(root, "CONDITION_ADMINISTRATIVE", "REFERENCE_MARCHE", most=200),
        procedure=line(next(iter(kinds), "").replace("_", " ").capitalize()),
        linked=tuple(text(said) for name in ("RECTIFICATIF", "ANNULATION", "ATTRIBUTION")
                     for said in named(root.get(name), {"idweb"}) if text(said)),
        awards=tuple(award for one in decided for award in _awards(one, unreadable)),
        unreadable=tuple(unreadable),
    )  # fmt: skip


def _legacy_stage(root: Json) -> Stage | None:
    if "ANNULATION" in root:
        return "cancellation"
    return "correction" if "RECTIFICATIF" in root else None


def _legacy_value(about: Json, unreadable: list[str]) -> dict[str, str] | None:
    for amount in (*aslist(about.get("VALEUR")), *objects(about, "CARACTERISTIQUES", "VALEUR")):
        currency = text(amount.get("@DEVISE")) if isinstance(amount, dict) else ""
        return money(text(amount), currency or "EUR", unreadable, "value")
    return None


def _awards(section: object, unreadable: list[str]) -> Iterator[dict[str, object]]:
    """One award per decision; a section without decisions is one itself."""
    listed = (objects(list(named(section, names))) for names in _DECISIONS)
    for position, unit in enumerate(next((units for units in listed if units), objects(section)), start=1):
        winners = [winner for one in named(unit, _WINNERS) if (winner := _winner(one))]
        numbers = (line(unit, name, most=200) for name in ("NUM_LOT", "numLot", "NUM", "numero"))
        offers = next((said for one in named(unit, _OFFERS) if (said := text(one)).isascii() and said.isdecimal()), "")
        dates = (held for one in named(unit, _DATES) if (held := day(text(one))))
        yield {
            "key": str(position),
            "lot_id": next((said for said in numbers if said), ""),
            "title": line(unit, "INTITULE", most=10_000) or line(unit, "intitule", most=10_000),
            "outcome": "awarded" if winners else _outcome(unit),
            "winners": winners,
            "value": _price(unit, unreadable),
            "offers": int(offers) if offers and len(offers) <= 5 else None,
            "date": next(dates, None),
        }


def _outcome(unit: Json) -> str:
    """Without a winner, a mark beside or right below tells that the call failed."""
    inner = (key for value in unit.values() if isinstance(value, dict) for key in value)
    failed = next((word for key in (*unit, *inner) if (word := folded(str(key))) in _FAILED), "")
    if not failed:
        return "awarded"
    return "cancelled" if "suite" in failed else "unsuccessful"


def _price(unit: Json, unreadable: list[str]) -> dict[str, str] | None:
    """The amount, where the decision holds just one."""
    written = {said for one in named(unit, _PRICES) if (said := text(first_object(one).get("valeur")) or text(one))}
    return money(written.pop(), noted=unreadable, where="value") if len(written) == 1 else None


def _winner(one: object) -> dict[str, str]:
    if not isinstance(one, dict):
        name, number = firm_name(text(one)), None
    else:
        name = next((found for key in _NAMES if (said := first_text(one, key)) and (found := firm_name(said))), None)
        numbers = (register_id(said) for key in _NUMBERS if (said := first_text(one, key)))
        number = next((found[0] for found in numbers if found), None)
    return {key: value for key, value in (("id", number), ("name", name)) if value}
