"""With whom: consortia and subcontracting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Kind, Permission
from matching.requirements.patterns import fragment, pattern
from matching.requirements.quantities import PERCENT, percent_of
from matching.requirements.stance import denied

_GROUP = pattern(
    r"groupements?(?: (?:momentanee?s? )?d'(?:entreprises|operateurs)(?: economiques)?| solidaires?| conjoints?)*",
    "cotraitan\\w+",
    "group(?:e|é)ment",
    "consorti(?:um|a)",
    "joint ventures?(?: agreements?)?",
    "jv",
    "groups? of (?:economic operators|suppliers|companies)",
    "@تجمع(?:ات)?",
    "@ائتلاف(?:ات)?",
    "@تكتل",
)
_GROUP_OK = pattern(
    r"(?:peu(?:t|vent)|pourront|pourra|est|sont|admise?s?|autorisee?s?|acceptee?s?|permis\w*|possible|possibilite"
    r"|ouvert\w*)",
    "en cas de groupement",
    "en groupement",
    "(?:convention|acte) constitutive?",
    "lorsqu\\w*",
    "membres? du groupement",
    "chacun des membres",
    "mandataire",
    "sous forme de groupement",
    "limited to",
    "constitue\\w* en groupement",
    "sous la forme",
    "may|can|allowed|permitted|accepted|welcome",
    "in case of|in the case of",
    "each member|lead member",
    "يمكن|مسموح|يجوز|مقبول[ةه]?|مرخص",
    "في حال[ةه]|في شكل|اتفاقي[ةه]|عضو|أعضاء",
)
_GROUP_SURE = pattern(
    r"(?:peu(?:t|vent)|pourront|admise?s?|autorisee?s?|acceptee?s?|permis\w*|possibilite)",
    "allowed",
    "permitted",
    "accepted",
    "may",
    "can",
    "يمكن|مسموح\\w*|يجوز|مقبول[ةه]?|مرخص\\w*",
)
_REFUSED = pattern(
    r"(?:pas|ni|non) (?:\w+ )?(?:autoris|admis|accept|permis|recevabl|ouvert|possib)\w*",
    r"ne (?:sont|seront|sera|peuvent|peut) (?:\w+ )?pas",
    r"n'est (?:\w+ )?pas",
    "aucun groupement",
    "interdit\\w*",
    "exclu\\w{0,2}",
    "individuellement",
    "not (?:be )?(?:allowed|permitted|accepted)",
    "(?:لا|غير|يمنع|ممنوع|لن) ?(?:يقبل|تقبل|يسمح|مسموح|مقبول|يمكن|يجوز|مرخص)?\\w*",
)
_JOINT = pattern("solidaires?(?:ment)?", "joint(?:ly)? and several(?:ly)?", "@تضامني?[ةه]?", "متضامن\\w*", "تضامن\\w*")
_SEVERAL = pattern("conjointe?s?", "severally(?! liable)", "@?مشترك[ةه]?", "اشتراكي?[ةه]?")
_SUB = pattern(
    r"sous[- ]? ?trait\w{1,8}",
    "sub-?contract\\w{0,5}",
    "@تعاقد من @باطن",
    "@تعاقد @باطني",
    "@مناولة",
    "@تعاقد من باطن",
    "من @باطن",
)
_SUB_OK = pattern(
    "autorisee?s?",
    "admise?s?",
    "acceptee?s?",
    "permise?s?",
    "peut",
    "peuvent",
    "possible",
    "pourra",
    "allowed",
    "permitted",
    "may",
    "can",
    "يمكن",
    "مسموح\\w*",
    "يجوز",
    "مرخص\\w*",
)
_SUB_ASIDE = pattern(
    "prestations sous-traitees",
    "titulaires? de marches",
    "attestations?",
    "dossier",
    "declaration du? sous-traitant",
    "paiement direct",
    "agreer",
    "demande d'acceptation",
    "corps d'etat principal",
    "references?",
)


def read_consortium(clause: Clause, document: Document) -> Iterator[Hit]:
    """Whether bidders may form a consortium, and of which form."""
    text = clause.text
    cue = _GROUP.search(text)
    if cue is None:
        return
    around = text[max(0, cue.start() - 90) : cue.end() + 130]
    form = _form(text[max(0, cue.start() - 60) : cue.end() + 160])
    refused = _REFUSED.search(around)
    if refused and "que" not in around[refused.end() : refused.end() + 12].split():
        start, end = _span(text, cue, _REFUSED)
        yield Hit(Kind.CONSORTIUM, Permission(allowed=False), clause.start + start, clause.start + end, 0.85)
        return
    if _GROUP_SURE.search(around):
        start, end = _span(text, cue, _GROUP_SURE)
        yield Hit(Kind.CONSORTIUM, Permission(allowed=True, form=form), clause.start + start, clause.start + end, 0.85)
    elif form or _GROUP_OK.search(around):
        start, end = _span(text, cue, _GROUP_OK)
        yield Hit(Kind.CONSORTIUM, Permission(allowed=True, form=form), clause.start + start, clause.start + end, 0.6)


def _form(text: str) -> Literal["joint", "several", "either"] | None:
    joint, several = _JOINT.search(text), _SEVERAL.search(text)
    if joint and several:
        return "either"
    return "joint" if joint else "several" if several else None


def _span(text: str, cue: re.Match[str], other: re.Pattern[str]) -> tuple[int, int]:
    """From the cue to the nearest word that decides, at most 130 characters away."""
    near = [match.span() for match in other.finditer(text, max(0, cue.start() - 90), min(len(text), cue.end() + 130))]
    if not near:
        return cue.span()
    start, end = min(near, key=lambda span: min(abs(span[0] - cue.end()), abs(span[1] - cue.start())))
    return min(start, cue.start()), max(end, cue.end())


def read_subcontracting(clause: Clause, document: Document) -> Iterator[Hit]:
    """Whether parts may be passed on, and up to which share."""
    text = clause.text
    cue = _SUB.search(text)
    if cue is None:
        return
    share = re.search(PERCENT, text)
    percent = percent_of(share[0]) if share else None
    if share and percent is not None and abs(share.start() - cue.end()) < 260:
        start, end = min(cue.start(), share.start()), max(cue.end(), share.end())
        yield Hit(
            Kind.SUBCONTRACTING,
            Permission(allowed=True, max_percent=percent),
            clause.start + start,
            clause.start + end,
            0.9,
        )
        return
    if _SUB_ASIDE.search(text):
        return
    around = text[max(0, cue.start() - 60) : cue.end() + 100]
    if denied(around) or re.search(rf"{fragment('[a-z]* ?interdit')}", around):
        start, end = _span(text, cue, _REFUSED)
        yield Hit(Kind.SUBCONTRACTING, Permission(allowed=False), clause.start + start, clause.start + end, 0.85)
    elif _SUB_OK.search(around):
        start, end = _span(text, cue, _SUB_OK)
        yield Hit(Kind.SUBCONTRACTING, Permission(allowed=True), clause.start + start, clause.start + end, 0.8)
