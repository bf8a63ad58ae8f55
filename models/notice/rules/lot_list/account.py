"""What became of every character of a notice: a number, an item, a date, a question, or noise of a known kind.

The reader paints the spans that it has decided about; what is left over is noise only when its kind says so, and a
code that nobody has decided about is asked.  Nothing of a notice is dropped in silence (STANDARDS C 72).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from models.notice.rules.lot_list.tokens import Piece

Fate = Literal["number", "item", "date", "all", "question", "noise"]
_FATES: tuple[Fate, ...] = ("noise", "date", "item", "all", "number", "question")  # the later covers the earlier
_CODES = frozenset({"code", "day", "mask", "thousands", "udi"})


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the notice and what became of it; `kind` is the kind of its piece: `word`, `sign`, `lot`."""

    fate: Fate
    kind: str
    text: str


_CLOSE = re.compile(r"[;\n。]|\.\s|\.$|$")
_CLAUSE = 300  # characters of a clause behind its condition that are shown


def conditions_left(
    text: str, conditions: Iterable[tuple[int, int, int]], spans: Iterable[tuple[int, int]]
) -> Iterator[Piece]:
    """The clauses of conditions (start, end, where the clause began) that stand in no question yet, each once."""
    covered = sorted(spans)
    place, reach, asked, close = 0, 0, -1, -1
    for start, end, clause in sorted(conditions):
        while place < len(covered) and covered[place][0] <= start:
            reach, place = max(reach, covered[place][1]), place + 1
        if end > reach and clause != asked:
            asked = clause
            if close < end:  # many conditions may wait for one far end
                found = _CLOSE.search(text, end)
                close = found.start() if found else len(text)
            yield Piece("clause", "", clause, min(close, end + _CLAUSE))


@dataclass
class Account:
    """The notice as a strip, on which each decision paints its span."""

    text: str
    strip: bytearray = field(init=False)

    def __post_init__(self) -> None:
        self.strip = bytearray(len(self.text))

    def paint(self, fate: Fate, run: Sequence[Piece]) -> None:
        """The pieces (and what stands between them) are decided about; a question is never painted over."""
        if not run:
            return
        start, end, colour = run[0].start, run[-1].end, _FATES.index(fate)
        span = self.strip[start:end]
        if max(span, default=0) <= colour:
            self.strip[start:end] = bytes([colour]) * len(span)
        else:
            self.strip[start:end] = bytes(max(old, colour) for old in span)

    def forgotten(self, pieces: Iterable[Piece]) -> list[Piece]:
        """Codes about which nothing was decided; a count of one or two digits in a sentence is none."""
        return [
            piece
            for piece in pieces
            if piece.kind in _CODES
            and not (piece.text.isdigit() and len(piece.text) <= 2)
            and not any(self.strip[piece.start : piece.end])
        ]

    def parts(self, pieces: Iterable[Piece]) -> tuple[Part, ...]:
        """The whole text, piece by piece, with what became of each."""
        return tuple(Part(self._fate(piece), piece.kind, self.text[piece.start : piece.end]) for piece in pieces)

    def _fate(self, piece: Piece) -> Fate:
        return _FATES[max(self.strip[piece.start : piece.end], default=0)]
