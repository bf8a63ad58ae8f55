"""A list of receivers is decided: confirmed, each of them gets a notice of their own (21 CFR 7.42(b)(1), 7.49(d))."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from models.kernel.units.quantity import plain
from models.notice.rules import receivers as rules
from models.notice.store import products as notice_products
from models.notice.store.receivers import known, named
from models.notice.tables.notices import RecallNotice
from models.notice.tables.receiver_lists import RecallNaming
from models.process.messages.process import By
from models.recall.rules import recall as recall_rules
from models.recall.store import checks as recall_checks
from models.recall.store import hold_and_notify as outward
from models.recall.tables.recall import Recall


def tell(session: Session, recall: Recall, naming: RecallNaming, by: By, now: datetime) -> int:
    """Send each receiver of a confirmed list a notice of their own; answers how many.  The recall is locked."""
    notice = session.exec(
        select(RecallNotice)
        .where(RecallNotice.id == naming.notice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    wanted = named(naming)
    rules.check(wanted, known(session, notice), notice_products.unit(session, notice.lines))
    fresh = [
        RecallNotice(
            recall_id=recall.id,
            customer_id=notice.customer_id,
            parent_id=notice.id,
            receiver=one.name,
            contact=one.contact or None,
            email=one.email or None,
            phone=one.phone or None,
            scope_version=notice.scope_version,
            link_expires_at=now + recall_rules.LINK,
            lines=_lines(notice.lines, one.quantity),
            shipped=one.quantity,
            status="open",
        )
        for one in wanted
    ]
    session.add_all(fresh)
    session.flush()
    outward.tell(session, recall, [one.id for one in fresh], now, kind="first")
    recall_checks.draw_further(session, recall, fresh, by.person_id or None, now)
    return len(fresh)


def _lines(lines: Sequence[dict[str, Any]], quantity: Decimal) -> list[dict[str, str]]:
    """The batches that they may have, each with the most of it that they can have: the answer doesn't tell them apart."""
    return [{"lot_no": line["lot_no"], "quantity": plain(min(Decimal(line["quantity"]), quantity))} for line in lines]


def decided(
    session: Session, run_id: int, recall: Recall, reason: str | None, by: By, now: datetime, *, confirmed: bool
) -> dict[str, Any]:
    """Confirmed: each is told; turned down: the goods stay without a receiver.  The recall is locked."""
    row = session.exec(
        select(RecallNaming)
        .where(RecallNaming.run_id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    row.outcome = "confirmed" if confirmed else "declined"
    row.decided_at, row.decided_by_id, row.reason = now, by.person_id, reason
    session.add(row)
    session.flush()
    done: dict[str, Any] = {"recall_no": recall.recall_no, "receivers": len(row.receivers)}
    if row.outcome == "confirmed":
        done |= {"told": tell(session, recall, row, by, now)}
    return done
