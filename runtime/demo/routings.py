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


MOUNTING = [step(10, "SMT", "贴片", "Component mounting", "assembly")]
JOINING = [step(10, "JOIN", "组件装配", "Module assembly", "assembly")]
ASSEMBLY = [
    step(10, "ASSY", "总装", "Final assembly", "assembly", parameters=(TORQUE,)),
    step(20, "BURN", "整机老化", "Burn-in", "assembly", "burn_in_cabinet", air="LINE-2"),
]
MACH = step(10, "MACH", "机加工", "Machining", "machining", "machining_centre")
CLEAN = step(20, "CLEAN", "超声清洗", "Ultrasonic cleaning", "cleaning", "washer", air="CR-2")
MACHINING = [MACH, CLEAN]
TITANIUM = [
    MACH,
    step(15, "PASS", "钝化", "Passivation", "cleaning", "passivation_bath", parameters=(ACID,)),
    CLEAN,
]
WINDING = [
    step(10, "ATT", "针线装接", "Needle attachment", "assembly"),
    step(20, "WIND", "洁净间绕线封装", "Winding and sealing", "packaging", "sealer", air="CR-2"),
]
