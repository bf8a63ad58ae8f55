"""Which numbers a run of codes says: one, several, a range, or something only a person can tell (STANDARDS C 72).

A run is what stands between two separators: `AB 0643`, `2003-06 AE`, `PPB1155 - PPB1174`, `1234-5678`.
"""

import re
from collections.abc import Sequence

from models.notice.rules.lot_list.kinds import Number, Question, Range, Single, range_of
from models.notice.rules.lot_list.tokens import Piece

Value = Single | Range | Question


def read_run(run: Sequence[Piece], text: str, kind: Number) -> list[Value]:
    """What the run says; `text` is the run as written.  A run holds only codes, capitals, days and range signs."""
    parts: list[list[Piece]] = [[]]
    for piece in run:
        if piece.kind == "to":
            parts.append([])
        else:
            parts[-1].append(piece)
    parts = [part for part in parts if part]
    if len(parts) <= 1:
        return _numbers(parts[0], text, kind) if parts else []
    if len(parts) == 2:
        ends = [_one(part) for part in parts]
        if ends[0] and ends[1]:
            return [range_of(ends[0], ends[1], kind)]
    return _ranges_in_a_row(parts, text, kind)


def _ranges_in_a_row(parts: list[list[Piece]], text: str, kind: Number) -> list[Value]:
    """`A1 – A5 B1 – B5` without commas: only when each pair is a proper range, else a question."""
    flat = [[piece.text for piece in part] for part in parts]
    if len(flat[0]) == len(flat[-1]) == 1 and all(len(part) == 2 for part in flat[1:-1]):
        codes = [code for part in flat for code in part]
        ranges = [range_of(first, last, kind) for first, last in zip(codes[::2], codes[1::2], strict=True)]
        if not any(isinstance(each, Question) for each in ranges):
            return list(ranges)
    return [Question("one_or_several", text)]


def _one(part: Sequence[Piece]) -> str | None:
    """The single number that the pieces are, blanks inside it kept: letters before or after one code belong to it."""
    kinds = ["code" if piece.kind == "day" else piece.kind for piece in part]
    if kinds in (["code"], ["caps", "code"], ["code", "caps"]):
        return " ".join(piece.text for piece in part)
    return None


def _numbers(part: Sequence[Piece], text: str, kind: Number) -> list[Value]:
    """One number or several without a range sign between them."""
    if len(part) == 1 and part[0].kind != "caps":
        return [hyphenated(part[0].text, kind) if part[0].kind == "code" else Question("date", text)]
    if all(piece.kind == "caps" for piece in part):
        return [Question("no_digit", text)]
    one = _one(part)
    if one:
        return [Single(one, kind)]
    pairs = [_one(part[place : place + 2]) for place in range(0, len(part), 2)]
    shapes = [_shape(pair) for pair in pairs if pair]
    if len(part) % 2 == 0 and len(shapes) == len(pairs) and part[0].kind == "caps" and len(set(shapes)) == 1:
        return [Single(pair, kind) for pair in pairs if pair]  # "AB 0643 AB 0732"
    alike = len({_shape(piece.text) for piece in part}) == 1 and len(part[0].text) >= 5
    if alike and all(piece.kind == "code" for piece in part):
        return [hyphenated(piece.text, kind) for piece in part]  # "12345 12346 12350"
    return [Question("one_or_several", text, (" ".join(p.text for p in part), ", ".join(p.text for p in part)))]


def hyphenated(code: str, kind: Number) -> Value:
    """A code with a hyphen or stroke inside: a number, unless both sides look alike.

    `103-05` is a lot; `PPB1155-PPB1174` can only be a range; `1234-5678` and `1-100` may be either, so a person is asked.
    """
    match = re.fullmatch(r"([A-Za-z0-9]+)([-/])([A-Za-z0-9]+)", code)
    if match is None or "/" in code:
        return _stroked(code, kind) if "/" in code else _halved(code, kind)
    left, _, right = match.groups()
    number, between = Single(code, kind), range_of(left, right, kind)
    if code.replace("-", "").isdigit():
        return Question("range_or_number", code, (code, f"{left} – {right}")) if int(left) < int(right) else number
    if _shape(left) != _shape(right):
        return number
    if isinstance(between, Range) and not (left[0].isalpha() and len(left) >= 5):
        return Question("range_or_number", code, (code, between.label))
    return between if isinstance(between, Range) else number


def _halved(code: str, kind: Number) -> Value:
    """`BH-0012-BH-0019`: where the halves of a number are the ends of a range, nobody knows whether it is one."""
    parts = code.split("-")
    half = len(parts) // 2
    between = range_of("-".join(parts[:half]), "-".join(parts[half:]), kind)
    if len(parts) % 2 == 0 and isinstance(between, Range) and any(map(str.isalpha, between.prefix)):
        return Question("range_or_number", code, (code, between.label))
    return Single(code, kind)


def _stroked(code: str, kind: Number) -> Value:
    """`21/001` is a number; `12345/12346`, `A1/A2/A3` and `12345/46` may be several."""
    parts = code.split("/")
    first, last = parts[0], parts[-1]
    alike = {_shape(part) for part in parts[1:]}
    if len(alike) == 1 and all(part.isalnum() for part in parts):
        if len(parts) > 2 or (_shape(first) in alike and len(first) >= 3):
            return Question("one_or_several", code, (code, ", ".join(parts)))
        if last.isdigit() and len(last) <= 2 and re.search(r"\d{5}$", first):
            return Question("one_or_several", code, (code, f"{first}, {first[: -len(last)]}{last}"))
    return Single(code, kind)


def _shape(text: str) -> str:
    return re.sub(r"[0-9]", "9", re.sub(r"[A-Za-z]", "A", text))
