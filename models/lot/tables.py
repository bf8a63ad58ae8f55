"""The batch and what is true of it: lots, serial units, holds, stock, movements, genealogy and facts.

`held` is not a column: a lot is held while it has an open hold row, so one decision can hold 90,000 lots by inserting
rows.  Stock balances are kept by a trigger from append-only movements; nobody writes them.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Computed, Date, ForeignKey, Index, Text, UniqueConstraint
from sqlmodel import Field

from models.tables.base import (
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
    subject_key,
    words,
)
from models.tables.items import ITEM_KINDS

LOT_STATUSES = "('received', 'in_process', 'finished', 'inspected', 'packed', 'released', 'rejected', 'closed')"
MOVEMENT_KINDS = (
    "('receive', 'produce', 'move', 'consume', 'ship', 'return', 'scrap', 'sample', 'adjust',"
    " 'reshape-out', 'reshape-in')"
)
EDGE_KINDS = "('consume', 'split', 'merge', 'rework', 'repack', 'processed-in-load', 'install')"
SEARCH_KEY = "near_key({})"  # the number that is meant, without what hands leave out (models/rules/identity.py)


def _search_key(column: str) -> Any:
    return Field(
        default=None,
        sa_type=Text,
        nullable=True,
        index=True,
        sa_column_args=[Computed(SEARCH_KEY.format(column), persisted=True)],
    )


class Lot(SQLModel, table=True):
    """A batch.  `expires_on` and `retest_on` of precision `month` mean the last day of that month, `manufactured_on` its first.

    `pack_size` is how much of the item's own unit is in one `uom` of the lot: 20 for a box of twenty.  `expiry_reason` says why
    its expiry isn't what the item master gives, `retest_on` from when it isn't used untested.
    """

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint(f"kind in {ITEM_KINDS}", name="kind"),
        CheckConstraint(f"status in {LOT_STATUSES}", name="status"),
        CheckConstraint("expiry_precision in ('day', 'month')", name="expiry_precision"),
        CheckConstraint("made_precision in ('day', 'month')", name="made_precision"),
        CheckConstraint("retest_precision in ('day', 'month')", name="retest_precision"),
        CheckConstraint("origin in ('native', 'migrated')", name="origin"),
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("pack_size > 0", name="pack_size"),
        # one row of an import is the evidence of one lot
        Index("uq_lot_import_row_id", "import_row_id", unique=True, postgresql_where="import_row_id is not null"),
        Index("ix_lot_status_id", "status", "id"),
        Index("ix_lot_item_id_id", "item_id", "id"),
        Index("ix_lot_kind_id", "kind", "id"),
    )
    id: int = key()
    subject_id: int = subject_key("lot")
    public_id: UUID = public_key()
    lot_no: str = words(unique=True)
    lot_key: str = _search_key("lot_no")
    item_id: int = ref("item.id", index=False)
    kind: str = words()
    status: str = words("received")
    quantity: Decimal = amount()
    uom: str = words("pcs")
    pack_size: Decimal = amount(default="1")
    supplier_id: int | None = ref("supplier.id", nullable=True)
    supplier_lot_no: str | None = words(nullable=True)
    supplier_lot_key: str | None = _search_key("supplier_lot_no")
    manufactured_on: date | None = Field(default=None, sa_type=Date)
    made_precision: str = words("day")
    expires_on: date | None = Field(default=None, sa_type=Date)
    expiry_precision: str = words("day")
    expiry_reason: str | None = words(nullable=True)
    retest_on: date | None = Field(default=None, sa_type=Date)
    retest_precision: str = words("day")
    origin: str = words("native")
    import_row_id: int | None = ref("import_row.id", nullable=True, index=False)
    created_at: datetime = instant(now=True)
    extra: dict[str, Any] = json_document()


class OwnNumber(SQLModel, table=True):
    """The key of each batch number: a new one that folds like one there is is refused.  A trigger keeps it."""

    __tablename__ = "own_number"
    identity: str = Field(primary_key=True, sa_type=Text)
    lot_id: int = ref("lot.id", index=False)


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


class Hold(SQLModel, table=True):
    """A lot may not be issued, packed or shipped while a hold on it is open (ISO 13485 8.3.1).

    `cause` says who placed it (`models.rules.holds`): the decision of a release names its run, a recall itself; a precaution
    is the recall's own from `confirmed_at` on.  It is lifted by a signature, or by the newer release run that decided.
    """

    __tablename__ = "hold"
    __table_args__ = (
        Index("ix_hold_open", "lot_id", postgresql_where="lifted_at is null"),
        CheckConstraint("(lifted_at is null) = (lifted_by_id is null)", name="lifted"),
        CheckConstraint("(recall_id is not null) = (cause in ('recall', 'containment'))", name="of_recall"),
        CheckConstraint("confirmed_at is null or cause = 'containment'", name="confirmed"),
        # a recall holds a lot once; another recall holds it besides
        Index(
            "uq_hold_recall",
            "recall_id",
            "lot_id",
            unique=True,
            postgresql_where="recall_id is not null and lifted_at is null",
        ),
    )
    id: int = key()
    public_id: UUID = public_key()
    lot_id: int = ref("lot.id")
    recall_id: int | None = ref("recall.id", nullable=True, index=False)
    reason: str = words()
    cause: str = words("manual")
    run_id: int | None = ref("process_run.id", nullable=True, index=False)
    confirmed_at: datetime | None = instant(nullable=True)
    placed_by_id: int = ref("person.id")
    placed_at: datetime = instant(now=True)
    lifted_by_id: int | None = ref("person.id", nullable=True)
    lifted_at: datetime | None = instant(nullable=True)
    lift_reason: str | None = words(nullable=True)
    lift_signature_id: int | None = ref("signature.id", nullable=True, index=False)
    lift_run_id: int | None = ref("process_run.id", nullable=True, index=False)


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


class GenealogyEdge(SQLModel, table=True):
    """`quantity` of the parent went into the child.  Append-only; a correction supersedes.

    `at` is when it happened, `recorded_at` when it became known; a trigger writes `superseded_at` when a correction comes.
    Of a lot that was reshaped, `child_quantity` is what became of it in the child's unit: 480 pcs are 24 boxes.
    """

    __tablename__ = "genealogy_edge"
    __table_args__ = (
        CheckConstraint(f"kind in {EDGE_KINDS}", name="kind"),
        CheckConstraint("parent_lot_id <> child_lot_id or kind = 'install'", name="no_self"),
        # the graph of now, without what was corrected; the corrected links have small indexes of their own
        Index(
            "ix_genealogy_edge_down",
            "parent_lot_id",
            "child_lot_id",
            postgresql_include=["id", "recorded_at"],
            postgresql_where="superseded_at is null",
        ),
        Index(
            "ix_genealogy_edge_up",
            "child_lot_id",
            "parent_lot_id",
            postgresql_include=["id", "recorded_at"],
            postgresql_where="superseded_at is null",
        ),
        Index("ix_genealogy_edge_dead_parent_lot_id", "parent_lot_id", postgresql_where="superseded_at is not null"),
        Index("ix_genealogy_edge_dead_child_lot_id", "child_lot_id", postgresql_where="superseded_at is not null"),
        # few links are corrected, so this one stays small and in memory
        Index(
            "ix_genealogy_edge_supersedes_id",
            "supersedes_id",
            postgresql_include=["at"],
            postgresql_where="supersedes_id is not null",
        ),
    )
    id: int = key()
    parent_lot_id: int = ref("lot.id", index=False)
    child_lot_id: int = ref("lot.id", index=False)
    kind: str = words()
    quantity: Decimal | None = amount(nullable=True)
    uom: str = words("pcs")
    child_quantity: Decimal | None = amount(nullable=True)
    child_uom: str | None = words(nullable=True)
    operation_run_id: int | None = ref("operation_run.id", nullable=True)
    at: datetime = instant(now=True)
    supersedes_id: int | None = ref("genealogy_edge.id", nullable=True, index=False)
    recorded_at: datetime = instant(now=True)
    superseded_at: datetime | None = instant(nullable=True)
    source: str = words("batchwright")


class LotFact(SQLModel, table=True):
    """What happened to a lot, in order: its timeline and the source of triggers (`inspection.failed`, …).

    `at` is when it was written down, `happened_at` when it happened, where somebody tells that it was earlier.
    """

    __tablename__ = "lot_fact"
    __table_args__ = (Index("ix_lot_fact_lot_id_at", "lot_id", "at", "id"),)
    id: int = key()
    lot_id: int = ref("lot.id", index=False)
    fact: str = words(index=True)
    at: datetime = instant(now=True)
    happened_at: datetime | None = instant(nullable=True)
    person_id: int | None = ref("person.id", nullable=True)
    data: dict[str, Any] = json_document()
