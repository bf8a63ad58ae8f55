"""Which acts a batch may go through while somebody holds it: one table, asked by every act (REQUIREMENTS 5, 74).

ISO 13485 8.3.1, 8.3.3; 21 CFR 820.86, 7.46.  A hold keeps goods from being used and from getting lost: what evaluates them, sets them
apart, brings them to a place for such goods or keeps the record true is allowed.  While a recall's scope isn't approved yet, nothing is done
to them that can't be taken back.  The database says the same where a row can tell (migrations/sql/held_acts.sql).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from models.rules.holds import HoldKind, OpenHold, strongest
from models.rules.refusals import Kind

HELD = Kind(
    "LOT-003",
    "ISO 13485 8.3.1",
    "批次 {lot} 已冻结（{reason}），不能{act_zh}。",
    "Batch {lot} is on hold ({reason}); it can't be {act_en}.",
)


class Act(StrEnum):
    """What somebody does with a batch."""

    BOOK_RETURN = "book_return"
    CONSUME = "consume"
    CORRECT = "correct"
    DISPOSE = "dispose"
    INSPECT = "inspect"
    LABEL = "label"
    MERGE = "merge"
    MOVE = "move"
    OPERATE = "operate"
    PACK = "pack"
    PUT_AWAY = "put_away"
    RELEASE = "release"
    REPACK = "repack"
    RESTOCK = "restock"
    SCRAP_RETURN = "scrap_return"
    SHIP = "ship"
    SPLIT = "split"
    UNPACK = "unpack"


WORDS: Mapping[Act, tuple[str, str]] = {
    Act.BOOK_RETURN: ("登记退货", "booked back"),
    Act.CONSUME: ("投料", "consumed"),
    Act.CORRECT: ("更正记录", "corrected in the record"),
    Act.DISPOSE: ("部分处置", "decided on in part"),
    Act.INSPECT: ("检验", "inspected"),
    Act.LABEL: ("贴标赋码", "labelled"),
    Act.MERGE: ("合并", "merged"),
    Act.MOVE: ("移到隔离等库位", "moved (to quarantine and the like)"),
    Act.OPERATE: ("加工", "worked on"),
    Act.PACK: ("包装", "packed"),
    Act.PUT_AWAY: ("入库上架", "put away"),
    Act.RELEASE: ("放行", "released"),
    Act.REPACK: ("换包装", "repacked"),
    Act.RESTOCK: ("退货重新入库", "put back to stock"),
    Act.SCRAP_RETURN: ("销毁退货", "scrapped when returned"),
    Act.SHIP: ("发货", "shipped"),
    Act.SPLIT: ("拆分", "split"),
    Act.UNPACK: ("从箱中取出", "unpacked"),
}
"""Each act as it follows 不能 and "it can't be"."""

KEEPS = frozenset({Act.BOOK_RETURN, Act.CORRECT, Act.INSPECT, Act.MOVE, Act.SPLIT, Act.UNPACK})
"""What keeps goods apart, known and in the record; all of it can be taken back."""
ENDS = frozenset({Act.DISPOSE, Act.SCRAP_RETURN})
"""What ends goods for good."""
ALLOWED: Mapping[HoldKind, frozenset[Act]] = {
    HoldKind.QUALITY: KEEPS | ENDS | {Act.LABEL},
    HoldKind.RELEASE: KEEPS | ENDS | {Act.LABEL},
    HoldKind.CONTAINMENT: KEEPS,
    HoldKind.RECALL: KEEPS | ENDS,
}


def allows(holds: Collection[OpenHold], act: Act) -> bool:
    """Whether each of these holds lets the act happen."""
    return all(act in ALLOWED[one.kind] for one in holds)


def left(holds: Collection[OpenHold]) -> tuple[Act, ...]:
    """What may still be done with a batch under these holds."""
    return tuple(act for act in Act if allows(holds, act))


def check(act: Act, lot_no: str, holds: Collection[OpenHold]) -> None:
    """Refuse what a hold doesn't allow; the strongest hold that forbids it is named."""
    against = strongest([one for one in holds if act not in ALLOWED[one.kind]])
    if against is not None:
        zh, en = WORDS[act]
        raise HELD(lot=lot_no, reason=against.reason, act_zh=zh, act_en=en)


def by_then(holds: Collection[OpenHold], moment: datetime) -> tuple[OpenHold, ...]:
    """The holds that stood at that moment: work that was done before may be recorded, what it made is held all the same."""
    return tuple(one for one in holds if one.placed_at is None or one.placed_at <= moment)
