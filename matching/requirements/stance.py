"""Asked, or said not to be asked: what binds, negations and "not applicable" around a cue."""

from __future__ import annotations

from matching.requirements.patterns import pattern

MANDATORY = pattern(
    "obligatoires?(?:ment)?",
    "impérativement",
    "doi(?:t|vent)",
    "exig\\w+",
    "est tenu\\w*",
    "sous peine",
    "mandatory",
    "compulsory",
    "must",
    "required",
    "shall",
    "إلزامي[ةه]?",
    "إجباري[ةه]?",
    "@زامي\\w*",
    "يجب",
    "وجوبا?",
)
"""Words that make what stands near them binding."""

_NOT = pattern(
    r"n'(?:est|es|y a|ont|a|etant|entre|exige|accepte|autorise)\w{0,8} (?:\w+ )?(?:pas|point|aucune?|plus|nullement)",
    "ne (?:sont|sera|seront|doit|peut|peuvent|font|fait|donne|prevoit|necessite|comporte|requiert|s'applique"
    "|concerne)\\w{0,3} (?:\\w+ )?(?:pas|point|aucune?|plus)",
    "n'est",
    "ne sont",
    "aucune?s?",
    "pas (?:de|du|d'\\w+)",
    "sans objet",
    "neant",
    r"non (?:requis|exige|prevu|autorise|demande|applicable|obligatoire|admis|accepte)\w{0,2}",
    r"dispens\w{1,5}",
    r"exon[eo]r\w{1,5}",
    r"exempt\w{0,5}",
    "interdite?s?",
    "exclue?s?",
    "prohibee?s?",
    r"s\.?o\.?",
    "n/a",
    "nulle?",
    "not (?:be )?(?:required|allowed|permitted|requested|applicable|needed|accepted|necessary)",
    "no [a-z]+",
    "shall not",
    "may not",
    "must not",
    "will not",
    "is not",
    "are not",
    "none",
    "without",
    "prohibited",
    "waived",
    "excluded",
    "(?:و|ف)?لا",
    "لم",
    "لن",
    "ليس[ت]?",
    "غير",
    "[وب]?دون",
    "بدون",
    "[وب]?معف[يىا]\\w?",
    "يعف[يىو]ن?",
    "أعفي",
    "لا شيء",
    "منعدم[ة]?",
    "بلا",
    "يمنع",
    "ممنوع[ة]?",
)
_VOID = pattern(
    "sans objet",
    "neant",
    "non",
    "aucune?",
    "pas (?:de|du|d'\\w+)[^:;]{0,30}",
    r"non (?:requis|exige|prevu|demande|applicable)\w{0,2}",
    r"s\.?o\.?",
    "n/a",
    "none",
    "not (?:required|applicable|requested)",
    "no",
    "لا شيء",
    "لا",
    "بدون",
    "غير مطلوب[ة]?",
    "منعدم[ة]?",
    "دون",
)
_DOUBLE = pattern(
    "sans (?:prejudice|que|reserve)",
    "non (?:seulement|moins)",
    "not only",
    "no later",
    "not later",
    "sans (?:delai|frais)",
    "no more",
    "not (?:less|more|exceed)",
    "ne (?:doit|peut|devra|pourra|doivent) (?:pas )?(?:exceder|depasser|etre inferieure?s?|etre superieure?s?)",
    "لا تقل",
    "لا يقل",
    "لا تتجاوز",
    "لا يتجاوز",
    "لا تتعدى",
    "لا يتعدى",
    "لا يزيد",
    "لا تزيد",
    "غير قابل\\w*",
    "n[o°] ?[0-9]",
    "pas (?:inferieure?s?|superieure?s?|moins)",
    "n'est (?:recevable|acceptee?|valable|admise?) que",
    "ne (?:\\w+ ){1,2}que",
    "في غير",
    "غير مرة",
)


def denied(text: str) -> bool:
    """Whether a passage says no: a negation that is not part of a bound ("ne peut dépasser", "no later than")."""
    bounds = [found.span() for found in _DOUBLE.finditer(text)]
    return any(
        not any(start <= found.start() < end or found.start() <= start < found.end() for start, end in bounds)
        for found in _NOT.finditer(text)
    )


def void_after(text: str, end: int) -> int | None:
    """Where a "néant", "sans objet" or "Non" ends that stands as the value of a label ending at ``end``."""
    at = end
    limit = min(len(text), end + 12)
    while at < limit and text[at] in " :|\n-.=":
        at += 1
    if at == end or not any(char in text[end:at] for char in ":|\n=-"):
        return None
    found = _VOID.match(text, at)
    if found is None:
        return None
    rest = text[found.end() : found.end() + 2]
    return found.end() if not rest or not rest[0].isalnum() else None
