"""Words that are never shortened: cut like others, each would be taken for another word.

Written folded, as ``matching.text.fold`` leaves them, Arabic ones without article: names of Moroccan places that end
like inflected nouns (درعة is a region, درع a shield), and French nouns that end in s in the singular.
"""

from __future__ import annotations

from typing import Final

_PLACES: Final = """
درعه جراده تماره بطانه خزامه
"""

_FRENCH: Final = """
cours pays semis
"""

WHOLE: Final = frozenset((_PLACES + _FRENCH).split())
