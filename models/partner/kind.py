"""Suppliers and customers, as forms of processes refer to them."""

from models.partner.tables import CUSTOMERS, SUPPLIERS
from models.process.kind import Kind
from models.process.subject import named

KINDS: tuple[Kind, ...] = ()
SOURCES = (named("customer", CUSTOMERS, "customer_no"), named("supplier", SUPPLIERS, "supplier_no"))
