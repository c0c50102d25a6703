"""Terms of the contract that cost money or time: payment, advance, retention, definitive bond, validity of offers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Days, Kind, Payment
from matching.requirements.patterns import fragment, pattern
from matching.requirements.quantities import COUNT, PERCENT, count_of, percent_of
from matching.requirements.stance import denied, void_after

_UNIT = r"[ \n]{1,3}(?:\(\w{1,12}\)[ ])?(?:jours?|days?|ايام|يوما|يوم|mois|months?|اشهر|شهرا|شهر)(?!\w)"
_PAY = fragment(
    r"(?:paiement|reglement|mandatement|ordonnancement|paye|regle)\w{0,5}",
    r"payments?|paid|invoices?",
    "@?(?:أداء|دفع|تسديد|يؤدى|تؤدى|صرف)",
)
_DELAY = pattern(
    rf"{_PAY}[^.;]{{0,140}}?(?:delais?|dans les|sous|within|net|أجل|خلال|في ظرف|maximum|excede\w*|depasse\w*|a)(?: "
    r"(?:de|d'un|maximum|maximal|ne|peut|ne peut|depasser|exceder|pas|a|de la|of|is|أقصاه|لا يتعدى|لا يتجاوز|@?مدة"
    rf"|un|est|fixe)){{0,6}} ?(?P<n>{COUNT}){_UNIT}",
    rf"(?:delai|dans un delai|within|أجل|خلال|sous)[^.;]{{0,40}}?(?P<m>{COUNT}){_UNIT}[^.;]{{0,60}}?{_PAY}",
    rf"delais? (?:\w+ )?(?:de |du |d')(?:paiement|reglement|mandatement)s?[^.;]{{0,60}}?(?P<j>{COUNT}){_UNIT}",
    rf"{_PAY} ?:? ?(?:a |sous |net )?(?P<k>{COUNT}){_UNIT}",
)
_NOT_DELAY = pattern(
    "penalite\\w*",
    "retard (?:de|dans) l'execution",
    "garantie",
    "reclamation\\w*",
    "interets? moratoires?",
    "caution\\w*",
    "validite",
    "reste\\w* engage\\w*",
    "confirm\\w*",
    "sous-traitan\\w*",
    "@?غرام\\w+",
)
_SHARES = {
    "advance_percent": pattern(
        "avances?(?: forfaitaires?| de demarrage| sur)?",
        "advance payments?",
        "down payment",
        "@?تسبيق(?:ات)?",
        "@?دفعة مسبقة",
    ),
    "retention_percent": pattern(
        "retenues? de garantie",
        "retention(?: money)?",
        "@?(?:اقتطاع|حجز) @?(?:ضمان|ضامن|ضمانة)",
        "@?اقتطاعات? @ضامنة?",
        "اقتطاع @ضمان",
    ),
    "definitive_bond_percent": pattern(
        r"cauti\w{0,9} (?:bancaire )?definiti\w{1,5}",
        "performance (?:security|bond|guarantee)",
        "definitive (?:bond|guarantee)",
        "@?ضمان(?:ة)? @?نهائي[ةه]?",
        "@?كفال[ةه] @?نهائي[ةه]?",
    ),
}
_CONTINUED = re.compile(r"(?:elle|cette retenue|ladite retenue|toutefois elle|it|this)(?!\w)")
_AT_MOST = re.compile(
    rf"(?:plafonne|cesse|atteint|excede|depass|maximum|up to|limit|يتجاوز|يتعدي)[^.;0-9%]{{0,60}}{PERCENT}"
)
_AMENDS = pattern("actes?", "a l'avance", "avance\\w* (?:par|que|dans)")
_VALID = pattern(
    rf"(?:restent?|demeur\w+|seront|sont|resteront|est|tenus?) (?:\w+ ){{0,2}}(?:engage|lie|tenu|valable|valide)"
    rf"\w{{0,3}}[^.;]{{0,90}}?(?P<n>{COUNT}){_UNIT}",
    rf"(?:delai|duree|periode) de validite[^.;]{{0,90}}?(?P<v>{COUNT}){_UNIT}",
    r"validite (?:des|de l'|de la|de leurs?|du|d')? ?(?:offres?|propositions?|soumissions?|plis)"
    rf"[^.;]{{0,70}}?(?P<w>{COUNT}){_UNIT}",
    rf"offres?[^.;]{{0,40}}?valables?[^.;]{{0,50}}?(?P<x>{COUNT}){_UNIT}",
    rf"(?:bids?|tenders?|offers?|proposals?)[^.;]{{0,40}}?(?:valid|validity|binding|open)"
    rf"[^.;]{{0,60}}?(?P<e>{COUNT}){_UNIT}",
    rf"(?:validity period|period of validity|bid validity)[^.;]{{0,50}}?(?P<f>{COUNT}){_UNIT}",
    rf"(?:ملتزم\w*|مرتبط\w*|ملزم\w*|متعهد\w*|صلاحي[ةه]|صالح[ةه]|سريان)[^.;]{{0,80}}?(?P<a>{COUNT}){_UNIT}",
)
_VALID_ASIDE = pattern(
    "garantie (?:technique|du materiel|commerciale)",
    "marche est (?:conclu|valable)",
    "contrat",
    "attestation\\w*",
    "certificat\\w*",
    "cautionnement",
    "caution",
    "licence\\w*",
    "carte",
    "agrement\\w*",
    "bid security",
    "كفالة",
)
_OFFER = pattern(
    "offres?",
    "soumission\\w*",
    "concurrents?",
    "candidats?",
    "soumissionnaires?",
    "propositions?",
    "bids?",
    "bidders?",
    "tenders?",
    "tenderers?",
    "proposals?",
    "devis",
    "@?عروض?",
    "@?متنافس\\w*",
    "عروضهم",
    "plis",
)


def read_payment(clause: Clause, document: Document) -> Iterator[Hit]:
    """Delay of payment, advance, retention, definitive bond."""
    yield from _shares(clause, document)
    text = clause.text
    match = _DELAY.search(text)
    if match is None or _NOT_DELAY.search(text):
        return
    days = _days(match)
    if days and days <= 400:
        yield Hit(Kind.PAYMENT, Payment(days=days), clause.start + match.start(), clause.start + match.end(), 0.85)


def _shares(clause: Clause, document: Document) -> Iterator[Hit]:
    text = clause.text
    following = document.after(clause, 1)
    if following and _CONTINUED.match(following[0].text):
        # "…; elle cesse de croître lorsqu'elle atteint sept pour cent"
        text = document.folded.text[clause.start : following[0].end].replace("\n", " ")
    for name, spelt in _SHARES.items():
        for cue in spelt.finditer(text):
            limit = min(len(text), cue.end() + 150)
            share = re.compile(PERCENT).search(text, cue.end(), limit)
            percent = percent_of(share[0]) if share else None
            other = next(
                (
                    each.start()
                    for key, more in _SHARES.items()
                    if key != name
                    for each in more.finditer(text, cue.end(), limit)
                ),
                limit,
            )
            if share is None or percent is None or share.start() > other:
                continue
            if name == "retention_percent" and (most := _AT_MOST.search(text, share.end(), limit)):
                share = most  # what counts is what is kept in the end
            yield Hit(Kind.PAYMENT, _share(name, share[0]), clause.start + cue.start(), clause.start + share.end(), 0.9)
            break
        else:
            yield from _none(clause, name, spelt)


def _none(clause: Clause, name: str, spelt: re.Pattern[str]) -> Iterator[Hit]:
    """As in "Il n'est pas prévu de retenue de garantie": a share of 0."""
    text = clause.text
    cue = spelt.search(text)
    if cue is None or (name == "advance_percent" and _AMENDS.search(text)):
        return
    end = void_after(text, cue.end())
    if end is None and not denied(text[max(0, cue.start() - 45) : cue.end() + 50]):
        return
    start, last = (cue.start(), end) if end else (max(0, cue.start() - 45), min(len(text), cue.end() + 50))
    yield Hit(Kind.PAYMENT, _share(name, "0 %"), clause.start + start, clause.start + last, 0.8)


def _share(name: str, written: str) -> Payment:
    percent = percent_of(written)
    if name == "advance_percent":
        return Payment(advance_percent=percent)
    if name == "retention_percent":
        return Payment(retention_percent=percent)
    return Payment(definitive_bond_percent=percent)


def read_validity(clause: Clause, document: Document) -> Iterator[Hit]:
    """How long offers stay valid."""
    text = clause.text
    match = _VALID.search(text)
    if match is None or not _OFFER.search(text) or _VALID_ASIDE.search(text):
        return
    days = _days(match)
    if days and 5 <= days <= 730:
        yield Hit(Kind.VALIDITY, Days(days), clause.start + match.start(), clause.start + match.end(), 0.9)


def _days(match: re.Match[str]) -> int | None:
    """Days of what was found; months count 30, as public accounts do."""
    number = count_of(next(said for said in match.groupdict().values() if said))
    if number is None:
        return None
    return number * 30 if re.search(r"mois|month|شهر", match[0]) else number
