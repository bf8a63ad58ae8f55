"""Reads the lot list of a recall notice: “Lot Nos: A1, B2 – B9”, “批号 A1、A2 至 A9”, “all lots of REF 5”, tables and prose.

What is said plainly becomes numbers and ranges with the item and expiry they stand with.  What could mean two things, sets
a condition or makes an exception becomes a question to a person with the words it is about, never a guess; a code in
prose is never taken for a lot, and never dropped without a question.  Serves STANDARDS C 72, REQUIREMENTS 19.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from models.identifier.rules import identifiers
from models.kernel.refusal import Refusal
from models.notice.rules.lot_list.account import Account, conditions_left
from models.notice.rules.lot_list.kinds import (
    EMPTY_LIST,
    LONG_LIST,
    MANY,
    All,
    Ask,
    LotList,
    Number,
    Question,
    Range,
    Single,
    matching,
)
from models.notice.rules.lot_list.tables import flattened
from models.notice.rules.lot_list.tokens import (
    ALL_OF,
    BEHIND,
    CONDITION,
    DATES,
    HARMLESS,
    LABELS,
    PARTS,
    QUIET,
    RUN,
    Piece,
    around,
    loaded,
    pieces,
    plain,
    written,
)
from models.notice.rules.lot_list.values import Value, read_run

LIMIT = 200_000
_YEAR = re.compile(r"(?:19|20)\d{2}")
PAIRS, _LONGEST = 500_000, 80  # of entries and items; no number of anybody's is longer


def parse(text: str) -> LotList:
    """The list; LST-001 when there is no text, LST-002 when there is too much."""
    if len(text) > LIMIT:
        raise LONG_LIST(length=len(text), limit=LIMIT)
    reader = _Reader(flattened(plain(text)))
    if not reader.text:
        raise EMPTY_LIST()
    cut = list(pieces(reader.text))
    for piece in cut:
        reader.take(piece)
    return reader.finish(cut)


@dataclass
class _Reader:
    """Where in the notice we are: `mode` is the last label, `run` the pieces since the last separator."""

    text: str
    mode: str = "unknown"
    outside: list[str] = field(default_factory=list)  # modes around open brackets
    before: str = "unknown"  # the mode that a date interrupted
    run: list[Piece] = field(default_factory=list)
    aside: list[Piece] = field(default_factory=list)  # condition, exception, dates
    labelled: bool = False
    paired: bool = False  # "Product Number (Lot Code):" – lots in brackets after each item
    behind: bool = False  # inside brackets with the item of the numbers before them
    trailing: bool = False  # behind the numbers of its clause, without brackets
    clause_entries: int = 0  # entries before this clause
    between: bool = False
    previous: str = ""
    items: tuple[str, ...] = ()
    used: bool = True  # the items already have lots: the next item starts anew
    undated: int = 0  # entries from here on have no expiry yet
    asked: int = 0  # questions from here on may be what a date belongs to
    last: int = 0  # where the last run began
    entries: list[Single | Range] = field(default_factory=list)
    unlabelled: list[tuple[list[Piece], list[Value]]] = field(default_factory=list)
    unnamed: int = 0  # numbers in them
    pairs: int = 0  # of entries and items
    before_open: int = 0  # entries before the run that stands before a bracket
    listed: tuple[int, int] = (0, 0)  # where an enumeration began: entries before it, place in the text
    sign: Piece | None = None  # between two codes, perhaps
    said_aside: set[str] = field(default_factory=set)
    alls: list[All] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    conditions: list[tuple[int, int, int]] = field(default_factory=list)  # where one is set: the word, its clause
    spans: list[tuple[int, int]] = field(default_factory=list)  # what the questions are about
    clause: int = 0  # where the clause began
    counted_to: int = 0  # the text up to here was counted
    counted: int = 0  # single numbers up to here were counted, or stand in an earlier clause
    all_items: dict[str, bool] = field(default_factory=dict)  # item → has lots
    account: Account = field(init=False)
    steps: dict[str, Callable[[Piece], None]] = field(init=False)

    def __post_init__(self) -> None:
        """What each kind of piece does; the rest are words."""
        self.account = Account(self.text)
        self.steps = {
            **dict.fromkeys(LABELS, self._label),
            "udi": self._identifier,
            "and": self._and,
            "end": self._end,
            "numbering": self._end,
            "open": self._open,
            "close": self._close,
            "from": self._from,
            "mask": self._no_number,
            "thousands": self._no_number,
            "quantity": self._quantity,
        }

    # --- one piece -----------------------------------------------------------------------------------------------------

    def take(self, piece: Piece) -> None:
        """The next piece."""
        if piece.kind in {"blank", "sign"}:
            self.sign = piece if piece.kind == "sign" and piece.text not in QUIET else self.sign
            return
        sign, self.sign = self.sign, None
        if sign and piece.kind in RUN and self.run and self.run[-1].kind in {"code", "caps", "day"}:
            self.run.append(sign)  # "A1:A9": what it says between two codes only a person knows
        if len(piece.text) > _LONGEST and piece.kind in {"code", "caps", "mask"}:
            piece = replace(piece, kind="mask")
        if piece.kind in {"end", "numbering"}:
            self.clause = piece.end
        if piece.kind == "condition":
            self.conditions.append((piece.start, piece.end, self.clause))
            piece = replace(piece, kind="word")
        elif piece.kind == "mask" and self.mode == "item" and len(piece.text) <= _LONGEST:
            piece = replace(piece, kind="code")  # part of a product's name
        if self.mode in {"all", "except", "other"} and self._stays_aside(piece):
            self.aside.append(piece)
            self.said_aside.add(piece.text.lower())
            return
        self.steps.get(piece.kind, self._words)(piece)
        self.previous = piece.kind
        if piece.kind in PARTS:
            self.listed = (len(self.entries), piece.end)

    def _end(self, piece: Piece) -> None:
        self._flush()
        self._leave_dates()
        self._end_trailing()
        self.clause_entries = len(self.entries)
        self.mode = "unknown" if self.mode == "prose" and piece.kind == "end" else self.mode

    def _from(self, piece: Piece) -> None:
        self.between = piece.text.lower().strip(" :") in {"between", "介于"}
        self.run.append(piece)

    def _quantity(self, piece: Piece) -> None:
        if piece.text[0].isdigit() and self.previous in LABELS:
            self._ask("words", piece)  # "Lot 12345 units"
        elif "批" in piece.text:
            self._count(piece)

    def _no_number(self, piece: Piece) -> None:
        """`19XX`, `A1*`, `1,001`: what is meant only a person knows."""
        self._flush()
        self._leave_dates()
        self._ask("wildcard" if piece.kind == "mask" else "one_or_several", piece)

    def _count(self, piece: Piece) -> None:
        """“A1、A2等3批”: fewer numbers than lots, so somebody has to say which the others are."""
        self._flush()
        named = len(self.entries) - self.counted + self.unnamed
        said = int("".join(char for char in piece.text if char.isdigit()))
        if named != said and not any(isinstance(each, Range) for each in self.entries[self.counted :]):
            self._ask("condition", Piece("count", "", min(max(self.clause, self.counted_to), piece.start), piece.end))
        self.counted, self.counted_to = len(self.entries), piece.end

    def _stays_aside(self, piece: Piece) -> bool:
        """Whether the piece still belongs to an “all …” or “except …”; when not, that is closed."""
        ends = piece.kind in {"end", "numbering", "lot", "serial", "item", "udi"}
        if self.mode == "except":
            ends = piece.kind in {"end", "numbering"}
        elif self.mode == "all" and piece.kind in {"lot", "serial"}:
            ends = not self.said_aside & {"of", "with", "beginning", "starting", "ending"}
        elif piece.kind == "and" and self.mode == "all" and len(self.aside) == 1:
            ends = True
        if ends:
            self._leave_aside()
        return not ends

    def _label(self, piece: Piece) -> None:
        if piece.kind in {"lot", "serial"} and self.outside and self.outside[-1] == "item" and not self.items:
            self.paired = True
        if piece.kind in {"lot", "serial"} and self.run and self._heads(piece):
            self._ask("words", self.run)  # "…; 2345 - Lots 6789": whose lots they are, and no lot itself
            self.run, self.items = [], ()
        if piece.kind in {"lot", "serial"} and self.trailing:
            self._flush()
            self._end_trailing()
        named = len(self.entries) - self.clause_entries
        self.trailing = self.trailing or (piece.kind == "item" and not self.items and named > 0)
        self.behind = self.behind or (piece.kind == "item" and bool(self.outside) and self.mode == "note")
        run: list[Piece] = []
        if piece.kind == "except" and BEHIND.fullmatch(piece.text):
            run, self.run = self.run, []
            if not run and self.previous == "open":  # "A1 (not recalled)"
                del self.entries[self.before_open :]
            elif len(self.entries) > self.listed[0]:  # "A1, A2 not recalled": of both, or of A2 only
                del self.entries[self.listed[0] :]
                self.last = self.listed[1]
        self._flush()
        self._leave_dates()
        self.labelled = True
        if piece.kind in {"expiry", "made", "all", "except", "other"}:
            self.before = self.mode
            self.aside, self.said_aside = [*run, piece], set()
        elif piece.kind == "item" and self.used:
            self.items = ()
            self.undated = len(self.entries)
        self.mode = piece.kind

    def _end_trailing(self) -> None:
        """“Lot A, Model X; Lot B, Model Y”: X stands behind its lots, so what follows isn't its."""
        if self.trailing:
            self._used()
            self.items, self.trailing = (), False

    def _heads(self, label: Piece) -> bool:
        """Whether the run is a heading over the lots of this label: a dash or colon stands between."""
        dashed = self.run[-1].kind == "to" or ":" in self.text[self.run[-1].end : label.start]
        return dashed and self.mode in {"lot", "serial"}

    def _and(self, piece: Piece) -> None:
        if self.mode in {"expiry", "made"}:
            self.aside.append(piece)
        elif self.between and any(each.kind in {"code", "day"} for each in self.run):
            self.run.append(Piece("to", piece.text, piece.start, piece.end))
            self.between = False
        else:
            worded = any(each.kind not in RUN for each in self.run)
            self._flush()
            self.listed = (len(self.entries), piece.end) if worded else self.listed

    def _open(self, _: Piece) -> None:
        self.before_open = len(self.entries)
        self._flush()
        self.outside.append(self.mode)
        if self.mode == "item" and self.paired:
            self.mode = "lot"
        elif self.mode in {"lot", "serial", "unknown"}:
            self.mode = "note"

    def _close(self, _: Piece) -> None:
        self._flush()
        self._leave_dates()
        if self.outside:
            self.mode = self.outside.pop()
        if self.behind:  # "A1 – A9 (REF 11), B1 (REF 12)": the item of what stands before, never of what follows
            self._used()
            self.items, self.behind = (), False

    def _words(self, piece: Piece) -> None:
        """Codes, capitals, dates, range signs, words."""
        if self.mode in {"expiry", "made"}:
            dated = any(each.kind in DATES for each in self.aside)
            if piece.kind == "code" and _YEAR.fullmatch(piece.text) and not dated and len(self.aside) > 1:
                self.aside.append(replace(piece, kind="date"))  # "made before 2019"
                return
            if piece.kind not in {"code", "caps"}:
                self.aside.append(piece)
                return
            if not dated and len(self.aside) == 1 and piece.kind == "code":  # "Exp 1213"
                self.aside.append(replace(piece, kind="date"))
                return
            self._leave_dates()
            if not dated:  # "shipped to 14 hospitals"
                self.mode = "prose" if self.mode in {"lot", "serial"} else self.mode
        self.run.append(piece)

    # --- runs ----------------------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        """Decide what the run since the last separator says."""
        run, self.run, self.between = self.run, [], False
        inner = [place for place, each in enumerate(run) if each.kind not in {"to", "from"}]
        if not inner:
            return
        open_ended = [each for each in (run[0], run[-1]) if each.kind == "to" and each.text.strip(" \n\t-–—―−")]
        if open_ended and self.mode in {"lot", "serial", "unknown"}:  # "190101, ... 190112"
            self._ask("words", around(self.last, run))
        run = run[inner[0] : inner[-1] + 1]
        if self.mode == "item":
            self._item(run)
            return
        whole, self.last = around(self.last, run), run[0].start
        if self.mode in {"lot", "serial"} and run[0].kind == "code" and loaded(run):
            first = next(place for place, each in enumerate(run) if each.kind == "word")
            self._values(run[:first], self._said(run[:first]))  # "12345 was shipped to …"
            self.mode, run = "prose", run[first:]
        if loaded(run) or self.mode in {"note", "prose"}:
            self._prose(run, whole)
        else:
            self._values([each for each in run if each.kind not in {"word", "from"}], self._said(run))

    def _prose(self, run: list[Piece], whole: Piece) -> None:
        """Words: a code among them is asked about, a condition too."""
        said = self._said(run)
        codes = [each for each in run if each.kind in {"code", "day"}]
        kinds = {each.kind for each in run}
        conditional = any(each.text.lower() in CONDITION for each in run) or ("to" in kinds and bool(kinds & DATES))
        if said.lower() == "all":
            if self.mode in {"lot", "serial"}:
                self._add_all(run)
                return
            self._ask("words", whole)  # "Lot numbers (all): 123"
        elif any(len(each.text) > 2 for each in codes):
            self._ask("words", run)
        elif conditional and (self.labelled or "to" in kinds):
            self._ask("condition", whole)  # "12345 and earlier"
        self.mode = "prose" if self.mode in {"lot", "serial"} else self.mode
        self.labelled = True

    def _values(self, run: list[Piece], said: str) -> None:
        if not run:
            return
        if any(each.kind not in RUN for each in run):
            self._ask("one_or_several" if any(each.kind == "code" for each in run) else "date", run)
            return
        values = read_run(run, said, "serial" if self.mode == "serial" else "lot")
        self.account.paint("number", run)
        if self.mode == "unknown":
            self.unlabelled.append((run, values))
            self.unnamed += len(values)
            return
        for value in values:
            self._add(value)
            if isinstance(value, Question):
                self.spans.append((run[0].start, run[-1].end))

    def _add(self, value: Value) -> None:
        if isinstance(value, Question):
            self.questions.append(value)
        else:
            self.pairs += len(self.items)
            if self.pairs > PAIRS:
                raise MANY(limit=PAIRS)
            self.entries.append(replace(value, items=self.items))
        self._used()

    def _add_all(self, run: list[Piece]) -> None:
        self.account.paint("all", run)
        self.alls.append(All(self._said(run), self.items))
        self._used()

    def _used(self) -> None:
        if not self.used:
            self.all_items.update(dict.fromkeys(self.items, True))
        self.used = True

    def _item(self, run: list[Piece]) -> None:
        said = self._said(run)
        if any(each.kind in {"date", "zh_date", "to"} for each in run):  # "Product codes 100 to 150"
            self._ask("condition", run)
            return
        named = any(each.kind in {"code", "day"} for each in run)
        if not self.items or self.used:  # right after the label a name in letters will do: "REF NEEDLE"
            named = named or len(run) == 1 or said.isupper()
        if not named or len(said) > 60:
            return
        self.account.paint("item", run)
        words = any(each.kind == "word" for each in run)
        code = next((each.text for each in run if each.kind == "code"), said) if words else said
        self.items = (code,) if self.used else (*self.items, code)
        self.used = False
        self.undated = len(self.entries)
        self.all_items.setdefault(code, False)

    def _identifier(self, piece: Piece) -> None:
        """A UDI with its lot or serial is an entry of its own; without, it says which item is meant."""
        self._flush()
        self.labelled = True
        try:
            scan = identifiers.parse(piece.text)
        except Refusal:
            self._ask("identifier_wrong", piece)
            return
        if scan.problems or not (scan.di or scan.lot or scan.serial):
            self._ask("identifier_wrong", piece)
            return
        items = (scan.di,) if scan.di else self.items
        expiry = str(scan.expiry) if scan.expiry else None
        if scan.serial or scan.lot:
            kind: Number = "serial" if scan.serial else "lot"
            self.all_items.update(dict.fromkeys(items, True))
            self.account.paint("number", [piece])
            self.entries.append(Single(scan.serial or scan.lot or "", kind, items, expiry))
        elif scan.di:
            self._item([Piece("code", scan.di, piece.start, piece.end)])

    # --- conditions, exceptions, dates ---------------------------------------------------------------------------------

    def _leave_dates(self) -> None:
        """An expiry date belongs to the numbers before it; “before 2026-12” or a span of dates is a condition."""
        if self.mode not in {"expiry", "made"}:
            return
        aside, self.aside, which, self.mode = self.aside, [], self.mode, self.before
        while aside and aside[-1].kind in {"and", "to"}:
            aside.pop()
        dates = [each.text for each in aside if each.kind in DATES]
        words = [each.text.lower().strip(" :") for each in aside if each.kind in {"word", "from"}]
        spanning = any(each.kind == "to" for each in aside) or any(word in CONDITION for word in words)
        if dates and (spanning or len(dates) > 1):
            self._ask("condition", aside)
        elif dates:
            self.account.paint("date", aside)
            if self.undated == len(self.entries) and self.asked == len(self.questions):
                self._ask("condition", aside)
            for place in range(self.undated, len(self.entries) if which == "expiry" else 0):
                if self.entries[place].expiry is None:
                    self.entries[place] = replace(self.entries[place], expiry=written(dates[0]))
        if which == "expiry" or not dates:  # "Lot A1, made 2023-05, expires 2026-05": A1 still waits for its expiry
            self.undated, self.asked = len(self.entries), len(self.questions)

    def _leave_aside(self) -> None:
        aside, self.aside, which, self.mode = self.aside, [], self.mode, self.before
        while aside and aside[-1].kind in {"and", "to"}:
            aside.pop()
        if which == "all":
            plainly = {"quantity", "open", "close"}
            rest = [each for each in aside[1:] if each.kind not in plainly and each.text.lower() not in HARMLESS]
            if any(each.kind == "except" for each in rest):
                self._ask("exception", aside)
            elif rest or not ALL_OF.issuperset(aside[0].text.lower().split()):
                self._ask("condition", aside)
            else:
                self._add_all(aside)
        elif which == "except":
            self._ask("exception", around(self.last, aside))
            self.mode = "prose"
        else:
            self._ask("not_a_lot", aside)

    # --- the end -------------------------------------------------------------------------------------------------------

    def finish(self, cut: list[Piece]) -> LotList:
        """What is left open at the end becomes questions."""
        self._flush()
        self._leave_dates()
        if self.mode in {"all", "except", "other"}:
            self._leave_aside()
        self._unlabelled_left()
        if any(question.ask == "exception" for question in self.questions):
            self.alls = []  # nobody can say “all” before the exception is clear
        for clause in conditions_left(self.text, self.conditions, self.spans):
            self._ask("condition", clause)
        for piece in self.account.forgotten(cut):
            self._ask("words", piece)
        items = tuple(self.all_items)
        named = self.entries or self.alls or self.questions
        bare = tuple(item for item, has_lots in self.all_items.items() if not has_lots)
        if bare and not self.alls and (self.paired or not named):
            for item in bare:
                self._ask("item_without_lots", item)
        elif not named:
            self._ask("nothing", Piece("text", "", 0, len(self.text)))
        alls = tuple(replace(each, items=each.items or items) for each in self.alls)
        for each in (one for one in alls if not one.items):
            self._ask("all_of_which", each.text)
        return LotList.of(self.entries, alls, items, self.questions, self.account.parts(cut))

    def _unlabelled_left(self) -> None:
        """Numbers without a label are lots only when the whole text has none."""
        if self.labelled and self.unlabelled:
            self._ask("unlabelled", ", ".join(self._said(run) for run, _ in self.unlabelled))
            for run, _ in self.unlabelled:
                self.account.paint("question", run)
            return
        for value in [value for _, values in self.unlabelled for value in values]:
            self._add(value)

    def _ask(self, ask: Ask, about: str | Piece | list[Piece]) -> None:
        if not isinstance(about, str):
            start, end = (about[0].start, about[-1].end) if isinstance(about, list) else (about.start, about.end)
            self.spans.append((start, end))
            self.account.paint("question", [Piece("asked", "", start, end)])
            about = self.text[start:end]
        self.questions.append(Question(ask, about.strip()))
        self._used()

    def _said(self, run: list[Piece]) -> str:
        return self.text[run[0].start : run[-1].end].strip()


__all__ = ["LIMIT", "All", "LotList", "Question", "Range", "Single", "matching", "parse"]
