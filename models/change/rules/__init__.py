"""Change control: who may agree, what a change pauses, and how each batch goes on (ISO 13485 7.3.9, 4.1.4; STANDARDS X 53; REQUIREMENTS 45, 46).

What is signed is the impact as it was computed and kept; what is locked is the impact as it stands in the transaction of the approval, so
that a batch which is made meanwhile is caught.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
LATE = Kind("CHG-014", CLAUSE, "「{title}」的到期日不能早于今天。", "The day of “{title}” can't be before today.", 422)
NO_PART = Kind(
    "CHG-015",
    CLAUSE,
    "「{title}」不能交给{name}：此人没有参与变更的角色。",
    "“{title}” can't be given to {name}, who holds no role that takes part in a change.",
    422,
)
SAID_TWICE = Kind("CHG-016", CLAUSE, "「{title}」为{name}写了两次。", "“{title}” is planned twice for {name}.", 422)
NOT_DONE = Kind(
    "CHG-017",
    CLAUSE,
    "{number} 不能验证：还有 {n} 项任务未完成（{titles}）。",
    "{number} can't be verified: tasks that aren't done: {n} ({titles}).",
)
OWN_WORK = Kind(
    "CHG-018",
    CLAUSE,
    "您完成了 {number} 的实施任务，须由未参与实施的人验证。",
    "You carried out a task of {number}; somebody who did none of them verifies it.",
    403,
)
NOT_VERIFIED = Kind(
    "CHG-019",
    CLAUSE,
    "{number} 不能关闭：实施结果尚未验证。",
    "{number} can't be closed: what was implemented isn't verified.",
)
NOT_TRAINED = Kind(
    "CHG-020",
    "ISO 13485 6.2; 7.3.9",
    "{number} 还有 {n} 项培训未完成（{names}）。",
    "Trainings for {number} that aren't done: {n} ({names}).",
)
NOT_YOURS = Kind(
    "CHG-021",
    "ISO 13485 6.2; 21 CFR 11.10(i)",
    "此培训须由{name}本人确认，不能代签。",
    "This training is of {name}, and nobody else signs for it.",
    403,
)
PAST = Kind("CHG-023", CLAUSE, "生效日期不能早于今天。", "A change can't take effect on a day that is past.", 422)
TOO_EARLY = Kind(
    "CHG-024",
    CLAUSE,
    "{number} 不能生效：实施结果尚未验证。",
    "{number} can't take effect: what was implemented isn't verified.",
)
IN_EFFECT = Kind("CHG-025", CLAUSE, "{number} 已经生效。", "{number} is in effect already.")
NOT_IN_EFFECT = Kind(
    "CHG-026",
    CLAUSE,
    "{number} 不能关闭：尚未生效（{from_zh}）。",
    "{number} can't be closed: it isn't in effect yet ({from_en}).",
)
NOTHING_MORE = Kind("CHG-022", CLAUSE, "请至少写明一项任务或培训。", "Name one task or training at least.", 422)
DID_IT = Kind(
    "CHG-027",
    CLAUSE,
    "{number} 由您实施，须由他人批准。",
    "You did {number}; somebody else approves it.",
    403,
)
NOT_THEN = Kind(
    "CHG-028",
    CLAUSE,
    "紧急变更不可能在 {at} 实施：该时间在将来，或早于 {days} 天前。",
    "An emergency change can't have been done at {at}: that lies in the future, or more than {days} days back.",
    422,
)
NOT_SAID = Kind(
    "CHG-029",
    CLAUSE,
    "请写明已经做了什么、为什么不能等待。",
    "Say what was done already, and why it couldn't wait.",
    422,
)
UNKNOWN = Kind("CHG-404", "DESIGN 2.5", "找不到变更「{number}」。", "There is no change “{number}”.", 404)

PROCESS, TASK, TRAINING, EMERGENCY = "change", "change-task", "change-training", "change-emergency"
TEMPORARY, ENDING = "change-temporary", "change-ending"
WORK = {TASK: "task", TRAINING: "training"}
"""The processes of what people do and read for a change, by what the record calls it."""
NEXT = "next"
"""First step of a change that pauses each batch at the step that comes next for it."""
FIRST_STEPS = (NEXT, *(one.value for one in Step))
WITHIN = timedelta(days=3)
"""Within how many days, of the plant, an emergency change is decided on after it was done."""
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


def check_done_already(what: str, why: str) -> None:
    """Refuse an emergency change that says too little of itself."""
    if not what.strip() or not why.strip():
        raise NOT_SAID()


def check_not_own_work(number: str, done_by: int | None, people: Collection[int]) -> None:
    """Refuse to approve what one has done, as who signs or as whom they stand in for."""
    if done_by in people:
        raise DID_IT(number=number)


def decide_by(done_on: date) -> date:
    """The day before whose end a change is decided on that was done on that day of the plant, whenever it was recorded."""
    return done_on + WITHIN


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
        raise UNDECIDED(number=number, n=len(undecided), lots=_few(undecided))


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """What somebody is to do or to read: `person` (`person_id` its key) and the first of the `roles` by which they take part, none where they hold none."""

    process: str
    title: str
    changes: str
    person: str
    person_id: int
    name: str
    role: str | None
    due: date


def check_planned(planned: Sequence[Planned], today: date) -> None:
    """Refuse a day that is past, whoever can't be given it, and the same for the same person twice."""
    seen: set[tuple[str, str, str]] = set()
    for one in planned:
        if one.due < today:
            raise LATE(title=one.title[:80])
        if one.role is None:
            raise NO_PART(title=one.title[:80], name=one.name)
        mine = (one.process, one.person, one.title.strip())
        if mine in seen:
            raise SAID_TWICE(title=one.title[:80], name=one.name)
        seen.add(mine)


def check_verified(number: str, undone: Collection[str], doers: Collection[int], people: Collection[int]) -> None:
    """Refuse to verify before every task is done, and whoever has done one, themselves or as whom they stand in for."""
    if undone:
        raise NOT_DONE(number=number, n=len(undone), titles=_few(undone))
    if not set(doers).isdisjoint(people):
        raise OWN_WORK(number=number)


def check_worked(number: str, *, planned: bool, verified: bool, untrained: Collection[str]) -> None:
    """Refuse to close what was planned and isn't verified, or somebody isn't trained for."""
    if planned and not verified:
        raise NOT_VERIFIED(number=number)
    _check_trained(number, untrained)


def _check_trained(number: str, untrained: Collection[str]) -> None:
    if untrained:
        raise NOT_TRAINED(number=number, n=len(untrained), names=_few(untrained))


def takes_effect(
    number: str, *, verified: bool, in_effect: bool, untrained: Collection[str], day: date | None, today: date
) -> date | None:
    """From which day on it is in effect, None for at once; refused before it is verified and everybody is trained, twice, and for a day that is past."""
    if not verified:
        raise TOO_EARLY(number=number)
    if in_effect:
        raise IN_EFFECT(number=number)
    _check_trained(number, untrained)
    if day is not None and day < today:
        raise PAST()
    return day if day is not None and day > today else None


def check_in_effect(number: str, since: datetime | None, now: datetime, batch: str | None, *, made: bool) -> None:
    """Refuse to close what isn't in effect: no day is set, it hasn't come, or the batch isn't made with which it begins."""
    if since is None:
        raise NOT_IN_EFFECT(number=number, from_zh="未批准", from_en="not approved yet")
    if since > now:
        raise NOT_IN_EFFECT(number=number, from_zh="日期未到", from_en="its day hasn't come")
    if batch is not None and not made:
        raise NOT_IN_EFFECT(number=number, from_zh=f"批次 {batch} 尚未建立", from_en=f"batch {batch} isn't made")


def check_reader(reader: int, name: str, signer: int, on_behalf_of: int | None) -> None:
    """Refuse whoever signs to have understood what another is to read."""
    if signer != reader or on_behalf_of is not None:
        raise NOT_YOURS(name=name)


def _few(those: Collection[str]) -> str:
    return ", ".join(sorted(those)[:NAMED]) + (" …" if len(those) > NAMED else "")
