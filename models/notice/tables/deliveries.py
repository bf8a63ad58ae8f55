"""How each notice of a recall went out."""

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.kernel.columns import UUID, SQLModel, count, datetime, instant, key, public_key, ref, words


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
