"""Which characters are letters, marks, breaks: the classes of ``matching.text`` as a table."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matching.kernels import scanning
from matching.text import BREAKS, DASHES, INNER_MARKS, SENTENCE_ENDS
from matching.vectorizer import U8


@lru_cache(maxsize=1)
def character_classes() -> U8:
    """The classes of every code point below ``scanning.TABLED``."""
    codes = np.arange(scanning.TABLED, dtype=np.uint32)
    every = codes.tobytes().decode("utf-32", "surrogatepass")
    letters = codes.view("U1")
    alnum, space, digit = np.strings.isalnum(letters), np.strings.isspace(letters), np.strings.isdecimal(letters)
    inner = _among(every, f"[{INNER_MARKS}]")
    classes = (
        alnum * scanning.ALNUM
        | (alnum | inner) * scanning.INSIDE
        | (alnum & ~digit) * scanning.LETTER
        | space * scanning.SPACE
        | (alnum | _among(every, "_")) * scanning.WORD_CHARACTER
        | _among(every, f"[{SENTENCE_ENDS}]") * scanning.SENTENCE_END
        | _among(every, f"[{BREAKS}]") * scanning.BREAK
        | _among(every, f"[{DASHES}]") * scanning.DASH
    ).astype(np.uint8)
    classes.flags.writeable = False
    return classes


def _among(every: str, pattern: str) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(every), np.bool_)
    found[[match.start() for match in re.finditer(pattern, every)]] = True
    return found
