"""Places where held goods must be fetched; each errand belongs to a recall, a drill, or an act of quality that held them."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.kernel.columns import (
    UUID,
    Any,
    SQLModel,
    amount,
    datetime,
    instant,
    json_list,
    key,
    public_key,
    ref,
    words,
)


class RecallPull(SQLModel, table=True):
    """One errand: how many of which held lots are said to be at a place, and what was found there.

    Its task and its deadlines are the `process_run`'s; found once, it stays as it was said.
    """

    __tablename__ = "recall_pull"
    __table_args__ = (
        UniqueConstraint("recall_id", "scope_version", "kind", "place", "uom"),
        UniqueConstraint("hold_act_id", "kind", "place", "uom"),
        CheckConstraint("num_nonnulls(recall_id, hold_act_id) = 1", name="whose"),
        CheckConstraint("kind in ('shipment', 'work_order', 'location')", name="kind"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("found is null or found >= 0", name="found"),
        CheckConstraint("(found is null) = (done_at is null)", name="done"),
    )
    id: int = key()
    public_id: UUID = public_key()
    recall_id: int | None = ref("recall.id", nullable=True, index=False)
    hold_act_id: int | None = ref("hold_act.id", nullable=True, index=False)
    run_id: int = ref("process_run.id")
    scope_version: int
    kind: str = words()
    place: str = words()
    title: str = words()
    uom: str = words("pcs")
    quantity: Decimal = amount()
    lines: list[dict[str, Any]] = json_list()
    found: Decimal | None = amount(nullable=True)
    put_to: str | None = words(nullable=True)
    note: str | None = words(nullable=True)
    done_at: datetime | None = instant(nullable=True)
    done_by_id: int | None = ref("person.id", nullable=True)
