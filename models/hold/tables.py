"""Holds: a lot is held while it has an open row, so one decision can hold 90,000 lots by inserting rows."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index

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


class HoldAct(SQLModel, table=True):
    """One act of quality that held batches: those that were `named`, alone, with everything made of them, or so much of one at a place.

    `lots` is how many it held, `beyond` what of them it could not hold and where that is, as it was then; `broken` are the
    promises to customers that a quantity which is held leaves nothing for.
    """

    __tablename__ = "hold_act"
    __table_args__ = (
        CheckConstraint("scope in ('lot', 'parts', 'place')", name="scope"),
        CheckConstraint("lots > 0", name="lots"),
        CheckConstraint("btrim(reason) <> ''", name="reason"),
    )
    id: int = key()
    public_id: UUID = public_key()
    scope: str = words()
    named: list[str] = json_list()
    reason: str = words()
    lots: int = count(0)
    beyond: list[dict[str, Any]] = json_list()
    broken: list[dict[str, Any]] = json_list()
    placed_by_id: int = ref("person.id")
    placed_at: datetime = instant(now=True)


class HoldPart(SQLModel, table=True):
    """So much of a batch is held at one place, while the rest of it goes on (ISO 13485 8.3.1).

    It is held until it ends: `lifted` says how much of it was let go of then, and what goes on being held, here or at another
    place, is a row of its own that names this one (`from_id`).  So the sum of the rows without an end is what is held where.
    """

    __tablename__ = "hold_part"
    __table_args__ = (
        Index("ix_hold_part_open", "lot_id", "location_id", postgresql_where="ended_at is null"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("lifted is null or (lifted >= 0 and lifted <= quantity)", name="lifted"),
        CheckConstraint("num_nulls(lifted, ended_at, ended_by_id, end_reason) in (0, 4)", name="ended"),
        CheckConstraint("(coalesce(lifted, 0) > 0) = (signature_id is not null)", name="signed"),
    )
    id: int = key()
    public_id: UUID = public_key()
    act_id: int = ref("hold_act.id")
    lot_id: int = ref("lot.id")
    location_id: int = ref("location.id")
    quantity: Decimal = amount()
    from_id: int | None = ref("hold_part.id", nullable=True)
    placed_at: datetime = instant(now=True)
    lifted: Decimal | None = amount(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    ended_by_id: int | None = ref("person.id", nullable=True)
    end_reason: str | None = words(nullable=True)
    signature_id: int | None = ref("signature.id", nullable=True, index=False)


class Hold(SQLModel, table=True):
    """A lot may not be issued, packed or shipped while a hold on it is open (ISO 13485 8.3.1).

    `cause` says who placed it (`models.hold.rules`): the decision of a release names its run, a recall itself; a precaution
    is the recall's own from `confirmed_at` on.  It is lifted by a signature, or by the newer release run that decided.  `act_id` is
    the act of quality that it belongs to, also of a batch that was made of a held one later.
    """

    __tablename__ = "hold"
    __table_args__ = (
        Index("ix_hold_open", "lot_id", postgresql_where="lifted_at is null"),
        CheckConstraint("(lifted_at is null) = (lifted_by_id is null)", name="lifted"),
        CheckConstraint("(recall_id is not null) = (cause in ('recall', 'containment'))", name="of_recall"),
        CheckConstraint("confirmed_at is null or cause = 'containment'", name="confirmed"),
        CheckConstraint("act_id is null or recall_id is null", name="of_act"),
        Index("ix_hold_act_id", "act_id", postgresql_where="act_id is not null"),
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
    act_id: int | None = ref("hold_act.id", nullable=True, index=False)
    confirmed_at: datetime | None = instant(nullable=True)
    placed_by_id: int = ref("person.id")
    placed_at: datetime = instant(now=True)
    lifted_by_id: int | None = ref("person.id", nullable=True)
    lifted_at: datetime | None = instant(nullable=True)
    lift_reason: str | None = words(nullable=True)
    lift_signature_id: int | None = ref("signature.id", nullable=True, index=False)
    lift_run_id: int | None = ref("process_run.id", nullable=True, index=False)
