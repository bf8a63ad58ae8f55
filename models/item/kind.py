"""Items, as forms of processes refer to them."""

from models.item.store.items import ITEMS
from models.kernel.text import Text
from models.process import changeable
from models.process.kind import Kind
from models.process.subject import named

KINDS: tuple[Kind, ...] = ()
SOURCES = (named("item", ITEMS, "item_no"),)
RAN = """
select i.item_no, coalesce(r.revision, ''), l.id from item i join lot l on l.item_id = i.id left join supplier_receipt r on r.lot_id = l.id
union all
select i.item_no, coalesce(r.revision, ''), e.child_lot_id
  from item i join lot l on l.item_id = i.id join genealogy_edge e on e.parent_lot_id = l.id left join supplier_receipt r on r.lot_id = l.id
 where e.kind = 'consume' and e.superseded_at is null
"""
CHANGES = (changeable.named("item", Text("物料", "Item"), "item", "item_no", RAN),)
