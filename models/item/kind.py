"""Items, as forms of processes refer to them."""

from models.item.store.items import ITEMS
from models.kernel.text import Text
from models.process import changeable
from models.process.kind import Kind
from models.process.subject import named

KINDS: tuple[Kind, ...] = ()
SOURCES = (named("item", ITEMS, "item_no"),)
CHANGES = (changeable.named("item", Text("物料", "Item"), "item", "item_no"),)
