"""Work orders with their frozen routing."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.kernel.columns import (
    UUID,
    Any,
    SQLModel,
    amount,
    datetime,
    flag,
    instant,
    json_document,
    key,
    public_key,
    ref,
    words,
)
from models.register.rules import Register


class WorkOrder(SQLModel, table=True):
    """An order to make `quantity` of an item into one output lot; `opened_at` is when it was opened, where somebody told it."""

    __tablename__ = "work_order"
    __table_args__ = (CheckConstraint("status in ('open', 'finished', 'cancelled')", name="status"),)
    id: int = key()
    public_id: UUID = public_key()
    work_order_no: str = words(unique=True)
    item_id: int = ref("item.id")
    lot_id: int | None = ref("lot.id", nullable=True)
    quantity: Decimal = amount()
    produced: Decimal = amount(default="0")
    scrapped: Decimal = amount(default="0")
    uom: str = words("pcs")
    status: str = words("open")
    document: str | None = words(nullable=True)
    document_version: str | None = words(nullable=True)
    location_id: int | None = ref("location.id", nullable=True)
    origin: str = words("native")
    opened_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant(now=True)
    finished_at: datetime | None = instant(nullable=True)
    extra: dict[str, Any] = json_document()


class RoutingStep(SQLModel, table=True):
    """A planned operation of a work order, frozen when the order was made; done in the order of `seq`."""

    __tablename__ = "routing_step"
    __table_args__ = (UniqueConstraint("work_order_id", "seq"),)
    id: int = key()
    work_order_id: int = ref("work_order.id", index=False)
    seq: int
    code: str = words()
    title_zh: str = words()
    title_en: str = words()
    qualification: str | None = words(nullable=True)
    equipment_kind: str | None = words(nullable=True)
    environment: bool = flag()
    parameters: dict[str, Any] = json_document()


ORDERS = Register(WorkOrder.work_order_no)
