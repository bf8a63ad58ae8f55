"""Suppliers with their own item numbers, and customers with whom to call in a recall."""

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.kernel.columns import UUID, Any, SQLModel, flag, json_document, key, public_key, ref, subject_key, words
from models.register.rules import Register


class Supplier(SQLModel, table=True):
    """A company that we buy from, or whose name stands on what we buy (`manufacturer`)."""

    __tablename__ = "supplier"
    __table_args__ = (CheckConstraint("status in ('approved', 'conditional', 'blocked')", name="status"),)
    id: int = key()
    subject_id: int = subject_key("supplier")
    public_id: UUID = public_key()
    supplier_no: str = words(unique=True)
    name: str = words()
    name_en: str | None = words(nullable=True)
    status: str = words("approved")
    is_manufacturer: bool = flag()
    contact: str | None = words(nullable=True)
    email: str | None = words(nullable=True)
    phone: str | None = words(nullable=True)
    origin: str = words("native")
    extra: dict[str, Any] = json_document()


class SupplierItem(SQLModel, table=True):
    """What a supplier or manufacturer calls our item."""

    __tablename__ = "supplier_item"
    __table_args__ = (UniqueConstraint("supplier_id", "item_id", "supplier_item_no"),)
    id: int = key()
    supplier_id: int = ref("supplier.id")
    item_id: int = ref("item.id")
    supplier_item_no: str = words(index=True)
    kind: str = words("supplier")
    description: str | None = words(nullable=True)


class Customer(SQLModel, table=True):
    """A consignee.  `country` (ISO 3166, two letters) says whose market it is; without it, no market is assumed.

    `level` is where it stands in the distribution chain: wholesale, retail, user; without it every recall tells it.
    """

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        CheckConstraint("level in ('wholesale', 'retail', 'user')", name="level"),
    )
    id: int = key()
    subject_id: int = subject_key("customer")
    public_id: UUID = public_key()
    customer_no: str = words(unique=True)
    name: str = words()
    name_en: str | None = words(nullable=True)
    contact: str | None = words(nullable=True)
    email: str | None = words(nullable=True)
    phone: str | None = words(nullable=True)
    address: str | None = words(nullable=True)
    country: str | None = words(nullable=True)
    level: str | None = words(nullable=True)
    origin: str = words("native")
    extra: dict[str, Any] = json_document()


SUPPLIERS = Register(Supplier.supplier_no)
CUSTOMERS = Register(Customer.customer_no)
