"""Lists of receivers that customers of a recall named, each with what somebody of ours decided about it."""

from decimal import Decimal

from sqlalchemy import CheckConstraint

from models.kernel.columns import UUID, Any, SQLModel, amount, datetime, instant, json_list, key, public_key, ref, words


class RecallNaming(SQLModel, table=True):
    """One list of those to whom a consignee passed goods on, and what was decided about it.

    Its task and its deadlines are the `process_run`'s.  `receivers` have name, quantity and how they are reached; nobody of them is
    told before the list is `confirmed`.  `link`: it came through the link of a notice, not by telephone.
    """

    __tablename__ = "recall_naming"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("jsonb_array_length(receivers) between 1 and 1000", name="receivers"),
        CheckConstraint("outcome in ('confirmed', 'declined', 'cancelled')", name="outcome"),
        CheckConstraint("(outcome is null) = (decided_at is null)", name="decided"),
        CheckConstraint("outcome not in ('confirmed', 'declined') or decided_by_id is not null", name="by"),
    )
    id: int = key()
    public_id: UUID = public_key()
    recall_id: int = ref("recall.id")
    notice_id: int = ref("recall_notice.id")
    run_id: int = ref("process_run.id")
    named_by: str = words()
    named_at: datetime = instant()
    link: bool
    quantity: Decimal = amount()
    receivers: list[dict[str, Any]] = json_list()
    outcome: str | None = words(nullable=True)
    decided_at: datetime | None = instant(nullable=True)
    decided_by_id: int | None = ref("person.id", nullable=True)
    reason: str | None = words(nullable=True)
