"""What the demo company measures on each item, and with which gauges.

Limits are those of the item: bars to ISO 286 h9, sutures to YY 1116 (USP 3-0), pouches to ISO 11607, energy to IEC 60601-2-4.
"""

from dataclasses import dataclass
from decimal import Decimal

from models.plant.store.demo import Gauge, Measured, Room


@dataclass(frozen=True)
class Check:
    """What is measured on an item: `usual` as it comes from good work, `wrong` as it must not be."""

    what: Measured
    usual: str
    wrong: str = ""


def _check(
    zh: str, en: str, unit: str, lower: str | None, upper: str | None, gauge: str, usual: str, wrong: str = ""
) -> Check:
    low, high = (Decimal(one) if one is not None else None for one in (lower, upper))
    return Check(Measured(zh, en, unit, low, high, gauge), usual, wrong)


CHECKS = {
    "TI-30": _check("棒料直径", "Bar diameter", "mm", "29.948", "30.000", "micrometer", "29.981", "30.041"),
    "TI-08": _check("棒料直径", "Bar diameter", "mm", "7.964", "8.000", "micrometer", "7.986"),
    "PEEK-20": _check("棒料直径", "Rod diameter", "mm", "20.00", "20.20", "caliper", "20.08"),
    "PGLA-30": _check("线径", "Thread diameter", "mm", "0.200", "0.249", "thickness_gauge", "0.224"),
    "POUCH-T": _check("封口宽度", "Seal width", "mm", "6.0", "12.0", "caliper", "8.1"),
    "BAT-LI": _check("开路电压", "Open-circuit voltage", "V", "12.0", "13.5", "multimeter", "12.72"),
    "PCBA-MAIN": _check("供电电压", "Supply voltage", "V", "3.23", "3.37", "multimeter", "3.31", "3.42"),
    "MOD-AED": _check("充电至 150 J 的时间", "Time to charge to 150 J", "s", None, "10.0", "defib_analyser", "7.4"),
    "aed": _check("50 Ω 释放能量", "Energy delivered into 50 Ω", "J", "135", "165", "defib_analyser", "151.2"),
    "hip": _check(
        "锥柄大端直径", "Large end of the taper", "mm", "13.970", "14.030", "taper_gauge", "14.004", "14.058"
    ),
    "screw": _check("螺纹外径", "Thread major diameter", "mm", "3.35", "3.50", "caliper", "3.43"),
    "cage": _check("高度", "Height", "mm", "9.90", "10.10", "caliper", "10.02"),
    "suture": _check("针线连接强度", "Needle attachment strength", "N", "6.7", None, "tensile_tester", "9.4"),
}
"""By item number, or by what the company makes (`company.DEVICES`)."""

NEVER_IMPLANTED = ("PCBA-CHG", "PCBA-MAIN", "MOD-HV", "MOD-AED")
"""Electronics that the system before made without saying what they are; somebody decides."""

GAUGES = (
    Gauge("G-05", "外径千分尺", "Outside micrometer", "micrometer", "QA-01"),
    Gauge("A-06", "锥度气动量仪", "Air taper gauge", "taper_gauge", "QA-01"),
    Gauge("T-05", "测厚仪", "Thickness gauge", "thickness_gauge", "QA-01"),
    Gauge("V-11", "数字万用表", "Multimeter", "multimeter", "QA-01"),
    Gauge("E-03", "除颤分析仪", "Defibrillator analyser", "defib_analyser", "QA-01"),
    Gauge("L-02", "拉力试验机", "Tensile tester", "tensile_tester", "QA-01"),
    Gauge("N-02", "钝化槽", "Passivation bath", "passivation_bath", "LINE-2"),
    Gauge("B-01", "老化柜", "Burn-in cabinet", "burn_in_cabinet", "LINE-2"),
    Gauge("ST-01", "环氧乙烷灭菌柜", "Ethylene oxide steriliser", "steriliser", "ST-R1"),
    Gauge("GM-01", "钴-60 辐照装置 (委外)", "Cobalt-60 irradiator (contract)", "irradiator", "EXT-01"),
)
PLACES = (
    Room("ST-R1", "灭菌间", "Sterilisation room", "line"),
    Room("EXT-01", "委外灭菌（苏州辐照中心）", "Contract steriliser (Suzhou irradiation centre)", "transit"),
)
GAUGE = {"caliper": "G-17"} | {one.kind: one.number for one in GAUGES}
