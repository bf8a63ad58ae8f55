"""Change control: who may agree, what a change pauses, and how each batch goes on (ISO 13485 7.3.9, 4.1.4; STANDARDS X 53; REQUIREMENTS 45, 46).

What is signed is the impact as it was computed and kept; what is locked is the impact as it stands in the transaction of the approval, so
that a batch which is made meanwhile is caught.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.lot.rules.locked import Step

CLAUSE = "ISO 13485 7.3.9; STANDARDS X 53"
NO_TITLE = Kind("CHG-002", CLAUSE, "请写明要变更什么、为什么。", "Say what is to change, and why.", 422)
NO_KIND = Kind(
    "CHG-003",
    CLAUSE,
    "不能变更「{kind}」，可选：{known_zh}。",
    "“{kind}” is nothing that changes; it may be: {known_en}.",
    422,
)
NO_TARGET = Kind("CHG-004", CLAUSE, "找不到{zh}「{number}」。", "There is no {en} “{number}”.", 404)
NO_IMPACT = Kind(
    "CHG-005",
    CLAUSE,
    "{number} 的影响范围尚未计算，请先评估。",
    "The impact of {number} isn't computed yet; assess it first.",
)
OWN = Kind(
    "CHG-006",
    CLAUSE,
    "{number} 由您提出，不能由您审批。",
    "You asked for {number} yourself; somebody else decides about it.",
    403,
)
OBJECTED = Kind(
    "CHG-007",
    CLAUSE,
    "{number} 不能批准：「{zh}」未同意，请退回修改。",
    "{number} can't be approved: “{en}” doesn't agree. Send it back.",
)
NOT_OPEN = Kind("CHG-008", CLAUSE, "{number} 已经批准或结束。", "{number} is approved already, or over.")
NOT_PAUSED = Kind(
    "CHG-009",
    CLAUSE,
    "批次 {lot} 没有因 {number} 暂停，或已经决定。",
    "Batch {lot} isn't paused by {number}, or is decided on already.",
)
TWICE = Kind("CHG-010", CLAUSE, "批次 {lot} 出现了两次。", "Batch {lot} is named twice.", 422)
NOTHING = Kind("CHG-011", CLAUSE, "请至少对一个批次作出决定。", "Decide on one batch at least.", 422)
UNDECIDED = Kind(
    "CHG-012",
    CLAUSE,
    "{number} 不能关闭：还有 {n} 个批次等待决定（{lots}）。",
    "{number} can't be closed: {n} batches wait for a decision ({lots}).",
)
NO_STEP = Kind("CHG-013", CLAUSE, "请写明从第几道工序起。", "Say from which operation on, by its number.", 422)
UNKNOWN = Kind("CHG-404", "DESIGN 2.5", "找不到变更「{number}」。", "There is no change “{number}”.", 404)

PROCESS = "change"
NEXT = "next"
"""First step of a change that pauses each batch at the step that comes next for it."""
FIRST_STEPS = (NEXT, *(one.value for one in Step))
NAMED = 5
"""Numbers that a sentence names; it says how many there are."""


class Way(StrEnum):
    """How a paused batch goes on."""

    OLD = "old_way"
    NEW = "new_way"
    REWORK = "rework"
    SCRAP = "scrap"


WAYS: dict[Way, Text] = {
    Way.OLD: Text("按旧方式完成", "goes on the old way"),
    Way.NEW: Text("按新方式完成", "goes on the new way"),
    Way.REWORK: Text("返工", "is reworked"),
    Way.SCRAP: Text("报废", "is scrapped"),
}
STOPS = (Way.REWORK, Way.SCRAP)
"""Ways on which the batch doesn't resume: it is held, and a review of material carries them out."""


def check_request(title: str, reason: str, first_step: str, first_seq: int) -> None:
    """Refuse a request that says too little."""
    if not title.strip() or not reason.strip():
        raise NO_TITLE()
    if first_step == Step.OPERATION and first_seq < 1:
        raise NO_STEP()


def check_kind(kind: str, known: Mapping[str, Text]) -> None:
    """Refuse what no noun has declared as something that can change."""
    if kind not in known:
        zh, en = "、".join(one.zh for one in known.values()), ", ".join(one.en for one in known.values())
        raise NO_KIND(kind=kind[:60], known_zh=zh, known_en=en)


def check_other(number: str, opened_by: int | None, people: Collection[int]) -> None:
    """Refuse whoever asked for it, as who signs or as whom they stand in for."""
    if opened_by in people:
        raise OWN(number=number)


def check_agreed(number: str, against: Iterable[Text]) -> None:
    """Refuse to approve what an area has objected to."""
    for one in against:
        raise OBJECTED(number=number, zh=one.zh, en=one.en)


def decided(number: str, paused: Collection[str], named: Iterable[tuple[str, Way]], rest: Way | None) -> dict[str, Way]:
    """How each batch goes on: those that are named, and the rest of the paused ones where that is said too."""
    found: dict[str, Way] = {}
    for lot, way in named:
        if lot in found:
            raise TWICE(lot=lot[:80])
        if lot not in paused:
            raise NOT_PAUSED(lot=lot[:80], number=number)
        found[lot] = way
    if rest is not None:
        found |= {lot: rest for lot in paused if lot not in found}
    if not found:
        raise NOTHING()
    return found


def check_closing(number: str, undecided: Collection[str]) -> None:
    """Refuse to close a change while a batch waits for a decision."""
    if undecided:
        raise UNDECIDED(number=number, n=len(undecided), lots=", ".join(sorted(undecided)[:NAMED]))
