"""Cutting a folded text into clauses: the stretch in which a cue and its value stand together.

Blank lines, bullets, headings, table rows, labelled lines and ends of sentences cut; a line that merely broke does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_CLAUSE = 900
"""Longer stretches are cut at a blank: no search looks further, so that reading stays linear."""
_BULLET = (
    r"(?:[-•▪●◦➢✓>·o][ ]|[0-9]{1,2}[.)\]][ )]|[0-9]{1,2}[ ]?[-/][ ]?[a-z]|[a-z][.)][ ]|[ivx]{1,4}[.)-][ ]|#"
    r"|\||article[ ]|\([a-z]\)|الماده|الفصل|lot[ ](?:n|[0-9])|lots?[ ]?:)"
)
_LABEL = r"[^\n:.;]{2,70}?[ ]?:(?=[ \n|])"
_LINE, _LABEL_LENGTH = 120, 60
_ENDS = re.compile(r"[.;|]")
_NEW_LINE = re.compile(rf"\n[ ]*(?={_BULLET}|{_LABEL})|\n[ ]*\n\s*")
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\bn\.)(?<!\bart\.)(?<!\bm\.)(?<!\bmm\.)(?<![ .][^\W\d]\.)[\"')\]]?\s+(?=[^\W\d_]|[0-9]{1,2}[ "
    r"]?[-/.)][ ]|-[ ])|;(?=\s)|(?<=\.)\n"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of folded text, its line breaks as blanks; ``text[i]`` stands at ``start + i`` of the folded text."""

    text: str
    start: int
    number: int
    new_block: bool
    """Whether a blank line, a heading or a bullet stands before it."""

    @property
    def end(self) -> int:
        """Where it ends in the folded text."""
        return self.start + len(self.text)

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table."""
        return self.text.startswith("|") or self.text.count("|") >= 2


def clauses(text: str, continues: Callable[[int], bool] = lambda _: False) -> list[Clause]:
    """The clauses of a folded text in their order; blanks between them belong to none.

    ``continues`` tells whether what stands at an offset was written with a small letter, as the middle of a sentence.
    """
    found: list[Clause] = []
    for block_start, block_end in _blocks(text, continues):
        for at, (start, end) in enumerate(_sentences(text, block_start, block_end)):
            for cut_start, cut_end in _pieces(text, start, end):
                said = text[cut_start:cut_end].replace("\n", " ")
                found.append(Clause(said, cut_start, len(found), at == 0 and cut_start == start))
    return found


def _blocks(text: str, continues: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    start = 0
    for cut in _NEW_LINE.finditer(text):
        before = text[max(start, cut.start() - _LINE) : cut.start()].rstrip()
        line = before.rpartition("\n")[2]
        blank_line = cut[0].count("\n") > 1
        if not blank_line and _goes_on(text, line, cut.end(), continues):
            continue
        if line.endswith(":") and len(line) < _LABEL_LENGTH and _is_value(text, cut.end()):
            continue
        yield from _trimmed(text, start, cut.start())
        start = cut.end()
    yield from _trimmed(text, start, len(text))


def _goes_on(text: str, line: str, at: int, continues: Callable[[int], bool]) -> bool:
    """Whether a line that looks like a label ("plis : 27/07/2026") is the rest of a sentence that broke before it."""
    last = _ENDS.split(line)[-1]
    return text[at : at + 1].isalpha() and bool(last.strip()) and ":" not in last and continues(at)


def _is_value(text: str, at: int) -> bool:
    """Whether what follows a label on the line before is its value, and not a list or the next label."""
    return text[at : at + 1] not in "|#-•" and re.match(_LABEL, text[at : at + 80]) is None


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for cut in _SENTENCE.finditer(text, start, end):
        if cut.start() > at:
            yield at, cut.start()
        at = cut.end()
    if at < end:
        yield at, end


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_CLAUSE:
        blank = text.rfind(" ", start + MAX_CLAUSE // 2, start + MAX_CLAUSE)
        cut = blank if blank > 0 else start + MAX_CLAUSE
        yield from _trimmed(text, start, cut)
        start = cut
    yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
