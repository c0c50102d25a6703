"""Titles of lots that tell their number themselves ("Lot 1 : sondes"), so that pages do not say it twice."""

from __future__ import annotations

import re


def tells_number(title: str, lot: str) -> bool:
    """Whether a title begins with the word for a lot, in Arabic, French or English, and the id ``lot`` of this one."""
    number = re.escape(lot.strip())
    told = rf"\s*(?:lot|الحصة|حصة)\s*(?:n\s*[°ºo]\.?|no\.?|رقم)?\s*0*{number}(?!\w)"
    return bool(number) and re.match(told, title, re.IGNORECASE) is not None
