"""Writing patterns readably: natural spelling in, a compiled pattern for folded text out.

A space stands for blanks (a line may break there), ``@`` for what Arabic puts before a noun: one of و ف ب ك ل, the
article, both, or nothing. Every repetition in a rule is bounded, so that a search takes time linear in its clause.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from matching.requirements.folding import folded_pattern

_BLANKS, _MAYBE_BLANKS = r"[ \n]{1,6}", r"[ \n]{0,6}"
_PROCLITICS = r"(?<![\u0621-\u064a])(?:[وف]?لل|[وف]?[بكل]?(?:ال)?)"
_LED = re.compile(r"(?<![\u0621-\u064a])[وفبكل]@")
_SPECIAL = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|@| \?| ")
"""An escape, a character class (blanks in it are themselves), and the signs that have a meaning here."""


class Later:
    """A pattern that is compiled when it is first asked something: all of them take a second, which the processes that
    read no text are spared. What is asked is then the compiled pattern's own method.
    """

    def __init__(self, make: Callable[[], re.Pattern[str]]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> object:
        compiled = self._make()
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "pattern")


def pattern(*alternatives: str) -> re.Pattern[str]:
    """Any of these, as words: none begins or ends inside a word."""
    made = Later(lambda: re.compile("|".join(rf"(?<!\w)(?:{_spelt(each)})(?!\w)" for each in alternatives)))
    return cast("re.Pattern[str]", made)


def fragment(*alternatives: str) -> str:
    """The same as text without the bounds, to build larger patterns from."""
    return "(?:" + "|".join(_spelt(each) for each in alternatives) + ")"


def _spelt(written: str) -> str:
    # A conjunction before an article is among what "@" stands for.
    return _SPECIAL.sub(_meant, _LED.sub("@", folded_pattern(written)))


def _meant(sign: re.Match[str]) -> str:
    return {" ": _BLANKS, " ?": _MAYBE_BLANKS, "@": _PROCLITICS}.get(sign[0], sign[0])
