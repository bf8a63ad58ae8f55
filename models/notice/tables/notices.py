"""Notices of a recall: whom it tells what, and what they answered."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, text

from models.kernel.columns import (
    UUID,
    Any,
    SQLModel,
    amount,
    count,
    datetime,
    instant,
    json_list,
    key,
    public_key,
    ref,
    words,
)


class RecallNotice(SQLModel, table=True):
    """What one customer is told about one version of the scope, and what they answered.

    `passed_on` went to customers of theirs.  Each `receiver` whom an answer names has a notice of their own, whose `parent_id`
    is the notice that was answered; `customer_id` stays our own customer, who had the goods from us.
    """

    __tablename__ = "recall_notice"
    __table_args__ = (
        Index(
            "uq_recall_notice_recall_id_customer_id_scope_version",
            "recall_id",
            "customer_id",
            "scope_version",
            unique=True,
            postgresql_where=text("parent_id is null"),
        ),
        CheckConstraint("status in ('open', 'sent', 'acknowledged')", name="status"),
        CheckConstraint(
            "received is null or (received >= 0 and on_hand >= 0 and used >= 0 and will_return >= 0)", name="quantities"
        ),
        CheckConstraint("passed_on is null or (passed_on >= 0 and received is not null)", name="passed_on"),
        CheckConstraint(
            "(parent_id is null) = (receiver is null)"
            " and (parent_id is not null or num_nonnulls(contact, email, phone) = 0)"
            " and (parent_id is null or shipped > 0) and identity_key(receiver) <> ''",
            name="receiver",
        ),
    )
    id: int = key()
    public_id: UUID = public_key()
    recall_id: int = ref("recall.id")
    customer_id: int = ref("customer.id")
    parent_id: int | None = ref("recall_notice.id", nullable=True)
    receiver: str | None = words(nullable=True)
    contact: str | None = words(nullable=True)
    email: str | None = words(nullable=True)
    phone: str | None = words(nullable=True)
    scope_version: int
    link_expires_at: datetime = instant()
    lines: list[dict[str, Any]] = json_list()
    shipped: Decimal = amount()
    status: str = words("open")
    sent_at: datetime | None = instant(nullable=True)
    reminders: int = count(0)
    reminded_at: datetime | None = instant(nullable=True)
    acknowledged_at: datetime | None = instant(nullable=True)
    acknowledged_by: str | None = words(nullable=True)
    received: Decimal | None = amount(nullable=True)
    on_hand: Decimal | None = amount(nullable=True)
    used: Decimal | None = amount(nullable=True)
    will_return: Decimal | None = amount(nullable=True)
    passed_on: Decimal | None = amount(nullable=True)
    remark: str | None = words(nullable=True)
