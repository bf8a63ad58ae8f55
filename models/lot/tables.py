"""The batch and what is true of it: lots, serial units, holds, stock, movements, genealogy and facts.

`held` is not a column: a lot is held while it has an open hold row, so one decision can hold 90,000 lots by inserting
rows.  Stock balances are kept by a trigger from append-only movements; nobody writes them.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Computed, Date, Index, Text
from sqlmodel import Field

from models.item.tables import ITEM_KINDS
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
    subject_key,
    words,
)
from models.register.rules import Register

LOT_STATUSES = "('received', 'in_process', 'finished', 'inspected', 'packed', 'released', 'rejected', 'closed')"
SEARCH_KEY = (
    "near_key({})"  # the number that is meant, without what hands leave out (models/identifier/rules/identity.py)
)


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


LOTS = Register(Lot.lot_no, Lot.lot_key)
