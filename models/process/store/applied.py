"""Exactly once: an activity that took effect answers a retry with its first receipt (DESIGN 7.5)."""

from sqlalchemy import Engine, text
from sqlmodel import Session, select

from models.kernel.store import later
from models.kernel.store.act import reading
from models.kernel.tables import Applied
from models.process.messages.process import Receipt
from models.process.store import runs

LARGEST = 1_500_000
"""Bytes of a receipt; Temporal takes two million of an answer, with what it wraps around it."""
MINE = text("select pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
PATIENT = text("set local lock_timeout = 0")
THEIRS = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def of_command(act: str, command_id: str) -> str:
    """As what a person's command is remembered, whichever workflow it comes through."""
    return f"{act}:{command_id}"


def claim(session: Session, activity_key: str) -> bool:
    """Whether nobody else is at this activity; then, until the transaction ends, nobody else will be."""
    return bool(session.connection().execute(MINE, {"key": activity_key}).scalar_one())


def wait(engine: Engine, activity_key: str) -> None:
    """Wait until who is at it has ended, however it ends; in a transaction of our own, which ages nobody's `now`.

    Not as short as a wait for a batch: somebody at the same command isn't somebody else, so "try again" would be wrong.
    """
    with reading(engine) as session:
        session.connection().execute(PATIENT)
        session.connection().execute(THEIRS, {"key": activity_key})


def earlier(session: Session, activity_key: str) -> Receipt | None:
    """The receipt of an activity that has been applied; its run as it stands now, for it may have gone on since."""
    row = session.exec(select(Applied).where(Applied.activity_key == activity_key)).first()
    if row is None:
        return None
    receipt = Receipt.model_validate(row.receipt)
    if receipt.run is None:
        return receipt
    text = receipt.run.definition is not None
    return receipt.model_copy(update={"run": runs.view(session, runs.load(session, receipt.run.run_id), text=text)})


def remember(session: Session, activity_key: str, receipt: Receipt) -> None:
    """Write the receipt down, in the transaction of its effect.

    One that Temporal couldn't carry would be asked for again for ever, so the act is undone and fails here.
    """
    size = len(receipt.model_dump_json())
    if size > LARGEST:
        message = f"the receipt of {receipt.act} has {size:,} bytes; it should tell ids and counts only"
        raise ValueError(message)
    later.add(session, Applied, activity_key=activity_key, receipt=receipt.model_dump(mode="json"))
