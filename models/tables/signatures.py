"""Electronic signatures (21 CFR 11.50, 11.70, 11.200): attempts, the records that were shown, and signatures.

All three are append-only by privilege and by trigger.
"""

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.tables.base import UUID, SQLModel, datetime, instant, key, public_key, ref, words


class SigningAttempt(SQLModel, table=True):
    """Somebody tried to sign: who, what digest, what came of it.  Written before anything else happens."""

    __tablename__ = "signing_attempt"
    id: int = key()
    public_id: UUID = public_key()
    task_id: int | None = ref("human_task.id", nullable=True)
    person_id: int = ref("person.id")
    account_id: int = ref("account.id")
    on_behalf_of_id: int | None = ref("person.id", nullable=True, index=False)
    meaning: str = words()
    digest: str = words()
    result: str = words()
    at: datetime = instant(now=True)


class SignedRecord(SQLModel, table=True):
    """The canonical record (RFC 8785 JSON) behind a digest: what was shown can be shown again, byte for byte."""

    __tablename__ = "signed_record"
    id: int = key()
    digest: str = words(unique=True)
    canonical: str = words()
    at: datetime = instant(now=True)


class Signature(SQLModel, table=True):
    """A person's signature on one record; the printed name is a snapshot."""

    __tablename__ = "signature"
    __table_args__ = (
        CheckConstraint("subject in ('inspection', 'release', 'task', 'disposition', 'recall')", name="subject"),
        UniqueConstraint("attempt_id"),
        UniqueConstraint("task_id"),
    )
    id: int = key()
    public_id: UUID = public_key()
    attempt_id: int = ref("signing_attempt.id", index=False)
    task_id: int = ref("human_task.id")
    run_id: int = ref("process_run.id")
    lot_id: int | None = ref("lot.id", nullable=True)
    subject: str = words()
    person_id: int = ref("person.id")
    on_behalf_of_id: int | None = ref("person.id", nullable=True, index=False)
    printed_name: str = words()
    meaning: str = words()
    outcome: str = words()
    digest: str = words()
    signed_at: datetime = instant(now=True)
    zone: str = words()
