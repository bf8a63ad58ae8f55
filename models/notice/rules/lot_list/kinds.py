"""What a lot list of a notice says: single numbers, ranges, “all”, and questions to a person (STANDARDS C 72).

A range is a prefix, two bounds of the same width and perhaps a suffix.  It is never spelled out: millions of codes may lie
in it and a dozen lots exist, so it is held against the register (or a given set) by comparing keys of the same length.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from models.identifier.rules.identifiers import compact
from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.notice.rules.lot_list.account import Part

_CLAUSE = "STANDARDS C 72"
EMPTY_LIST = Kind("LST-001", _CLAUSE, "批号清单为空。", "The lot list is empty.", 422)
LONG_LIST = Kind(
    "LST-002",
    _CLAUSE,
    "批号清单有 {length} 个字符，最多 {limit} 个；请分几次录入。",
    "The lot list has {length} characters, at most {limit} are read; enter it in parts.",
    422,
)

MANY = Kind(
    "LST-003",
    _CLAUSE,
    "批号与货号的组合超过 {limit} 个；请分几次录入。",
    "The lots and the items that they stand with make more than {limit} pairs; enter the list in parts.",
    422,
)

Number = Literal["lot", "serial"]
Ask = Literal[
    "range_or_number",
    "range_prefix",
    "range_width",
    "range_backwards",
    "one_or_several",
    "unlabelled",
    "words",
    "date",
    "no_digit",
    "wildcard",
    "condition",
    "exception",
    "item_without_lots",
    "all_of_which",
    "not_a_lot",
    "identifier_wrong",
    "nothing",
]

QUESTIONS: dict[Ask, Text] = {
    "range_or_number": Text("“{text}”是一个编号，还是一个范围？", "Is “{text}” one number or a range?"),
    "range_prefix": Text(
        "“{text}”两端的前缀或后缀不同，范围包括哪些编号？",
        "The ends of “{text}” begin or finish differently; which numbers lie in it?",
    ),
    "range_width": Text(
        "“{text}”两端的位数不同，范围包括哪些编号？",
        "The ends of “{text}” have different lengths; which numbers lie in it?",
    ),
    "range_backwards": Text(
        "“{text}”的终点小于起点，应为哪个范围？",
        "“{text}” ends before it begins; which range is meant?",
    ),
    "one_or_several": Text("“{text}”是一个编号，还是几个编号？", "Is “{text}” one number or several?"),
    "unlabelled": Text(
        "“{text}”没有说明是批号还是别的编号，哪些是批号？",
        "“{text}” doesn't say what its numbers are; which of them are lots?",
    ),
    "words": Text("“{text}”中哪些是批号？", "Which lots does “{text}” name?"),
    "date": Text("“{text}”是批号还是日期？", "Is “{text}” a lot number or a date?"),
    "no_digit": Text("“{text}”没有数字，是批号吗？", "“{text}” has no digit; is it a lot number?"),
    "wildcard": Text(
        "“{text}”中有代替数字的符号或脚注符号，指哪些编号？",
        "“{text}” has a sign in a digit's place, or a footnote; which numbers are meant?",
    ),
    "condition": Text(
        "通知附有条件：“{text}”。哪些批次符合？",
        "The notice sets a condition: “{text}”. Which lots meet it?",
    ),
    "exception": Text(
        "通知有例外：“{text}”。哪些批次除外？",
        "The notice makes an exception: “{text}”. Which lots are left out?",
    ),
    "item_without_lots": Text(
        "“{text}”没有列出批号，是否指其全部批次？",
        "No lot is named for “{text}”; does the notice mean all its lots?",
    ),
    "all_of_which": Text("“{text}”指哪个物料的全部批次？", "“{text}”: all lots of which item?"),
    "not_a_lot": Text(
        "“{text}”说的不是批号（如软件版本），涉及哪些批次？",
        "“{text}” names something else than lots (a software version); which lots are concerned?",
    ),
    "identifier_wrong": Text("“{text}”编码有误，应为什么？", "The code “{text}” is wrong; what should it be?"),
    "nothing": Text(
        "“{text}”中没有找到批号，涉及哪些批次？", "No lot was found in “{text}”; which lots are concerned?"
    ),
}


@dataclass(frozen=True, slots=True)
class Single:
    """One number; `items` are the catalogue numbers or device identifiers it stands with, `expiry` as it is written."""

    number: str
    kind: Number = "lot"
    items: tuple[str, ...] = ()
    expiry: str | None = None

    @property
    def key(self) -> str:
        """The search key of the register."""
        return compact(self.number)

    @property
    def label(self) -> str:
        """For people."""
        return self.number


@dataclass(frozen=True, slots=True)
class Range:
    """All numbers from `first` to `last`: same prefix, same width, same suffix."""

    first: str
    last: str
    kind: Number = "lot"
    items: tuple[str, ...] = ()
    expiry: str | None = None

    @property
    def prefix(self) -> str:
        """What stands before the digits that count, as a search key."""
        return compact(_parts(self.first)[0])

    @property
    def suffix(self) -> str:
        """What stands behind them."""
        return compact(_parts(self.first)[2])

    @property
    def width(self) -> int:
        """How many digits count."""
        return len(_parts(self.first)[1])

    @property
    def bounds(self) -> tuple[int, int]:
        """The digits as numbers, both included."""
        return int(_parts(self.first)[1]), int(_parts(self.last)[1])

    @property
    def keys(self) -> tuple[str, str]:
        """The bounds as search keys; between keys of the same length, order of text is order of number."""
        return compact(self.first), compact(self.last)

    @property
    def label(self) -> str:
        """For people."""
        return f"{self.first} – {self.last}"

    def has(self, number: str) -> bool:
        """Whether the number lies in the range."""
        key, (low, high) = compact(number), self.bounds
        digits = key[len(self.prefix) : len(key) - len(self.suffix)]
        return (
            len(digits) == self.width
            and digits.isascii()
            and digits.isdigit()
            and key.startswith(self.prefix)
            and key.endswith(self.suffix)
            and low <= int(digits) <= high
        )


@dataclass(frozen=True, slots=True)
class All:
    """Every lot of the items; of everything when the notice names no item."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to answer; `suggestions` are readings, none of them taken."""

    ask: Ask
    text: str
    suggestions: tuple[str, ...] = ()

    @property
    def zh(self) -> str:
        """The question in Chinese."""
        return QUESTIONS[self.ask][0].format(text=short(self.text))

    @property
    def en(self) -> str:
        """The question in English."""
        return QUESTIONS[self.ask][1].format(text=short(self.text))


@dataclass(frozen=True, slots=True)
class LotList:
    """A notice's list as read.  `complete` only when nothing is left to ask; `account` tells what became of each part."""

    singles: tuple[Single, ...]
    ranges: tuple[Range, ...]
    alls: tuple[All, ...]
    items: tuple[str, ...]
    questions: tuple[Question, ...]
    account: tuple[Part, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def of(
        cls,
        entries: Iterable[Single | Range],
        alls: Iterable[All],
        items: tuple[str, ...],
        questions: Iterable[Question],
        account: tuple[Part, ...],
    ) -> "LotList":
        """Each entry and question once, in their order."""
        once = dict.fromkeys(entries)
        singles = tuple(each for each in once if isinstance(each, Single))
        ranges = tuple(each for each in once if isinstance(each, Range))
        return cls(singles, ranges, tuple(dict.fromkeys(alls)), items, tuple(dict.fromkeys(questions)), account)

    @property
    def complete(self) -> bool:
        """Whether the list may be used without asking anybody."""
        return not self.questions

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "complete": self.complete,
            "singles": [asdict(single) for single in self.singles],
            "ranges": [
                asdict(each) | {"prefix": each.prefix, "width": each.width, "suffix": each.suffix}
                for each in self.ranges
            ],
            "alls": [asdict(each) for each in self.alls],
            "items": list(self.items),
            "questions": [
                {"ask": q.ask, "text": q.text, "zh": q.zh, "en": q.en, "suggestions": list(q.suggestions)}
                for q in self.questions
            ],
        }


def _parts(number: str) -> tuple[str, str, str]:
    """Prefix, the last run of digits, suffix."""
    match = re.fullmatch(r"(.*?)([0-9]+)([^0-9]*)", number, re.DOTALL)
    return (match[1], match[2], match[3]) if match else (number, "", "")


def range_of(first: str, last: str, kind: Number = "lot") -> Range | Single | Question:
    """The range between two numbers, or the question why it is none."""
    text = f"{first} – {last}"
    (before, low, after), (before_last, high, after_last) = _parts(first), _parts(last)
    if not low or not high:
        return Question("range_prefix", text)
    if (compact(before), compact(after)) != (compact(before_last), compact(after_last)):
        if compact(last) == high and len(high) < len(low):  # "PPB1155 – 74": perhaps the last digits only
            return Question("range_prefix", text, (f"{first} – {before}{low[: -len(high)]}{high}{after}",))
        return Question("range_prefix", text)
    if len(low) != len(high):
        return Question("range_width", text)
    if int(low) > int(high):
        return Question("range_backwards", text, (f"{last} – {first}",))
    return Single(first, kind) if low == high else Range(first, last, kind)


def matching(parsed: LotList, numbers: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Which of the numbers the list names: number → the entries (as written) that name it.  “All” is not looked at."""
    singles: dict[str, list[str]] = {}
    for single in parsed.singles:
        singles.setdefault(single.key, []).append(single.label)
    found: dict[str, tuple[str, ...]] = {}
    for number in numbers:
        by = [*singles.get(compact(number), []), *(each.label for each in parsed.ranges if each.has(number))]
        if by:
            found[number] = tuple(by)
    return found


def short(text: str) -> str:
    """A text as it may be shown in a sentence."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 120 else flat[:119] + "…"
