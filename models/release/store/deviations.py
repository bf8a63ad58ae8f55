"""Deviations that the record of a batch shows are opened by one rule, after every act that may have made one (ISO 13485 8.3)."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.store import later
from models.lot.store import lots
from models.lot.tables import Lot, LotFact
from models.nonconformance.store import open_deviation
from models.process.messages.process import By
from models.release.rules import deviations as evidence_deviations
from models.release.rules import evidence
from models.release.store import batch_record

PACKED = "lot.packed"
"""The fact that the batch record reads and that is written at the end of the act that tells it."""
IN_RELEASE = text("""
select distinct t.lot_id from human_task t where t.status = 'open' and t.process = 'release' and t.lot_id is not null
 order by t.lot_id
""")


def open_found(session: Session, lot: Lot, by: By, now: datetime) -> int:
    """Open a deviation for everything in the batch's record that is one and has none yet; answers how many.

    Asked by every act after which the record may hold one, so that one rule decides what a deviation is.
    """
    session.flush()
    if any(one["fact"] == PACKED for one in later.waiting(session, LotFact)):
        later.write(session)
    record = batch_record.build(session, lot)
    found = evidence_deviations.undecided(evidence.assess(record, now).exceptions, record)
    for one in found:
        open_deviation(session, lot, one, by, now)
    return len(found)


def open_in_releases(session: Session, by: By, now: datetime) -> int:
    """Open the deviations of batches that were waiting for release when these rules came; answers how many."""
    keys = session.connection().execute(IN_RELEASE).scalars().all()
    return sum(open_found(session, lots.lock_by_key(session, key), by, now) for key in keys)
