"""The verdict of an inspection: computed from results and limits, never chosen (REQUIREMENTS 28-30; ISO 13485 8.2.6)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.time.moments import Zone, minute
from models.kernel.time.reported import told
from models.kernel.units.units import counted, unit
from models.production.rules.operation import CLOCK_SKEW

NO_RESULT = Kind(
    "INS-001",
    "ISO 13485 8.2.6",
    "检验特性「{zh}」还差 {missing} 个样本的结果。",
    "“{en}” still lacks the results of {missing} sample(s).",
    422,
)
UNKNOWN = Kind("INS-002", "DESIGN 2.5", "检验计划没有特性 {seq}。", "The plan has no characteristic {seq}.", 422)
NO_SAMPLE = Kind("INS-003", "DESIGN 5", "特性「{zh}」只有 {size} 个样本。", "“{en}” has only {size} sample(s).", 422)
NO_VALUE = Kind(
    "INS-004", "ALCOA+", "特性「{zh}」样本 {sample} 没有填值。", "Sample {sample} of “{en}” has no value.", 422
)
VERDICT = Kind(
    "INS-005",
    "ISO 13485 8.2.6; 21 CFR 820.80",
    "按限值判定为「{right_zh}」，不能签为「{said_zh}」。",
    "By the limits the verdict is “{right}”; it can't be signed as “{said}”.",
)
CHANGED = Kind(
    "INS-006",
    "21 CFR 11.10(e)",
    "特性「{zh}」样本 {sample} 已有结果，更正必须写明理由。",
    "Sample {sample} of “{en}” has a result; a correction needs a reason.",
    422,
)
DECIDED = Kind(
    "INS-007",
    "ISO 13485 8.2.6",
    "该检验已有结论，不能再记录结果。",
    "This inspection has its verdict; results can't be added.",
)
NO_PLAN = Kind(
    "INS-008",
    "ISO 13485 8.2.6; 21 CFR 820.80",
    "物料 {item} 在「{stage_zh}」阶段没有检验计划，请先制定。",
    "There is no inspection plan for item {item} at the {stage} stage; make one first.",
)
NOT_A_NUMBER = Kind(
    "INS-020",
    "ALCOA+; DESIGN 2.5",
    "有 {count} 个值不是数字，其余也没有保存。",
    "{count} value(s) are not numbers; the others were not saved either.",
    422,
)


NO_GAUGE = Kind(
    "INS-021",
    "ISO 13485 7.6; 21 CFR 820.72",
    "检验计划要求用「{kind_zh}」测量「{zh}」，请写明检具。",
    "The plan asks to measure “{en}” with a “{kind_en}”; say with which.",
    422,
)
WRONG_GAUGE = Kind(
    "INS-022",
    "ISO 13485 7.6; 21 CFR 820.72",
    "「{zh}」要用「{kind_zh}」测量，{equipment} 不是。",
    "“{en}” is measured with a “{kind_en}”, which {equipment} is not.",
)
NOT_QUALIFIED = Kind(
    "INS-024",
    "ISO 13485 6.2, 8.2.6",
    "检验计划要求资格「{skill}」，{person} 测量或签署时没有，不能记录检验结果。",
    "The plan asks for the qualification “{skill}”, which {person} doesn't hold at the time of measuring or signing; results can't be recorded.",
    403,
)
PAST = Kind(
    "INS-026",
    "ISO 13485 7.5.11, 8.2.6",
    "批次 {lot} 已过有效期，进料检验只能判为不合格。",
    "Batch {lot} is past its expiry; its incoming inspection can only fail.",
)
RETEST = Kind(
    "INS-025",
    "ISO 13485 8.2.6, 8.3.2",
    "检验 {number} 不合格；须由另一人签名写明理由批准后才能重新检验。",
    "Inspection {number} failed; it is repeated only when somebody else has signed for it, with a reason.",
)
OTHER_KIND = Kind(
    "INS-027",
    "ALCOA+; ISO 13485 8.2.6",
    "特性「{zh}」样本 {sample} 是{asked_zh}：{told_zh}与之不符，不能保存。",
    "Sample {sample} of “{en}” is {asked_en}: {told_en} doesn't fit and can't be kept.",
    422,
)
SAMPLE_TWICE = Kind(
    "INS-028",
    "ALCOA+",
    "特性 {seq} 的样本 {sample} 一次填了两个结果，请只填一个。",
    "Sample {sample} of characteristic {seq} has two results at once; tell one.",
    422,
)
NOT_THEN = Kind(
    "INS-029",
    "ALCOA+",
    "测量时间 {at} 不可能：应在检验任务下达（{opened}）之后、现在以前；请核对。",
    "Nothing was measured at {at}: it lies before the inspection was asked for ({opened}), or in the future. Check it.",
    422,
)
LATE = Kind(
    "INS-030",
    "ALCOA+; 药品记录与数据管理要求 (补录)",
    "测量已超过 {hours} 小时，补录必须写明理由。",
    "These were measured more than {hours} hours ago; a late entry needs a reason.",
    422,
)
STAGES = {"incoming": "来料", "final": "成品"}
GAUGES = {
    "caliper": Text("卡尺", "caliper"),
    "micrometer": Text("千分尺", "micrometer"),
    "scale": Text("天平", "scale"),
}
"""What common kinds of gauges are called; others are called as the plan calls them."""


@dataclass(frozen=True)
class Limits:
    """One characteristic; limits are inclusive and in the characteristic's unit, `accept` is Ac of the sampling plan."""

    seq: int
    zh: str
    en: str
    kind: str
    lower: Decimal | None
    upper: Decimal | None
    sample_size: int
    accept: int = 0


def samples(planned: int, quantity: Decimal, uom: str, pack_size: Decimal = Decimal(1)) -> int:
    """How many samples are measured: as planned, and never more pieces than the lot has.

    What is weighed or measured by length has no number of pieces; of a box of twenty, twenty can be looked at.
    """
    if not counted(uom):
        return planned
    known = unit(uom)
    pieces = int(Fraction(quantity) * Fraction(pack_size) * (known.factor if known else 1))
    return max(1, min(planned, pieces))


def check_inspector(person: str, needed: str | None, skills: Collection[str]) -> None:
    """Refuse results from somebody without the qualification that the plan asks for; `skills` are those in force then."""
    if needed is not None and needed not in skills:
        raise NOT_QUALIFIED(skill=needed, person=person)


def measured(
    given: datetime | None, opened: datetime, now: datetime, late_after: timedelta, reason: str | None, zone: Zone
) -> tuple[datetime | None, str | None]:
    """When the values were measured, where somebody tells, and why so late, where it is; INS-029 and INS-030 refuse."""
    if given is None:
        return None, None
    at = told(given, opened, now + CLOCK_SKEW)
    if at is None:
        raise NOT_THEN(at=minute(given, zone), opened=minute(opened, zone))
    late, why = now - at > late_after, (reason or "").strip()
    if late and not why:
        raise LATE(hours=f"{late_after / timedelta(hours=1):g}")
    return at, why if late else None


def check_retest(number: str, status: str, *, authorised: bool) -> None:
    """Refuse to inspect again what failed, as long as nobody else has signed for it with a reason."""
    if status == "failed" and not authorised:
        raise RETEST(number=number)


def check_gauge(limits: Limits, needed: str | None, equipment_no: str | None, kind: str | None) -> None:
    """Refuse a value that was not measured with a gauge of the kind that the plan names."""
    if needed is None:
        return
    if equipment_no is None:
        raise NO_GAUGE(zh=limits.zh, en=limits.en, **_gauge(needed))
    if kind != needed:
        raise WRONG_GAUGE(zh=limits.zh, en=limits.en, equipment=equipment_no, **_gauge(needed))


def _gauge(kind: str) -> dict[str, str]:
    zh, en = GAUGES.get(kind, Text(kind, kind))
    return {"kind_zh": zh, "kind_en": en}


def check_once(samples: Iterable[tuple[int, int]]) -> None:
    """Refuse two results of one sample in one act: nobody says which of them corrects the other, and why."""
    for (seq, sample), times in Counter(samples).items():
        if times > 1:
            raise SAMPLE_TWICE(seq=seq, sample=sample)


def check_told(limits: Limits, sample: int, value: Decimal | None, passed: bool | None) -> None:
    """Refuse what would be dropped in silence: a number where a verdict is asked for, a verdict that the number contradicts."""
    about = {"zh": limits.zh, "en": limits.en, "sample": sample}
    if limits.kind == "attribute":
        if value is not None:
            raise OTHER_KIND(
                asked_zh="合格或不合格",
                asked_en="a pass or a fail",
                told_zh=f"数值 {value}",
                told_en=f"the number {value}",
                **about,
            )
    elif passed is not None and value is not None and passed != passes(limits, value, passed):
        raise OTHER_KIND(
            asked_zh="按限值判定的数值",
            asked_en="a number that its limits judge",
            told_zh=f"数值 {value} 与「{'合格' if passed else '不合格'}」",
            told_en=f"{value} as “{'passed' if passed else 'failed'}”",
            **about,
        )


def passes(limits: Limits, value: Decimal | None, passed: bool | None) -> bool:
    """Whether one sample meets its requirement."""
    if limits.kind == "attribute":
        if passed is None:
            raise NO_VALUE(zh=limits.zh, en=limits.en, sample="?")
        return passed
    if value is None or not value.is_finite():
        raise NO_VALUE(zh=limits.zh, en=limits.en, sample="?")
    return (limits.lower is None or value >= limits.lower) and (limits.upper is None or value <= limits.upper)


def check_plan(plan: Sized, item_no: str, stage: str) -> None:
    """Refuse an inspection that would measure nothing: there is no plan, or it has no characteristics."""
    if not len(plan):
        raise NO_PLAN(item=item_no, stage_zh=STAGES.get(stage, stage), stage=stage)


def verdict(
    plan: Collection[Limits],
    results: Mapping[tuple[int, int], bool],
    item_no: str,
    stage: str,
    *,
    expired: bool = False,
) -> str:
    """`accepted` or `failed`; `results` maps (characteristic, sample) to passed, the newest result of each sample.

    Material that is past its last day fails at its incoming inspection, however good it measures (ISO 13485 7.5.11).
    """
    check_plan(plan, item_no, stage)
    failed = expired and stage == "incoming"
    for limits in plan:
        got = [
            results[limits.seq, sample]
            for sample in range(1, limits.sample_size + 1)
            if (limits.seq, sample) in results
        ]
        if len(got) < limits.sample_size:
            raise NO_RESULT(zh=limits.zh, en=limits.en, missing=limits.sample_size - len(got))
        failed = failed or got.count(False) > limits.accept
    return "failed" if failed else "accepted"


def check_verdict(right: str, said: str, expired_lot: str | None = None) -> None:
    """Refuse a signed verdict that the numbers contradict, or that accepts what has expired."""
    if right != said and expired_lot is not None:
        raise PAST(lot=expired_lot)
    if right != said:
        words = {"accepted": "合格", "failed": "不合格"}
        raise VERDICT(right_zh=words[right], right=right, said_zh=words.get(said, said), said=said)
