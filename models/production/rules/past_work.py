"""Work is judged by when it was done, from the history of what it used (ALCOA+; ISO 13485 6.2, 7.5, 7.6; STANDARDS 101).

What ended within the last minutes is told as it happens: it is judged now, and a rule that says no refuses it.  What ended
earlier was done whatever we say: it is judged by the histories as of its own time, neither healed nor spoilt by what
became true afterwards, and a rule that says no makes a deviation that keeps its product from release.  So the answer is the
same whenever the work is entered.  A told moment never opens a door: what is held or not released when the entry is made
is not issued, whatever time it tells (`models.production.acts`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.equipment.rules import Machine, check_machine
from models.kernel.refusal import Kind, Refusal
from models.kernel.time.moments import Zone, minute
from models.kernel.time.reported import OLDEST
from models.lot.rules import held
from models.lot.rules.lot import LotFacts, LotStatus, Use, check_use
from models.lot.rules.open_hold import HoldKind, OpenHold
from models.nonconformance.rules import Finding
from models.production.rules.operation import CLOCK_SKEW, check_period

TOO_OLD = Kind(
    "OPR-050",
    "ALCOA+",
    "开始时间 {started} 距今超过 {days} 天，请核对日期；更早的历史请用导入。",
    "The start {started} lies more than {days} days back: check the date; older history comes in through the import.",
    422,
)
BEFORE_THE_LAST = Kind(
    "OPR-051",
    "21 CFR 11.10(f); ALCOA+",
    "工序 {seq}（{started} 至 {finished}）不能早于工序 {last}（{last_started} 至 {last_finished}）。",
    "Operation {seq} ({started} to {finished}) can't lie before operation {last} ({last_started} to {last_finished}).",
    422,
)
FUTURE_READING = Kind(
    "OPR-052",
    "ALCOA+",
    "「{quantity}」的测量时间 {at} 在将来。",
    "The reading “{quantity}” was taken at {at}, which lies in the future.",
    422,
)
LATE = Kind(
    "OPR-053",
    "ALCOA+; 药品记录与数据管理要求 (补录)",
    "工作结束已超过 {hours} 小时，补录必须写明理由。",
    "The work ended more than {hours} hours ago; a late entry needs a reason.",
    422,
)
BEFORE_THE_ORDER = Kind(
    "OPR-056",
    "21 CFR 11.10(f); ALCOA+",
    "工序 {seq} 于 {started} 开始，早于生产订单 {order} 的下达时间 {opened}。",
    "Operation {seq} began at {started}, before work order {order} was opened at {opened}.",
    422,
)
NOT_THERE = Kind(
    "LOT-020",
    "ISO 13485 7.5.9; ALCOA+",
    "批次 {lot} 到 {came} 才入库，不可能更早投料。",
    "Batch {lot} came in at {came}; it can't have been consumed before.",
)
NOT_THEN = Kind(
    "OPR-054",
    "ISO 13485 6.2; 21 CFR 820.184",
    "{person} 在 {at} 不在岗（账号已停用），不可能是操作人；请核对。",
    "{person} was no active colleague at {at} and can't have done it; check who did.",
)

LIVE = CLOCK_SKEW
"""What ended less than this ago is told as it happens."""
RECORD_SAYS = {"EQP-002": "EV-MACHINE-1", "OPR-006": "EV-MAN-1"}
"""What the record of a batch says of the same fault: one finding, one deviation."""


@dataclass(frozen=True)
class Period:
    """An operation that was recorded before."""

    seq: int
    started: datetime
    finished: datetime


@dataclass(frozen=True)
class Calibrated:
    """A calibration of a machine."""

    id: int
    performed_at: datetime
    due_at: datetime
    result: str


@dataclass(frozen=True)
class Since:
    """From `at` on it was `status`."""

    at: datetime
    status: str


@dataclass(frozen=True)
class Held:
    """A hold of a lot and when it was lifted, if it was."""

    reason: str
    placed_at: datetime
    lifted_at: datetime | None
    kind: HoldKind = HoldKind.QUALITY


@dataclass(frozen=True)
class LotHistory:
    """What became of a lot, in order; `brought` lots come from another system, which knew them before we did."""

    facts: LotFacts
    came_at: datetime
    statuses: tuple[Since, ...]
    holds: tuple[Held, ...] = ()
    brought: bool = False


def judged_at(finished: datetime, now: datetime) -> datetime:
    """The moment by which work is judged: now, where it is told as it happens, else when it ended."""
    return now if is_live(finished, now) else finished


def is_live(finished: datetime, now: datetime) -> bool:
    """Whether the work is told as it happens."""
    return finished > now - LIVE


def check_told(
    started: datetime, finished: datetime, now: datetime, late_after: timedelta, reason: str | None, zone: Zone
) -> bool:
    """Refuse a time that can't be, and a late entry without its reason; answers whether it is late."""
    check_period(started, finished, now)
    if started < now - OLDEST:
        raise TOO_OLD(started=minute(started, zone), days=OLDEST.days)
    late = now - finished > late_after
    if late and not (reason or "").strip():
        raise LATE(hours=f"{late_after / timedelta(hours=1):g}")
    return late


def check_since_opened(seq: int, started: datetime, order: str, opened: datetime | None, zone: Zone) -> None:
    """Refuse an operation that began before its order was opened; of an order that tells nothing of it nobody can say so."""
    if opened is not None and _floor(started) < _floor(opened):
        raise BEFORE_THE_ORDER(seq=seq, started=minute(started, zone), order=order, opened=minute(opened, zone))


def check_after(seq: int, started: datetime, finished: datetime, before: Iterable[Period], zone: Zone) -> None:
    """Refuse an operation that began or ended before one that precedes it; people tell times to the minute."""
    for last in before:
        if _floor(started) < _floor(last.started) or _floor(finished) < _floor(last.finished):
            raise BEFORE_THE_LAST(
                seq=seq,
                started=minute(started, zone),
                finished=minute(finished, zone),
                last=last.seq,
                last_started=minute(last.started, zone),
                last_finished=minute(last.finished, zone),
            )


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def check_reading(quantity: str, measured_at: datetime | None, now: datetime, zone: Zone) -> None:
    """Refuse a reading that nobody can have taken yet."""
    if measured_at is not None and measured_at > now + CLOCK_SKEW:
        raise FUTURE_READING(quantity=quantity, at=minute(measured_at, zone))


def status_at(history: Iterable[Since], at: datetime) -> str | None:
    """What it was at that moment; None before its first."""
    known = None
    for one in sorted(history, key=lambda since: since.at):
        if one.at <= at:
            known = one.status
    return known


def calibration_at(history: Iterable[Calibrated], at: datetime) -> Calibrated | None:
    """The newest calibration that had been done by then: a later one heals nothing."""
    done = [one for one in history if one.performed_at <= at]
    return max(done, key=lambda one: (one.performed_at, one.id), default=None)


def machine_at(machine: Machine, service: Iterable[Since], history: Iterable[Calibrated], at: datetime) -> Machine:
    """The machine as it stood at that moment."""
    last, status = calibration_at(history, at), status_at(service, at)
    return replace(
        machine,
        in_service=machine.in_service if status is None else status == "in_service",
        last_result=last.result if last else None,
        due_at=last.due_at if last else None,
    )


def check_machine_during(
    machine: Machine,
    service: Iterable[Since],
    history: Iterable[Calibrated],
    started: datetime,
    finished: datetime,
    zone: Zone,
) -> None:
    """Refuse a machine that was not good when the work began, or not any more when it ended.

    One that broke down meanwhile refuses nothing: the work had begun, and gets a deviation (`broke_down`).
    """
    service, history = tuple(service), tuple(history)
    check_machine(machine_at(machine, service, history, started), started, zone)
    check_machine(replace(machine_at(machine, service, history, finished), downs=()), finished, zone)


def broke_down(machine: Machine, started: datetime, finished: datetime, zone: Zone) -> list[Finding]:
    """What is found of work during which its machine broke down: a deviation for each breakdown, and the same that its report opens."""
    return [
        broken_finding(one.number, machine.equipment_no, one.since, zone)
        for one in machine.downs
        if started < one.since <= finished
    ]


def broken_finding(number: str, equipment_no: str, since: datetime, zone: Zone) -> Finding:
    """The deviation of a batch that was under way on a machine when it broke down (ISO 13485 8.3; 21 CFR 820.70(g))."""
    when = minute(since, zone)
    return Finding(
        code="EQP-031",
        about=number,
        zh=f"{when}：设备 {equipment_no} 在加工中发生故障（{number}）",
        en=f"{when}: equipment {equipment_no} broke down while it was worked with ({number})",
        value=when,
    )


def check_at_work(person: str, active: Iterable[Since], started: datetime, finished: datetime, zone: Zone) -> None:
    """Refuse who was no active colleague when the work began or ended; who has left since did the work all the same."""
    active = tuple(active)
    for at in (started, finished):
        if status_at(active, at) == "false":
            raise NOT_THEN(person=person, at=minute(at, zone))


def check_begun(past: LotHistory, began: datetime) -> None:
    """Refuse work on a batch that was held when it began, though somebody has lifted the hold since."""
    held.check(past.facts.lot_no, lot_at(past, began).holds, held.Act.OPERATE)


def lot_at(past: LotHistory, at: datetime) -> LotFacts:
    """The lot as it stood at that moment; of a lot from another system only what we know of it."""
    status = status_at(past.statuses, at)
    if status is None:
        first = min(past.statuses, key=lambda since: since.at, default=None)
        status = first.status if past.brought and first else LotStatus.RECEIVED
    holds = tuple(
        OpenHold(one.kind, one.reason, placed_at=one.placed_at)
        for one in past.holds
        if one.placed_at <= at and (one.lifted_at is None or one.lifted_at > at)
    )
    return replace(past.facts, status=LotStatus(status), holds=holds)


def check_consumed(past: LotHistory, at: datetime, zone: Zone) -> None:
    """Refuse what was not there, not released, held or past its last day when it went in."""
    if at < past.came_at and not past.brought:
        raise NOT_THERE(lot=past.facts.lot_no, came=minute(past.came_at, zone))
    check_use(lot_at(past, at), Use.CONSUME, at, zone)


def found(check: Callable[[], object], *, live: bool, about: str, at: datetime, zone: Zone) -> Finding | None:
    """What a rule says to work: a refusal where it is told as it happens, a deviation where it was done already."""
    try:
        check()
    except Refusal as no:
        if live:
            raise
        when = minute(at, zone)
        return Finding(RECORD_SAYS.get(no.code, no.code), about, f"{when}：{no.zh}", f"{when}: {no.en}", value=when)
    return None
