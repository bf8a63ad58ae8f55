"""The genealogy: one row for each link between lots; a corrected one says since when."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index

from models.kernel.columns import (
    SQLModel,
    amount,
    datetime,
    instant,
    key,
    ref,
    words,
)

EDGE_KINDS = "('consume', 'split', 'merge', 'rework', 'repack', 'processed-in-load', 'install')"


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
