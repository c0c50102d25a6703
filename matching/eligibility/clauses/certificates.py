"""Certificates: qualification and classification, approvals (agréments), ISO, others; valid on the deadline's day."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final

from matching.eligibility.case import Case
from matching.eligibility.clauses.verdict import NO_STARTUP, Finding, buyer, profile, verdict
from matching.eligibility.facts import Clause, HeldCertificate, Part
from matching.eligibility.sums import Truth
from matching.eligibility.verdicts import Check
from matching.requirements.findings import Certificate, Scheme
from matching.text import fold

_ISO: Final = re.compile(r"iso\W*(?:iec|cei|en|nm)?\W*(\d{4,5})")
_CODE: Final = re.compile(r"\b([a-z]{1,2})\W?(\d{1,3})\b")
_WORD: Final = re.compile(r"[^\W_]+")
_TOP_CLASS: Final = "s"
_NAMES_KEPT: Final = 1_024


def judge_certificate(clause: Clause, case: Case) -> Check | None:
    """A certificate of the kind and class asked, valid on the last day for bids."""
    asked = clause.value
    if not isinstance(asked, Certificate):
        return None
    return verdict(clause, _found(asked, case), waivable=True)


def _found(asked: Certificate, case: Case) -> Finding:
    facts: dict[str, str | int | float | bool | None] = {"name": asked.name}
    if not asked.required:
        return Finding(truth=True, facts=facts, how="none")
    startup = case.startup or NO_STARTUP
    held = [(same_certificate(asked, each), _valid(each, case), each.expires) for each in startup.certificates]
    last = max((expires for same, _, expires in held if same and expires), default=None)
    dated = {**facts, "expires": last.isoformat() if last else None}
    if any(same and valid for same, valid, _ in held):
        return Finding(truth=True, facts=dated)
    if any(same and valid is None for same, valid, _ in held):
        settle = profile("certificates.expires", Part.CERTIFICATES)
        return Finding(None, facts, (settle,) if case.last_day else (buyer("deadline"), settle), how="undated")
    return _not_held(facts, dated, held, complete=Part.CERTIFICATES in startup.complete)


def _not_held(
    facts: dict[str, str | int | float | bool | None],
    dated: dict[str, str | int | float | bool | None],
    held: list[tuple[Truth, Truth, dt.date | None]],
    *,
    complete: bool,
) -> Finding:
    """Something like it, one that ends too early, none at all, or none told."""
    if any(same is None and valid is not False for same, valid, _ in held):
        return Finding(None, facts, (profile("certificates.name", Part.CERTIFICATES),))
    if dated["expires"] is not None:
        return Finding(truth=False, facts=dated, how="expired")
    if complete:
        return Finding(truth=False, facts=facts)
    return Finding(None, facts, (profile("certificates", Part.CERTIFICATES),))


def _valid(held: HeldCertificate, case: Case) -> Truth:
    if held.expires is None:
        return None
    if case.last_day is not None:
        return held.expires >= case.last_day
    return False if held.expires < case.moment.as_of.date() else None


def same_certificate(asked: Certificate, held: HeldCertificate) -> Truth:
    """Whether one is what is asked; ``None`` where the names leave it open."""
    if asked.scheme is Scheme.QUALIFICATION:
        return _qualified(asked, held)
    iso, held_iso = set(_ISO.findall(_folded(asked.name))), set(_ISO.findall(_folded(held.name)))
    if iso or held_iso:
        return bool(iso) and iso <= held_iso
    if asked.scheme is Scheme.APPROVAL:
        codes, held_codes = set(_CODE.findall(_folded(asked.name))), set(_CODE.findall(_folded(held.name)))
        if codes and held_codes:
            return codes <= held_codes
    words, held_words = set(_WORD.findall(_folded(asked.name))), set(_WORD.findall(_folded(held.name)))
    if words == held_words:
        return True
    return None if words <= held_words or held_words <= words else False


def _qualified(asked: Certificate, held: HeldCertificate) -> Truth:
    """Sector, qualifications and class. In the Moroccan system class 1 stands above 5, and S above all.

    Confidence: secondary (bidding documents ask "classe 4 au minimum" and take 3).
    """
    if held.scheme not in {Scheme.QUALIFICATION, Scheme.OTHER}:
        return False
    if held.sector is None:
        return None if _folded(asked.name) in _folded(held.name) or held.scheme is Scheme.QUALIFICATION else False
    parts = (
        None if asked.sector is None else _folded(asked.sector) == _folded(held.sector),
        _covers(asked.qualifications, held.qualifications),
        _class_reached(asked.grade, held.grade),
    )
    if any(part is False for part in parts):
        return False
    return None if None in parts else True


def _covers(asked: tuple[str, ...], held: tuple[str, ...]) -> Truth:
    if not asked:
        return True
    if not held:
        return None
    return {_code(each) for each in asked} <= {_code(each) for each in held}


def _class_reached(asked: str | None, held: str | None) -> Truth:
    if asked is None:
        return True
    if held is None:
        return None
    one, other = _folded(asked).strip(), _folded(held).strip()
    if other in {one, _TOP_CLASS}:
        return True
    return int(other) <= int(one) if one.isdecimal() and other.isdecimal() else None


def _code(text: str) -> str:
    return "".join(_WORD.findall(_folded(text)))


@lru_cache(maxsize=_NAMES_KEPT)
def _folded(text: str) -> str:
    return " ".join(fold(word) for word in text.split())
