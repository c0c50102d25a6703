"""Contact persons do not leave this package: their fields are dropped, their addresses and numbers cut out of texts.

What the payload said stays in the payload, which is kept for a set time only. Names of buyers and firms are no contact
persons; a text that merely mentions somebody is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

REMOVED = "[…]"
_FIELDS = frozenset({
    "contact", "contacts", "contactpoint", "contactpoints", "additionalcontactpoints", "contactperson",
    "contactpersons", "contactname", "contactadministratif", "contactemail", "contactphone", "contactdetails",
    "pointofcontact", "personneacontacter", "interlocuteur", "email", "emails", "mail", "courriel", "telephone", "tel",
    "phone", "phones", "mobile", "gsm", "fax", "faxnumber", "telecopie", "telecopieur",
})  # fmt: skip
_NO_PROSE = frozenset({
    "id", "ocid", "release_id", "tender_id", "lot_id", "reference", "url", "cpv", "value", "bond", "published",
    "deadline", "date", "country", "language", "status", "source",
})  # fmt: skip
"""Codes, times and amounts: nobody is named there, and an address must stay one."""
_PLAIN = frozenset({bool, int, float, Decimal})
"""Told from mappings without asking: that is dear, and half of the values of a record are such."""
_SHORTEST = 6
_SEVEN_DIGITS = re.compile(r"\d(?:\D{0,5}\d){6}")
_MAIL = re.compile(r"(?:mailto:)?[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LABEL = r"(?:t[ée]l(?:[ée]phone|\.)?|phone|mobile|gsm|fax|t[ée]l[ée]copie(?:ur)?|whatsapp|هاتف|الهاتف|فاكس|الفاكس)"
_NUMBER = re.compile(
    rf"(?:(?<![^\W\d_])(?P<label>{_LABEL}\s{{0,3}}(?:[:.°]|n°)?\s{{0,3}}))\+?\(?\d(?:[\s./()-]{{0,2}}\d){{6,14}}"
    r"|(?<![\w+])\+\d{1,3}(?:[\s.()-]{0,2}\d){7,12}(?!\w)"
    r"|(?<![\w.,/-])0\d(?:[ .-]\d{2}){4}(?![\w/-]|[.,]\d)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"^(?P<label>[ \t]*(?:personnes? à contacter|point de contact|contacts?|interlocuteurs?|contact person|"
    r"point of contact|contact point|attn\.?|à l['’]attention de|الشخص المكلف|جهة الاتصال)[ \t]*:"
    r"|[ \t]*attention[ \t]*:(?=[ \t]*(?:mrs?|ms|dr|mme|mlle|m)\b))[ \t]*\S[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)


_PERSON_WORDS = ("contact", "nterlocuteur", "attn", "attent", "الشخص المكلف", "جهة الاتصال")
_GROUPED = re.compile(r"0\d(?:[ .-]\d{2}){4}")
_LABELLED = re.compile(_LABEL.replace("i", "[iı]\u0307?") + r"\s{0,3}(?:[:.°]|n°)?\s{0,3}\+?\(?\d")
"""One of these stands, in lower case, in every text that the patterns above find anything in, and is found in a
fraction of their time. They take ı and İ for an i, whose lower cases are two.
"""


def without_contacts(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields of a record without contact persons, at every depth."""
    return {
        name: value if name in _NO_PROSE else _cleaned(value) for name, value in fields.items() if not _is_contact(name)
    }


def cleaned_text(text: str) -> str:
    """A text with mail addresses, telephone numbers and the lines that name a contact person cut out."""
    if len(text) < _SHORTEST:
        return text
    if ":" in text and _names_somebody(text):
        text = _PERSON.sub(rf"\g<label> {REMOVED}", text)
    if "@" in text:
        text = _MAIL.sub(REMOVED, text)
    if _SEVEN_DIGITS.search(text) and ("+" in text or _GROUPED.search(text) or _LABELLED.search(text.casefold())):
        text = _NUMBER.sub(lambda found: (found["label"] or "") + REMOVED, text)
    return text


def _names_somebody(text: str) -> bool:
    plain = text.casefold()
    return any(word in plain for word in _PERSON_WORDS)


def _cleaned(value: object) -> object:
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, str):
        return cleaned_text(value)
    if isinstance(value, Mapping):
        return without_contacts(value if all(type(name) is str for name in value) else _named(value))
    if isinstance(value, list | tuple):
        return [_cleaned(part) for part in value]
    return value


def _named(value: Mapping[object, object]) -> dict[str, object]:
    return {str(name): part for name, part in value.items()}


@lru_cache(maxsize=4_096)
def _is_contact(name: str) -> bool:
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "") in _FIELDS
