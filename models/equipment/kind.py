"""Equipment, as forms of processes refer to it and as what the process of its calibrations is about."""

from models.equipment.tables import EQUIPMENT
from models.kernel.text import Text
from models.process import changeable
from models.process.kind import Kind
from models.process.subject import named

KINDS: tuple[Kind, ...] = ()
SOURCES = (named("equipment", EQUIPMENT, "equipment_no"),)
CHANGES = (changeable.named("equipment", Text("设备", "Equipment"), "equipment", "equipment_no"),)
