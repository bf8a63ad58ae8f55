"""Leaving: shipments to customers and their lines."""

from decimal import Decimal

from sqlalchemy import CheckConstraint

from models.kernel.columns import (
    UUID,
    Any,
    SQLModel,
    amount,
    datetime,
    instant,
    json_document,
    key,
    public_key,
    ref,
    words,
)
from models.register.rules import Register


class Shipment(SQLModel, table=True):
    """Goods that left for a customer."""

    __tablename__ = "shipment"
    __table_args__ = (CheckConstraint("status in ('planned', 'shipped', 'arrived', 'cancelled')", name="status"),)
    id: int = key()
    public_id: UUID = public_key()
    shipment_no: str = words(unique=True)
    customer_id: int = ref("customer.id")
    order_no: str | None = words(nullable=True, index=True)
    carrier: str | None = words(nullable=True)
    tracking_no: str | None = words(nullable=True, index=True)
    status: str = words("shipped")
    shipped_at: datetime | None = instant(nullable=True)
    arrived_at: datetime | None = instant(nullable=True)
    origin: str = words("native")
    extra: dict[str, Any] = json_document()


class ShipmentLine(SQLModel, table=True):
    """How much of which lot."""

    __tablename__ = "shipment_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("returned >= 0 and returned <= quantity", name="returned"),
    )
    id: int = key()
    shipment_id: int = ref("shipment.id")
    lot_id: int = ref("lot.id")
    quantity: Decimal = amount()
    returned: Decimal = amount(default="0")
    serial_unit_id: int | None = ref("serial_unit.id", nullable=True)
    recorded_at: datetime = instant(now=True)


SHIPMENTS = Register(Shipment.shipment_no)
