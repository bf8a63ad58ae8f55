"""Suppliers and customers, as forms of processes refer to them."""

from models.kernel.text import Text
from models.partner.tables import CUSTOMERS, SUPPLIERS
from models.process import changeable
from models.process.kind import Kind
from models.process.subject import named

KINDS: tuple[Kind, ...] = ()
SOURCES = (named("customer", CUSTOMERS, "customer_no"), named("supplier", SUPPLIERS, "supplier_no"))
RAN = "select s.supplier_no, '', l.id from supplier s join lot l on l.supplier_id = s.id"
CHANGES = (changeable.named("supplier", Text("供应商", "Supplier"), "supplier", "supplier_no", RAN),)
