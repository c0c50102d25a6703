"""How offers are weighed: price and quality in percent or points."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Kind, Weights
from matching.requirements.patterns import fragment, pattern

_PRICE = fragment(
    r"(?:critere )?(?:du )?(?:prix|cout)s?(?: des prestations| de l'offre| global)?",
    r"(?:note |offre |proposition )(?:financiere|finale financiere)",
    "financi(?:er|ere|al)(?: (?:score|offer|proposal|criterion))?",
    "(?:lowest )?(?:price|cost)",
    "@?(?:ثمن|سعر|عرض @مالي|@نقطة @مالية|ثمن @عرض|عرض مالي)",
)
_QUALITY = fragment(
    r"(?:note |offre |proposition |valeur |qualite )(?:technique|des prestations)",
    "valeur technique(?: de l'offre)?",
    "qualite(?: technique)?",
    "technique",
    "(?:technical|quality)(?: (?:score|merit|offer|proposal|quality|criterion|value))?",
    "@?(?:جودة|عرض @تقني|@نقطة @تقنية|@قيمة @تقنية|@جودة @تقنية|عرض تقني|@تقني)",
)
_SHARE = (
    r"(?:[0-9]{1,3}(?:[.,][0-9]{1,2})?[ ]?(?:%|points?|pts?|/[ ]?100|pour cent|per cent|بالما?[يء]ه|نقط[هة]?)"
    r"|0[.,][0-9]{1,2}|%[ ]?[0-9]{1,2}|(?<![\w.,])[0-9]{1,3}(?=[ ]?[|)]))"
)
_GAP = r"[^.;0-9%]{0,60}?"
_BETWEEN = r"(?:[^;0-9]|[0-9]{1,2}[.)-][ ]){0,70}?"
_PAIR = re.compile(
    rf"(?<!\w)(?:{_PRICE})(?!\w){_GAP}(?P<p>{_SHARE}){_BETWEEN}(?<!\w)(?:{_QUALITY})(?!\w){_GAP}(?P<q>{_SHARE})"
)
_REVERSED = re.compile(
    rf"(?<!\w)(?:{_QUALITY})(?!\w){_GAP}(?P<q>{_SHARE}){_BETWEEN}(?<!\w)(?:{_PRICE})(?!\w){_GAP}(?P<p>{_SHARE})"
)
_BEFORE = re.compile(
    rf"(?P<q>{_SHARE})[ ]?(?:pour |a |de |for |\(|[|])?[ ]?(?:la |le |l'|the )?(?:{_QUALITY})(?!\w)"
    rf"[^0-9;]{{0,30}}?(?P<p>{_SHARE})[ ]?(?:pour |a |de |for |\(|[|])?[ ]?(?:la |le |l'|the )?(?:{_PRICE})(?!\w)"
)
_PRICE_BEFORE = re.compile(
    rf"(?P<p>{_SHARE})[ ]?(?:pour |a |de |for )?(?:la |le |l'|the )?(?:{_PRICE})(?!\w)"
    rf"[^0-9;]{{0,30}}?(?P<q>{_SHARE})[ ]?(?:pour |a |de |for )?(?:la |le |l'|the )?(?:{_QUALITY})(?!\w)"
)
_SHARED = re.compile(rf"(?<!\w)(?:{_PRICE}|{_QUALITY})(?!\w)[^;]{{0,40}}?{_SHARE}")
_ROWS, _WINDOW = 2, 300
_FORMULA = re.compile(
    r"(?:(?P<a>0[.,][0-9]{1,2}|[0-9]{1,2}[ ]?%)[ ]?[x*×][ ]?\(?(?P<an>nt|n[ ]?\(?t\)?|note technique|nf|n[ "
    r"]?\(?f\)?|note "
    r"financiere|st|sf|ts|fs))[^0-9;]{1,20}(?P<b>0[.,][0-9]{1,2}|[0-9]{1,2}[ ]?%)[ ]?[x*×][ ]?\(?(?P<bn>nt|n[ ]?\(?t\)?"
    r"|note technique|nf|n[ ]?\(?f\)?|note financiere|st|sf|ts|fs)"
)
_ONLY_PRICE = pattern(
    "critere unique [^.;]{0,60}(?:prix|cout|moins[- ]disant)",
    r"(?:seul|unique) critere (?:d'attribution |de jugement |d'evaluation |retenu )*(?:est |: ?|sera )?(?:celui du "
    r"|le |du )?(?:prix|moins[- ]disant)",
    r"(?:critere d'attribution|attribution)[^.;]{0,40}(?:le |du )?prix (?:le plus bas|uniquement|seul)",
    "offre (?:la )?moins[- ]disante",
    "moins[- ]disant",
    "prix le plus bas",
    r"(?:lowest|price) (?:price|only)(?: criterion)?",
    "sole(?:ly)? (?:award )?criteri(?:on|a)[^.;]{0,20}price",
    "price is the only award criterion",
    "@?عرض @أقل ثمنا",
    "أقل @?(?:أثمان|ثمن|سعر)",
    "@ثمن @أدنى",
    "@?عرض @أدنى",
)
_NOT_AWARD = pattern("anormalement", "mieux[- ]disante?", "prix de reference", "abnormally")


def read_weights(clause: Clause, document: Document) -> Iterator[Hit]:
    """The shares of price and quality."""
    text = clause.text
    if _SHARED.search(text):
        text = _with_next(clause, document)
    for spelt in (_REVERSED, _PAIR, _BEFORE, _PRICE_BEFORE):
        if (match := spelt.search(text)) and (value := _weights(match["p"], match["q"])):
            yield Hit(Kind.WEIGHTS, value, clause.start + match.start(), clause.start + match.end(), 0.9)
            return
    if match := _FORMULA.search(text):
        first_is_quality = "t" in match["an"][:5].replace("note ", "") or match["an"] in {"note technique", "st", "ts"}
        quality, price = (match["a"], match["b"]) if first_is_quality else (match["b"], match["a"])
        if value := _weights(price, quality):
            yield Hit(Kind.WEIGHTS, value, clause.start + match.start(), clause.start + match.end(), 0.85)
            return
    if (match := _ONLY_PRICE.search(text)) and not _NOT_AWARD.search(text):
        value = Weights(price=Decimal(100), quality=Decimal(0))
        yield Hit(Kind.WEIGHTS, value, clause.start + match.start(), clause.start + match.end(), 0.75)


def _with_next(clause: Clause, document: Document) -> str:
    """A clause that gives one share, with those after it: the other share is in the next row or after a semicolon."""
    following = document.after(clause, _ROWS)
    end = following[-1].end if following else clause.end
    return document.folded.text[clause.start : min(end, clause.start + _WINDOW)].replace("\n", " ").replace(";", ",")


def _weights(price: str, quality: str) -> Weights | None:
    """The two shares, where they make up the whole."""
    first, second = _share(price), _share(quality)
    return Weights(first, second) if first + second == 100 else None


def _share(written: str) -> Decimal:
    number = re.search(r"[0-9]{1,3}(?:[.,][0-9]{1,2})?", written)
    value = Decimal(number[0].replace(",", ".")) if number else Decimal(0)
    return value * 100 if value < 1 else value
