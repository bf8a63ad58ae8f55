"""A batch that a change pauses: which of its steps is the first that it may not go through until somebody has decided on it.

A lock isn't a hold (`models.lot.rules.held`): nobody doubts the goods.  An approved change names the first step that it forbids; what is
past stays as it is, and what was begun before goes into the record (ISO 13485 7.3.9; STANDARDS X 53; REQUIREMENTS 46).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.lot.rules.held import Act

PAUSED = Kind(
    "CHG-001",
    "ISO 13485 7.3.9; STANDARDS X 53",
    "批次 {lot} 因变更 {change}（{title_zh}）暂停在「{step_zh}」：先由{who_zh}决定此批次按旧方式、按新方式、返工还是报废。",
    "Change {change} ({title_en}) pauses batch {lot} at “{step_en}”: {who_en} decides first whether it goes on the old way or the new way, is"
    " reworked or scrapped.",
)


class Step(StrEnum):
    """The steps of a batch's life, in their order; of `operation` there are many, by the number in the routing."""

    INCOMING = "incoming"
    OPERATION = "operation"
    FINAL = "final"
    PACKAGE = "package"
    RELEASE = "release"
    PUT_AWAY = "put_away"
    LEAVE = "leave"


STEP_NAMES: dict[Step, Text] = {
    Step.INCOMING: Text("进料检验", "incoming inspection"),
    Step.OPERATION: Text("工序", "operation"),
    Step.FINAL: Text("成品检验", "final inspection"),
    Step.PACKAGE: Text("包装贴标", "packing and labelling"),
    Step.RELEASE: Text("放行", "release"),
    Step.PUT_AWAY: Text("入库上架", "putting away"),
    Step.LEAVE: Text("投料或发货", "use or shipment"),
}
STEPS: dict[Act, Step] = {
    Act.OPERATE: Step.OPERATION,
    Act.PACKAGE: Step.PACKAGE,
    Act.RELEASE: Step.RELEASE,
    Act.PUT_AWAY: Step.PUT_AWAY,
    Act.CONSUME: Step.LEAVE,
    Act.SHIP: Step.LEAVE,
    Act.MERGE: Step.LEAVE,
}
"""Which step an act is.  Every other act moves a batch no further: a part that is split off or repacked takes its lock along."""
A_STEP, MOST = 100_000, 99_999


@dataclass(frozen=True)
class Lock:
    """An open lock: by which change, from which step on, since when, and whose decision it waits for; `subject` is the page of the change."""

    change: str
    title: Text
    step: Step
    seq: int
    since: datetime | None
    who: Text
    subject: UUID | None = None


def rank(step: Step, seq: int = 0) -> int:
    """Where a step stands in the life of a batch (`batch_step_rank` in the database says the same)."""
    return (list(Step).index(step) + 1) * A_STEP + (min(seq, MOST) if step is Step.OPERATION else 0)


def name(step: Step, seq: int = 0) -> Text:
    """The step in words; an operation with its number, where one is meant."""
    zh, en = STEP_NAMES[step]
    return Text(f"{zh} {seq}", f"{en} {seq}") if step is Step.OPERATION and seq else Text(zh, en)


def forbids(lock: Lock, step: Step, seq: int = 0) -> bool:
    """Whether the lock forbids that step: the first that it names, and all after it."""
    return rank(step, seq) >= rank(lock.step, lock.seq)


def check(lot_no: str, locks: Collection[Lock], step: Step, seq: int = 0, *, began: datetime | None = None) -> None:
    """Refuse a step that one of the open locks forbids; work that had begun before the lock has happened and is recorded."""
    for one in locks:
        if forbids(one, step, seq) and (began is None or one.since is None or one.since <= began):
            here = name(step, seq)
            raise PAUSED(
                lot=lot_no,
                change=one.change,
                title_zh=one.title.zh,
                title_en=one.title.en,
                step_zh=here.zh,
                step_en=here.en,
                who_zh=one.who.zh,
                who_en=one.who.en,
            )


def check_act(lot_no: str, locks: Collection[Lock], act: Act, seq: int = 0, *, began: datetime | None = None) -> None:
    """The same of an act."""
    if act in STEPS:
        check(lot_no, locks, STEPS[act], seq, began=began)
