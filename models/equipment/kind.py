"""Equipment, as forms of processes refer to it and as what the process of its calibrations is about."""

from models.equipment.tables import EQUIPMENT
from models.kernel.text import Text
from models.process import changeable
from models.process.kind import Kind
from models.process.subject import named

KINDS: tuple[Kind, ...] = ()
SOURCES = (named("equipment", EQUIPMENT, "equipment_no"),)
RAN = """
select e.equipment_no, '', r.lot_id
  from equipment e join operation_equipment o on o.equipment_id = e.id join operation_run r on r.id = o.operation_run_id
"""
CHANGES = (changeable.named("equipment", Text("设备", "Equipment"), "equipment", "equipment_no", RAN),)
