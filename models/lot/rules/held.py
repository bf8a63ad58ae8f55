"""What may be done with a batch while it is held, and by which kind of hold: one table, asked by every act (ISO 13485 8.3.1).

A held batch is looked at, set aside and told apart; nothing is made of it, added to it, labelled or let go.  Holds and
recalls are the strongest word in the plant (21 CFR 7.46; 医疗器械召回管理办法): a recall asks more than a doubt of quality.
Goods that came back and nobody has decided about are part of a batch and judged by quantity (`models.place.rules`).
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.lot.rules.open_hold import HoldKind, OpenHold, strongest

HELD = Kind(
    "LOT-003",
    "ISO 13485 8.3.1",
    "批次 {lot} 已冻结（{why_zh}），不能{act_zh}；冻结期间可以：{may_zh}。",
    "Batch {lot} is on hold ({why_en}); it can't be {act_en}. While it is held it may be: {may_en}.",
)


class Act(StrEnum):
    """What somebody wants to do with a batch."""

    OPERATE = "operate"
    CONSUME = "consume"
    PACKAGE = "package"
    PACK = "pack"
    NUMBER = "number"
    PUT_AWAY = "put_away"
    SHIP = "ship"
    MERGE = "merge"
    REPACK = "repack"
    RELEASE = "release"
    RESTOCK = "restock"
    SCRAP_RETURN = "scrap_return"
    PROPOSE = "propose"
    SPLIT = "split"
    INSPECT = "inspect"
    MOVE = "move"
    UNPACK = "unpack"
    RETURN = "return"
    CORRECT = "correct"


ACT_WORDS: dict[Act, Text] = {
    Act.OPERATE: Text("继续加工", "worked on"),
    Act.CONSUME: Text("投料", "consumed"),
    Act.PACKAGE: Text("包装贴标", "packed and labelled"),
    Act.PACK: Text("装箱", "packed into a case"),
    Act.NUMBER: Text("登记序列号", "given serial numbers"),
    Act.PUT_AWAY: Text("入库上架", "put away"),
    Act.SHIP: Text("发货", "shipped"),
    Act.MERGE: Text("合并", "merged"),
    Act.REPACK: Text("改包装", "repacked"),
    Act.RELEASE: Text("放行", "released"),
    Act.RESTOCK: Text("退货重新入库", "put back to stock after a return"),
    Act.SCRAP_RETURN: Text("报废退货", "scrapped after a return"),
    Act.PROPOSE: Text("提出部分处置", "proposed for a partial disposition"),
    Act.SPLIT: Text("拆分", "split"),
    Act.INSPECT: Text("检验", "inspected"),
    Act.MOVE: Text("移到隔离库位", "set aside"),
    Act.UNPACK: Text("从包装中取出", "unpacked"),
    Act.RETURN: Text("登记退货", "taken back"),
    Act.CORRECT: Text("更正投料记录", "corrected in its record"),
}
"""As it stands in a refusal, after "can't be", and in the table."""

_ALWAYS = frozenset({Act.SPLIT, Act.INSPECT, Act.MOVE, Act.UNPACK, Act.RETURN, Act.CORRECT})
_ENDS = frozenset({Act.PROPOSE, Act.SCRAP_RETURN})
"""What ends goods for good, by a decision of its own."""
ALLOWED: dict[HoldKind, frozenset[Act]] = {
    HoldKind.QUALITY: _ALWAYS | _ENDS | {Act.NUMBER},
    HoldKind.RELEASE: _ALWAYS | _ENDS | {Act.NUMBER},
    # the scope isn't approved: what is in it stays as it is
    HoldKind.CONTAINMENT: _ALWAYS,
    HoldKind.RECALL: _ALWAYS | _ENDS,
}
"""Which acts a hold allows; it forbids every other.  Parts that are split off stay held; goods move to where held goods lie."""


def allows(kind: HoldKind, act: Act) -> bool:
    """Whether a batch that is held like this may go through the act."""
    return act in ALLOWED[kind]


def allowed(holds: Sequence[OpenHold]) -> tuple[Act, ...]:
    """What all of these holds allow, in the order of the table."""
    return tuple(act for act in Act if all(allows(one.kind, act) for one in holds))


def check(lot_no: str, holds: Sequence[OpenHold], act: Act, *, began: datetime | None = None) -> None:
    """Refuse an act that one of the open holds forbids.

    `began` is told of work: what had begun before the hold was placed has happened and is recorded.
    """
    before = [one for one in holds if began is None or one.placed_at is None or one.placed_at <= began]
    hold = strongest([one for one in before if not allows(one.kind, act)])
    if hold is None:
        return
    (zh, en), why = ACT_WORDS[act], hold.why
    raise HELD(lot=lot_no, why_zh=why.zh, why_en=why.en, act_zh=zh, act_en=en, **may(holds))


def may(holds: Sequence[OpenHold]) -> dict[str, str]:
    """What is allowed, in words of both languages."""
    words = [ACT_WORDS[act] for act in allowed(holds)]
    return {"may_zh": "、".join(zh for zh, _ in words), "may_en": ", ".join(en for _, en in words)}
