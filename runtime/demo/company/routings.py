"""How the demo company makes its products: the operations of each work order."""

from typing import Any

HUMIDITY, TEMPERATURE = "湿度", "温度"
AIR = (
    {"name": HUMIDITY, "name_en": "Humidity", "unit": "%", "lower": 30, "upper": 60},
    {"name": TEMPERATURE, "name_en": "Temperature", "unit": "°C", "lower": 18, "upper": 26},
)
"""What the air of a room must be where it matters (ISO 13485 6.4.1)."""
TORQUE = {"name": "拧紧扭矩", "name_en": "Tightening torque", "unit": "N·m", "lower": "0.55", "upper": "0.70"}
ACID = {"name": "硝酸浓度", "name_en": "Nitric acid", "unit": "%", "lower": 20, "upper": 45}
"""Mass fraction in the bath that passivates titanium (ASTM F86)."""


def step(
    seq: int,
    code: str,
    zh: str,
    en: str,
    skill: str,
    machine: str | None = None,
    *,
    air: str | None = None,
    parameters: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    """One planned operation; `air` is the room that it belongs in, whose air is read."""
    return {
        "seq": seq,
        "code": code,
        "title_zh": zh,
        "title_en": en,
        "qualification": skill,
        "equipment_kind": machine,
        "environment": air is not None,
        "parameters": list(parameters),
        "readings": list(AIR) if air else [],
        "room": air,
    }


def _asked(zh: str, en: str, unit: str, lower: str, upper: str | None = None) -> dict[str, Any]:
    return {"name": zh, "name_en": en, "unit": unit, "lower": lower} | ({"upper": upper} if upper is not None else {})


SEALED = (_asked("封口温度", "Sealing temperature", "°C", "130", "150"),)
"""ISO 11607-2: within the window for which the sealing was validated."""
CHAMBER = (
    _asked("柜内温度", "Chamber temperature", "°C", "45", "55"),
    _asked("柜内湿度", "Chamber humidity", "%", "40", "80"),
    _asked("环氧乙烷浓度", "Ethylene oxide", "mg/L", "550", "700"),
    _asked("作用时间", "Exposure", "min", "240", "300"),
)
"""The validated cycle of the chamber (ISO 11135)."""
AERATED = (
    _asked("解析时间", "Aeration", "h", "48"),
    _asked("生物指示物生长数", "Biological indicators with growth", "pcs", "0", "0"),
)
"""What a load is released by: its gas is gone, and no spore of the indicators that lay in it has grown (ISO 11135, 11138-2)."""
DOSE = (
    _asked("最小剂量", "Least dose", "kGy", "25.0"),
    _asked("最大剂量", "Greatest dose", "kGy", "25.0", "40.0"),
)
"""Dosimetric release: sterile from 25 kGy on, sound up to 40 (ISO 11137-1)."""
MOUNTING = [step(10, "SMT", "贴片", "Component mounting", "assembly")]
JOINING = [step(10, "JOIN", "组件装配", "Module assembly", "assembly")]
ASSEMBLY = [
    step(10, "ASSY", "总装", "Final assembly", "assembly", parameters=(TORQUE,)),
    step(20, "BURN", "整机老化", "Burn-in", "assembly", "burn_in_cabinet", air="LINE-2"),
]
MACH = step(10, "MACH", "机加工", "Machining", "machining", "machining_centre")
CLEAN = step(20, "CLEAN", "超声清洗", "Ultrasonic cleaning", "cleaning", "washer", air="CR-2")
GAMMA = [
    step(25, "SEAL", "装袋封口", "Pouch sealing", "packaging", "sealer", parameters=SEALED),
    step(30, "GAMMA", "委外辐照灭菌", "Gamma sterilisation by contract", "packaging", "irradiator"),
    step(40, "DOSE", "剂量放行", "Dosimetric release", "packaging", parameters=DOSE),
]
"""ISO 11137; the goods go out in their sealed pouches and come back with the certificate of the load."""
GAS = [
    step(30, "EO", "环氧乙烷灭菌", "Ethylene oxide sterilisation", "packaging", "steriliser", parameters=CHAMBER),
    step(40, "AIR", "解析与灭菌放行", "Aeration and release of the load", "packaging", parameters=AERATED),
]
"""ISO 11135, in our own chamber."""
MACHINING = [MACH, CLEAN, *GAMMA]
TITANIUM = [
    MACH,
    step(15, "PASS", "钝化", "Passivation", "cleaning", "passivation_bath", parameters=(ACID,)),
    CLEAN,
    *GAMMA,
]
WINDING = [
    step(10, "ATT", "针线装接", "Needle attachment", "assembly"),
    step(20, "WIND", "洁净间绕线封装", "Winding and sealing", "packaging", "sealer", air="CR-2"),
    *GAS,
]
