"""Who may say what of a chart: limits proposed and frozen, an alert closed; each refusal with its reason (ISO 13485 7.4.1, 8.2.6; STANDARDS Q 90, Q 91)."""

import re
from collections.abc import Collection

from models.drift.rules.cusum import Rates
from models.drift.rules.judging import Charted
from models.drift.rules.limits import FEWEST, MOST, WORSE
from models.kernel.refusal import Kind

CLAUSE = "ISO 13485 7.4.1, 8.4; STANDARDS Q 90, Q 91"
NO_REASON = Kind("DRF-001", CLAUSE, "请写明为什么要监控。", "Say why it is to be watched.", 422)
NO_SUPPLIER = Kind("DRF-002", CLAUSE, "找不到供应商「{supplier}」。", "There is no supplier “{supplier}”.", 404)
NOT_MEASURED = Kind(
    "DRF-003",
    CLAUSE,
    "{item} 的进料检验计划没有计量特性「{characteristic}」。",
    "No plan for the incoming inspection of {item} measures “{characteristic}”.",
    422,
)
UNDER_WAY = Kind(
    "DRF-004",
    CLAUSE,
    "{number} 的控制限正在提议或审批，请等待其结论。",
    "Limits of {number} are being proposed or approved already; wait for what comes of it.",
)
TOO_FEW = Kind(
    "DRF-005",
    CLAUSE,
    "作为基准的批次只有 {n} 批，至少需要 {fewest} 批。",
    "There are {n} lots for a base; it takes {fewest} at least.",
    422,
)
ALL_ALIKE = Kind(
    "DRF-006",
    CLAUSE,
    "基准批次的数值没有差异，算不出控制限；请检查读数的分辨率。",
    "The lots of the base don't differ, so nothing follows for limits; look at how finely they are read.",
    422,
)
ALERTED = Kind(
    "DRF-007",
    CLAUSE,
    "{number} 有未关闭的预警 {alert}，请先结束预警，再改控制限。",
    "{number} has an open alert {alert}; close that before its limits change.",
)
OWN = Kind(
    "DRF-008",
    CLAUSE,
    "{number} 的控制限由您提议，不能由您批准。",
    "You proposed the limits of {number} yourself; somebody else approves them.",
    403,
)
NO_PROPOSAL = Kind(
    "DRF-009",
    CLAUSE,
    "{number} 没有待批准的控制限，请退回重新提议。",
    "Nothing is proposed for {number}; send it back.",
)
NOT_A_LOT = Kind(
    "DRF-010",
    CLAUSE,
    "要剔除的批次「{lot}」不在基准之中，请核对批号。",
    "The lot “{lot}” that is to be left out isn't among the base; check its number.",
    422,
)
RATE = Kind(
    "DRF-011",
    CLAUSE,
    "须发现的不合格率应大于基准的 {usual} %、小于 100 %。",
    "The share of rejects that must be found lies above that of the base, {usual} percent, and below 100.",
    422,
)
OVER = Kind("DRF-012", CLAUSE, "预警 {number} 已经关闭。", "The alert {number} is closed.")
UNDECIDED = Kind(
    "DRF-013",
    CLAUSE,
    "预警 {number} 还没有评估结论，请退回评估。",
    "Nobody has said yet what alert {number} comes to; send it back.",
)
MORE = Kind(
    "DRF-014",
    CLAUSE,
    "评估之后预警 {number} 又有新的证据（{n} 条），请退回评估。",
    "The alert {number} has new evidence ({n}) since it was assessed; send it back.",
)
UNKNOWN = Kind("DRF-404", "DESIGN 2.5", "找不到控制图「{number}」。", "There is no chart “{number}”.", 404)
LIMITS, ALERT = "drift-limits", "supplier-alert"
"""The families of definitions: limits of a chart, and an alert."""
SPLIT = re.compile(r"[\s,，、;；]+")


def left_out(said: str, lots: Collection[str]) -> frozenset[str]:
    """The lots that a base is chosen without; refuses one that isn't among them."""
    named = [one for one in SPLIT.split(said.strip()) if one]
    for one in named:
        if one not in lots:
            raise NOT_A_LOT(lot=one[:80])
    return frozenset(named)


def how_many(n: int) -> int:
    """So many of the newest lots are looked at, or a refusal."""
    if not FEWEST <= n <= MOST:
        raise TOO_FEW(n=n, fewest=FEWEST)
    return n


def check_enough(n: int) -> None:
    """Refuse a base that says too little."""
    if n < FEWEST:
        raise TOO_FEW(n=n, fewest=FEWEST)


def rates(usual: float, percent: float | None) -> Rates:
    """The two rates of a chart of rejects: that of its base, and what must be found, `WORSE` times as many where nobody says."""
    worse = percent / 100 if percent is not None else min(WORSE * usual, (1 + usual) / 2)
    if not usual < worse < 1:
        raise RATE(usual=f"{100 * usual:.3g}")
    return Rates(usual=usual, worse=worse)


def charted(characteristic: str) -> Charted:
    """What a chart shows: a characteristic by its name, else the rejects."""
    return Charted.MEAN if characteristic else Charted.REJECTS
