"""Pages as PMMP's template writes them: fictional calls in its ids, its hidden leftovers and its unclosed elements."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

SUMMARY = "ctl0_CONTENU_PAGE_idEntrepriseConsultationSummary_"
RESULTS = "ctl0_CONTENU_PAGE_resultSearch_"
CATEGORIES = {"Travaux": "1", "Fournitures": "2", "Services": "3"}


@dataclass(frozen=True)
class FakeLot:
    title: str
    estimate: str = "0,00"
    bond: str = "-"
    reserved: str = "Non"
    description: str = "-"


@dataclass(frozen=True)
class FakeCall:
    """A fictional consultation or announcement; ``kind`` is the value of ``annonceType``, "" for a call."""

    ref: int
    title: str = "Fourniture de matériel fictif"
    org: str = "z9y"
    reference: str = "01/2026"
    buyer: str = "COMMUNE FICTIVE D'AIN TEST"
    entity: str = "MIF / CFAT - Commune fictive d'Ain Test"
    category: str = "Fournitures"
    procedure: tuple[str, str] = ("AOO", "Appel d'offres ouvert")
    places: tuple[str, ...] = ("RABAT",)
    published: str = "02/11/2026"
    deadline: str = "15/12/2026 11:00"
    estimate: str = "1 200 000,00"
    bond: str = "20 000,00 MAD "
    reserved: str = "Non"
    lots: tuple[FakeLot, ...] = ()
    cancelled: bool = False
    kind: str = ""
    announcement: str = "Annonce de consultation"
    files: tuple[int, ...] = ()


def row(call: FakeCall, n: int) -> str:
    """Row ``n`` (from 1) of the table of results."""
    p = f"{RESULTS}tableauResultSearch_ctl{n}_"
    name = f"ctl0$CONTENU_PAGE$resultSearch$tableauResultSearch$ctl{n}$"
    day, _, clock = call.deadline.partition(" ")
    title, buyer = html.escape(call.title), html.escape(call.buyer)
    cut = title[:80] + ("..." if len(title) > 80 else "")
    shown = "" if call.lots else "display:none"
    picture = {"4": "picto-avis-attribution.gif", "5": "picto-PV.gif"}.get(call.kind)
    badge = f'<a target="_blank"><img src="themes/images/{picto}" alt=""></a>' if (picto := picture) else "<a></a>"
    links = "".join(
        f'<div><img src="themes/images/picto-{what}.gif"><a href="https://www.marchespublics.gov.ma/?page=entreprise.'
        f'EntrepriseDetailsConsultation&refConsultation={call.ref}&orgAcronyme={call.org}&{what}">0</a></div>'
        for what in ("retraits", "questions", "depots", "echanges")
    )
    return f"""
<tr class="{"on" if n % 2 else ""}">
<td class="check-col" headers="checkAll" style="display:none">
 <input type="hidden" name="{name}refCons" id="{p}refCons" value="{call.ref}" />
 <input type="hidden" name="{name}orgCons" id="{p}orgCons" value="{call.org}" />
 <input id="{p}annonceSelection" type="checkbox" name="{name}annonceSelection" /></td>
<td class="col-90" headers="cons_ref"><div class="line-info-bulle">
  {call.procedure[0]}
  <a href="javascript:void(0);" class="info-suite">...</a></div>
 <div id="{p}panelBlocTypesProc" class="info-bulle"><div id="identification_cons_{n - 1}_type_procedure">
  {html.escape(call.procedure[1])}</div></div>
 <div id="{p}panelBlocCategorie">{call.category}</div><div>{call.published}</div>{badge}</td>
<td class="col-450" headers="cons_intitule"><div id="identification_cons_{n - 1}">
 <div id="{p}panelBlocIntitule"><span id="{p}reference" class="ref">{html.escape(call.reference)}</span>
  <div style="display: none;">- </div></div>
 <div id="{p}panelBlocObjet" class="objet-line"><strong>Objet : </strong>{cut}
  <div id="{p}infosBullesObjet" class="info-bulle"><div>{title}</div></div></div>
 <div id="{p}panelBlocDenomination" class="objet-line"><strong>Acheteur public : </strong>{buyer}</div>
</td>
<td class="col-90" headers="cons_lieuExe"><div><span><a href="javascript:popUp('index.php?page=commun.PopUpDetailLots\
&orgAccronyme={call.org}&refConsultation={call.ref}&lang=','yes')"><img src="themes/images/picto-details.gif" \
style="{shown}" alt="Détail des lots" /></a></span>
 <div id="{p}panelBlocLieuxExec">{"<br />".join(call.places[:2])}
  <div id="{p}ctl15_infosLieuExecution" class="info-bulle"><div>{", ".join(call.places)}</div></div></div>
 <div id="{p}infosLieuExecutionLtRef" class="info-bulle"><div> </div></div></td>
<td class="col-60" headers="cons_dateEnd"><div><div class="cloture-line">{day}<br>{clock}</div></div>
 <div style="display:none;"><div class="cloture-line"> </div></div>
 <img src="themes/images/reponse-elec-oblig.gif" class="certificat" style="display:;" />
 <img src="themes/images/logo-mps-small.png" style="display:none;" /></td>
<td class="actions" headers="cons_actions"><a href="?page=entreprise.EntrepriseDetailConsultation\
&refConsultation={call.ref}&orgAcronyme={call.org}"><img src="themes/images/picto-acces-consultation.gif" /></a></td>
<td style="display:none" class="actions col-panier">{links}</td></div></tr>"""


@dataclass(frozen=True)
class Shown:
    """One page of a list. ``total`` None: the counter is left out."""

    calls: tuple[FakeCall, ...] = ()
    total: int | None = 0
    pages: int = 1
    number: int = 1
    size: int = 10
    state: str = "state"
    action: str = "/index.php?page=entreprise.EntrepriseAdvancedSearch&AllCons&EnCours&searchAnnCons"
    search: dict[str, str] = field(default_factory=dict)


def listing(page: Shown) -> str:
    """A page of results, its search form included."""
    rows = "".join(row(call, n) for n, call in enumerate(page.calls, start=1))
    counter = (
        ""
        if page.total is None
        else f'<h3>Nombre de résultats :&nbsp;<span id="{RESULTS}nombreElement">{page.total}</span></h3>'
    )
    sizes = "".join(f'<option{" selected" if n == page.size else ""} value="{n}">{n}</option>' for n in (10, 20, 500))
    name = "ctl0$CONTENU_PAGE$resultSearch$"
    pager = (
        f"""<select name="{name}listePageSizeTop" id="{RESULTS}listePageSizeTop">{sizes}</select>
<input name="{name}numPageTop" type="text" value="{page.number}" id="{RESULTS}numPageTop" />
<div>/ <span id="{RESULTS}nombrePageTop">{page.pages}</span></div>
<input type="submit" name="{name}DefaultButtonTop" value="" style="display:none" />
<table summary="R" class="table-results"><thead><tr><th id="cons_ref">Référence</th></tr></thead>{rows}</table>
<select name="{name}listePageSizeBottom">{sizes}</select>
<input name="{name}numPageBottom" type="text" value="{page.number}" />"""
        if rows
        else ""
    )
    return frame(search_form(page.search) + counter + pager, page.state, page.action)


def search_form(chosen: dict[str, str]) -> str:
    """The advanced search, with what it was left at."""
    prefix = "ctl0$CONTENU_PAGE$AdvancedSearch$"
    kinds = "".join(
        f'<option value="{value}"{" selected" if chosen.get("annonceType") == value else ""}>type {value}</option>'
        for value in ("0", "2", "4", "5", "6", "8", "9")
    )
    return f"""<select name="{prefix}annonceType">{kinds}</select><select name="{prefix}organismesNames"></select>
<input type="text" name="{prefix}keywordSearch" value="" />
<input type="radio" name="{prefix}type_rechercheEntite" value="floue" checked />
<input type="radio" name="{prefix}type_rechercheEntite" value="exacte" />
<textarea name="{prefix}qualification$idsQualification">
\n</textarea><textarea name="{prefix}domaineActivite$idsDomaines">\n\n</textarea>
<input type="submit" name="{prefix}lancerRecherche" value="Lancer la recherche" />"""


def frame(content: str, state: str, action: str) -> str:
    """The page around: the form with its state, in which a plus is written as an entity."""
    escaped = html.escape(state).replace("+", "&#43;")
    return f"""<html><head><meta charset="utf-8"><title>PMMP fictif</title></head><body>
<form id="ctl0_ctl4" method="post" action="{html.escape(action)}" name="main_form">
<input type="hidden" name="PRADO_PAGESTATE" id="PRADO_PAGESTATE" value="{escaped}" />
<input type="hidden" name="PRADO_POSTBACK_TARGET" value="" /><input type="hidden" name="PRADO_POSTBACK_PARAMETER" value="" />
<input name="ctl0$menuGaucheEntreprise$quickSearch" type="text" value="Recherche rapide" />
<input type="image" name="ctl0$bandeauEntreprise$langages$ctl1$flagImg" src="themes/images/flag-ar.png" />
{content}</form></body></html>"""


def detail(call: FakeCall) -> str:
    """The page of one call, with a contact person on it."""
    zone = f"{SUMMARY}idReferentielZoneText_RepeaterReferentielZoneText_"
    numbers = f"refConsultation={call.ref}&amp;orgAcronyme={call.org}"
    lots = f"{len(call.lots)} Lots" if call.lots else ""
    cancelled = f'<img id="{SUMMARY}pictConsultationAnnulee" alt="Annulée" />' if call.cancelled else ""
    files = "".join(
        f'<a href="index.php?page=entreprise.EntrepriseDownloadAvisJAL&amp;{numbers}&amp;idAvis={n}">Fichier</a>'
        for n in (*call.files, "")
    )
    fields = {
        "dateHeureLimiteRemisePlis": call.deadline, "reference": call.reference, "objet": html.escape(call.title),
        "entiteAchat": html.escape(call.entity), "annonce": html.escape(call.announcement),
        "typeProcedure": html.escape(call.procedure[1]), "modePassation": " | Sur offre de prix",
        "categoriePrincipale": call.category, "lieuxExecutions": ", ".join(("MAROC", *call.places)),
        "domainesActivite": "<ul><li>Fournitures / Fictions</li><li>-</li></ul>", "cautionProvisoire": call.bond,
        "adresseRetraitDossiers": "Bureau fictif", "prixAcquisitionPlan": "0,00 MAD ", "varianteValeur": "Non",
        "agrements": "<ul><li>-</li></ul>", "qualification": "<ul><li>Informatique / 1</li></ul>",
        "idReferentielZoneText_RepeaterReferentielZoneText_ctl0_titre": "Délai (en jours) :",
        "idReferentielZoneText_RepeaterReferentielZoneText_ctl0_labelReferentielZoneText": "45",
        "idReferentielZoneText_RepeaterReferentielZoneText_ctl1_titre": "Estimation (en Dhs TTC) :",
        "idReferentielZoneText_RepeaterReferentielZoneText_ctl1_labelReferentielZoneText": call.estimate,
        "idRefRadio_RepeaterReferentielRadio_ctl0_titre": "Réservé à la TPME :",
        "idRefRadio_RepeaterReferentielRadio_ctl0_labelReferentielRadio": call.reserved,
        "repeaterVisitesLieux_ctl1_dateVisites": "20/11/2026 10:30",
        "repeaterVisitesLieux_ctl1_adresseVisites": "Siège fictif", "dateReunion": "-", "nbrLots": lots,
        "contactAdministratif": "Mme Personne Fictive", "email": "personne@fictif.example", "telephone": "0600000000",
    }  # fmt: skip
    spans = "\n".join(f'<span id="{SUMMARY}{name}">{value}</span>' for name, value in fields.items())
    body = f"""<div id="recap-consultation" style="display:none"><div class="recap-bloc">{spans}{cancelled}
<input type="hidden" id="{zone}ctl1_oldValue" value="{call.estimate}" /></div></div>{files}
<a href="index.php?page=entreprise.EntrepriseDemandeTelechargementDce&amp;{numbers}">DCE</a>"""
    return frame(body, "detail", f"/index.php?page=entreprise.EntrepriseDetailsConsultation&{numbers}")


def popup(call: FakeCall) -> str:
    """The popup with the lots of a call."""
    blocks = []
    for i, lot in enumerate(call.lots):
        b = f"ctl0_CONTENU_PAGE_repeaterLots_ctl{i}_"
        zone = f"{b}idReferentielZoneTextLot_RepeaterReferentielZoneText_ctl0_"
        blocks.append(f"""<!-- Debut Lot {i + 1} -->
<div class="intitule-bloc intitule-150"><span class="blue bold">Lot {i + 1} :</span></div>
<div class="content-bloc bloc-600">{html.escape(lot.title)}</div>
<div class="intitule-bloc intitule-150">Catégorie :</div><div class="content-bloc bloc-600">{call.category}</div>
<div class="intitule-bloc intitule-150">Description :</div><div class="content-bloc bloc-600">{lot.description}</div>
<div id="{zone}panelReferentielZoneText"><div class="intitule-bloc">Estimation (en Dhs TTC) :</div>
<div class="content-bloc bloc-600"><span id="{zone}labelReferentielZoneText">{lot.estimate}</span></div></div>
<div class="intitule-bloc">Caution provisoire :</div>
<div class="content-bloc bloc-600"><span id="{b}cautionProvisoire">{lot.bond}</span></div>
<span id="{b}idRefRadio_RepeaterReferentielRadio_ctl0_labelReferentielRadio">{lot.reserved}</span>""")
    action = f"/index.php?page=commun.PopUpDetailLots&orgAccronyme={call.org}&refConsultation={call.ref}&lang=fr"
    return frame(f'<div class="content">{"".join(blocks)}</div>', "lots", action)
