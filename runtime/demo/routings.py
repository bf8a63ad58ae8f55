"""How the demo company makes its products: the operations of each work order."""

from typing import Any

AIR = (
    {"name": "湿度", "unit": "%", "lower": 30, "upper": 60},
    {"name": "温度", "unit": "°C", "lower": 18, "upper": 26},
)
"""What the clean room's air must be (ISO 14644)."""
TORQUE = {"name": "拧紧扭矩", "unit": "N·m", "lower": "0.55", "upper": "0.70"}


def step(
    seq: int,
    code: str,
    zh: str,
    en: str,
    skill: str,
    machine: str | None = None,
    *,
    air: bool = False,
    parameters: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    """One planned operation; with `air` it belongs in the clean room, whose air is read."""
    return {
        "seq": seq,
        "code": code,
        "title_zh": zh,
        "title_en": en,
        "qualification": skill,
        "equipment_kind": machine,
        "environment": air,
        "parameters": list(parameters),
        "readings": list(AIR) if air else [],
        "room": "CR-2" if air else None,
    }


MOUNTING = [step(10, "SMT", "贴片", "Mount the components", "assembly")]
JOINING = [step(10, "JOIN", "组件装配", "Join the modules", "assembly")]
ASSEMBLY = [
    step(10, "ASSY", "总装", "Final assembly", "assembly", parameters=(TORQUE,)),
    step(20, "CLEAN", "洁净间清洁", "Clean", "cleaning", "washer", air=True),
]
MACHINING = [
    step(10, "MACH", "机加工", "Machine", "machining", "machining_centre"),
    step(20, "CLEAN", "超声清洗", "Ultrasonic cleaning", "cleaning", "washer", air=True),
]
WINDING = [
    step(10, "ATT", "针线装接", "Attach the needle", "assembly"),
    step(20, "WIND", "洁净间绕线", "Wind", "packaging", "sealer", air=True),
]
