"""To whom a consignee passed recalled goods on: who may be named, how much each can have got (21 CFR 7.42(b)(1), 7.49(d)).

A distributor's hospitals are asked as he is, each by a notice of their own (sub-recall); 医疗器械召回管理办法 asks the same of
经营企业 and 使用单位.  What he passed on and nobody is named for is still out, and he is asked again until it has names.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.identifier.rules.identity import identity_key
from models.kernel.refusal import Kind
from models.kernel.units.names import told
from models.kernel.units.quantity import plain

CLAUSE = "21 CFR 7.42(b)(1), 7.49(d); 医疗器械召回管理办法"
TOO_MANY = Kind(
    "RCS-001",
    CLAUSE,
    "写明去向的共 {named}，超过转给他人的 {passed_on}。",
    "The receivers named got {named_en} in all; that is more than the {passed_on_en} passed on.",
    422,
)
NOTHING_PASSED = Kind(
    "RCS-002",
    CLAUSE,
    "回执里没有转给他人的数量，不能登记收货单位。",
    "The answer says that nothing was passed on, so no receiver can be named.",
)
NOBODY = Kind(
    "RCS-003",
    CLAUSE,
    "第 {row} 行的收货单位要有名称和大于零的数量。",
    "Row {row}: a receiver needs a name and a quantity above zero.",
    422,
)
TWICE = Kind(
    "RCS-004",
    CLAUSE,
    "第 {first} 行和第 {row} 行是同一收货单位「{name}」；请合并为一行并填写总数。",
    "Rows {first} and {row} name the same receiver, “{name}”; make them one row with the sum.",
    422,
)
KNOWN = Kind(
    "RCS-005",
    CLAUSE,
    "「{name}」已经登记，已收到通知或等待核对；另一批货请在名称后加注以便区分。",
    "“{name}” is named already, and has a notice or waits to be confirmed; for another delivery add to the name what tells it apart.",
)
ROUND = Kind(
    "RCS-006",
    CLAUSE,
    "「{name}」正是把货转给贵方的单位：退回给它的不算转出，请计入现有库存。",
    "“{name}” is among those who passed the goods on to you: what goes back to them is not passed on, count it as on hand.",
    422,
)
TOO_DEEP = Kind(
    "RCS-007",
    CLAUSE,
    "已经转手 {levels} 次，不能再由链接登记；请来电告知。",
    "The goods changed hands {levels} times already; please call us about further receivers.",
)
NO_ROW = Kind(
    "RCS-008",
    CLAUSE,
    "第 {row} 行看不懂：请写“名称; 联系人; 邮箱或电话; 数量”。",
    "Row {row} can't be read: write “name; contact; e-mail or telephone; quantity”.",
    422,
)
TOO_LONG = Kind(
    "RCS-009",
    CLAUSE,
    "一次最多登记 {most} 家收货单位，这里有 {rows} 家；其余可用同一链接随后补充。",
    "At most {most} receivers at a time, and these are {rows}; add the rest afterwards through the same link.",
    422,
)
NO_NAMES = Kind("RCS-010", CLAUSE, "请至少写一家收货单位。", "Name at least one receiver.", 422)
WAITS = Kind(
    "RCS-012",
    CLAUSE,
    "贵方已有 {waiting} 份名单在等我方核对，请等核对后再补充，或来电告知。",
    "{waiting} of your lists wait until we have looked at them; add more afterwards, or call us.",
    429,
)
TOO_OFTEN = Kind(
    "RCS-013",
    CLAUSE,
    "通过此链接已提交 {lists} 份名单，不能再提交；请来电告知其余收货单位。",
    "{lists} lists came through this link, and it takes no more; please call us about the other receivers.",
    429,
)
TOO_MUCH_TEXT = Kind(
    "RCS-011",
    CLAUSE,
    "收货单位共 {length} 个字符，一次最多 {limit} 个；其余请随后补充。",
    "The receivers are {length} characters of text, at most {limit} are read at a time; add the rest afterwards.",
    422,
)

LEVELS = 8
"""How often goods may change hands: nobody sells on more often, and a loop of letters would."""
MOST = 1000
"""Receivers named at once."""
LINK_WAITS = 5
"""Lists of one notice that may wait at a time, sent through its link."""
LINK_LISTS = 20
"""Lists of one notice that its link takes at all: each is work for somebody, and whoever has the link may send them."""
LONGEST = 200_000
"""Characters that are read: twice what so many receivers need."""
_COLUMNS = re.compile(r"[;；\t]")
_QUANTITY = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(\.[0-9]{1,6})?\s*(?:pcs|EA|件|个|支|套|盒|片)?")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to whom a consignee passed goods on, how they are reached, and how many they got."""

    name: str
    quantity: Decimal
    contact: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record when receivers are named: those of the same answer, and everybody up to our own customer."""

    passed_on: Decimal
    named: Decimal = Decimal(0)
    receivers: Collection[str] = ()
    above: Sequence[str] = ()


def check_often(lists: int, waiting: int, *, by_link: bool) -> None:
    """Refuse one more list through a link that sent many already; by telephone somebody of ours has written it down."""
    if by_link and waiting >= LINK_WAITS:
        raise WAITS(waiting=waiting)
    if by_link and lists >= LINK_LISTS:
        raise TOO_OFTEN(lists=lists)


def check(receivers: Sequence[Receiver], known: Known, uom: str = "") -> None:
    """Refuse names that can't be: more than was passed on, nobody, somebody twice, or somebody the goods came from.

    `uom` where all of the goods are counted in one unit.
    """
    if not receivers:
        return
    if known.passed_on <= 0:
        raise NOTHING_PASSED()
    if len(receivers) > MOST:
        raise TOO_LONG(most=MOST, rows=len(receivers))
    if len(known.above) > LEVELS:
        raise TOO_DEEP(levels=len(known.above) - 1)
    _check_names(receivers, known)
    total = known.named + sum((one.quantity for one in receivers), Decimal(0))
    if total > known.passed_on:
        raise TOO_MANY(**told(uom, named=total, passed_on=known.passed_on))


def _check_names(receivers: Sequence[Receiver], known: Known) -> None:
    above, before = set(map(identity_key, known.above)), set(map(identity_key, known.receivers))
    seen: dict[str, int] = {}
    for row, one in enumerate(receivers, start=1):
        key = identity_key(one.name)
        if not key or one.quantity <= 0:
            raise NOBODY(row=row)
        if key in above:
            raise ROUND(name=one.name.strip())
        if key in before:
            raise KNOWN(name=one.name.strip())
        if key in seen:
            raise TWICE(first=seen[key], row=row, name=one.name.strip())
        seen[key] = row


def read(text: str) -> tuple[Receiver, ...]:
    """The rows that a person types or pastes from a spreadsheet: name; contact; e-mail or telephone; quantity.

    A tab, a semicolon or its Chinese form parts the columns.  The quantity stands last; what stands between is the contact and
    how they are reached.  A row that can't be read is refused with its number, never left out.
    """
    if len(text) > LONGEST:
        raise TOO_MUCH_TEXT(length=len(text), limit=LONGEST)
    rows = [line.strip() for line in text.splitlines()]
    return tuple(_row(row, line) for row, line in enumerate((one for one in rows if one), start=1))


def _row(row: int, line: str) -> Receiver:
    parts = [part.strip() for part in _COLUMNS.split(line)]
    while len(parts) > 2 and not parts[-1]:
        parts.pop()
    if len(parts) < 2 or not parts[0]:
        raise NO_ROW(row=row)
    quantity = _number(parts[-1])
    if quantity is None:
        raise NO_ROW(row=row)
    said = dict.fromkeys(("contact", "email", "phone"), "")
    for part in filter(None, parts[1:-1]):
        kind = "email" if "@" in part else "phone" if _is_phone(part) else "contact"
        said[kind] = f"{said[kind]}, {part}" if said[kind] else part
    return Receiver(parts[0], quantity, **said)


def _is_phone(text: str) -> bool:
    return sum(one.isdigit() for one in text) >= 5 and not any(one.isalpha() for one in text)


def _number(text: str) -> Decimal | None:
    """A quantity as people write it; `1,200` and a unit behind it are understood, anything doubtful isn't."""
    found = _QUANTITY.fullmatch(unicodedata.normalize("NFKC", text))
    return None if found is None else Decimal(found[1].replace(",", "") + (found[2] or ""))


def said(receivers: Iterable[Receiver]) -> str:
    """The rows as they are typed: what a form shows again."""
    return "\n".join(
        "; ".join(part for part in (one.name, one.contact, one.email, one.phone, plain(one.quantity)) if part)
        for one in receivers
    )
