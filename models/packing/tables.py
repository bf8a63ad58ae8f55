"""Logistic units: cases and pallets, and what was packed into which from when to when (REQUIREMENTS 19, 56, 95).

What is printed on a unit is its number: an SSCC (18 digits, the last of them a check digit) or the site's own.  A row of
`packed_content` is one packing: it is ended by taking the thing out and never deleted, so that what was in a unit at any
time can be told.  Where a unit stands, its contents lie: they stay in the stock of that location.
"""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Computed, Index, Text
from sqlmodel import Field

from models.kernel.columns import UUID, SQLModel, amount, datetime, instant, key, public_key, ref, words
from models.lot.tables import SEARCH_KEY
from models.register.rules import Register

IN_HOUSE = "unpacked_at is null and shipment_line_id is null"
"""A packing that ties goods of our stock; one that was shipped has left with its unit."""


class LogisticUnit(SQLModel, table=True):
    """A case or a pallet.  Shipped, it is closed for good: nothing is put on it or taken from it any more."""

    __tablename__ = "logistic_unit"
    __table_args__ = (
        CheckConstraint("kind in ('case', 'pallet')", name="kind"),
        CheckConstraint("status in ('open', 'shipped')", name="status"),
        CheckConstraint("(status = 'shipped') = (shipment_id is not null)", name="shipped"),
    )
    id: int = key()
    public_id: UUID = public_key()
    unit_no: str = words(unique=True)
    unit_key: str = Field(
        default=None,
        sa_type=Text,
        nullable=True,
        index=True,
        sa_column_args=[Computed(SEARCH_KEY.format("unit_no"), persisted=True)],
    )
    kind: str = words()
    status: str = words("open")
    location_id: int = ref("location.id")
    shipment_id: int | None = ref("shipment.id", nullable=True)
    created_by_id: int = ref("person.id")
    created_at: datetime = instant(now=True)


class PackedContent(SQLModel, table=True):
    """A quantity of a lot, one of its serial units, or a smaller unit, in a unit from `packed_at` until `unpacked_at`.

    When only a part is taken out, the packing ends and another begins with the rest (`rest_of_id`).
    """

    __tablename__ = "packed_content"
    __table_args__ = (
        CheckConstraint("(lot_id is null) <> (child_id is null)", name="one_thing"),
        CheckConstraint("(lot_id is null) = (quantity is null)", name="how_much"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("serial_unit_id is null or (lot_id is not null and quantity = 1)", name="serial"),
        CheckConstraint("child_id <> unit_id", name="not_itself"),
        CheckConstraint("(unpacked_at is null) = (unpacked_by_id is null)", name="unpacked"),
        CheckConstraint("shipment_line_id is null or unpacked_at is null", name="left"),
        CheckConstraint("shipment_line_id is null or lot_id is not null", name="line"),
        # one parent at a time, and a serial in one unit at most
        Index("uq_packed_content_child_id", "child_id", unique=True, postgresql_where="unpacked_at is null"),
        Index("uq_packed_content_serial_unit_id", "serial_unit_id", unique=True, postgresql_where=IN_HOUSE),
        Index("uq_packed_content_rest_of_id", "rest_of_id", unique=True, postgresql_where="rest_of_id is not null"),
        Index("ix_packed_content_in_house", "lot_id", "unit_id", postgresql_where=IN_HOUSE),
        Index("ix_packed_content_lot_id", "lot_id", postgresql_where="lot_id is not null"),
        Index("ix_packed_content_child_id", "child_id", postgresql_where="child_id is not null"),
        Index("ix_packed_content_serial_unit_id", "serial_unit_id", postgresql_where="serial_unit_id is not null"),
        Index(
            "ix_packed_content_shipment_line_id", "shipment_line_id", postgresql_where="shipment_line_id is not null"
        ),
    )
    id: int = key()
    unit_id: int = ref("logistic_unit.id")
    lot_id: int | None = ref("lot.id", nullable=True, index=False)
    serial_unit_id: int | None = ref("serial_unit.id", nullable=True, index=False)
    child_id: int | None = ref("logistic_unit.id", nullable=True, index=False)
    quantity: Decimal | None = amount(nullable=True)
    packed_by_id: int = ref("person.id")
    packed_at: datetime = instant(now=True)
    unpacked_by_id: int | None = ref("person.id", nullable=True)
    unpacked_at: datetime | None = instant(nullable=True)
    shipment_line_id: int | None = ref("shipment_line.id", nullable=True, index=False)
    rest_of_id: int | None = ref("packed_content.id", nullable=True, index=False)


UNITS = Register(LogisticUnit.unit_no, LogisticUnit.unit_key)
