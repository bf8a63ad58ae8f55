"""The verdict of an inspection: computed from results and limits, never chosen (REQUIREMENTS 28-30; ISO 13485 8.2.6)."""

from collections.abc import Collection, Mapping, Sized
from dataclasses import dataclass
from decimal import Decimal

from models.rules.refusals import Kind

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
    "检验计划要求用「{kind}」测量「{zh}」，请写明量具。",
    "The plan asks to measure “{en}” with a “{kind}”; say with which.",
    422,
)
WRONG_GAUGE = Kind(
    "INS-022",
    "ISO 13485 7.6; 21 CFR 820.72",
    "「{zh}」要用「{kind}」测量，{equipment} 不是。",
    "“{en}” is measured with a “{kind}”, which {equipment} is not.",
)
TOO_FINE = Kind(
    "INS-023",
    "ALCOA+",
    "「{zh}」样本 {sample} 的值多于 {places} 位小数，无法原样保存。",
    "Sample {sample} of “{en}” has more than {places} decimals and can't be kept as it is.",
    422,
)
PLACES = 6
"""Decimals that the record keeps of a value; more are refused, never rounded away."""

STAGES = {"incoming": "来料", "final": "成品"}


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


def samples(planned: int, quantity: Decimal, uom: str) -> int:
    """How many samples are measured: as planned, and never more pieces than the lot has."""
    pieces = int(quantity) if unit(uom) == unit("pcs") else planned
    return max(1, min(planned, pieces))


def check_gauge(limits: Limits, needed: str | None, equipment_no: str | None, kind: str | None) -> None:
    """Refuse a value that was not measured with a gauge of the kind that the plan names."""
    if needed is None:
        return
    if equipment_no is None:
        raise NO_GAUGE(zh=limits.zh, en=limits.en, kind=needed)
    if kind != needed:
        raise WRONG_GAUGE(zh=limits.zh, en=limits.en, kind=needed, equipment=equipment_no)


def check_digits(limits: Limits, sample: int, value: Decimal | None) -> None:
    """Refuse a value with more decimals than the record keeps: 12.0500001 is not 12.05."""
    exponent = value.as_tuple().exponent if value is not None else 0
    if isinstance(exponent, int) and exponent < -PLACES:
        raise TOO_FINE(zh=limits.zh, en=limits.en, sample=sample, places=PLACES)


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


def verdict(plan: Collection[Limits], results: Mapping[tuple[int, int], bool], item_no: str, stage: str) -> str:
    """`accepted` or `failed`; `results` maps (characteristic, sample) to passed, the newest result of each sample."""
    check_plan(plan, item_no, stage)
    failed = False
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


def check_verdict(right: str, said: str) -> None:
    """Refuse a signed verdict that the numbers contradict."""
    if right != said:
        words = {"accepted": "合格", "failed": "不合格"}
        raise VERDICT(right_zh=words[right], right=right, said_zh=words.get(said, said), said=said)
