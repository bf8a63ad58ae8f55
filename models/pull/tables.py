"""Places where held goods must be fetched, and how each notice went out; both belong to a recall or a drill."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.tables.base import (
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


class RecallPull(SQLModel, table=True):
    """One errand: how many of which held lots are said to be at a place, and what was found there.

    Its task and its deadlines are the `process_run`'s; found once, it stays as it was said.
    """

    __tablename__ = "recall_pull"
    __table_args__ = (
        UniqueConstraint("recall_id", "scope_version", "kind", "place", "uom"),
        CheckConstraint("kind in ('shipment', 'work_order', 'location')", name="kind"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("found is null or found >= 0", name="found"),
        CheckConstraint("(found is null) = (done_at is null)", name="done"),
    )
    id: int = key()
    public_id: UUID = public_key()
    recall_id: int = ref("recall.id", index=False)
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


class NoticeDelivery(SQLModel, table=True):
    """One sending of a notice: by mail, or on paper where nobody can mail it; never "sent" before somebody took it.

    `kind` is `first`, `reminder-1`, … .  `message_id` is derived from notice and kind: sent again, it is the same
    message.  A reminder to somebody who has answered meanwhile is `needless`.
    """

    __tablename__ = "notice_delivery"
    __table_args__ = (
        UniqueConstraint("notice_id", "kind"),
        CheckConstraint(
            "status in ('waiting', 'sending', 'sent', 'failed', 'to_print', 'printed', 'needless')", name="status"
        ),
    )
    id: int = key()
    public_id: UUID = public_key()
    notice_id: int = ref("recall_notice.id", index=False)
    kind: str = words()
    status: str = words("waiting")
    message_id: str | None = words(nullable=True)
    address: str | None = words(nullable=True)
    asked_at: datetime = instant(now=True)
    tried_at: datetime | None = instant(nullable=True)
    done_at: datetime | None = instant(nullable=True)
    done_by_id: int | None = ref("person.id", nullable=True)
    attempts: int = count(0)
    why: str | None = words(nullable=True)
