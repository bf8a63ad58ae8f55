"""A supplier's notice as the beginning of a recall: its lot list becomes identifiers, its questions a person's to answer.

An entry is kept as a reference that says the same in every later version of the scope, whatever lots have come since:
`list:lot:NS4928020 – NS6203182@AR1318` (REQUIREMENTS 53; STANDARDS C 72).
"""

from collections.abc import Iterable

from models.kernel.refusal import Kind
from models.notice.rules.lot_list.kinds import All, LotList, Number, Range, Single, range_of

QUESTIONS = Kind(
    "RCL-015",
    "STANDARDS C 72; 21 CFR 7.46",
    "通知中有 {questions} 处需要人来回答，{unknown} 个编号不在登记中：请看过后勾选确认，并把您的答案写进“涉及的编号”。",
    "Questions that the notice leaves: {questions}; numbers that no lot of ours bears: {unknown}. Look at them, confirm that"
    " you have, and add what you answer to “what is recalled”.",
    422,
)

PREFIX = "list:"
KINDS: tuple[Number, ...] = ("lot", "serial")


def reference(entry: Single | Range | All) -> str:
    """The entry as an identifier of a scope."""
    items = "@" + "|".join(entry.items) if entry.items else ""
    if isinstance(entry, All):
        return f"{PREFIX}all:{items}"
    return f"{PREFIX}{entry.kind}:{entry.label}{items}"


def is_reference(text: str) -> bool:
    """Whether an identifier is an entry of a notice's list."""
    return text.startswith(PREFIX)


def read(references: Iterable[str]) -> LotList:
    """The entries behind the references as one list; what is no entry is left out and found missing by who asks."""
    singles, ranges, alls = list[Single](), list[Range](), list[All]()
    for text in references:
        kind, _, rest = text.removeprefix(PREFIX).partition(":")
        said, _, names = rest.partition("@")
        items = tuple(name for name in names.split("|") if name)
        first, dash, last = said.partition(" – ")
        if kind == "all" and items:
            alls.append(All("all", items))
        for number in (one for one in KINDS if one == kind and first.strip()):
            made = range_of(first, last, number) if dash else Single(first, number)
            if isinstance(made, Range):
                ranges.append(Range(made.first, made.last, number, items))
            elif isinstance(made, Single):
                singles.append(Single(made.number, number, items))
    return LotList(tuple(singles), tuple(ranges), tuple(alls), (), ())


def label(text: str) -> str:
    """An identifier of a scope as people read it: `NS4928020 – NS6203182 (REF AR1318)`."""
    if not is_reference(text):
        return text
    kind, _, rest = text.removeprefix(PREFIX).partition(":")
    said, _, names = rest.partition("@")
    items = f"REF {', '.join(names.split('|'))}" if names else ""
    if kind == "all":
        return f"全部 all: {items}"
    return f"{said} ({items})" if items else said


def check(parsed: LotList, unknown: int, *, seen: bool) -> None:
    """Refuse to go on before somebody has looked at what the notice leaves open."""
    if (parsed.questions or unknown) and not seen:
        raise QUESTIONS(questions=len(parsed.questions), unknown=unknown)
