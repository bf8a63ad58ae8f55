"""What follows the notices of a recall: effectiveness checks, goods that come back, reports to authorities; its class per market.

Everything here is append-only: a second call, a second disposition, a corrected report are rows of their own
(21 CFR 7.42(b)(3), 7.53, 7.55; 806.10; 医疗器械召回管理办法).
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint
from sqlmodel import Field

from models.kernel.columns import UUID, SQLModel, amount, count, datetime, flag, instant, key, public_key, ref, words


class RecallSample(SQLModel, table=True):
    """Whom the effectiveness checks ask, of the customers told of one version of the scope: a draw by seed.

    `share` is in percent of `population`.  The seed follows from the recall's number and the digest of the signed scope.
    Receivers whom an answer names later are drawn from by the same share, each time in a `wave` of their own; nobody drew
    where a customer answered by their link.
    """

    __tablename__ = "recall_sample"
    __table_args__ = (
        UniqueConstraint("recall_id", "scope_version", "wave"),
        CheckConstraint("wave >= 0", name="wave"),
        CheckConstraint("level in ('A', 'B', 'C', 'D', 'E')", name="level"),
        CheckConstraint("share >= 0 and share <= 100", name="share"),
        CheckConstraint("size >= 0 and size <= population", name="size"),
    )
    id: int = key()
    recall_id: int = ref("recall.id", index=False)
    scope_version: int
    wave: int = count(0)
    level: str = words()
    share: Decimal = amount()
    seed: str = words()
    population: int
    size: int
    drawn_by_id: int | None = ref("person.id", nullable=True, index=False)
    drawn_at: datetime = instant(now=True)


class RecallCheck(SQLModel, table=True):
    """One drawn customer, who is asked whether the notice came and was acted upon."""

    __tablename__ = "recall_check"
    __table_args__ = (UniqueConstraint("notice_id"),)
    id: int = key()
    public_id: UUID = public_key()
    sample_id: int = ref("recall_sample.id")
    notice_id: int = ref("recall_notice.id", index=False)


class RecallCheckAttempt(SQLModel, table=True):
    """One try to reach a drawn customer and, where somebody was reached, what they said."""

    __tablename__ = "recall_check_attempt"
    __table_args__ = (
        CheckConstraint("channel in ('visit', 'telephone', 'email', 'letter', 'other')", name="channel"),
        CheckConstraint(
            "reached = (spoken_with is not null) and reached = (notice_received is not null)"
            " and reached = (acted is not null)",
            name="reached",
        ),
        CheckConstraint("acted is not true or notice_received", name="acted"),
    )
    id: int = key()
    check_id: int = ref("recall_check.id")
    reached: bool = flag()
    channel: str = words()
    spoken_with: str | None = words(nullable=True)
    contacted_at: datetime = instant()
    notice_received: bool | None = Field(default=None, nullable=True)
    acted: bool | None = Field(default=None, nullable=True)
    remark: str | None = words(nullable=True)
    recorded_by_id: int = ref("person.id", index=False)
    recorded_at: datetime = instant(now=True)


class RecallReturn(SQLModel, table=True):
    """Recalled goods that came back, of one line of a shipment.  `moved` says whether stock was: a drill moves nothing."""

    __tablename__ = "recall_return"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)
    id: int = key()
    public_id: UUID = public_key()
    recall_id: int = ref("recall.id")
    customer_id: int = ref("customer.id")
    lot_id: int = ref("lot.id")
    shipment_line_id: int = ref("shipment_line.id")
    quantity: Decimal = amount()
    location_id: int = ref("location.id", index=False)
    received_at: datetime = instant()
    reference: str | None = words(nullable=True)
    remark: str | None = words(nullable=True)
    moved: bool = flag()
    recorded_by_id: int = ref("person.id", index=False)
    recorded_at: datetime = instant(now=True)


class RecallDisposition(SQLModel, table=True):
    """What becomes of returned goods, or of a part of them."""

    __tablename__ = "recall_disposition"
    __table_args__ = (
        CheckConstraint("kind in ('scrap', 'rework', 'restock')", name="kind"),
        CheckConstraint("quantity > 0", name="quantity"),
    )
    id: int = key()
    public_id: UUID = public_key()
    return_id: int = ref("recall_return.id")
    kind: str = words()
    quantity: Decimal = amount()
    reason: str = words()
    reference: str | None = words(nullable=True)
    moved: bool = flag()
    signature_id: int | None = ref("signature.id", nullable=True, index=False)
    decided_by_id: int = ref("person.id", index=False)
    decided_at: datetime = instant(now=True)


class RecallLotDecision(SQLModel, table=True):
    """What becomes of what is in house of a batch in a recall's scope.  The last decision counts, earlier ones stay."""

    __tablename__ = "recall_lot_decision"
    __table_args__ = (
        CheckConstraint("kind in ('scrap', 'rework', 'release')", name="kind"),
        CheckConstraint("quantity >= 0", name="quantity"),
        Index("ix_recall_lot_decision_recall_id_lot_id", "recall_id", "lot_id"),
    )
    id: int = key()
    public_id: UUID = public_key()
    recall_id: int = ref("recall.id", index=False)
    lot_id: int = ref("lot.id")
    kind: str = words()
    quantity: Decimal = amount()
    reason: str = words()
    reference: str | None = words(nullable=True)
    signature_id: int | None = ref("signature.id", nullable=True)
    decided_by_id: int = ref("person.id", index=False)
    decided_at: datetime = instant(now=True)


class RecallReport(SQLModel, table=True):
    """A report that went to an authority: when, to whom, under which reference.

    `digest` names the kept text of a status or summary report as it was filed.
    """

    __tablename__ = "recall_report"
    __table_args__ = (
        CheckConstraint("kind in ('plan', 'authority', 'progress', 'summary')", name="kind"),
        CheckConstraint("jurisdiction in ('CN', 'US', 'EU')", name="jurisdiction"),
    )
    id: int = key()
    public_id: UUID = public_key()
    recall_id: int = ref("recall.id")
    kind: str = words()
    jurisdiction: str = words()
    filed_at: datetime = instant()
    authority: str = words()
    reference: str = words()
    estimated_on: date | None = Field(default=None, sa_type=Date)
    digest: str | None = words(nullable=True)
    remark: str | None = words(nullable=True)
    recorded_by_id: int = ref("person.id", index=False)
    recorded_at: datetime = instant(now=True)


class RecallMarket(SQLModel, table=True):
    """The class of a recall in one market: what the firm decided or proposed there, or what the agency's letter says.

    The last row of a kind counts, earlier ones stay.  `classified_at` is when the firm signed, or the agency decided.
    """

    __tablename__ = "recall_market"
    __table_args__ = (
        CheckConstraint("market in ('CN', 'US', 'EU')", name="market"),
        CheckConstraint(
            "(market, kind) in (('CN', 'class'), ('US', 'proposal'), ('US', 'agency'), ('EU', 'fsca'))", name="kind"
        ),
        CheckConstraint(
            "case when market = 'EU' then level is null else coalesce(level in ('I', 'II', 'III'), false) end",
            name="level",
        ),
        CheckConstraint(
            "(kind = 'agency') = (authority is not null) and (kind = 'agency') = (reference is not null)", name="agency"
        ),
    )
    id: int = key()
    public_id: UUID = public_key()
    recall_id: int = ref("recall.id")
    market: str = words()
    kind: str = words()
    level: str | None = words(nullable=True)
    authority: str | None = words(nullable=True)
    reference: str | None = words(nullable=True)
    classified_at: datetime = instant()
    recorded_by_id: int = ref("person.id", index=False)
    recorded_at: datetime = instant(now=True)
