"""Stock: units with numbers of their own, movements, and the balance that a trigger keeps from them."""

from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field

from models.kernel.columns import UUID, SQLModel, amount, datetime, instant, key, public_key, ref, words
from models.lot.tables import _search_key
from models.register.rules import Register

MOVEMENT_KINDS = (
    "('receive', 'produce', 'move', 'consume', 'ship', 'return', 'scrap', 'sample', 'adjust',"
    " 'reshape-out', 'reshape-in')"
)


class SerialUnit(SQLModel, table=True):
    """One unit with a serial number, of a lot.  `left_by_id` is the movement by which it was used, scrapped or sampled."""

    __tablename__ = "serial_unit"
    __table_args__ = (UniqueConstraint("lot_id", "serial_no"),)
    id: int = key()
    public_id: UUID = public_key()
    serial_no: str = words(index=True)
    serial_key: str = _search_key("serial_no")
    item_id: int = ref("item.id")
    lot_id: int = ref("lot.id")
    installed_in_id: int | None = ref("serial_unit.id", nullable=True)
    status: str = words("in_stock")
    # a movement names a line, and a line a serial unit: this link closes the circle, so it is made after the tables
    left_by_id: int | None = Field(
        default=None,
        sa_type=BigInteger,
        sa_column_args=[ForeignKey("stock_movement.id", use_alter=True, name="fk_serial_unit_left_by_id")],
        nullable=True,
        index=True,
    )


class StockMovement(SQLModel, table=True):
    """Quantity that came, moved or left; append-only, the only way stock changes.

    What goes from one lot into another when lots are reshaped names its link.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint(f"kind in {MOVEMENT_KINDS}", name="kind"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("from_location_id is not null or to_location_id is not null", name="somewhere"),
        Index("ix_stock_movement_lot_id_id", "lot_id", "id"),
        # who lay in a room, and when (requirement 20)
        Index("ix_stock_movement_to_location_id", "to_location_id", postgresql_where="to_location_id is not null"),
        Index(
            "ix_stock_movement_from_location_id", "from_location_id", postgresql_where="from_location_id is not null"
        ),
        Index("ix_stock_movement_edge_id", "edge_id", postgresql_where="edge_id is not null"),
    )
    id: int = key()
    lot_id: int = ref("lot.id", index=False)
    kind: str = words()
    from_location_id: int | None = ref("location.id", nullable=True, index=False)
    to_location_id: int | None = ref("location.id", nullable=True, index=False)
    quantity: Decimal = amount()
    at: datetime = instant(now=True)
    operation_run_id: int | None = ref("operation_run.id", nullable=True)
    shipment_line_id: int | None = ref("shipment_line.id", nullable=True)
    edge_id: int | None = ref("genealogy_edge.id", nullable=True, index=False)
    reason: str | None = words(nullable=True)
    recorded_at: datetime = instant(now=True)


class Stock(SQLModel, table=True):
    """What lies where now; a balance that only the movement trigger writes."""

    __tablename__ = "stock"
    __table_args__ = (
        UniqueConstraint("lot_id", "location_id"),
        CheckConstraint("quantity >= 0", name="never_negative"),
    )
    id: int = key()
    lot_id: int = ref("lot.id", index=False)
    location_id: int = ref("location.id")
    quantity: Decimal = amount()


SERIALS = Register(SerialUnit.serial_no, SerialUnit.serial_key, SerialUnit.item_id)
